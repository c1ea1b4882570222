//! To write objects to a file and to read them back, with what is shared and with cycles (feature `serde`).
//!
//! By itself, a [`Gc`](crate::Gc) is written as its value. An object that two handles lead to is written twice then, and a cycle
//! is an error. The functions [`serialize`] and [`deserialize`] of this module write a *graph* instead: a table with a record for each
//! object, in which handles are numbers of records. They work on every heap and with every format of serde.
//!
//! | you write | for | it says |
//! |---|---|---|
//! | a record | the graph | what is written of an object: a type with serde's derives, which has a [`Link`] where the object has a handle. An enum, if there are objects of several types |
//! | [`Node`] | each type of object | how to make a record of an object |
//! | [`Record`] | the record | how to make an object of a record |
//!
//! ```
//! use serde::{Deserialize, Serialize};
//! use tricycle::graph::{self, Built, Error, Link, Links, Node, Nodes, Record};
//! use tricycle::{Gc, GcCell, Trace};
//!
//! #[derive(Trace)]
//! struct Company { name: String }
//! #[derive(Trace)]
//! struct Person { name: String, employer: Gc<Company>, friends: GcCell<Vec<Gc<Person>>> }
//!
//! #[derive(Serialize, Deserialize)]
//! enum Entry {
//!     Company { name: String },
//!     Person { name: String, employer: Link<Company>, friends: Vec<Link<Person>> },
//! }
//!
//! impl Node<Entry> for Company {
//!     fn record(&self, _: &mut Links<Entry>) -> Result<Entry, Error> {
//!         Ok(Entry::Company { name: self.name.clone() })
//!     }
//! }
//!
//! impl Node<Entry> for Person {
//!     fn record(&self, links: &mut Links<Entry>) -> Result<Entry, Error> {
//!         Ok(Entry::Person {
//!             name: self.name.clone(),
//!             employer: links.link_before(&self.employer), // not in a cell
//!             friends: self.friends.try_borrow()?.iter().map(|friend| links.link(friend)).collect(),
//!         })
//!     }
//! }
//!
//! impl Record for Entry {
//!     fn build(self, nodes: &Nodes) -> Result<Built, Error> {
//!         match self {
//!             Entry::Company { name } => Ok(Built::new(Gc::new(Company { name }))),
//!             Entry::Person { name, employer, friends } => {
//!                 let person = Person { name, employer: nodes.get(employer)?, friends: GcCell::default() };
//!                 Ok(Built::with_links(Gc::new(person), |person, nodes| {
//!                     let friends: Result<_, _> = friends.into_iter().map(|friend| nodes.get(friend)).collect();
//!                     person.friends.set(friends?);
//!                     Ok(())
//!                 }))
//!             }
//!         }
//!     }
//! }
//!
//! // Ann and Bob are friends, and work for the same company.
//! let employer = Gc::new(Company { name: "Acme".into() });
//! let person = |name: &str| {
//!     Gc::new(Person { name: name.into(), employer: employer.clone(), friends: GcCell::default() })
//! };
//! let (ann, bob) = (person("Ann"), person("Bob"));
//! ann.friends.borrow_mut().push(bob.clone());
//! bob.friends.borrow_mut().push(ann.clone());
//!
//! #[derive(Serialize, Deserialize)]
//! struct File {
//!     #[serde(with = "tricycle::graph")] // or call `graph::serialize` and `graph::deserialize`
//!     ann: Gc<Person>,
//! }
//! let json = serde_json::to_string(&File { ann }).unwrap();
//! assert!(json.starts_with(r#"{"ann":{"nodes":[{"Company":{"name":"Acme"}},{"Person":{"name":"Ann","#));
//!
//! let File { ann } = serde_json::from_str(&json).unwrap();
//! let bob = ann.friends.borrow()[0].clone();
//! assert!(Gc::ptr_eq(&bob.friends.borrow()[0], &ann) && Gc::ptr_eq(&bob.employer, &ann.employer));
//! # drop(ann.friends.take());
//! ```
//!
//! # Handles in cells, and others
//!
//! An object cannot be seen before its value is there. So a cycle can be read back only if one of its handles is put in later: into a
//! [`GcCell`](crate::GcCell), a [`GcOnce`](crate::GcOnce), or another cell. For such a handle use [`Links::link`], and put it in by the
//! function of [`Built::with_links`], which is called when all objects are there. For a handle that is not in a cell use
//! [`Links::link_before`]: the object that it leads to is written first, and so [`Record::build`] gets at it. A cycle of such handles
//! cannot exist, unless a cell has been taken for none; then [`serialize`] says so.
//!
//! # Weak handles
//!
//! [`Links::weak`] writes a weak handle as a link, if the object is a part of the graph by other handles. It does not bring it in.
//! (There is no `Serialize` for [`Weak`](crate::Weak): a handle to a parent would be an error each time, and one that is read back
//! would have no owner. For values that are not written as a graph put `#[serde(skip)]` on the field.)
//!
//! # Bad input
//!
//! What is read may come from anybody. A number that no record has, a record of another type than the handle wants, a handle that would
//! have to be there earlier: each is an error, which names the record. Nothing is allocated for a length before its elements are
//! there. No recursion goes from object to object, so a list may be as long as you like, in both directions. To bound the memory,
//! bound the input, or give the heap a [limit](crate::Control::set_limit) and use [`Gc::try_new`](crate::Gc::try_new) in
//! [`Record::build`]. When reading fails, the objects that have been made go as handles do; those in cycles are garbage.
//!
//! # Cost
//!
//! [`Node::record`] is called twice for each object: to find the objects, and to write them. Meanwhile there is a handle to each of
//! them, and an entry in a hash table. For reading there is a box for each object and one for each function of
//! [`Built::with_links`].

