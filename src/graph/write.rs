//! Objects to records: once to find them, and once to write them.

use std::any::type_name;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::mem::replace;
use std::rc::Rc;

use serde::ser::{Error as _, Serialize, SerializeSeq, SerializeStruct, Serializer};

use super::{Error, Link, Node};
use crate::by_value::enter_graph;
use crate::{Gc, Heap, Local, Weak};

/// An object, of which it is known only that it is a node.
trait Object<R, H: Heap> {
    fn record(&self, links: &mut Links<R, H>) -> Result<R, Error>;
}

impl<T: Node<R, H> + ?Sized, R, H: Heap> Object<R, H> for Gc<T, H> {
    fn record(&self, links: &mut Links<R, H>) -> Result<R, Error> {
        let record = T::record(self, links);
        let error = links.error.take().map_or(record, Err);
        error.map_err(|error| error.at(format_args!("a `{}`", type_name::<T>())))
    }
}

/// Makes links of handles, for [`Node::record`].
pub struct Links<R, H: Heap = Local> {
    /// The objects that have been found, in this order; the first is the root.
    objects: Vec<Rc<dyn Object<R, H>>>,
    /// Their numbers by their addresses. At first in the order of `objects`; then, in that of the table.
    numbers: HashMap<usize, u32>,
    /// The objects that have to be in the table before another one: of each in turn; and where those of each end.
    earlier: Vec<u32>,
    earlier_ends: Vec<usize>,
    /// The objects have been found, and are being written.
    found: bool,
    /// What a link has no other way to tell.
    error: Option<Error>,
}

impl<R, H: Heap> Links<R, H> {
    fn new() -> Self {
        Links {
            objects: Vec::new(),
            numbers: HashMap::new(),
            earlier: Vec::new(),
            earlier_ends: Vec::new(),
            found: false,
            error: None,
        }
    }

    /// A link for a handle that is in a cell, and so can be put in when all objects are there. Brings the object into the graph.
    ///
    /// Complexity: a look-up in a hash table.
    pub fn link<T: Node<R, H> + ?Sized>(&mut self, to: &Gc<T, H>) -> Link<T> {
        if let Some(number) = self.numbers.get(&to.address()) {
            return Link::new(*number);
        }
        if self.found {
            let name = type_name::<T>();
            self.fail(format_args!("the graph was changed while it was written: here is a handle to a new `{name}`"));
            return Link::new(u32::MAX);
        }
        let Some(number) = u32::try_from(self.objects.len()).ok().filter(|number| *number < u32::MAX) else {
            self.fail("a graph has less than 2³² - 1 objects");
            return Link::new(u32::MAX);
        };
        self.numbers.insert(to.address(), number);
        self.objects.push(Rc::new(to.clone()));
        Link::new(number)
    }

    /// A link for a handle that is not in a cell. Brings the object into the graph, and has it written before the object that is being
    /// recorded: [`Record::build`](super::Record::build) needs it.
    pub fn link_before<T: Node<R, H> + ?Sized>(&mut self, to: &Gc<T, H>) -> Link<T> {
        let link = self.link(to);
        if !self.found {
            self.earlier.push(link.number);
        }
        link
    }

