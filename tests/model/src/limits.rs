//! Operations that come to the limits of counts, and those that leak.
//!
//! With `cfg(gc_small_limits)` a program comes to the limits; otherwise it makes some handles, and that is all.

use std::mem::ManuallyDrop;
use std::sync::Arc;

use super::ModelHeap;
use super::handles::Ref;
use super::machine::Machine;
use super::op::{Leak, Slot};

/// A program comes to the limits.
const SMALL: bool = cfg!(gc_small_limits);

/// So many weak handles are told of when there have been as many, if `SMALL`, on a heap that ends with the program.
pub(crate) const MOST_WEAK: usize = 63;

/// From so many handles, and so many weak ones, on an object may be immortal, or its memory stay, if `SMALL`.
fn most<H: ModelHeap>() -> (usize, usize) {
    if crate::in_parallel::<H>() { (64, 32) } else { (128, MOST_WEAK) }
}

/// How many handles there may be besides.
fn spare_strong<H: ModelHeap>(root: &Ref<H>) -> usize {
    most::<H>().0.saturating_sub(root.strong_count()).saturating_sub(1)
}

impl<H: ModelHeap> Machine<H> {
    /// Makes as many handles as there may be, and drops them: they leave no trace.
    pub(crate) fn crowd(&self, slot: Slot, weak: bool) {
        let world = Arc::clone(&self.world);
        let Some(root) = world.borrow(slot) else { return };
        let root = root.get();
        if weak {
            let before = root.weak_count();
            let crowd: Vec<_> = (before + 1..most::<H>().1).map(|_| root.downgrade()).collect();
            let (found, expected) = (root.weak_count(), before + crowd.len());
            if found != expected {
                world.shadow().fail(|| format!("{found} weak handles instead of {expected}"));
            }
        } else if !world.shadow().objects[root.id()].immortal {
            let before = root.strong_count();
            let crowd: Vec<_> = (0..spare_strong(root)).map(|_| root.clone()).collect();
            let (found, expected) = (root.strong_count(), before + crowd.len());
            if found != expected {
                world.shadow().fail(|| format!("{found} handles instead of {expected}"));
            }
        }
    }

    pub(crate) fn leak(&self, slot: Slot, leak: Leak) {
        if crate::is_shared::<H>() {
            return; // the heap does not end with the program: the next one would find what this one leaks
        }
        let world = Arc::clone(&self.world);
        let Some(mut root) = world.borrow(slot) else { return };
        let id = root.get().id();
        match leak {
            Leak::Handle => {
                let _ = ManuallyDrop::new(root.get().clone());
                world.shadow().held_mut().push(id);
            }
            Leak::Cell => {
                if let Some(guard) = root.get().plain().and_then(|plain| plain.edges.try_borrow_mut().ok()) {
                    let _ = ManuallyDrop::new(guard);
                    world.shadow().object_mut(id).opaque = true;
                }
            }
            Leak::Guard => root.get_mut().with_mut(|guard| {
                self.begin_exclusive(id, guard.is_some());
                let _ = ManuallyDrop::new(guard);
            }),
            Leak::Immortal => {
                root.get().immortalize();
                world.shadow().object_mut(id).immortal = true;
            }
            Leak::Strong if SMALL => {
                (0..=spare_strong(root.get())).for_each(|_| _ = ManuallyDrop::new(root.get().clone()));
                world.shadow().object_mut(id).immortal = true;
            }
            Leak::Weak if SMALL => {
                (0..=MOST_WEAK - root.get().weak_count()).for_each(|_| _ = ManuallyDrop::new(root.get().downgrade()));
                world.shadow().object_mut(id).weak_stuck = true;
            }
            Leak::Strong | Leak::Weak => {}
        }
    }
}
