//! The order in which an [incremental collection](super::incremental) examines what is white, part by part.
//!
//! An examination cannot be interrupted, so a large white list is not examined as a whole. A part of it will do, if
//! whatever of the white refers to the part is in it, or has been condemned and dropped before: then its garbage has no
//! other handles than its own. So the strongly connected components are needed, those first that nothing refers to.
//!
//! They are found by a depth-first search (Gabow's: <https://doi.org/10.1016/S0020-0190(00)00051-X>), between the steps of
//! which the program runs and objects may die. So nothing but lists points at objects `[I5]`:
//!
//! - `path` is the stack of the search: objects that are *open* (numbered, in the order in which the search came to them),
//!   and between them their targets that are yet to be opened. A target that is met once more goes to the end again.
//! - `waiting` are those that the search has done with, but whose component has members further up the path. They are
//!   still called open, and keep their numbers.
//! - `ordered` are the components found. Each is put in front of those that it leads to.
//!
//! `bounds` has the number of the first object of each component on the path, as far as is known. An edge to an open
//! object closes a circle, which makes one component of all behind it.
//!
//! The order is a hint, as everything that an incremental collection notes down is: what is garbage is for the examination to say. But for
//! what was garbage when the incremental collection began the hint is right. Nobody changes its edges, nothing else leads there, and when a
//! component is put in order, all that it leads to has been, or is a part of it. Objects that the program still uses may
//! come, go and change meanwhile; the worst that does is to join components.

use std::ptr::NonNull;

use super::clear;
use super::examine;
use super::incremental::{abandon, start_dropping};
use super::pass::{self, finalize_and_clear};
use super::set::listed;
use crate::events::CollectionEvent;
use crate::raw::base::clock::{self, Moment};
use crate::raw::base::list::{self, Links, List};
use crate::raw::base::panic::Panic;
use crate::raw::base::sync::lock;
use crate::raw::count::{Count, flag};
use crate::raw::heap::generations::Lists;
use crate::raw::heap::progress::Search;
use crate::raw::heap::state::State;
use crate::raw::heap::stop;
use crate::raw::memory::entry::{Entry, LARGEST};
use crate::raw::object::marks::{CLOSED, OPEN};
use crate::raw::object::visit::{self, Descend};
use crate::{Collection, Generation, Heap, Thresholds};

/// A part has no more than this many times as many objects as the young threshold says, unless a component has.
const PART: usize = 8;

impl Search {
    /// Puts a number on an object. False if there are no more numbers, or no memory.
    fn open(&self, entry: &Entry, bounds: &mut Vec<u32>) -> bool {
        let number = self.opened.get();
        if number == LARGEST || bounds.try_reserve(1).is_err() {
            return false;
        }
        self.opened.set(number + 1);
        entry.set_numbered(OPEN, number);
        bounds.push(number);
        true
    }

    /// Puts an object in front of those that are ordered, into the component that is being put there.
    ///
    /// # Safety
    ///
    /// It is on another list `[I5]`.
    unsafe fn emit<H: Heap>(&self, links: NonNull<Links>, ordered: &List) {
        listed::<H>(links).entry().set_numbered(CLOSED, self.components.get() & LARGEST);
        // SAFETY: [I5] as the caller vouches.
        unsafe {
            list::unlink(links);
            ordered.push_front(links);
        }
    }

    /// The component is complete.
    fn next_component(&self) {
        self.components.set(self.components.get().wrapping_add(1));
    }
}

/// How many objects a part may have.
pub(crate) fn part_size<H: Heap>(state: &State<H>) -> usize {
    match state.thresholds().young {
        0 => Thresholds::default().young * PART,
        young => young.saturating_mul(PART),
    }
}

