//! The end of garbage: condemn all of it, then drop all values. In two passes, so that no value is dropped while another
//! one can still be upgraded to. The memory of an object goes when its value is dropped and its last handle is gone,
//! whichever is later: then nothing in the garbage can lead to it any more.

use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;

use crate::Heap;
use crate::raw::base::list::{Links, List};
use crate::raw::base::nesting::NO_LIMIT;
use crate::raw::base::panic::{Panic, keep_first, keep_panic};
use crate::raw::base::sync::lock;
use crate::raw::count::{Count, flag};
use crate::raw::heap::side_table::Left;
use crate::raw::heap::slot::who;
use crate::raw::heap::state::{self, State};
use crate::raw::memory;
use crate::raw::memory::header::Object;
use crate::raw::object::visit::DynVisitor;
use crate::raw::object::{destroy, put_off};

/// When values are to be dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// Before the collection is over, with all that goes in their wake.
    Now,
    /// Before the collection is over; but of what goes in their wake, much is left to later steps.
    Bounded,
    /// In further steps of an incremental collection.
    Later,
}

/// Condemns one object: it gets one handle more than it has, so that its count cannot reach zero, and no weak handle can
/// be upgraded any more.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn condemn_one<C: Count>(count: &C, who: C::Who) {
    count.condemn(who, flag::DYING | flag::SUSPECT, flag::LINKED);
}

/// Takes back what [`condemn_one`] did to the objects on a list.
pub(crate) fn pardon<H: Heap>(list: &List) {
    for links in list.iter() {
        // SAFETY: [I5] objects on a list are allocated.
        let count = unsafe { Object::<H>::of(links).count() };
        count.pardon(flag::LINKED, flag::DYING);
    }
}

/// Merges the counts of the objects on a list, so that finalizing them can tell whether they still have handles. The world
/// is stopped.
pub(crate) fn merge_counts<H: Heap>(list: &List) {
    if H::SHARING.in_parallel() {
        // SAFETY: [I5] objects on a list are allocated.
        list.iter().for_each(|links| unsafe { Object::<H>::of(links).count() }.merge_in_stop());
    }
}

/// Takes out what condemned objects have in the side table: their ephemerons, and callbacks that finalizers registered,
/// which are too late to be called. `flags` are those that any of the objects has.
pub(crate) fn take_late<H: Heap>(garbage: &List, flags: u32) -> Vec<Left> {
    let mut late = Vec::new();
    if flags & flag::EXTRAS != 0 {
        for links in garbage.iter() {
            // SAFETY: [I5] objects on a list are allocated.
            late.push(unsafe { destroy::take_extras::<H>(Object::<H>::of(links)) });
        }
    }
    late
}

/// Clears the `size` objects on the garbage list, which are condemned: now, or in further steps of an incremental collection.
pub(crate) fn clear<H: Heap>(state: &State<H>, when: When, size: usize, late: Vec<Left>, panic: &mut Option<Panic>) {
    let lists = &state.lists;
    let limit = if when == When::Now { NO_LIMIT } else { put_off::step_limit(state) };
    if when == When::Later {
        // Those of an incremental collection are not mixed with ours: they have a list of their own.
        lists.condemned.append(&lists.garbage);
    } else {
        drop_bounded(state, &lists.garbage, size, limit, panic);
    }
    if late.is_empty() {
        return;
    }
    // Handles go, and what they lead to may, in the wake of that.
    put_off::bounded(state, limit, panic, |panic| {
        for left in late {
            keep_panic(panic, || drop(left.nodes));
            left.ephemerons.end(panic);
        }
    });
}

/// Drops the values of all `size` condemned objects on a list, and leaves to later steps what goes in the wake of that beyond
/// `limit`. Parts of the values, too, wait until all of them are dropped: [`Count::uncondemn`] relies on that.
pub(crate) fn drop_bounded<H: Heap>(
    state: &State<H>,
    condemned: &List,
    size: usize,
    limit: usize,
    panic: &mut Option<Panic>,
) {
    put_off::bounded(state, limit, panic, |panic| {
        while !drop_some::<H>(condemned, CHUNK, size >= LARGE, &mut Dropped::default(), panic) {
            state.get_on();
        }
    });
}

