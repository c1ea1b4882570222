//! Unsized values: `Gc<[T]>`, `Gc<str>` and their like from what one has at hand; values that are written later.

use std::alloc::Layout;
use std::borrow::Cow;
use std::ffi::{CStr, CString, OsStr, OsString};
use std::mem::MaybeUninit;
use std::path::{Path, PathBuf};

use crate::raw::handle::{create, views};
use crate::{AllocError, Gc, Heap, Hosts, Local, Trace};

impl<T: Trace, H: Hosts<[T]>> From<Vec<T>> for Gc<[T], H> {
    /// Moves the elements into one object.
    ///
    /// # Panics
    ///
    /// As [`Gc::new`].
    fn from(elements: Vec<T>) -> Self {
        let len = elements.len();
        let mut elements = elements.into_iter();
        let mut next = || elements.next().unwrap_or_else(|| unreachable!("a vector is as long as it says"));
        Gc::from_handle(create::create_slice(len, &mut next))
    }
}

impl<T: Trace + Clone, H: Hosts<[T]>> From<&[T]> for Gc<[T], H> {
    /// Clones the elements into one object.
    ///
    /// # Panics
    ///
    /// As [`Gc::new`], and if a clone panics.
    fn from(elements: &[T]) -> Self {
        let mut at = 0;
        Gc::from_handle(create::create_slice(elements.len(), || {
            at += 1;
            elements[at - 1].clone()
        }))
    }
}

impl<T: Trace, H: Hosts<[T]>, const N: usize> From<[T; N]> for Gc<[T], H> {
    /// Moves the elements into one object.
    ///
    /// # Panics
    ///
    /// As [`Gc::new`].
    fn from(elements: [T; N]) -> Self {
        let mut elements = elements.into_iter();
        let mut next = || elements.next().unwrap_or_else(|| unreachable!("an array is as long as it says"));
        Gc::from_handle(create::create_slice(N, &mut next))
    }
}

impl<T: Trace, H: Hosts<[T]>> From<Box<[T]>> for Gc<[T], H> {
    /// Moves the elements into one object.
    ///
    /// # Panics
    ///
    /// As [`Gc::new`].
    fn from(elements: Box<[T]>) -> Self {
        elements.into_vec().into()
    }
}

impl<T: Trace, H: Hosts<[T]>> Gc<[T], H> {
    /// Moves the elements into one object, or gives them back when there is no memory.
    ///
    /// # Errors
    ///
    /// [`AllocError`] holds the elements.
    ///
    /// ```
    /// use tricycle::{Gc, Local};
    ///
    /// let slice = Gc::<[u8], Local>::try_from_vec(vec![1, 2, 3]).unwrap();
    /// assert_eq!(slice.len(), 3);
    /// ```
    ///
    /// # Panics
    ///
    /// As [`Gc::new`].
    pub fn try_from_vec(elements: Vec<T>) -> Result<Self, AllocError<Vec<T>>> {
        let len = elements.len();
        let mut elements = elements.into_iter();
        let next = || elements.next().unwrap_or_else(|| unreachable!("a vector is as long as it says"));
        match create::try_create_slice(len, next) {
            Some(handle) => Ok(Gc::from_handle(handle)),
            None => Err(AllocError(elements.collect())),
        }
    }
}

impl<T: Trace, H: Hosts<[T]>> FromIterator<T> for Gc<[T], H> {
    /// Collects the elements, and moves them into one object.
    ///
    /// # Panics
    ///
    /// As [`Gc::new`], if the iterator panics, and if a vector cannot have so many elements.
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        elements.into_iter().collect::<Vec<T>>().into()
    }
}

impl<T: Trace, H: Hosts<[T]>> Default for Gc<[T], H> {
    fn default() -> Self {
        Vec::new().into()
    }
}

impl<T: Trace, H: Heap, const N: usize> TryFrom<Gc<[T], H>> for Gc<[T; N], H> {
    type Error = Gc<[T], H>;

