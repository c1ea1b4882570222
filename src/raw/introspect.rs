//! What [`Control`](crate::Control) asks of a heap's state and lists.

use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use super::collect;
use super::count::{Count, flag};
use super::handle::Handle;
use super::header::{self, Value};
use super::info;
use super::list::List;
use super::state::{self, State};
use super::visit::Edges;
use crate::{AnyGc, Collection, Generation, Heap, Progress, Thresholds};

/// Calls `f` with this thread's state of `H`. Whatever user code runs in it, the state stays.
pub(crate) fn with<H: Heap, R>(f: impl FnOnce(&State<H>) -> R) -> R {
    let state = state::get::<H>();
    state.pins.set(state.pins.get() + 1);
    let _pin = Pin::<H>(PhantomData);
    f(state)
}

/// Lets go of the state. That of an ending thread's heap may go then.
struct Pin<H: Heap>(PhantomData<H>);

impl<H: Heap> Drop for Pin<H> {
    fn drop(&mut self) {
        let state = state::get::<H>();
        state.pins.set(state.pins.get() - 1);
        if state.pool.attention.get() {
            state::settle::<H>();
        }
    }
}

pub(crate) fn collect<H: Heap>(generation: Generation) -> Collection {
    with(|state: &State<H>| collect::collect(state, generation))
}

pub(crate) fn collect_within<H: Heap>(budget: Duration) -> Progress {
    // A budget beyond what the clock can say is a very long one.
    let now = Instant::now();
    let end = now.checked_add(budget).unwrap_or_else(|| now + Duration::from_secs(1 << 30));
    with(|state: &State<H>| collect::within(state, end))
}

pub(crate) fn set_enabled<H: Heap>(enabled: bool) -> bool {
    let state = state::get::<H>();
    let was = state.enabled.replace(enabled);
    state.arm_trigger();
    was
}

pub(crate) fn set_thresholds<H: Heap>(thresholds: Thresholds) {
    let state = state::get::<H>();
    state.thresholds.set(thresholds);
    state.arm_trigger();
}

pub(crate) fn freeze<H: Heap>() {
    let state = state::get::<H>();
    collect::cycle::abandon(state);
    for generation in &state.lists.generations {
        state.lists.permanent.append(generation);
    }
    state.new_epoch();
    state.runs.iter().for_each(|runs| runs.set(0));
}

pub(crate) fn unfreeze<H: Heap>() {
    let state = state::get::<H>();
    state.lists.of(Generation::Old).append(&state.lists.permanent);
    // They were not examined while they were frozen, and may be garbage that no later decrement will point to.
    state.suspicions.set(state.suspicions.get() + 1);
}

fn values<H: Heap>(list: &List) -> impl Iterator<Item = Value> + '_ {
    // SAFETY: [I5] what is on a list is the header of an allocated object.
    list.iter().map(|links| unsafe { header::value_of::<H>(links) })
}

/// A new handle to a tracked object.
fn handle_of<H: Heap>(value: Value) -> AnyGc<H> {
    // SAFETY: [I3], [I6] objects of a generation are alive, and have their own table.
    unsafe { (info::table_of::<H>(value).handle)(value) }
}

/// Calls `each` with the address of each target of a tracked or otherwise full object.
fn edges<H: Heap>(value: Value, mut each: impl FnMut(usize, &dyn Fn() -> AnyGc<H>)) {
    // SAFETY: [I3], [I4] the object is alive and has its own table.
    unsafe { (info::table_of::<H>(value).edges)(value, &mut Edges { each: &mut each }) }
}

pub(crate) fn objects<H: Heap>(generation: Option<Generation>) -> Vec<AnyGc<H>> {
    let lists = &state::get::<H>().lists;
    Generation::ALL
        .into_iter()
        .filter(|other| generation.is_none_or(|wanted| wanted == *other))
        .flat_map(|other| lists.parts(other))
        .flat_map(|list| values::<H>(list).map(handle_of::<H>))
        .collect()
}

pub(crate) fn referrers<H: Heap>(target: usize) -> Vec<AnyGc<H>> {
    let lists = &state::get::<H>().lists;
    let refers = |value: &Value| {
        let mut found = ControlFlow::Continue(());
        edges::<H>(*value, |address, _| {
            if address == target {
                found = ControlFlow::Break(());
            }
        });
        found.is_break()
    };
    Generation::ALL
        .into_iter()
        .flat_map(|generation| lists.parts(generation))
        .flat_map(|list| values::<H>(list).filter(refers).map(handle_of::<H>))
        .collect()
}

pub(crate) fn referents<T: ?Sized, H: Heap>(source: &Handle<T, H>) -> Vec<AnyGc<H>> {
    let mut found = Vec::new();
    if source.is_full() && source.count().flags() & flag::DYING == 0 {
        edges::<H>(source.erased(), |_, make| found.push(make()));
    }
    found
}

pub(crate) fn live_objects<H: Heap>() -> usize {
    let lists = &state::get::<H>().lists;
    let tracked = Generation::ALL.into_iter().flat_map(|generation| lists.parts(generation)).map(List::len);
    tracked.sum::<usize>() + lists.permanent.len()
}
