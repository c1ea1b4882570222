//! Who takes part, and what each has to supply.
//!
//! A crate whose handles count supplies a node, a leaf and a way to collect ([`Counted`], [`Contender`]); [`Counting`] then
//! runs the very same source ([`crate::workload`]) for each of them. gc-arena, whose handles live in a branded arena, implements
//! [`Contestant`] by hand.

mod bacon;
mod boa;
mod dumpster;
mod gc_arena;
mod gcmodule;
mod rust_cc;
mod rust_gc;

use std::marker::PhantomData;

use crate::common::{Counted, std_rc::Std, tricycle::Tricycle};
use crate::rows::{Row, Scale, Skip};
use crate::workload;

/// Something that can run rows.
pub trait Contestant {
    /// The name in the table.
    fn name(&self) -> &'static str;
    /// Runs one row once and returns its figure in the row's unit.
    fn run(&self, row: Row, scale: &Scale) -> Result<f64, Skip>;
}

/// What a counting crate has to say about itself to take part.
pub trait Contender: Counted {
    /// Whether unreachable cycles are ever freed.
    const COLLECTS: bool = true;
    /// Whether dropping the last handle frees the object there and then. Where it does not, rows that time a drop also
    /// time the collection that frees the memory.
    const COUNT_FREES: bool = true;

    /// For crates that never collect by themselves: after how many new objects a user would collect, with `live`
    /// objects in the heap.
    fn collect_every(_live: usize) -> Option<usize> {
        None
    }
}

impl Contender for Tricycle {}

impl Contender for Std {
    const COLLECTS: bool = false;
}

/// Runs the common workload for a [`Contender`].
struct Counting<C>(PhantomData<C>);

impl<C: Contender> Contestant for Counting<C> {
    fn name(&self) -> &'static str {
        C::NAME
    }

    fn run(&self, row: Row, scale: &Scale) -> Result<f64, Skip> {
        // What the row before left behind is gone before the clock starts; what this one leaves, before the next.
        C::collect();
        let result = workload::run::<C>(row, scale);
        C::automatic(true);
        C::collect();
        result
    }
}

fn counting<C: Contender>() -> Box<dyn Contestant> {
    Box::new(Counting::<C>(PhantomData))
}

/// The name under which ours appears.
pub const OURS: &str = Tricycle::NAME;
/// The name under which std's `Rc` appears.
pub const STD: &str = Std::NAME;
/// The one rival that does not count references.
pub const ARENA: &str = "gc-arena";

/// Everybody, in the order of the table's columns.
pub fn all() -> Vec<Box<dyn Contestant>> {
    vec![
        counting::<Std>(),
        counting::<Tricycle>(),
        Box::new(gc_arena::Arenas),
        counting::<rust_cc::RustCc>(),
        counting::<bacon::Bacon>(),
        counting::<gcmodule::Gcmodule>(),
        counting::<boa::Boa>(),
        counting::<rust_gc::RustGc>(),
        counting::<dumpster::Dumpster>(),
    ]
}