    /// The same object as an array, if it has that many elements. One whose elements can hold handles has to have been an array
    /// before it was coerced to a slice.
    ///
    /// # Errors
    ///
    /// The handle as it was.
    ///
    /// ```
    /// use tricycle::Gc;
    ///
    /// let slice: Gc<[u8]> = vec![1, 2, 3].into();
    /// let array: Gc<[u8; 3]> = slice.try_into().unwrap();
    /// assert_eq!(*array, [1, 2, 3]);
    /// ```
    fn try_from(slice: Gc<[T], H>) -> Result<Self, Gc<[T], H>> {
        views::as_array(slice.into_handle()).map(Gc::from_handle).map_err(Gc::from_handle)
    }
}

impl<H: Heap> From<Gc<str, H>> for Gc<[u8], H> {
    /// The same object.
    fn from(text: Gc<str, H>) -> Self {
        Gc::from_handle(views::str_as_bytes(text.into_handle()))
    }
}

impl<T: Trace + ?Sized, H: Hosts<T>> Gc<T, H> {
    /// Moves a leaf out of its box into an object: also a value without a size, as a trait object that is declared `acyclic`.
    ///
    /// ```
    /// use tricycle::{Gc, Leaf, Local, trace_dyn};
    ///
    /// trait Clock { fn now(&self) -> u64; }
    /// trace_dyn!(dyn Clock, acyclic);
    /// struct Stopped(u64);
    /// impl Clock for Stopped { fn now(&self) -> u64 { self.0 } }
    ///
    /// let boxed: Box<dyn Clock> = Box::new(Stopped(5));
    /// let clock = Gc::<dyn Clock, Local>::from_box(boxed);
    /// assert_eq!(clock.now(), 5);
    ///
    /// let function: Box<Leaf<dyn Fn(u8) -> u8>> = Box::new(Leaf(|n| n + 1));
    /// assert_eq!(Gc::<_, Local>::from_box(function)(1), 2);
    /// ```
    ///
    /// Does not compile for values that can hold a `Gc` or have a finalizer. Their objects have a table of their type, and a box of a trait
    /// object does not tell it. Put such a box into an object as it is: `Gc<Box<dyn Trait>>`. Slices and values with a size
    /// have `From<Box<_>>`.
    ///
    /// ```compile_fail,E0080
    /// # use tricycle::{DynTrace, Gc, Local, trace_dyn};
    /// trait Clock: DynTrace { fn now(&self) -> u64; }
    /// trace_dyn!(dyn Clock); // perhaps with handles
    /// # impl Clock for u64 { fn now(&self) -> u64 { *self } }
    /// let boxed: Box<dyn Clock> = Box::new(5);
    /// Gc::<dyn Clock, Local>::from_box(boxed);
    /// ```
    ///
    /// Aborts when there is no memory, like [`Gc::new`].
    ///
    /// # Panics
    ///
    /// As [`Gc::new`].
    pub fn from_box(value: Box<T>) -> Self {
        Gc::from_handle(create::create_from_box(value))
    }
}

