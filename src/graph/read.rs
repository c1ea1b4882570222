//! Records to objects: as they are read, and then what could not be put in before all were there.

use std::any::{Any, type_name};
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Error, Link, Node, Record};
use crate::by_value::enter_read;
use crate::{Gc, Heap, Local};

/// Puts handles into an object whose type has been forgotten.
type PutIn<H> = Box<dyn FnOnce(&Nodes<H>) -> Result<(), Error>>;

/// An object that [`Record::build`] has made.
pub struct Built<H: Heap = Local> {
    /// A `Gc<T, H>`.
    handle: Box<dyn Any>,
    type_name: &'static str,
    links: Option<PutIn<H>>,
}

impl<H: Heap> Built<H> {
    /// An object that is complete. It need not be a new one: several records may become one object.
    ///
    /// ```
    /// use tricycle::Gc;
    /// use tricycle::graph::Built;
    ///
    /// let built = Built::new(Gc::new(5));
    /// # assert_eq!(format!("{built:?}"), "Built(Gc<i32>)");
    /// ```
    pub fn new<T: ?Sized + 'static>(object: Gc<T, H>) -> Self {
        Built { handle: Box::new(object), type_name: type_name::<T>(), links: None }
    }

    /// An object into whose cells `put_in` is to put handles. It is called when all objects of the graph are there. See the
    /// [module](super) for an example.
    pub fn with_links<T: ?Sized + 'static>(
        object: Gc<T, H>,
        put_in: impl FnOnce(&Gc<T, H>, &Nodes<H>) -> Result<(), Error> + 'static,
    ) -> Self {
        let target = object.clone();
        let links: PutIn<H> = Box::new(move |nodes| put_in(&target, nodes));
        Built { links: Some(links), ..Built::new(object) }
    }
}

impl<H: Heap> fmt::Debug for Built<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Built(Gc<{}>)", self.type_name)
    }
}

/// The objects of a graph that have been made, by the numbers of their records.
pub struct Nodes<H: Heap = Local> {
    objects: Vec<Built<H>>,
    /// All of them.
    complete: bool,
}

impl<H: Heap> Nodes<H> {
    /// The object that a link leads to.
    ///
    /// # Errors
    ///
    /// If there is no such record; if the object is not there yet, in [`Record::build`]; if [`Record::build`] has made a handle of
    /// another type.
    pub fn get<T: ?Sized + 'static>(&self, link: Link<T>) -> Result<Gc<T, H>, Error> {
        let number = link.number;
        let Some(object) = self.objects.get(number as usize) else {
            return Err(if self.complete {
                Error::custom(format_args!("node {number} is asked for, and there are {} nodes", self.objects.len()))
            } else {
                Error::custom(format_args!(
                    "node {number} is needed, and does not come before it (see `Links::link_before`)"
                ))
            });
        };
        object.handle.downcast_ref::<Gc<T, H>>().cloned().ok_or_else(|| {
            let (name, wanted) = (object.type_name, type_name::<T>());
            Error::custom(format_args!("node {number} is a `{name}`, where a `{wanted}` is asked for"))
        })
    }

    /// Makes the object of the next record.
    fn add<R: Record<H>>(&mut self, record: R) -> Result<(), Error> {
        let object = record.build(self).map_err(|error| error.at(format_args!("node {}", self.objects.len())))?;
        self.objects.push(object);
        Ok(())
    }

    /// Puts in the handles that could not be there before.
    fn put_in(&mut self) -> Result<(), Error> {
        self.complete = true;
        for number in 0..self.objects.len() {
            if let Some(put_in) = self.objects[number].links.take() {
                let place = |error: Error| error.at(format_args!("node {number}"));
                put_in(self).map_err(place)?;
            }
        }
        Ok(())
    }
}

impl<H: Heap> fmt::Debug for Nodes<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.objects).finish()
    }
}

/// The objects of a table, made one by one as their records are read.
struct Table<R, H: Heap>(Nodes<H>, PhantomData<fn() -> R>);

impl<R, H: Heap> Table<R, H> {
    fn new() -> Self {
        Table(Nodes { objects: Vec::new(), complete: false }, PhantomData)
    }
}

impl<'de, R: Record<H> + Deserialize<'de>, H: Heap> Deserialize<'de> for Table<R, H> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Table::new())
    }
}

impl<'de, R: Record<H> + Deserialize<'de>, H: Heap> Visitor<'de> for Table<R, H> {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the records of a graph")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut records: A) -> Result<Self, A::Error> {
        while let Some(record) = records.next_element::<R>()? {
            self.0.add(record).map_err(A::Error::custom)?;
        }
        Ok(self)
    }
}

