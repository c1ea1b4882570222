//! Classes.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use indexmap::{IndexMap, IndexSet};
use rustc_hash::FxBuildHasher;
use tricycle::{Gc, GcCell, Trace, Weak};

use super::NativeFn;
use crate::heap::Runtime;
use crate::name::{Name, names};
use crate::value::Value;

/// Names and what they stand for, in order of definition.
pub type Namespace<H> = IndexMap<Name, Value<H>, FxBuildHasher>;

/// What the instances of a class are made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Layout {
    /// Attributes only.
    Plain,
    /// Attributes, the first of which are those of `BaseException`.
    Exception,
    /// A subclass of `list`, `dict` or `set`: the first attribute is the thing itself.
    ListPayload,
    DictPayload,
    SetPayload,
    /// A built-in type.
    Builtin,
}

impl Layout {
    pub fn has_payload(self) -> bool {
        matches!(self, Layout::ListPayload | Layout::DictPayload | Layout::SetPayload)
    }
}

/// Attributes of a class and its bases in one table, filled as they are asked for.
#[derive(Trace)]
#[trace(bound = "H: Runtime")]
struct Flat<H: Runtime> {
    /// The version of the class that this is about.
    version: u32,
    numbers: std::collections::HashMap<Name, u32, FxBuildHasher>,
    /// Unset where neither the class nor a base has the name.
    values: Vec<Value<H>>,
    recipe: Option<Recipe<H>>,
}

/// Where the table has an attribute, as long as the class is of this version.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub version: u32,
    pub number: u32,
}

/// How instances are made.
#[derive(Clone, Trace)]
#[trace(bound = "H: Runtime")]
pub struct Recipe<H: Runtime> {
    /// Whether there is nothing special to it: attributes only, and no `__new__`.
    pub plain: bool,
    /// Whether there is a `__del__`.
    pub finalizable: bool,
    /// Unset if there is none.
    pub init: Value<H>,
}

#[derive(Trace)]
#[trace(bound = "H: Runtime")]
pub struct Class<H: Runtime> {
    pub name: Name,
    pub qualname: Name,
    pub module: Name,
    pub base: Option<Gc<Class<H>, H>>,
    #[trace(skip)]
    pub layout: Layout,
    /// Makes an instance, for classes that are not written in Python.
    #[trace(skip)]
    construct: OnceLock<NativeFn<H>>,
    /// If set, instances have these attributes and no others.
    pub slots: Option<Vec<Name>>,
    own: GcCell<Namespace<H>, H>,
    /// The names of the attributes that instances have had so far.
    keys: GcCell<IndexSet<Name, FxBuildHasher>, H>,
    flat: GcCell<Flat<H>, H>,
    subclasses: GcCell<Vec<Weak<Class<H>, H>>, H>,
    /// Changes whenever a lookup might have another outcome than before: what the inline caches compare.
    version: AtomicU32,
}

static VERSIONS: AtomicU32 = AtomicU32::new(1);

fn next_version() -> u32 {
    VERSIONS.fetch_add(1, Ordering::Relaxed)
}

impl<H: Runtime> Class<H> {
    pub fn create(
        name: Name,
        qualname: Name,
        base: Option<Gc<Class<H>, H>>,
        layout: Layout,
        own: Namespace<H>,
        slots: Option<Vec<Name>>,
    ) -> Gc<Self, H> {
        let module = match own.get(&names::MODULE) {
            Some(Value::Str(text)) => Name::of(text),
            _ => names::BUILTINS,
        };
        let reserved: &[Name] = match layout {
            Layout::Exception => {
                &[names::ARGS, names::TRACEBACK, names::CAUSE, names::CONTEXT, names::SUPPRESS_CONTEXT]
            }
            layout if layout.has_payload() => &[names::PAYLOAD],
            _ => &[],
        };
        let keys = reserved.iter().copied().collect();
        let version = next_version();
        let flat = Flat { version, numbers: Default::default(), values: Vec::new(), recipe: None };
        let class = Class {
            name,
            qualname,
            module,
            base,
            layout,
            construct: OnceLock::new(),
            slots,
            own: GcCell::new(own),
            keys: GcCell::new(keys),
            flat: GcCell::new(flat),
            subclasses: GcCell::new(Vec::new()),
            version: AtomicU32::new(version),
        };
        let class = Gc::new_in(class, H::default());
        if let Some(base) = &class.base {
            let mut subclasses = base.subclasses.borrow_mut();
            subclasses.retain(|subclass| subclass.strong_count() > 0);
            subclasses.push(Gc::downgrade(&class));
        }
        class
    }

    pub fn construct(&self) -> Option<NativeFn<H>> {
        self.construct.get().copied()
    }

    pub fn set_construct(&self, construct: NativeFn<H>) {
        let _ = self.construct.set(construct);
    }