/// From what a borrow, an owner, a box and a `Cow` of text have.
macro_rules! texts {
    ($($(#[doc = $example:literal])+ $text:ty, $owned:ty, $try_from:ident, $create:ident;)+) => {$(
        impl<H: Hosts<$text>> From<&$text> for Gc<$text, H> {
            /// Copies the text into an object.
            ///
            /// # Panics
            ///
            /// As [`Gc::new`].
            fn from(text: &$text) -> Self {
                let handle = views::$create(text).unwrap_or_else(|| create::no_memory(Layout::for_value(text)));
                Gc::from_handle(handle)
            }
        }

        impl<H: Hosts<$text>> Gc<$text, H> {
            /// Copies the text into an object, or returns an error when there is no memory.
            ///
            /// # Errors
            ///
            /// [`AllocError`] holds the text.
            ///
            $(#[doc = $example])+
            ///
            /// # Panics
            ///
            /// As [`Gc::new`].
            pub fn $try_from(text: &$text) -> Result<Self, AllocError<&$text>> {
                views::$create(text).map(Gc::from_handle).ok_or(AllocError(text))
            }
        }

        impl<H: Hosts<$text>> From<$owned> for Gc<$text, H> {
            /// Copies the text into an object.
            ///
            /// # Panics
            ///
            /// As [`Gc::new`].
            fn from(text: $owned) -> Self {
                (&*text).into()
            }
        }

        impl<H: Hosts<$text>> From<Box<$text>> for Gc<$text, H> {
            /// Copies the text into an object.
            ///
            /// # Panics
            ///
            /// As [`Gc::new`].
            fn from(text: Box<$text>) -> Self {
                (&*text).into()
            }
        }

        impl<H: Hosts<$text>> From<Cow<'_, $text>> for Gc<$text, H> {
            /// Copies the text into an object.
            ///
            /// # Panics
            ///
            /// As [`Gc::new`].
            fn from(text: Cow<'_, $text>) -> Self {
                (&*text).into()
            }
        }
    )+};
}

texts! {
    /// ```
    /// use tricycle::{Gc, heap};
    ///
    /// heap! { Small: Local }
    ///
    /// let name: Gc<str, Small> = Gc::try_from_str("name").unwrap();
    /// assert_eq!(&*name, "name");
    /// Small.set_limit(0);
    /// let long = "x".repeat(1 << 20);
    /// let refused = Gc::<str, Small>::try_from_str(&long).unwrap_err();
    /// assert_eq!(refused.into_inner(), long);
    /// ```
    str, String, try_from_str, try_create_str;
    /// ```
    /// use std::ffi::OsStr;
    /// use tricycle::Gc;
    ///
    /// let name: Gc<OsStr> = Gc::try_from_os_str(OsStr::new("name")).unwrap();
    /// assert_eq!(&*name, "name");
    /// ```
    OsStr, OsString, try_from_os_str, try_create_os_str;
    /// ```
    /// use std::path::Path;
    /// use tricycle::Gc;
    ///
    /// let path: Gc<Path> = Gc::try_from_path(Path::new("a/b")).unwrap();
    /// assert!(path.ends_with("b"));
    /// ```
    Path, PathBuf, try_from_path, try_create_path;
    /// ```
    /// use std::ffi::CStr;
    /// use tricycle::Gc;
    ///
    /// let text: Gc<CStr> = Gc::try_from_c_str(c"text").unwrap();
    /// assert_eq!(text.count_bytes(), 4);
    /// ```
    CStr, CString, try_from_c_str, try_create_c_str;
}

impl<H: Hosts<str>> Default for Gc<str, H> {
    fn default() -> Self {
        "".into()
    }
}

impl<T: Trace> Gc<T, Local> {
    /// Allocates without a value, which is written later: with [`Gc::get_mut`], and then [`Gc::assume_init`].
    ///
    /// Leaves only: an object that can hold handles is one to the collector from the start.
    ///
    /// ```
    /// use tricycle::Gc;
    ///
    /// let mut gc = Gc::<u64>::new_uninit();
    /// Gc::get_mut(&mut gc).unwrap().write(5);
    /// // SAFETY: just written.
    /// let gc: Gc<u64> = unsafe { gc.assume_init() };
    /// assert_eq!(*gc, 5);
    /// ```
    ///
    /// # Panics
    ///
    /// As [`Gc::new`].
    pub fn new_uninit() -> Gc<MaybeUninit<T>, Local> {
        Self::new_uninit_in(Local)
    }
}

impl<T: Trace, H: Hosts<MaybeUninit<T>>> Gc<T, H> {
    /// Allocates without a value, on the given heap. See [`Gc::new_uninit`].
    ///
    /// ```
    /// use tricycle::{Biased, Gc};
    ///
    /// let mut gc = Gc::<u64, _>::new_uninit_in(Biased);
    /// Gc::get_mut(&mut gc).unwrap().write(5);
    /// // SAFETY: just written.
    /// assert_eq!(*unsafe { gc.assume_init() }, 5);
    /// ```
    ///
    /// # Panics
    ///
    /// As [`Gc::new`].
    pub fn new_uninit_in(heap: H) -> Gc<MaybeUninit<T>, H> {
        Gc::new_in(MaybeUninit::uninit(), heap)
    }
}

impl<T: Trace, H: Hosts<MaybeUninit<T>>> Gc<MaybeUninit<T>, H> {
    /// The handle to the value that has been written. Does not compile for values that can hold a `Gc`.
    ///
    /// ```compile_fail,E0080
    /// # use tricycle::Gc;
    /// let gc = Gc::<Vec<Gc<u8>>>::new_uninit();
    /// # #[allow(unsafe_code)]
    /// let gc = unsafe { gc.assume_init() };
    /// ```
    ///
    /// # Safety
    ///
    /// It has been.
    #[expect(unsafe_code, reason = "the signature; the work is in `raw`")]
    pub unsafe fn assume_init(self) -> Gc<T, H> {
        // SAFETY: the caller's promise.
        Gc::from_handle(unsafe { views::assume_init(self.into_handle()) })
    }
}

impl<T: Trace> Gc<[T], Local> {
    /// Allocates a slice without elements, which are written later. See [`Gc::new_uninit`].
    ///
    /// ```
    /// use tricycle::Gc;
    ///
    /// let mut gc = Gc::<[u64]>::new_uninit_slice(3);
    /// Gc::get_mut(&mut gc).unwrap().iter_mut().for_each(|place| _ = place.write(5));
    /// // SAFETY: just written.
    /// let gc: Gc<[u64]> = unsafe { gc.assume_init() };
    /// assert_eq!(*gc, [5; 3]);
    /// ```
    ///
    /// # Panics
    ///
    /// If a slice cannot be so large. Aborts when there is no memory, like [`Gc::new`].
    pub fn new_uninit_slice(len: usize) -> Gc<[MaybeUninit<T>], Local> {
        Self::new_uninit_slice_in(len, Local)
    }
}

impl<T: Trace, H: Hosts<[MaybeUninit<T>]>> Gc<[T], H> {
    /// Allocates a slice without elements, on the given heap. See [`Gc::new_uninit_slice`].
    ///
    /// ```
    /// use tricycle::{Atomic, Gc};
    ///
    /// let mut gc = Gc::<[u64], _>::new_uninit_slice_in(1, Atomic);
    /// Gc::get_mut(&mut gc).unwrap()[0].write(5);
    /// // SAFETY: just written.
    /// assert_eq!(*unsafe { gc.assume_init() }, [5]);
    /// ```
    ///
    /// # Panics
    ///
    /// As [`Gc::new_uninit_slice`].
    pub fn new_uninit_slice_in(len: usize, heap: H) -> Gc<[MaybeUninit<T>], H> {
        let _ = heap;
        Gc::from_handle(create::create_slice(len, MaybeUninit::uninit))
    }
}

impl<T: Trace, H: Hosts<[MaybeUninit<T>]>> Gc<[MaybeUninit<T>], H> {
    /// The handle to the elements that have been written. Does not compile for elements that can hold a `Gc`.
    ///
    /// # Safety
    ///
    /// All of them have been.
    #[expect(unsafe_code, reason = "the signature; the work is in `raw`")]
    pub unsafe fn assume_init(self) -> Gc<[T], H> {
        // SAFETY: the caller's promise.
        Gc::from_handle(unsafe { views::assume_init_slice(self.into_handle()) })
    }
}
