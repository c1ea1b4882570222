//! The set that is being examined, in a form that can be gone over quickly several times.
//!
//! Lists of objects that took the place of others jump about in memory, and each step waits for the one before. An array
//! can be read ahead; and if the set is the whole heap, its pages are gone over in the order in which they lie.

use std::ops::ControlFlow;
use std::ptr::NonNull;

use bumpalo::Bump;
use bumpalo::collections::Vec as BumpVec;
use smallvec::SmallVec;

use crate::Heap;
use crate::raw::base::list::{Links, List};
use crate::raw::count::{Count, flag};
use crate::raw::heap::stop;
use crate::raw::memory::entry::prefetch_object;
use crate::raw::memory::header::Object;
use crate::raw::memory::pool::Pool;

/// Sets of up to about this many objects are put into an array: four megabytes of scratch.
const GATHER: usize = if cfg!(miri) { 64 } else { 1 << 19 };
/// One slot in this many in use makes a heap dense. To go over a slot takes a small part of the time that it takes to
/// follow a list to the next object.
const DENSE: usize = 8;
/// How many objects ahead an array is read.
const SOON: usize = 8;

/// The value of an object on a list.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn listed<H: Heap>(links: NonNull<Links>) -> Object<H> {
    // SAFETY: [I5] what is on a list is the header of an allocated object.
    unsafe { Object::of(links) }
}

/// The set: a list, and a better way to go over what is on it.
pub(crate) struct Set<'a, 's, H: Heap> {
    pub(crate) list: &'a List,
    /// Whether it is all that is on the list.
    pub(crate) is_all: bool,
    way: Way<'a, 's, H>,
}

enum Way<'a, 's, H: Heap> {
    List,
    Array(BumpVec<'s, Object<H>>),
    Pages(&'a Pools),
}

/// The pools of a heap: one, or, on a heap that is used in parallel, one for each seat. The world is stopped.
pub(crate) struct Pools(SmallVec<[*const Pool; 4]>);

impl Pools {
    pub(crate) fn of<H: Heap>() -> Self {
        let mut pools = SmallVec::new();
        stop::each_state::<H>(|state| {
            state.pool.take_back();
            pools.push(&raw const state.pool);
        });
        Pools(pools)
    }

    fn each(&self) -> impl Iterator<Item = &Pool> {
        // SAFETY: [I10] the states of a heap stay; [I19] they are ours, as the world is stopped.
        self.0.iter().map(|pool| unsafe { &**pool })
    }

    /// Whether it is worth while to go over all slots of full objects: a fair share of them is in use. (Of all together: a
    /// thread that has ended leaves a pool with little in it.)
    pub(crate) fn is_dense(&self) -> bool {
        let (used, slots) = self.each().map(Pool::fullness).fold((0, 0), |sum, pool| (sum.0 + pool.0, sum.1 + pool.1));
        used >= slots / DENSE
    }

    pub(crate) fn fill_entries(&self, entry: u32) {
        self.each().for_each(|pool| pool.fill_entries(entry));
    }

    /// How many full objects there are.
    pub(crate) fn objects(&self) -> usize {
        self.each().map(|pool| pool.fullness().0 + pool.large_count()).sum()
    }

    /// Calls `f` with the places of objects that may be suspected, and of some that are gone, until that breaks off.
    pub(crate) fn each_suspect<H: Heap>(&self, mut f: impl FnMut(Object<H>) -> ControlFlow<()>) -> ControlFlow<()> {
        self.each().try_for_each(|pool| pool.each_suspect(&mut |value| f(Object::new(value))))
    }

    /// How many objects may be suspected, more or less.
    pub(crate) fn count_suspects(&self) -> usize {
        self.each().map(Pool::count_suspects).sum()
    }

    /// From now on nobody is suspected.
    pub(crate) fn forget_suspects(&self) {
        self.each().for_each(Pool::forget_suspects);
    }
}

impl<'a, 's, H: Heap> Set<'a, 's, H> {
    /// The objects on a list, which must be all that are `LINKED`.
    pub(crate) fn pages(pools: &'a Pools, list: &'a List) -> Self {
        Set { list, is_all: true, way: Way::Pages(pools) }
    }

    /// Some of the objects on a list.
    pub(crate) fn some(members: BumpVec<'s, Object<H>>, list: &'a List) -> Self {
        Set { list, is_all: false, way: Way::Array(members) }
    }

    /// Whether the set is gone over page by page: in the order of addresses, whatever that of the list is.
    pub(crate) fn is_by_page(&self) -> bool {
        matches!(self.way, Way::Pages(_))
    }

    /// Gathers the objects on a list, from both ends at once, so that two are on their way at any time. Calls `each` with
    /// them.
    pub(crate) fn gather(list: &'a List, scratch: &'s Bump, mut each: impl FnMut(Object<H>)) -> Self {
        let mut members = BumpVec::new_in(scratch);
        let (mut front, mut back) = (list.first(), list.last());
        while let (Some(first), Some(last)) = (front, back) {
            members.push(listed(first));
            each(listed(first));
            if first == last {
                break;
            }
            members.push(listed(last));
            each(listed(last));
            // SAFETY: [I5] both are on the list, which nobody changes.
            unsafe {
                front = list.after(first);
                if front == back {
                    break;
                }
                back = list.before(last);
            }
            if members.len() >= GATHER {
                // Too long after all: the rest is only looked at.
                let mut rest = front;
                while let Some(links) = rest {
                    each(listed(links));
                    // SAFETY: [I5] as above.
                    rest = if rest == back { None } else { unsafe { list.after(links) } };
                }
                return Set { list, is_all: true, way: Way::List };
            }
        }
        Set { list, is_all: true, way: Way::Array(members) }
    }

    /// Calls `f` with each object of the set.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn each(&self, f: impl FnMut(Object<H>)) {
        self.walk(&mut Each(f));
    }

    /// Takes a step with each object of the set.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn walk(&self, walk: &mut impl Step<H>) {
        match &self.way {
            Way::Array(members) => {
                for (i, value) in members.iter().enumerate() {
                    if let Some(soon) = members.get(i + SOON) {
                        prefetch_object(*soon);
                    }
                    walk.step(*value);
                }
            }
            Way::List => self.list.iter().for_each(|links| walk.step(listed(links))),
            Way::Pages(pools) => {
                for pool in pools.each() {
                    pool.each_value(|value| {
                        let object = Object::<H>::new(value);
                        // SAFETY: [I9] what is not an object has no flags.
                        if unsafe { object.count() }.flags() & flag::LINKED != 0 {
                            walk.step(object);
                        }
                    });
                }
            }
        }
    }
}

/// What is done with each object of a set. Other than a closure's, its body can be asked to be inlined, at each of the three places.
pub(crate) trait Step<H: Heap> {
    fn step(&mut self, object: Object<H>);
}

struct Each<F>(F);

impl<H: Heap, F: FnMut(Object<H>)> Step<H> for Each<F> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn step(&mut self, object: Object<H>) {
        (self.0)(object);
    }
}
