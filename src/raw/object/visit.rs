//! The visitors: what happens at an edge in each phase.
//!
//! An edge is looked at through the *entry* of its target (`docs/INTERNALS.md`, "Entries"): one word in a dense table,
//! zero for everything that no examination has touched. The target itself is not read ([`Gather`] does it), but for the size of a
//! value behind a fat pointer, which its pointer knows.

mod descend;
mod edges;
mod ephemerons;
mod fetch;
mod gather;
mod reach;
mod subtract;
mod weaks;

use std::any::TypeId;
use std::marker::PhantomData;
use std::ptr::{self, NonNull};

pub(crate) use self::descend::Descend;
pub(crate) use self::edges::Edges;
pub(crate) use self::ephemerons::ephemerons;
pub(crate) use self::fetch::Fetch;
pub(crate) use self::gather::Gather;
pub(crate) use self::reach::{Behind, Reach};
pub(crate) use self::subtract::Subtract;
pub(crate) use self::weaks::Weaks;
use crate::any::AnyEdge;
use crate::raw::base::erased::Fat;
use crate::raw::count::Count;
use crate::raw::heap::side_table::Node;
use crate::raw::memory;
use crate::raw::memory::entry::Entry;
use crate::raw::memory::pool::Pool;
use crate::trace::Visitor;
use crate::{Gc, Heap, Weak};

/// Keeps [`Visitor`] closed.
pub trait Sealed {}

#[cfg_attr(not(debug_assertions), inline(always))]
fn same_heap<A: 'static, B: 'static>() -> bool {
    TypeId::of::<A>() == TypeId::of::<B>()
}

/// The entry of the object behind a handle.
#[cfg_attr(not(debug_assertions), inline(always))]
fn entry_of<T: ?Sized, H: Heap>(gc: &Gc<T, H>) -> NonNull<Entry> {
    let pooled = memory::pooled(size_of_val::<T>(gc), align_of_val::<T>(gc));
    // SAFETY: [I1] a handle's object is allocated, and its size and alignment say where.
    unsafe { memory::entry::<H>(gc.handle().erased(), pooled) }
}

/// Whose objects are examined: everybody's, or those in one pool, whose thread examines them while others go on. Entries
/// in other pools are then not ours to look at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whose(*const Pool);

impl Whose {
    pub(crate) const ALL: Whose = Whose(ptr::null());

    pub(crate) fn of(pool: &Pool) -> Whose {
        Whose(pool)
    }

    /// Whether an edge leads to something that is looked at.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn includes<H: Heap>(self, home: impl FnOnce() -> *const Pool) -> bool {
        !H::Count::PRIVATE || self.0.is_null() || ptr::eq(self.0, home())
    }
}

/// The pool in which the object behind a handle lives.
#[cfg_attr(not(debug_assertions), inline(always))]
fn home_of<T: ?Sized, H: Heap>(gc: &Gc<T, H>) -> *const Pool {
    let pooled = memory::pooled(size_of_val::<T>(gc), align_of_val::<T>(gc));
    // SAFETY: [I1] a handle's object is allocated, and its size and alignment say where.
    unsafe { memory::pool::<H>(gc.handle().erased(), pooled) }
}

/// An edge without its types.
struct ErasedEdge<'a> {
    heap: TypeId,
    entry: NonNull<Entry>,
    value: NonNull<u8>,
    /// Tells the pool in which the target lives.
    home: &'a dyn Fn() -> *const Pool,
    /// The rest of an [`AnyEdge`].
    pointer: Fat,
    table: *const (),
}

trait ErasedVisitor {
    fn heap(&self) -> TypeId;
    fn edge(&mut self, edge: ErasedEdge<'_>);
    fn weak(&mut self, _: &Node, _: TypeId) {}
}

/// A visitor of one concrete type that stands for any other: what [`DynTrace`](crate::DynTrace) passes on.
///
/// The second field says that targets are asked for only (`Fetch`): their values may be gone already.
pub struct DynVisitor<'a>(&'a mut dyn ErasedVisitor, bool);

impl std::fmt::Debug for DynVisitor<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DynVisitor")
    }
}

impl Sealed for DynVisitor<'_> {}
impl Visitor for DynVisitor<'_> {
    fn edge<T: ?Sized + 'static, E: Heap>(&mut self, gc: &Gc<T, E>) {
        if self.1 {
            return Visitor::edge(&mut Fetch::<E>(PhantomData), gc);
        }
        let (pointer, table) = AnyEdge::of(gc).forget();
        self.0.edge(ErasedEdge {
            heap: TypeId::of::<E>(),
            entry: entry_of(gc),
            value: gc.handle().erased(),
            home: &|| home_of(gc),
            pointer,
            table,
        });
    }

    fn weak<T: ?Sized + 'static, E: Heap>(&mut self, weak: &Weak<T, E>) {
        if let Some(node) = weak.node() {
            self.0.weak(node, TypeId::of::<E>());
        }
    }

    fn heap(&self) -> TypeId {
        self.0.heap()
    }

    fn erase(&mut self) -> DynVisitor<'_> {
        DynVisitor(self.0, self.1)
    }
}