/// What was dropped.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Dropped {
    pub(crate) objects: usize,
    pub(crate) bytes: usize,
}

/// The bytes that an object on a list takes.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn footprint<H: Heap>(object: Object<H>) -> usize {
    // SAFETY: [I5], [I9] what is on a list is allocated, and its flags say where.
    unsafe {
        let pooled = object.count().flags() & flag::LARGE == 0;
        memory::footprint(object, pooled, || object.table().request(object))
    }
}

/// Scouting is worth it for so much garbage that the caches do not hold it.
const LARGE: usize = 1 << 14;
/// After so many objects those who wait for the collection are told that it gets on.
const CHUNK: usize = 1 << 10;
/// How many objects ahead of the drops the counts are asked for that they will lower.
const SOON: usize = 16;

/// Goes ahead of the drops and asks for the cache lines that they will need: an object's own, and those of its targets'
/// counts, which may be anywhere.
struct Scout<'a, H> {
    list: &'a List,
    next: Option<NonNull<Links>>,
    heap: PhantomData<H>,
}

impl<'a, H: Heap> Scout<'a, H> {
    /// A scout; if it is not `wanted`, it goes nowhere.
    fn new(list: &'a List, wanted: bool) -> Self {
        Scout { list, next: list.first().filter(|_| wanted), heap: PhantomData }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn step(&mut self) {
        if let Some(links) = self.next.take() {
            // SAFETY: [I5] the object is on the list, which nobody changes while it is being dropped from; [I3], [I4] it
            // has not been dropped, and is traced with its own table. A panic leaves `next` empty: no more scouting.
            unsafe {
                let object = Object::<H>::of(links);
                (object.table().trace)(object, &mut DynVisitor::fetching::<H>());
                self.next = self.list.after(links);
            }
        }
    }
}

/// Gives up the handle that a condemned object was given, also when its destructor panics.
struct LetGo<H: Heap>(Object<H>);

impl<H: Heap> Drop for LetGo<H> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn drop(&mut self) {
        // SAFETY: [I6] `drop_some` has dropped the value.
        unsafe {
            if self.0.count().uncondemn(who::<H>()) {
                destroy::release_condemned(self.0);
            }
        }
    }
}

/// Drops the values of up to `most` condemned objects; a panic does not keep the others from being dropped. `scouted`: they
/// are many. True if there are no more.
pub(crate) fn drop_some<H: Heap>(
    condemned: &List,
    most: usize,
    scouted: bool,
    dropped: &mut Dropped,
    panic: &mut Option<Panic>,
) -> bool {
    let state = state::get::<H>();
    let mut cursor = condemned.first();
    let mut left = most;
    let mut scout = Scout::<H>::new(condemned, scouted);
    keep_panic(panic, || (0..SOON).for_each(|_| scout.step()));
    while left > 0 && cursor.is_some() {
        let result = catch_unwind(AssertUnwindSafe(|| {
            while left > 0
                && let Some(links) = cursor
            {
                scout.step();
                left -= 1;
                // SAFETY: [I5] the object is on the list, which nobody else changes while it is being dropped from; the
                // link is read before the memory can go; [I7] it is dropped here and only here.
                unsafe {
                    cursor = condemned.after(links);
                    let value = Object::of(links);
                    dropped.objects += 1;
                    dropped.bytes += footprint(value);
                    let _let_go = LetGo(value);
                    let table = value.table();
                    put_off::divide(state, table, value);
                    (table.drop)(value);
                }
            }
        }));
        if let Err(payload) = result {
            keep_first(panic, payload);
        }
    }
    // SAFETY: [I5] `cursor` is the first object that has not been dropped.
    unsafe { condemned.truncate_front(cursor) };
    condemned.is_empty()
}

/// Keeps garbage instead of clearing it.
pub(crate) fn save<H: Heap>(state: &State<H>, garbage: &List) {
    let mut saved = lock(&state.saved);
    for links in garbage.iter() {
        // SAFETY: [I3], [I6] the objects are alive and intact, and are given one handle more.
        unsafe {
            let object = Object::of(links);
            saved.push(object.table().handle(object, None));
        }
    }
}
