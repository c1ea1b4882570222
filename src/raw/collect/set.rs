//! The set that is being examined, in a form that can be gone over quickly several times.

use std::ptr::NonNull;

use bumpalo::Bump;
use bumpalo::collections::Vec as BumpVec;

use super::entry;
use crate::Heap;
use crate::raw::alloc::FULL_HEADER;
use crate::raw::header::{self, Value};
use crate::raw::list::{Links, List};

/// Sets of up to about this many objects are put into an array: four megabytes of scratch.
const GATHER: usize = if cfg!(miri) { 64 } else { 1 << 19 };
/// How many objects ahead an array is read.
const SOON: usize = 8;

/// The value of an object on a list.
#[inline(always)]
pub(crate) fn value_of<H: Heap>(links: NonNull<Links>) -> Value {
    // SAFETY: [I5] what is on a list is the header of an allocated object.
    unsafe { header::value_of::<H>(links) }
}

/// The set: a list, and an array of what is on it if that is not too long. Lists of objects that took the place of others
/// jump about in memory, and each step waits for the one before; an array can be read ahead.
pub(crate) struct Set<'a, 's> {
    pub(crate) list: &'a List,
    members: Option<BumpVec<'s, Value>>,
}

impl<'a, 's> Set<'a, 's> {
    /// The objects on a list, which is too long, or too well ordered, to gather.
    pub(crate) fn listed(list: &'a List) -> Self {
        Set { list, members: None }
    }

    /// Gathers the objects on a list, from both ends at once, so that two are on their way at any time. Calls `each` with
    /// them.
    pub(crate) fn gather<H: Heap>(list: &'a List, scratch: &'s Bump, mut each: impl FnMut(Value)) -> Self {
        let mut members = BumpVec::new_in(scratch);
        let (mut front, mut back) = (list.first(), list.last());
        while let (Some(first), Some(last)) = (front, back) {
            members.push(value_of::<H>(first));
            each(value_of::<H>(first));
            if first == last {
                break;
            }
            members.push(value_of::<H>(last));
            each(value_of::<H>(last));
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
                    each(value_of::<H>(links));
                    // SAFETY: [I5] as above.
                    rest = if rest == back { None } else { unsafe { list.after(links) } };
                }
                return Set { list, members: None };
            }
        }
        Set { list, members: Some(members) }
    }

    /// Calls `f` with each object of the set.
    #[inline(always)]
    pub(crate) fn each<H: Heap>(&self, mut f: impl FnMut(Value)) {
        match &self.members {
            Some(members) => {
                for (i, value) in members.iter().enumerate() {
                    if let Some(soon) = members.get(i + SOON) {
                        entry::prefetch_object(*soon, FULL_HEADER);
                    }
                    f(*value);
                }
            }
            None => self.list.iter().for_each(|links| f(value_of::<H>(links))),
        }
    }
}