/// The names of the fields.
const FIELDS: &[&str] = &["nodes", "root"];

enum Field {
    Nodes,
    Root,
    Other,
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_identifier(FieldName)
    }
}

struct FieldName;

impl Visitor<'_> for FieldName {
    type Value = Field;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`nodes` or `root`")
    }

    fn visit_u64<E>(self, number: u64) -> Result<Field, E> {
        Ok(match number {
            0 => Field::Nodes,
            1 => Field::Root,
            _ => Field::Other,
        })
    }

    fn visit_bytes<E>(self, name: &[u8]) -> Result<Field, E> {
        Ok(match name {
            b"nodes" => Field::Nodes,
            b"root" => Field::Root,
            _ => Field::Other,
        })
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Field, E> {
        self.visit_bytes(name.as_bytes())
    }
}

/// Reads a graph into a table and the number of the root.
struct Graph<R, H: Heap>(PhantomData<fn() -> (R, H)>);

impl<'de, R: Record<H> + Deserialize<'de>, H: Heap> Visitor<'de> for Graph<R, H> {
    type Value = (Nodes<H>, u32);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a graph: `nodes` and `root`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let nodes = fields.next_element::<Table<R, H>>()?.ok_or_else(|| A::Error::invalid_length(0, &self))?;
        let root = fields.next_element()?.ok_or_else(|| A::Error::invalid_length(1, &self))?;
        Ok((nodes.0, root))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let (mut nodes, mut root) = (None::<Table<R, H>>, None);
        while let Some(field) = fields.next_key()? {
            match field {
                Field::Nodes if nodes.is_some() => return Err(A::Error::duplicate_field("nodes")),
                Field::Nodes => nodes = Some(fields.next_value()?),
                Field::Root if root.is_some() => return Err(A::Error::duplicate_field("root")),
                Field::Root => root = Some(fields.next_value()?),
                Field::Other => _ = fields.next_value::<IgnoredAny>()?,
            }
        }
        let nodes = nodes.ok_or_else(|| A::Error::missing_field("nodes"))?;
        Ok((nodes.0, root.ok_or_else(|| A::Error::missing_field("root"))?))
    }
}

/// Reads what [`serialize`](super::serialize) has written, and returns a handle to the root. See the [module](super).
///
/// # Errors
///
/// Those of the format; those of [`Record::build`] and of the functions that put handles in; a root that is not there, or of another
/// type. An error of an object says the number of its record.
///
/// ```
/// # use serde::{Deserialize, Serialize};
/// # use tricycle::graph::{self, Built, Error, Link, Links, Node, Nodes, Record};
/// # use tricycle::{Gc, Trace};
/// # #[derive(Trace)]
/// # struct List { item: u8, next: Option<Gc<List>> }
/// # #[derive(Serialize, Deserialize)]
/// # struct Entry { item: u8, next: Option<Link<List>> }
/// # impl Node<Entry> for List {
/// #     fn record(&self, links: &mut Links<Entry>) -> Result<Entry, Error> {
/// #         Ok(Entry { item: self.item, next: self.next.as_ref().map(|next| links.link_before(next)) })
/// #     }
/// # }
/// impl Record for Entry {
///     fn build(self, nodes: &Nodes) -> Result<Built, Error> {
///         let next = self.next.map(|next| nodes.get(next)).transpose()?;
///         Ok(Built::new(Gc::try_new(List { item: self.item, next })?))
///     }
/// }
///
/// let read = |json| graph::deserialize(&mut serde_json::Deserializer::from_str(json));
/// let list: Gc<List> = read(r#"{"nodes":[{"item":2,"next":null},{"item":1,"next":0}],"root":1}"#)?;
/// assert_eq!(list.next.as_ref().unwrap().item, 2);
///
/// let error = read(r#"{"nodes":[{"item":1,"next":7}],"root":0}"#).err().unwrap();
/// assert!(error.to_string().starts_with("node 0: node 7 is needed, and does not come before it"));
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn deserialize<'de, T, R, H, D>(deserializer: D) -> Result<Gc<T, H>, D::Error>
where
    T: Node<R, H> + ?Sized,
    R: Record<H> + Deserialize<'de>,
    H: Heap,
    D: Deserializer<'de>,
{
    let _leave = enter_read().map_err(D::Error::custom)?;
    let (mut nodes, root) = deserializer.deserialize_struct("Graph", FIELDS, Graph::<R, H>(PhantomData))?;
    nodes.put_in().map_err(D::Error::custom)?;
    nodes.get(Link::new(root)).map_err(|error| D::Error::custom(error.at("the root")))
}