mod error;
mod read;
mod write;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use error::Error;
pub use read::{Built, Nodes, deserialize};
pub use write::{Links, serialize};

use crate::{Heap, Local};

/// An object of a graph whose records are `R`. See the [module](self).
///
/// The record is a parameter, so that you can implement the trait for types that are not yours: `impl Node<Entry> for str` is for
/// handles to strings that are to be shared again when they are read.
///
/// It can be implemented for trait objects, too. They are read as what [`Record::build`] has made: if that is a `Gc<Circle>`, a
/// `Link<dyn Shape>` does not find it, and if it is a `Gc<dyn Shape>`, a `Link<Circle>` does not.
pub trait Node<R, H: Heap = Local>: 'static {
    /// Makes a record of the object: handles become links.
    ///
    /// It is called twice, and has to name the same objects both times. On a heap that threads share, others may change the graph
    /// between the calls: what they add then is an error, as it is not in the table.
    ///
    /// # Errors
    ///
    /// What cannot be written. Errors of cells become an [`Error`] by `?`; others by [`Error::custom`].
    fn record(&self, links: &mut Links<R, H>) -> Result<R, Error>;
}

/// What is written of the objects of a graph. See the [module](self).
pub trait Record<H: Heap = Local>: Sized {
    /// Makes an object of the record.
    ///
    /// `nodes` has the objects of the records before this one. Handles to others are put in by the function of
    /// [`Built::with_links`].
    ///
    /// # Errors
    ///
    /// What does not fit. [`AllocError`](crate::AllocError) becomes an [`Error`] by `?`; others by [`Error::custom`].
    fn build(self, nodes: &Nodes<H>) -> Result<Built<H>, Error>;
}

/// A handle to a `T`, in a record: the number of the record of its object.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use tricycle::graph::Link;
///
/// #[derive(Serialize, Deserialize)]
/// struct Entry { name: String, next: Option<Link<Page>> }
/// # struct Page;
///
/// let entry: Entry = serde_json::from_str(r#"{"name":"first","next":1}"#).unwrap();
/// assert_eq!(format!("{:?}", entry.next.unwrap()), "Link(1)");
/// ```
pub struct Link<T: ?Sized> {
    number: u32,
    to: PhantomData<fn() -> PhantomData<T>>,
}

impl<T: ?Sized> Link<T> {
    fn new(number: u32) -> Self {
        Link { number, to: PhantomData }
    }
}

impl<T: ?Sized> Clone for Link<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for Link<T> {}

impl<T: ?Sized> PartialEq for Link<T> {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl<T: ?Sized> Eq for Link<T> {}

impl<T: ?Sized> Hash for Link<T> {
    fn hash<S: Hasher>(&self, state: &mut S) {
        self.number.hash(state);
    }
}

impl<T: ?Sized> fmt::Debug for Link<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Link({})", self.number)
    }
}

impl<T: ?Sized> Serialize for Link<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(self.number)
    }
}

impl<'de, T: ?Sized> Deserialize<'de> for Link<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u32::deserialize(deserializer).map(Link::new)
    }
}
