//! The traits of the standard library that `Rc` implements: formatting, comparison, conversion.

use std::borrow::Borrow;
use std::cell::RefCell;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::panic::{RefUnwindSafe, UnwindSafe};

use crate::{Gc, Heap, Hosts, Trace, Weak};

/// How deep `Debug` follows handles.
const MAX_DEPTH: usize = 64;

thread_local! {
    /// The objects that `Debug` is inside of, on this thread.
    static INSIDE: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// Takes an object off `INSIDE` again.
struct Leave;

impl Drop for Leave {
    fn drop(&mut self) {
        let _ = INSIDE.try_with(|inside| inside.borrow_mut().pop());
    }
}

impl<T: ?Sized + fmt::Debug, H: Heap> fmt::Debug for Gc<T, H> {
    /// Formats the value. Writes `Gc(…)` for an object that it is formatting already, and where handles are nested
    /// too deeply.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.address();
        let entered = INSIDE.try_with(|inside| {
            let mut inside = inside.borrow_mut();
            let fits = inside.len() < MAX_DEPTH && !inside.contains(&address);
            if fits {
                inside.push(address);
            }
            fits
        });
        if entered != Ok(true) {
            return f.write_str("Gc(…)");
        }
        let _leave = Leave;
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display, H: Heap> fmt::Display for Gc<T, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized, H: Heap> fmt::Pointer for Gc<T, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Pointer::fmt(&Gc::as_ptr(self), f)
    }
}

impl<T: ?Sized + PartialEq, H: Heap> PartialEq for Gc<T, H> {
    /// Compares the values. On cyclic values this may not end: see [`Gc::ptr_eq`].
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: ?Sized + Eq, H: Heap> Eq for Gc<T, H> {}

impl<T: ?Sized + PartialOrd, H: Heap> PartialOrd for Gc<T, H> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        (**self).partial_cmp(&**other)
    }
}

impl<T: ?Sized + Ord, H: Heap> Ord for Gc<T, H> {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(&**other)
    }
}

impl<T: ?Sized + Hash, H: Heap> Hash for Gc<T, H> {
    fn hash<S: Hasher>(&self, state: &mut S) {
        (**self).hash(state);
    }
}

impl<T: Default + Trace, H: Hosts<T>> Default for Gc<T, H> {
    fn default() -> Self {
        Gc::new_in(T::default(), H::default())
    }
}

impl<T: Trace, H: Hosts<T>> From<T> for Gc<T, H> {
    fn from(value: T) -> Self {
        Gc::new_in(value, H::default())
    }
}

impl<T: Trace, H: Hosts<T>> From<Box<T>> for Gc<T, H> {
    fn from(value: Box<T>) -> Self {
        Gc::new_in(*value, H::default())
    }
}

impl<T: ?Sized, H: Heap> AsRef<T> for Gc<T, H> {
    fn as_ref(&self) -> &T {
        self
    }
}

impl<T: ?Sized, H: Heap> Borrow<T> for Gc<T, H> {
    fn borrow(&self) -> &T {
        self
    }
}

impl<T: ?Sized + std::error::Error, H: Heap> std::error::Error for Gc<T, H> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        (**self).source()
    }
}

impl<T: ?Sized, H: Heap> Unpin for Gc<T, H> {}
impl<T: ?Sized + RefUnwindSafe, H: Heap> UnwindSafe for Gc<T, H> {}
impl<T: ?Sized + RefUnwindSafe, H: Heap> RefUnwindSafe for Gc<T, H> {}
impl<T: ?Sized, H: Heap> Unpin for Weak<T, H> {}
impl<T: ?Sized + RefUnwindSafe, H: Heap> UnwindSafe for Weak<T, H> {}
impl<T: ?Sized + RefUnwindSafe, H: Heap> RefUnwindSafe for Weak<T, H> {}
