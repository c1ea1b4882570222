//! [`Recall`]: what a thread remembers of tables that all threads use, so that it need not lock them each time.
//!
//! Each entry is for one version of a class or a global variable, and versions do not come back. So an entry is never
//! wrong, but it may be out of date, and keep alive what would be gone otherwise. To keep that short only functions, classes
//! and values without a handle are remembered, and all is forgotten when the thread waits for something, changes a class,
//! collects, or sees that somebody has collected.
//!
//! On the heap of one thread there is nothing to be saved.

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicU32, Ordering};

use tricycle::{CollectionEvent, Generation, Phase};

use super::Vm;
use crate::heap::Runtime;
use crate::object::{Class, GlobalVariable, Place, Recipe};
use crate::value::Value;

/// So many attributes of classes, and recipes, are remembered.
const METHODS: usize = 256;
const RECIPES: usize = 64;

/// Collections so far, except for those of young objects only.
static COLLECTIONS: AtomicU32 = AtomicU32::new(0);

pub struct Recall<H: Runtime> {
    methods: RefCell<Vec<(Place, Value<H>)>>,
    recipes: RefCell<Vec<Option<(u32, Recipe<H>)>>>,
    /// By number of the variable.
    globals: RefCell<Vec<(u64, Value<H>)>>,
    empty: Cell<bool>,
    collections: Cell<u32>,
}

impl<H: Runtime> Recall<H> {
    pub fn new() -> Self {
        Recall {
            methods: RefCell::default(),
            recipes: RefCell::default(),
            globals: RefCell::default(),
            empty: Cell::new(true),
            collections: Cell::new(0),
        }
    }

    pub fn forget(&self) {
        if !self.empty.replace(true) {
            // What goes now may have finalizers, and those come back here.
            let all = (self.methods.take(), self.recipes.take(), self.globals.take());
            drop(all);
        }
    }

    pub fn forget_after_collection(&self) {
        let now = COLLECTIONS.load(Ordering::Relaxed);
        if self.collections.replace(now) != now {
            self.forget();
        }
    }
}

/// To be told of each collection.
pub fn on_collection(event: &CollectionEvent) {
    if event.phase == Phase::Stop && event.generation != Generation::Young {
        COLLECTIONS.fetch_add(1, Ordering::Relaxed);
        super::interrupt::look_up();
    }
}

/// Whether a value may live a little longer than it should.
fn is_memorable<H: Runtime>(value: &Value<H>) -> bool {
    match value {
        Value::Unset => false,
        Value::Function(_) | Value::Native(_) | Value::Class(_) | Value::Module(_) => true,
        value => value.address() == 0,
    }
}

impl<H: Runtime> Vm<H> {
    /// As [`Class::at`].
    #[inline(always)]
    pub(super) fn class_at(&self, class: &Class<H>, place: Place) -> Option<Value<H>> {
        if !H::SHARED {
            return class.at(place);
        }
        let index = (place.version.wrapping_mul(0x9E37_79B1) >> 16 ^ place.number) as usize % METHODS;
        match self.recall.methods.borrow().get(index) {
            Some((known, value)) if *known == place => return Some(value.clone()),
            _ => {}
        }
        self.learn_method(class, place, index)
    }

    #[inline(never)]
    fn learn_method(&self, class: &Class<H>, place: Place, index: usize) -> Option<Value<H>> {
        let value = class.at(place)?;
        if is_memorable(&value) {
            let old = {
                let mut methods = self.recall.methods.borrow_mut();
                if methods.is_empty() {
                    methods.resize(METHODS, (Place { version: 0, number: 0 }, Value::Unset));
                }
                std::mem::replace(&mut methods[index], (place, value.clone()))
            };
            self.recall.empty.set(false);
            drop(old);
        }
        Some(value)
    }

    /// As [`Class::recipe`].
    #[inline(always)]
    pub(super) fn recipe(&self, class: &Class<H>) -> Recipe<H> {
        if !H::SHARED {
            return class.recipe();
        }
        let version = class.version();
        let index = version as usize % RECIPES;
        match self.recall.recipes.borrow().get(index) {
            Some(Some((known, recipe))) if *known == version => return recipe.clone(),
            _ => {}
        }
        self.learn_recipe(class, version, index)
    }

    #[inline(never)]
    fn learn_recipe(&self, class: &Class<H>, version: u32, index: usize) -> Recipe<H> {
        let recipe = class.recipe();
        // If the version is still the same, the recipe is of that version.
        if class.version() == version && (recipe.init.is_unset() || is_memorable(&recipe.init)) {
            let old = {
                let mut recipes = self.recall.recipes.borrow_mut();
                if recipes.is_empty() {
                    recipes.resize(RECIPES, None);
                }
                recipes[index].replace((version, recipe.clone()))
            };
            self.recall.empty.set(false);
            drop(old);
        }
        recipe
    }

    /// As [`GlobalVariable::load`].
    #[inline(always)]
    pub(super) fn load_global(&self, variable: &GlobalVariable<H>) -> Value<H> {
        if !H::SHARED {
            return variable.load();
        }
        let version = variable.version();
        match self.recall.globals.borrow().get(variable.number) {
            Some((known, value)) if *known == version && !value.is_unset() => return value.clone(),
            _ => {}
        }
        self.learn_global(variable, version)
    }

    #[inline(never)]
    fn learn_global(&self, variable: &GlobalVariable<H>, version: u64) -> Value<H> {
        let value = variable.load();
        let remembered = if is_memorable(&value) { value.clone() } else { Value::Unset };
        let old = {
            let mut globals = self.recall.globals.borrow_mut();
            if globals.len() <= variable.number {
                globals.resize(variable.number + 1, (0, Value::Unset));
            }
            std::mem::replace(&mut globals[variable.number], (version, remembered))
        };
        self.recall.empty.set(false);
        drop(old);
        value
    }

    /// A global variable had this value.
    #[inline(always)]
    pub(super) fn forget_rebound(&self, old: &Value<H>) {
        if H::SHARED && old.address() != 0 && is_memorable(old) {
            self.recall.forget();
        }
    }
}
