//! `Serialize` and `Deserialize` of handles and cells as the values that they hold (feature `serde`).
//!
//! Handles and cells that are shared are written once for each way to them. `graph.rs` has the other way to write them.

use std::cell::RefCell;
use std::ffi::{CStr, CString};
#[cfg(any(unix, windows))]
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Error as _, Serialize, Serializer};

use crate::{Gc, GcCell, GcOnce, Heap, Hosts, Leaf, Trace};

/// How deep handles may be nested. Both directions recurse, and the shortest stacks have room for this many of usual objects.
const MAX_DEPTH: usize = 256;

/// What this thread is in the middle of.
pub(crate) struct Inside {
    /// The objects that it is writing, by their addresses.
    written: Vec<usize>,
    /// How many objects it is reading.
    read: usize,
}

thread_local! {
    static INSIDE: RefCell<Inside> = const { RefCell::new(Inside { written: Vec::new(), read: 0 }) };
}

/// Leaves an object that is being written or read, also if that panics.
pub(crate) struct Leave(fn(&mut Inside));

impl Drop for Leave {
    fn drop(&mut self) {
        let _ = INSIDE.try_with(|inside| self.0(&mut inside.borrow_mut()));
    }
}

/// Goes into an object.
///
/// # Errors
///
/// What `enter` says, or that the thread is at its end.
fn enter(
    enter: impl FnOnce(&mut Inside) -> Result<(), &'static str>,
    leave: fn(&mut Inside),
) -> Result<Leave, &'static str> {
    let entered = INSIDE.try_with(|inside| enter(&mut inside.borrow_mut()));
    entered.unwrap_or(Err("this thread is at its end, and cannot tell whether the value is cyclic"))?;
    Ok(Leave(leave))
}

fn enter_written(address: usize) -> Result<Leave, &'static str> {
    enter(
        |inside| {
            if inside.written.contains(&address) {
                return Err("the value is cyclic: a `Gc` in it leads back to it. `tricycle::graph` can write it");
            }
            if inside.written.len() >= MAX_DEPTH {
                return Err("more than 256 handles lead into each other. `tricycle::graph` can write them");
            }
            inside.written.push(address);
            Ok(())
        },
        |inside| inside.written.truncate(inside.written.len().saturating_sub(1)),
    )
}

/// Goes into the graph of a root, which is not the same as its value: records do not contain each other, unless they are made to.
pub(crate) fn enter_graph(root: usize) -> Result<Leave, &'static str> {
    enter_written(root | 1)
}

pub(crate) fn enter_read() -> Result<Leave, &'static str> {
    enter(
        |inside| {
            if inside.read >= MAX_DEPTH {
                return Err("more than 256 handles lead into each other");
            }
            inside.read += 1;
            Ok(())
        },
        |inside| inside.read -= 1,
    )
}

/// Writes the value. An object that two handles lead to is written twice; [`graph`](crate::graph) writes it once.
///
/// A value that leads back to itself is an error, as is a nesting of more than 256 handles. To find out, the addresses of the objects that
/// are being written are kept, and each is compared with those that it is inside of: a comparison for each level.
///
/// ```
/// use serde::Serialize;
/// use tricycle::{Gc, GcCell, Trace};
///
/// #[derive(Trace, Serialize)]
/// struct Folder { name: &'static str, inside: GcCell<Vec<Gc<Folder>>> }
///
/// let folder = |name| Gc::new(Folder { name, inside: GcCell::default() });
/// let (root, docs) = (folder("root"), folder("docs"));
/// root.inside.borrow_mut().push(docs.clone());
/// let json = serde_json::to_string(&root).unwrap();
/// assert_eq!(json, r#"{"name":"root","inside":[{"name":"docs","inside":[]}]}"#);
///
/// docs.inside.borrow_mut().push(root.clone());
/// assert!(serde_json::to_string(&root).unwrap_err().to_string().contains("cyclic"));
/// # drop(docs.inside.take());
/// ```
impl<T: Serialize + ?Sized, H: Heap> Serialize for Gc<T, H> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let _leave = enter_written(self.address()).map_err(S::Error::custom)?;
        T::serialize(self, serializer)
    }
}

/// Reads the value, and makes a new object of it.
///
/// It is an error if more than 256 handles lead into each other, or if there is no memory for the object (as when the heap is at its
/// [limit](crate::Control::set_limit)).
///
/// ```
/// use serde::Deserialize;
/// use tricycle::{Gc, GcCell, Trace};
///
/// #[derive(Trace, Deserialize)]
/// struct Folder { name: Gc<str>, inside: GcCell<Vec<Gc<Folder>>> }
///
/// let root: Gc<Folder> = serde_json::from_str(r#"{"name":"root","inside":[{"name":"docs","inside":[]}]}"#).unwrap();
/// assert_eq!(&*root.inside.borrow()[0].name, "docs");
/// ```
impl<'de, T: Deserialize<'de> + Trace, H: Hosts<T>> Deserialize<'de> for Gc<T, H> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let _leave = enter_read().map_err(D::Error::custom)?;
        Gc::try_new_in(T::deserialize(deserializer)?, H::default()).map_err(D::Error::custom)
    }
}

impl<'de, T: Deserialize<'de> + Trace, H: Hosts<[T]>> Deserialize<'de> for Gc<[T], H> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let _leave = enter_read().map_err(D::Error::custom)?;
        Gc::try_from_vec(Vec::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// Handles to text.
macro_rules! texts {
    ($($(#[$attr:meta])* $text:ty, $owned:ty, $try_from:ident;)+) => {$(
        $(#[$attr])*
        impl<'de, H: Hosts<$text>> Deserialize<'de> for Gc<$text, H> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Gc::<$text, H>::$try_from(&<$owned>::deserialize(deserializer)?).map_err(D::Error::custom)
            }
        }
    )+};
}

texts! {
    str, String, try_from_str;
    // As far as serde knows what it is made of.
    #[cfg(any(unix, windows))]
    OsStr, OsString, try_from_os_str;
    Path, PathBuf, try_from_path;
    CStr, CString, try_from_c_str;
}

/// Writes the value, as if there were no cell. The cell is borrowed meanwhile.
///
/// It is an error if this thread has it mutably borrowed. On a heap that threads share, another thread that has is waited for.
impl<T: Serialize + ?Sized, H: Heap> Serialize for GcCell<T, H> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        T::serialize(&*self.borrow_or_error().map_err(S::Error::custom)?, serializer)
    }
}

impl<'de, T: Deserialize<'de>, H: Heap> Deserialize<'de> for GcCell<T, H> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(GcCell::new)
    }
}

/// Writes what an `Option` of the value would be: `None` for a cell that is empty.
impl<T: Serialize, H: Heap> Serialize for GcOnce<T, H> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.get().serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>, H: Heap> Deserialize<'de> for GcOnce<T, H> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<T>::deserialize(deserializer)?.map_or_else(GcOnce::new, GcOnce::from))
    }
}

/// Writes the value, as if there were no `Leaf`.
impl<T: Serialize + ?Sized> Serialize for Leaf<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Leaf<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Leaf)
    }
}
