//! What [`Control`](crate::Control) asks of a heap's state and lists.

use std::ops::ControlFlow;
use std::time::Duration;

use super::collect::{self, incremental::Budget};
use super::count::{Count, flag};
use crate::any::AnyEdge;
use crate::raw::attach;
use crate::raw::base::list::List;
use crate::raw::base::nesting::NO_LIMIT;
use crate::raw::base::sync::lock;
use crate::raw::handle::strong::Handle;
use crate::raw::heap::state::{self, State};
use crate::raw::heap::stop;
use crate::raw::memory::header::Object;
use crate::raw::memory::pool::Pool;
use crate::raw::object::visit::{self, Edges};
use crate::{AnyGc, Collection, Generation, Heap, Progress, Thresholds};

pub(crate) fn defer_drop<H: Heap>() -> Option<usize> {
    attach::with::<H, _>(|state| Some(state.defer_drop.get()).filter(|objects| *objects < NO_LIMIT))
}

pub(crate) fn set_defer_drop<H: Heap>(objects: Option<usize>) {
    let limit = objects.map_or(NO_LIMIT, |objects| objects.clamp(1, NO_LIMIT));
    attach::with_world_stopped::<H, _>(|state| {
        state.defer_drop.set(limit);
        stop::each_stack(state, |stack| stack.nesting.set_limit(limit));
    });
}

/// Asks something, unless the thread would have to wait to come in.
pub(crate) fn at_once<H: Heap, R>(ask: impl FnOnce() -> R) -> Option<R> {
    attach::try_enter_briefly::<H>().map(|_inside| ask())
}

#[inline]
pub(crate) fn poll_backlog<H: Heap>() {
    collect::backlog::poll::<H>();
}

pub(crate) fn collect<H: Heap>(generation: Generation) -> Collection {
    attach::with(|state: &State<H>| collect::collect_all(state, generation))
}

pub(crate) fn collect_within<H: Heap>(budget: Duration) -> Progress {
    // The time to come in counts.
    let budget = Budget::of(budget);
    attach::with(|state: &State<H>| collect::within(state, budget))
}

pub(crate) fn set_enabled<H: Heap>(enabled: bool) -> bool {
    attach::with_world_stopped::<H, _>(|state| {
        let was = state.enabled.replace(enabled);
        arm_all::<H>();
        was
    })
}

pub(crate) fn set_thresholds<H: Heap>(thresholds: Thresholds) {
    attach::with_world_stopped::<H, _>(|state| {
        state.set_thresholds(thresholds);
        arm_all::<H>();
    });
}

pub(crate) fn set_growth<H: Heap>(percent: usize) {
    attach::with_world_stopped::<H, _>(|state| {
        state.pace.growth.set(percent);
        collect::pace::arm(state);
        arm_all::<H>();
    });
}

fn arm_all<H: Heap>() {
    stop::each_state::<H>(|state| {
        state.arm_trigger();
    });
}

pub(crate) fn freeze<H: Heap>() {
    attach::with_world_stopped::<H, _>(|state| {
        collect::pace::interrupt(state);
        collect::incremental::abandon(state);
        stop::gather(state);
        state.see_returned();
        for generation in Generation::ALL {
            for list in state.parts(generation) {
                // They look like suspects, so that nobody suspects them, but are not among them: no search goes there.
                // SAFETY: [I5] what is on a list is allocated.
                values::<H>(list).for_each(|value| unsafe { value.count() }.mark(flag::SUSPECT, 0));
                state.lists.permanent.append(list);
            }
        }
        stop::each_state::<H>(|state| {
            state.pool.forget_suspects();
            state.new_epoch();
            state.arm_trigger();
        });
        state.runs.iter().for_each(|runs| runs.set(0));
    });
}

pub(crate) fn unfreeze<H: Heap>() {
    attach::with_world_stopped::<H, _>(|state| {
        state.lists.of(Generation::Old).append(&state.lists.permanent);
        // They were not examined while they were frozen, and may be garbage that no later decrement will point to.
        state.suspect();
    });
}

fn values<H: Heap>(list: &List) -> impl Iterator<Item = Object<H>> + '_ {
    // SAFETY: [I5] what is on a list is the header of an allocated object.
    list.iter().map(|links| unsafe { Object::of(links) })
}

/// A new handle to a tracked object, for somebody who looks at it.
fn handle_of<H: Heap>(object: Object<H>) -> AnyGc<H> {
    // SAFETY: [I3], [I6] objects of a generation are alive, and have their own table.
    unsafe { object.table().handle(object, Some(state::get::<H>().epoch())) }
}