    #[inline(always)]
    pub fn version(&self) -> u32 {
        self.version.load(Ordering::Relaxed)
    }

    /// The attribute's place in the table, for an inline cache, and its value.
    pub fn lookup_place(&self, name: Name) -> Option<(Place, Value<H>)> {
        loop {
            let version = {
                let flat = self.flat.borrow();
                if let Some(&number) = flat.numbers.get(&name) {
                    let value = flat.values[number as usize].clone().set()?;
                    return Some((Place { version: flat.version, number }, value));
                }
                flat.version
            };
            let own = self.own.borrow().get(&name).cloned();
            let value = own.or_else(|| self.base.as_ref()?.lookup(name)).unwrap_or(Value::Unset);
            let mut flat = self.flat.borrow_mut();
            // Another thread may have changed the class, or have been here before.
            if flat.version == version && !flat.numbers.contains_key(&name) {
                let number = flat.values.len() as u32;
                flat.values.push(value);
                flat.numbers.insert(name, number);
            }
        }
    }

    /// An attribute of the class or its bases.
    pub fn lookup(&self, name: Name) -> Option<Value<H>> {
        self.lookup_place(name).map(|(_, value)| value)
    }

    /// The attribute in a place that a cache remembered; nothing if the class has changed since.
    #[inline(always)]
    pub fn at(&self, place: Place) -> Option<Value<H>> {
        let flat = self.flat.borrow();
        if flat.version == place.version { flat.values.get(place.number as usize).cloned() } else { None }
    }

    #[inline]
    pub fn recipe(&self) -> Recipe<H> {
        if let Some(recipe) = &self.flat.borrow().recipe {
            return recipe.clone();
        }
        let version = self.version();
        let recipe = Recipe {
            plain: self.layout == Layout::Plain && self.construct().is_none() && self.lookup(names::NEW).is_none(),
            finalizable: self.lookup(names::DEL).is_some() && self.layout != Layout::Exception,
            init: self.lookup(names::INIT).unwrap_or(Value::Unset),
        };
        let mut flat = self.flat.borrow_mut();
        if flat.version == version {
            flat.recipe = Some(recipe.clone());
        }
        recipe
    }

    /// An attribute of the class alone.
    pub fn own(&self, name: Name) -> Option<Value<H>> {
        self.own.borrow().get(&name).cloned()
    }

    pub fn own_names(&self) -> Vec<(Name, Value<H>)> {
        self.own.borrow().iter().map(|(&name, value)| (name, value.clone())).collect()
    }

    /// Sets or, with `Unset`, removes an attribute. Returns whether it was there.
    pub fn set(&self, name: Name, value: Value<H>) -> bool {
        let old = if value.is_unset() {
            self.own.borrow_mut().shift_remove(&name)
        } else {
            self.own.borrow_mut().insert(name, value)
        };
        self.invalidate();
        old.is_some()
    }

    /// Forgets what lookups have found, here and in the subclasses.
    fn invalidate(&self) {
        let old = {
            let mut flat = self.flat.borrow_mut();
            flat.version = next_version();
            self.version.store(flat.version, Ordering::Relaxed);
            flat.numbers.clear();
            (std::mem::take(&mut flat.values), flat.recipe.take())
        };
        drop(old);
        for subclass in self.subclasses() {
            subclass.invalidate();
        }
    }

    pub fn subclasses(&self) -> Vec<Gc<Class<H>, H>> {
        self.subclasses.borrow().iter().filter_map(Weak::upgrade).collect()
    }

    /// The number of an instance attribute, if any instance has had one of that name.
    pub fn key(&self, name: Name) -> Option<usize> {
        self.keys.borrow().get_index_of(&name)
    }

    /// The number of an instance attribute, for setting it.
    pub fn make_key(&self, name: Name) -> usize {
        if let Some(key) = self.key(name) {
            return key;
        }
        let key = self.keys.borrow_mut().insert_full(name).0;
        if self.lookup(name).is_some() {
            // It hides an attribute of the class, and caches may have remembered that one.
            self.invalidate();
        }
        key
    }

    pub fn keys(&self) -> Vec<Name> {
        self.keys.borrow().iter().copied().collect()
    }

    /// The class and its bases, most special first.
    pub fn ancestors(&self) -> impl Iterator<Item = &Class<H>> {
        std::iter::successors(Some(self), |class| class.base.as_deref())
    }

    pub fn is_subclass_of(&self, other: &Gc<Class<H>, H>) -> bool {
        self.ancestors().any(|class| std::ptr::eq(class, &raw const **other))
    }

    /// Takes the class apart at the end of the program.
    pub fn clear(&self) {
        let own = std::mem::take(&mut *self.own.borrow_mut());
        drop(own);
        self.invalidate();
    }
}