    /// A link for a weak handle, if its object is a part of the graph. Does not bring it in.
    ///
    /// ```
    /// use serde::{Deserialize, Serialize};
    /// use tricycle::graph::{self, Built, Error, Link, Links, Node, Nodes, Record};
    /// use tricycle::{Gc, GcCell, Trace, Weak};
    ///
    /// #[derive(Trace)]
    /// struct Tag { parent: GcCell<Weak<Tag>>, children: GcCell<Vec<Gc<Tag>>> }
    ///
    /// #[derive(Serialize, Deserialize)]
    /// struct Entry(Option<Link<Tag>>, Vec<Link<Tag>>);
    ///
    /// impl Node<Entry> for Tag {
    ///     fn record(&self, links: &mut Links<Entry>) -> Result<Entry, Error> {
    ///         let children = self.children.borrow().iter().map(|child| links.link(child)).collect();
    ///         Ok(Entry(links.weak(&self.parent.borrow()), children))
    ///     }
    /// }
    ///
    /// impl Record for Entry {
    ///     fn build(self, _: &Nodes) -> Result<Built, Error> {
    ///         let tag = Gc::new(Tag { parent: GcCell::default(), children: GcCell::default() });
    ///         Ok(Built::with_links(tag, move |tag, nodes| {
    ///             if let Some(parent) = self.0 {
    ///                 tag.parent.set(Gc::downgrade(&nodes.get(parent)?));
    ///             }
    ///             let children: Result<_, _> = self.1.into_iter().map(|child| nodes.get(child)).collect();
    ///             tag.children.set(children?);
    ///             Ok(())
    ///         }))
    ///     }
    /// }
    ///
    /// let root = Gc::new(Tag { parent: GcCell::default(), children: GcCell::default() });
    /// let leaf = Gc::new(Tag { parent: GcCell::new(Gc::downgrade(&root)), children: GcCell::default() });
    /// root.children.borrow_mut().push(leaf.clone());
    ///
    /// let write = |tag| {
    ///     let mut json = Vec::new();
    ///     graph::serialize(tag, &mut serde_json::Serializer::new(&mut json)).unwrap();
    ///     String::from_utf8(json).unwrap()
    /// };
    /// assert_eq!(write(&root), r#"{"nodes":[[null,[1]],[0,[]]],"root":0}"#);
    /// assert_eq!(write(&leaf), r#"{"nodes":[[null,[]]],"root":0}"#); // without its parent
    /// # let json = write(&root);
    /// # let root: Gc<Tag> = graph::deserialize(&mut serde_json::Deserializer::from_str(&json)).unwrap();
    /// # assert!(Gc::ptr_eq(&root, &root.children.borrow()[0].parent.borrow().upgrade().unwrap()));
    /// ```
    pub fn weak<T: ?Sized>(&mut self, to: &Weak<T, H>) -> Option<Link<T>> {
        self.numbers.get(&to.upgrade()?.address()).map(|number| Link::new(*number))
    }

    fn fail(&mut self, text: impl fmt::Display) {
        self.error.get_or_insert_with(|| Error::custom(text));
    }

    /// Goes from the root to all objects.
    fn find<T: Node<R, H> + ?Sized>(&mut self, root: &Gc<T, H>) -> Result<(), Error> {
        self.link(root);
        let mut at = 0;
        while let Some(object) = self.objects.get(at).cloned() {
            drop(object.record(self)?);
            self.earlier_ends.push(self.earlier.len());
            at += 1;
        }
        Ok(())
    }

    /// Those that have to be in the table before an object.
    fn earlier(&self, object: u32) -> &[u32] {
        let object = object as usize;
        let start = object.checked_sub(1).map_or(0, |previous| self.earlier_ends[previous]);
        &self.earlier[start..self.earlier_ends[object]]
    }

    /// The objects in the order of the table: as they were found, but those first that have to be earlier.
    fn order(&self) -> Result<Vec<u32>, Error> {
        const NEW: u8 = 0;
        const BEGUN: u8 = 1;
        const PLACED: u8 = 2;
        let mut states = vec![NEW; self.objects.len()];
        let mut order = Vec::with_capacity(self.objects.len());
        // Objects that are begun, and how many of those before them have been looked at. No recursion: a list may be long.
        let mut path: Vec<(u32, usize)> = Vec::new();
        for first in 0..self.objects.len() as u32 {
            if states[first as usize] == NEW {
                states[first as usize] = BEGUN;
                path.push((first, 0));
            }
            while let Some((object, seen)) = path.last_mut() {
                let Some(before) = self.earlier(*object).get(*seen).copied() else {
                    states[*object as usize] = PLACED;
                    order.push(*object);
                    path.pop();
                    continue;
                };
                *seen += 1;
                match replace(&mut states[before as usize], BEGUN) {
                    NEW => path.push((before, 0)),
                    BEGUN => {
                        return Err(Error::custom(
                            "each object of a cycle has to come before another one, so it could not be \
                             read back: a handle in a cell needs `Links::link`, not `link_before`",
                        ));
                    }
                    _ => states[before as usize] = PLACED,
                }
            }
        }
        Ok(order)
    }