/// Goes on with the search for a stretch. True if all is in order.
///
/// # Panics
///
/// If a `Trace` implementation does. Then the search has to be given up.
pub(crate) fn order<H: Heap>(state: &State<H>, stretch: usize) -> bool {
    let Lists { white, path, waiting, ordered, .. } = &state.lists;
    let search = &state.incremental.search;
    let mut bounds = search.bounds.take();
    let mut visitor = Descend::<H>::new(path, &mut bounds);
    let ephemerons = state.ephemerons();
    for _ in 0..stretch {
        let Some(links) = path.last() else {
            // SAFETY: [I5] the objects are on the lists.
            unsafe {
                if let Some(left) = waiting.last() {
                    // Somebody who was on the path is gone; what waited for it is as good as a component.
                    search.emit::<H>(left, ordered);
                } else if let Some(root) = white.first() {
                    search.next_component();
                    visitor.bounds.clear();
                    list::unlink(root);
                    path.push_back(root);
                } else {
                    search.reset();
                    return true;
                }
            }
            continue;
        };
        let object = listed::<H>(links);
        let entry = object.entry();
        if entry.state() != OPEN {
            if !search.open(entry, visitor.bounds) {
                give_up(state);
                return true;
            }
            // SAFETY: [I3], [I4] as in an examination. Targets are moved to the path's end, which is not being gone over.
            unsafe {
                let mut visitor = visitor.erased();
                (object.table().trace)(object, &mut visitor);
                visit::ephemerons(ephemerons, object, &mut visitor);
            }
            visitor.finish();
            continue;
        }
        let number = entry.number();
        visitor.close_to(number);
        // SAFETY: [I5] the objects are on the lists.
        unsafe {
            if visitor.bounds.last() != Some(&number) {
                list::unlink(links);
                waiting.push_back(links);
            } else if let Some(member) = waiting.last()
                && listed::<H>(member).entry().number() > number
            {
                // One at a time: a component may be large.
                search.emit::<H>(member, ordered);
            } else {
                visitor.bounds.pop();
                search.emit::<H>(links, ordered);
                search.next_component();
            }
        }
    }
    search.bounds.replace(bounds);
    false
}

/// Makes one component of all that is not in order, and puts it first: it leads to the others, and not the other way
/// round.
#[cold]
fn give_up<H: Heap>(state: &State<H>) {
    let Lists { white, path, waiting, ordered, .. } = &state.lists;
    let search = &state.incremental.search;
    search.next_component();
    for list in [path, waiting, white] {
        while let Some(links) = list.first() {
            // SAFETY: [I5] the object is on the list.
            unsafe { search.emit::<H>(links, ordered) };
        }
    }
    search.reset();
}

/// Takes the next part from the front of what is ordered, and puts it on `white`: whole components, as many as the size
/// allows, and no more than `voices` objects with finalizers, but at least one component.
fn take_part<H: Heap>(state: &State<H>, voices: usize) {
    let Lists { white, ordered, .. } = &state.lists;
    let most = part_size(state);
    let (mut size, mut loud, mut component) = (0, 0, None);
    let (mut before, mut end) = (None, None);
    for links in ordered.iter() {
        let mine = Some(listed::<H>(links).entry().number());
        if mine != component {
            component = mine;
            end = before;
        }
        // SAFETY: [I5] the object is on the list.
        let flags = unsafe { listed::<H>(links).count() }.flags();
        loud += usize::from(flags & flag::FINALIZER != 0);
        if (size >= most || loud > voices) && end.is_some() {
            break;
        }
        size += 1;
        before = Some(links);
    }
    if size < most && loud <= voices || end.is_none() {
        end = before;
    }
    if let Some(last) = end {
        // SAFETY: [I5] it is on the list.
        unsafe { ordered.move_front(last, white) };
    }
}

/// Examines what is white, or the next part of it, tells it, and condemns it. `since` is when the incremental collection's clock was last
/// read. The next part has no more than `voices` objects with finalizers.
pub(crate) fn examine_part<H: Heap>(
    state: &State<H>,
    voices: usize,
    since: &mut Moment,
    panic: &mut Option<Panic>,
) -> Collection {
    pass::recover(state);
    start_dropping(state);
    state.callbacks.notify(&CollectionEvent::start(Generation::Old).in_steps(), panic);
    let lists = &state.lists;
    let old = lists.of(Generation::Old);
    if lists.white.is_empty() {
        take_part(state, voices);
    }

    let mut result = Collection::none(Generation::Old);
    let mut scratch = state.scratch.take();
    let unobserved = pass::is_unobserved(state);
    let found = examine::examine(state, &lists.white, &scratch, examine::Scope::List, unobserved, panic);
    pass::keep_scratch(state, &mut scratch);
    old.append(&lists.white);
    result.candidates = state.incremental.candidates.take();
    if let Some(found) = found {
        result.uncollectable = found.broken;
        state.incremental.examined.set(state.incremental.examined.get() + found.candidates);
        if found.garbage > 0 {
            result.collected =
                finalize_and_clear(state, stop::stop::<H>(), &found, unobserved, old, clear::When::Later, panic);
            state.incremental.condemned.set(state.incremental.condemned.get() + result.collected);
        }
        found.complain(panic);
    } else {
        abandon(state);
    }
    result.duration = state.incremental.spent.take() + since.elapsed();
    *since = clock::now();
    lock(&state.stats).record(&result);
    state.callbacks.notify(&CollectionEvent::stop(&result).in_steps(), panic);
    result
}
