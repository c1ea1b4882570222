//! The end of garbage: condemn all of it, drop all values, release all memory. In three passes, so that no value is
//! dropped while another one can still be upgraded to, and no memory is used again before the last value is gone.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;

use crate::Heap;
use crate::raw::count::{Count, flag};
use crate::raw::destroy::{self, Panic, keep_panic};
use crate::raw::extras::Nodes;
use crate::raw::header;
use crate::raw::info;
use crate::raw::list::{Links, List};
use crate::raw::state::State;

/// Destroys the objects on `garbage`, which nothing outside of the list refers to.
pub(crate) fn clear<H: Heap>(state: &State<H>, garbage: &List, panic: &mut Option<Panic>) {
    // Condemned: one handle more than there are, so that no count reaches zero, and no weak handle can be upgraded.
    let mut late = Nodes::new();
    for links in garbage.iter() {
        // SAFETY: [I5] objects on a list are allocated.
        unsafe {
            let value = header::value_of::<H>(links);
            let count = header::count::<H>(value);
            count.set_strong(count.strong() + 1);
            if count.flags() & flag::EXTRAS != 0 {
                late.extend(destroy::take_extras::<H>(value));
            }
            count.set(flag::DYING | flag::SUSPECT);
            count.clear(flag::LINKED);
        }
    }
    // Callbacks that finalizers registered are too late to be called.
    keep_panic(panic, || drop(late));

    let first = garbage.first();
    let _ = state;
    drop_values::<H>(garbage, first, panic);

    let mut cursor = first;
    while let Some(links) = cursor {
        // SAFETY: [I5] the object is on the list; its link is read before its memory goes.
        unsafe {
            cursor = garbage.after(links);
            let value = header::value_of::<H>(links);
            let count = header::count::<H>(value);
            // Handles that a panicking destructor left behind are still there: the memory must stay.
            if count.strong() == 1 {
                count.set_strong(0);
                destroy::release_cleared::<H>(value);
            }
        }
    }
    garbage.init();
}

/// Drops every value from `cursor` on; a panic does not keep the others from being dropped.
fn drop_values<H: Heap>(garbage: &List, mut cursor: Option<NonNull<Links>>, panic: &mut Option<Panic>) {
    while cursor.is_some() {
        let dropped = catch_unwind(AssertUnwindSafe(|| {
            while let Some(links) = cursor {
                // SAFETY: [I5] the object is on the list, which nobody else knows of; [I7] it is dropped here and only
                // here, and its neighbours' handles keep the memory, not the value.
                unsafe {
                    cursor = garbage.after(links);
                    let value = header::value_of::<H>(links);
                    (info::table_of::<H>(value).drop)(value);
                }
            }
        }));
        if let Err(payload) = dropped {
            panic.get_or_insert(payload);
        }
    }
}

/// Keeps garbage instead of clearing it.
pub(crate) fn save<H: Heap>(state: &State<H>, garbage: &List) {
    let mut saved = state.saved.borrow_mut();
    for links in garbage.iter() {
        // SAFETY: [I3], [I6] the objects are alive and intact, and are given one handle more.
        unsafe {
            let value = header::value_of::<H>(links);
            saved.push((info::table_of::<H>(value).handle)(value));
        }
    }
}
