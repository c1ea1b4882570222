//! Steps that destroy what was put off ([`Backlog`](crate::raw::heap::backlog::Backlog)).

use super::pace;
use crate::Heap;
use crate::raw::attach;
use crate::raw::heap::state::{self, State};
use crate::raw::object::put_off;

/// Destroys some of it, up to `limit` objects, unless this is a part of a destruction. Returns how many were destroyed.
///
/// # Panics
///
/// As [`put_off::work_off`].
pub(crate) fn work_off<H: Heap>(state: &State<H>, limit: usize) -> usize {
    let destroyed = put_off::work_off(state, limit);
    if destroyed > 0 {
        pace::has_worked_off(state);
    }
    destroyed
}

/// Does a step, if one is due.
///
/// # Panics
///
/// As [`work_off`].
pub(crate) fn step<H: Heap>(state: &State<H>) {
    if state.is_step_due() {
        state.worked_off.set(state.births.get());
        work_off(state, put_off::step_limit(state));
        state.arm_trigger();
    }
}

/// Does a step, due or not, if the thread is attached, also if only by a guard.
#[inline]
pub(crate) fn poll<H: Heap>() {
    let is_waiting = match state::existing::<H>() {
        Some(state) => state.backlog.is_waiting(),
        None => H::SHARING.is_shared() && attach::is_attached::<H>() && H::commons().has_backlog(),
    };
    if is_waiting {
        poll_backlog::<H>();
    }
}

#[cold]
#[inline(never)]
fn poll_backlog<H: Heap>() {
    attach::with::<H, _>(|state| work_off(state, put_off::step_limit(state)));
}
