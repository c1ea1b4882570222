//! Unsized values: `Gc<[T]>` and `Gc<str>` from what one has at hand.

use std::borrow::Cow;

use crate::raw::handle::create;
use crate::{Gc, Heap, Hosts, Trace};

impl<T: Trace + 'static, H: Hosts<[T]>> From<Vec<T>> for Gc<[T], H> {
    /// Moves the elements into one object.
    fn from(elements: Vec<T>) -> Self {
        let len = elements.len();
        let mut elements = elements.into_iter();
        let mut next = || elements.next().unwrap_or_else(|| unreachable!("a vector is as long as it says"));
        Gc::from_handle(create::create_slice(len, &mut next))
    }
}

impl<T: Trace + Clone + 'static, H: Hosts<[T]>> From<&[T]> for Gc<[T], H> {
    fn from(elements: &[T]) -> Self {
        let mut at = 0;
        Gc::from_handle(create::create_slice(elements.len(), || {
            at += 1;
            elements[at - 1].clone()
        }))
    }
}

impl<T: Trace + 'static, H: Hosts<[T]>, const N: usize> From<[T; N]> for Gc<[T], H> {
    fn from(elements: [T; N]) -> Self {
        let mut elements = elements.into_iter();
        let mut next = || elements.next().unwrap_or_else(|| unreachable!("an array is as long as it says"));
        Gc::from_handle(create::create_slice(N, &mut next))
    }
}

impl<T: Trace + 'static, H: Hosts<[T]>> From<Box<[T]>> for Gc<[T], H> {
    fn from(elements: Box<[T]>) -> Self {
        elements.into_vec().into()
    }
}

impl<T: Trace + 'static, H: Hosts<[T]>> FromIterator<T> for Gc<[T], H> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        elements.into_iter().collect::<Vec<T>>().into()
    }
}

impl<T: Trace + 'static, H: Hosts<[T]>> Default for Gc<[T], H> {
    fn default() -> Self {
        Vec::new().into()
    }
}

impl<H: Heap + Hosts<str>> From<&str> for Gc<str, H> {
    fn from(text: &str) -> Self {
        Gc::from_handle(create::create_str(text))
    }
}

impl<H: Heap + Hosts<str>> From<String> for Gc<str, H> {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl<H: Heap + Hosts<str>> From<Box<str>> for Gc<str, H> {
    fn from(text: Box<str>) -> Self {
        (&*text).into()
    }
}

impl<H: Heap + Hosts<str>> From<Cow<'_, str>> for Gc<str, H> {
    fn from(text: Cow<'_, str>) -> Self {
        (&*text).into()
    }
}

impl<H: Heap + Hosts<str>> Default for Gc<str, H> {
    fn default() -> Self {
        "".into()
    }
}