/// Calls `each` with each edge of a tracked or otherwise full object.
fn edges<H: Heap>(object: Object<H>, mut each: impl FnMut(AnyEdge<'_, H>)) {
    // SAFETY: [I3], [I4] the object is alive and has its own table.
    unsafe {
        let mut edges = Edges { each: &mut each };
        let mut visitor = edges.erased();
        (object.table().trace)(object, &mut visitor);
        visit::ephemerons(state::get::<H>().ephemerons(), object, &mut visitor);
    }
}

/// Tracked objects of some generations, oldest last. On a heap that is used in parallel, one without handles is being
/// destroyed by a thread that has stopped on the way.
fn tracked<H: Heap>(state: &State<H>, which: impl Fn(Generation) -> bool) -> impl Iterator<Item = Object<H>> {
    stop::gather(state);
    Generation::ALL
        .into_iter()
        .filter(move |generation| which(*generation))
        .flat_map(|generation| state.parts(generation))
        .flat_map(values::<H>)
        // SAFETY: [I5] what is on a list is allocated.
        .filter(|value| !H::SHARING.in_parallel() || unsafe { value.count() }.strong() != 0)
}

pub(crate) fn objects<H: Heap>(generation: Option<Generation>) -> Vec<AnyGc<H>> {
    attach::with_world_stopped::<H, _>(|state| {
        tracked(state, |other| generation.is_none_or(|wanted| wanted == other)).map(handle_of::<H>).collect()
    })
}

pub(crate) fn referrers<H: Heap>(target: usize) -> Vec<AnyGc<H>> {
    let refers = |value: &Object<H>| {
        let mut found = ControlFlow::Continue(());
        edges(*value, |edge| {
            if edge.address() == target {
                found = ControlFlow::Break(());
            }
        });
        found.is_break()
    };
    attach::with_world_stopped::<H, _>(|state| tracked(state, |_| true).filter(refers).map(handle_of::<H>).collect())
}

pub(crate) fn referents<T: ?Sized, H: Heap>(source: &Handle<T, H>) -> Vec<AnyGc<H>> {
    attach::with_world_stopped::<H, _>(|_| {
        let mut found = Vec::new();
        if source.is_full() && source.count().flags() & flag::DYING == 0 {
            edges(source.object(), |edge| found.push(edge.look()));
        }
        found
    })
}

/// Handles to the garbage that was kept.
pub(crate) fn garbage<H: Heap>() -> Vec<AnyGc<H>> {
    attach::with(|state: &State<H>| lock(&state.saved).iter().map(|any| any.look(state.epoch())).collect())
}

pub(crate) fn live_objects<H: Heap>() -> usize {
    attach::with_world_stopped::<H, _>(|state| tracked(state, |_| true).count() + state.lists.permanent.len())
}

/// The sum of a figure over all pools.
pub(crate) fn pools<H: Heap>(figure: impl Fn(&Pool) -> usize) -> usize {
    attach::with_world_stopped::<H, _>(|_| {
        let mut sum = 0;
        stop::each_state::<H>(|state| {
            state.pool.take_back();
            sum += figure(&state.pool);
        });
        sum
    })
}

/// Gives memory that is not in use back to the system.
pub(crate) fn trim<H: Heap>() {
    attach::with_world_stopped::<H, _>(|state| {
        // An incremental collection has its guesses in the entries.
        let idle = !state.incremental.is_running();
        stop::each_state::<H>(|state| {
            state.pool.trim();
            if idle {
                state.pool.discard_entries();
            }
        });
    });
}

#[cfg(test)]
mod tests {
    use crate::raw::attach;
    use crate::{Gc, GcCell, Heap, Trace, heap};

    #[derive(Trace)]
    #[trace(bound = "")]
    struct Node<H: Heap>(GcCell<Option<Gc<Node<H>, H>>, H>);

    /// Suspicions bring on full collections, so who looks raises none.
    #[test]
    fn no_suspicions() {
        macro_rules! on {
            ($($kind:ident)+) => {$({
                heap! { A: $kind }
                let make = || Gc::new_in(Node(GcCell::new(None)), A);
                let suspicions = || attach::with::<A, _>(|state| state.suspicions.get());
                let node = make();
                node.0.set(Some(node.clone()));
                A.set_save_all(true);
                let garbage = make();
                garbage.0.set(Some(garbage.clone()));
                drop(garbage);
                A.collect();
                A.set_save_all(false);
                let before = suspicions();
                let seen = [A.objects(None), A.referrers(&node), A.referents(&node), A.garbage()];
                assert_eq!(seen.map(|seen| seen.len()), [2, 1, 1, 1]);
                assert_eq!(suspicions(), before, stringify!($kind));
                drop(node.clone());
                assert_eq!(suspicions(), before + 1, stringify!($kind));
                node.0.take();
            })+};
        }
        on!(Local Locked Atomic Biased);
    }
}
