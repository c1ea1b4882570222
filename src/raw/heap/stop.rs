//! One thread has the heap to itself.

use crate::raw::count::{Count, flag};
use crate::raw::heap::merge_queue;
use crate::raw::heap::slot::{self, Seated};
use crate::raw::heap::stack::Stack;
use crate::raw::heap::state::{self, State};
use crate::raw::memory::header::Object;
use crate::raw::threads::presence::HeapGate;
use crate::raw::threads::stop_the_world::{StopTheWorld, Stopped};
use crate::{Generation, Heap};

/// No other thread uses the heap as long as this lives. On heaps that are not used in parallel none ever does.
pub(crate) struct Stop<H: Heap>(Option<Stopped<'static, Seated<H>>>);

impl<H: Heap> Drop for Stop<H> {
    fn drop(&mut self) {
        if self.0.is_some() {
            state::get::<H>().stopped.set(false);
        }
    }
}

/// Stops the world, unless this thread has. All that is queued is merged then.
pub(crate) fn stop<H: Heap>() -> Stop<H> {
    let Some(threads) = threads::<H>() else { return Stop(None) };
    if state::get::<H>().stopped.get() {
        return Stop(None);
    }
    let stop = Stop(Some(threads.stop(slot::seat::<H>())));
    state::get::<H>().stopped.set(true);
    // The queues of seats that nobody has are closed.
    threads.taken().into_iter().filter_map(|seat| seat.part.state()).for_each(merge_queue::merge_all_of);
    stop
}

/// The thread collects, and may be solo from now on.
pub(crate) fn count_collection<H: Heap>() {
    if let Some(threads) = threads::<H>() {
        threads.count_collection(slot::seat::<H>());
    }
}

fn threads<H: Heap>() -> Option<&'static StopTheWorld<Seated<H>>> {
    if !H::SHARING.in_parallel() {
        return None;
    }
    H::commons().gate.parallel()
}

/// Calls `each` with every state of the heap. On a heap that is used in parallel the world is stopped.
pub(crate) fn each_state<H: Heap>(mut each: impl FnMut(&State<H>)) {
    let Some(threads) = threads::<H>() else { return each(state::get::<H>()) };
    debug_assert!(state::get::<H>().stopped.get());
    let mut index = 0;
    while let Some(seat) = threads.seats().get(index) {
        index += 1;
        if let Some(state) = seat.part.state() {
            each(state);
        }
    }
}

/// Calls `each` with what belongs to the stack of every thread. Nobody else uses the heap.
pub(crate) fn each_stack<H: Heap>(state: &State<H>, each: impl Fn(&Stack)) {
    if H::SHARING.in_parallel() {
        return each_state::<H>(|state| each(state.stack()));
    }
    if !H::SHARING.is_shared() {
        if !state.is_closing() {
            each(state.stack());
        }
        return;
    }
    if let Some(gil) = H::commons().gate.turns() {
        (0..).map_while(|index| gil.seats().get(index)).for_each(|seat| each(&seat.part.stack));
    }
}

/// Takes what is on the lists of threads, and puts it on those of the world.
pub(crate) fn gather<H: Heap>(world: &State<H>) {
    if !H::SHARING.in_parallel() {
        return;
    }
    let mut young = 0;
    each_state::<H>(|state| {
        // Since it was last taken: births go on being counted, as a collection of what is young is as far away as ever.
        let before = state.gathered.replace(state.births.get()).max(state.promoted.get());
        young += state.births.get() - before + state.see_returned();
        for (own, common) in [(&state.young, &world.lists.gathered), (&state.survivors, world.list(Generation::Middle))]
        {
            for links in own.iter() {
                // SAFETY: [I5] what is on the list is allocated; [I19] the world is stopped.
                unsafe { Object::<H>::of(links).count() }.mark(flag::COMMON, 0);
            }
            common.append(own);
        }
    });
    world.gathered_size.set(world.gathered_size.get() + young);
}
