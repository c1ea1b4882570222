//! Large containers of handles, which are dropped some at a time.
//!
//! To drop a value takes as long as it has handles, and drop glue cannot be interrupted. So where destruction is limited
//! (`object/put_off.rs`) the containers are taken out of a value first, each as an iterator that owns what it gives out.

use std::any::Any;
use std::fmt;
use std::mem;

use crate::Trace;

/// What has more elements than this is taken out.
const LARGE: usize = if cfg!(miri) { 8 } else { 32 };

/// What was taken out of one container.
pub(crate) trait Part {
    /// Drops up to `most` elements. What is large in one of them is added to `parts`. True if there are no more.
    fn drop_some(&mut self, most: usize, parts: &mut Parts) -> bool;
}

/// What was taken out of values that are about to be dropped. Only the library makes one: [`Trace::divide`] changes what a type keeps
/// private, and is called by nobody else.
#[doc(hidden)]
pub struct Parts(Vec<Box<dyn Part>>);

impl Parts {
    /// Nothing yet.
    pub(crate) fn new() -> Self {
        Parts(Vec::new())
    }

    /// The last one that was added.
    pub(crate) fn pop(&mut self) -> Option<Box<dyn Part>> {
        self.0.pop()
    }

    /// Whether so many elements of type `T` are taken out.
    pub(crate) fn takes<T: Trace>(len: usize) -> bool {
        T::ONLY_HANDLES && len > LARGE
    }

    /// Takes the elements out of a container, if they are many, and all that is noticed when one goes is that handles do.
    pub(crate) fn take<C>(&mut self, container: &mut C, len: usize) -> bool
    where
        C: Default + IntoIterator<Item: Trace, IntoIter: 'static>,
    {
        let takes = Self::takes::<C::Item>(len);
        if takes {
            self.0.push(Box::new(Elements(mem::take(container).into_iter())));
        }
        takes
    }

    /// As [`Parts::take`], if the container is of type `C`. (That of a hash map depends on its hasher, and not of each one is there
    /// another to be had.)
    pub(crate) fn take_if<C>(&mut self, container: &mut dyn Any, len: usize) -> bool
    where
        C: Default + IntoIterator<Item: Trace, IntoIter: 'static> + 'static,
    {
        container.downcast_mut::<C>().is_some_and(|container| self.take(container, len))
    }

    /// Takes out what is large in each of these.
    pub(crate) fn each<'a, I, T: Trace>(&mut self, elements: I)
    where
        I: IntoIterator<Item = &'a mut T>,
    {
        if T::DIVISIBLE {
            elements.into_iter().for_each(|element| element.divide(self));
        }
    }
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Parts")
    }
}

struct Elements<I>(I);

impl<I: Iterator<Item: Trace>> Part for Elements<I> {
    fn drop_some(&mut self, most: usize, parts: &mut Parts) -> bool {
        for _ in 0..most {
            let Some(mut element) = self.0.next() else { return true };
            if I::Item::DIVISIBLE {
                element.divide(parts);
            }
        }
        false
    }
}