    /// Puts the objects into the order of the table.
    fn sort(&mut self) -> Result<(), Error> {
        let order = self.order()?;
        let mut places = vec![0; order.len()];
        for (place, object) in (0..).zip(&order) {
            places[*object as usize] = place;
        }
        for number in self.numbers.values_mut() {
            *number = places[*number as usize];
        }
        self.objects = order.iter().map(|object| self.objects[*object as usize].clone()).collect();
        self.found = true;
        Ok(())
    }
}

impl<R, H: Heap> fmt::Debug for Links<R, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Links").field("objects", &self.objects.len()).finish_non_exhaustive()
    }
}

/// The table, as serde wants it: something that writes itself.
struct Table<'a, R, H: Heap>(RefCell<&'a mut Links<R, H>>);

impl<R: Serialize, H: Heap> Serialize for Table<'_, R, H> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut links = self.0.try_borrow_mut().map_err(S::Error::custom)?;
        let mut table = serializer.serialize_seq(Some(links.objects.len()))?;
        let mut at = 0;
        while let Some(object) = links.objects.get(at).cloned() {
            table.serialize_element(&object.record(&mut links).map_err(S::Error::custom)?)?;
            at += 1;
        }
        table.end()
    }
}

/// Writes the object of a handle, and all that [`Node::record`] makes links to, directly or not. See the [module](super).
///
/// It is a struct with two fields: `nodes`, the records, and `root`, the number of the record of `root`.
///
/// ```
/// # use serde::{Deserialize, Serialize};
/// # use tricycle::graph::{self, Built, Error, Link, Links, Node, Nodes, Record};
/// # use tricycle::{Gc, Trace};
/// #[derive(Trace)]
/// struct List { item: u8, next: Option<Gc<List>> }
///
/// #[derive(Serialize, Deserialize)]
/// struct Entry { item: u8, next: Option<Link<List>> }
///
/// impl Node<Entry> for List {
///     fn record(&self, links: &mut Links<Entry>) -> Result<Entry, Error> {
///         Ok(Entry { item: self.item, next: self.next.as_ref().map(|next| links.link_before(next)) })
///     }
/// }
///
/// let list = Gc::new(List { item: 1, next: Some(Gc::new(List { item: 2, next: None })) });
/// let mut json = Vec::new();
/// graph::serialize(&list, &mut serde_json::Serializer::new(&mut json))?;
/// assert_eq!(json, br#"{"nodes":[{"item":2,"next":null},{"item":1,"next":0}],"root":1}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Errors
///
/// Those of the format; those of [`Node::record`]; a cycle of handles that have to be earlier than each other; a handle to an object that was
/// not there when the objects were counted.
pub fn serialize<T, R, H, S>(root: &Gc<T, H>, serializer: S) -> Result<S::Ok, S::Error>
where
    T: Node<R, H> + ?Sized,
    R: Serialize,
    H: Heap,
    S: Serializer,
{
    let _leave = enter_graph(root.address()).map_err(S::Error::custom)?;
    let mut links = Links::new();
    links.find(root).and_then(|()| links.sort()).map_err(S::Error::custom)?;
    let number = links.numbers[&root.address()];
    let mut graph = serializer.serialize_struct("Graph", 2)?;
    graph.serialize_field("nodes", &Table(RefCell::new(&mut links)))?;
    graph.serialize_field("root", &number)?;
    graph.end()
}
