//! Where a full collection begins: with what has been suspected since the last one.
//!
//! What no suspect leads to cannot have become garbage ("Starting from suspects" in `docs/INTERNALS.md`), and any set of objects
//! may be examined. So the set is what suspects lead to, if that is not much; otherwise it is everything.

use std::any::Any;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bumpalo::Bump;
use bumpalo::collections::Vec;

use super::set::Pools;
use crate::raw::count::{Count, IMMORTAL, flag};
use crate::raw::heap::side_table::Extras;
use crate::raw::heap::state::State;
use crate::raw::heap::stop;
use crate::raw::memory::entry::prefetch_object;
use crate::raw::memory::header::Object;
use crate::raw::object::marks::OUTSIDE;
use crate::raw::object::visit::{self, Gather};
use crate::{Generation, Heap};

/// The set has no more than this share of all objects, or the time to gather it would be too large a part of the time that it
/// takes to go over all of them in the order in which they lie,
const SHARE: usize = 2;
/// … or so many, which take no time to speak of.
const LEAST: usize = if cfg!(any(miri, gc_small_limits)) { 4 } else { 1024 };
/// How many objects ahead the set is read.
const SOON: usize = 8;

/// Gathers what suspects lead to, counts the edges inside of that set, and leaves its entries `unseen`. None if it is too much, or
/// something may be garbage that no suspect leads to: then no entry has changed.
///
/// # Errors
///
/// The payload of a `Trace` implementation that panicked.
pub(super) fn gather<'s, H: Heap>(
    state: &State<H>,
    pools: &Pools,
    scratch: &'s Bump,
) -> Result<Option<Vec<'s, Object<H>>>, Box<dyn Any + Send>> {
    let mut suspicions = state.examined_at[Generation::Old as usize].get().wrapping_neg();
    stop::each_state::<H>(|state| suspicions = suspicions.wrapping_add(state.suspicions.get()));
    if !state.suspects.are_worth_it(suspicions) {
        return Ok(None);
    }
    let room = (pools.objects() / SHARE).max(LEAST);
    if suspicions > room as u64 && pools.count_suspects() > room {
        return Ok(None);
    }
    let mut set = Gather::<H>::new(scratch, room);
    let traced = catch_unwind(AssertUnwindSafe(|| {
        find_suspects(pools, &mut set);
        follow(&mut set, state.ephemerons());
    }));
    let Gather { members, overflowed, .. } = set;
    if traced.is_err() || overflowed {
        members.iter().for_each(|value| value.entry().set(OUTSIDE));
        traced?;
    }
    state.suspects.have_led(!overflowed, suspicions);
    Ok((!overflowed).then_some(members))
}

/// Puts all suspects into the set, as far as there is room.
fn find_suspects<H: Heap>(pools: &Pools, set: &mut Gather<'_, H>) {
    const SUSPECT: u32 = flag::LINKED | flag::SUSPECT;
    let _ = pools.each_suspect(|value: Object<H>| {
        // SAFETY: [I9] what is not an object has no flags.
        let count = unsafe { value.count() };
        if count.flags() & SUSPECT != SUSPECT {
            // It is gone, or mutably borrowed: then it will be suspected when it comes back.
        } else if count.strong() >= IMMORTAL {
            count.mark(0, flag::SUSPECT);
        } else {
            set.admit(value.entry(), value, false);
        }
        if set.overflowed { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
}

/// Puts all that the set leads to into it, as far as there is room.
fn follow<H: Heap>(set: &mut Gather<'_, H>, ephemerons: Option<&Extras>) {
    let mut next = 0;
    while !set.overflowed {
        let Some(value) = set.members.get(next).copied() else {
            set.finish();
            if next == set.members.len() {
                break;
            }
            continue;
        };
        if let Some(soon) = set.members.get(next + SOON) {
            prefetch_object(*soon);
        }
        next += 1;
        // SAFETY: [I3] the table is the object's own; [I4] as in `subtract` in `examine.rs`.
        unsafe {
            (value.table().gather)(value, set);
            visit::ephemerons(ephemerons, value, set);
        }
    }
}
