//! The visitors: what happens at an edge in each phase.
//!
//! An edge is looked at through the *entry* of its target (`docs/INTERNALS.md`, "Entries"): one word in a dense table,
//! zero for everything that no examination has touched. The target itself is not read ([`Gather`] does it), but for the size of a
//! value behind a fat pointer, which its pointer knows.

mod descend;
mod edges;
mod ephemerons;
mod gather;
mod reach;
mod subtract;
mod weaks;

use std::any::TypeId;
use std::ptr::{self, NonNull};

pub(crate) use self::descend::Descend;
pub(crate) use self::edges::Edges;
pub(crate) use self::ephemerons::ephemerons;
pub(crate) use self::gather::Gather;
pub(crate) use self::reach::{Behind, Reach};
pub(crate) use self::subtract::Subtract;
pub(crate) use self::weaks::Weaks;
use crate::any::AnyEdge;
use crate::raw::base::erased::Fat;
use crate::raw::count::Count;
use crate::raw::heap::side_table::Node;
use crate::raw::memory;
use crate::raw::memory::entry::{Entry, prefetch_line};
use crate::raw::memory::header::Object;
use crate::raw::memory::pool::Pool;
use crate::trace::Visitor;
use crate::{Gc, Heap, Weak};

/// Keeps [`Visitor`] closed.
pub trait Sealed {}

#[cfg_attr(not(debug_assertions), inline(always))]
fn same_heap<A: 'static, B: 'static>() -> bool {
    TypeId::of::<A>() == TypeId::of::<B>()
}

/// Whether the object behind a handle is in the pool.
#[cfg_attr(not(debug_assertions), inline(always))]
fn is_pooled<T: ?Sized, H: Heap>(gc: &Gc<T, H>) -> bool {
    memory::pooled(size_of_val::<T>(gc), align_of_val::<T>(gc))
}

/// The entry of the object behind a handle.
#[cfg_attr(not(debug_assertions), inline(always))]
fn entry_of<T: ?Sized, H: Heap>(gc: &Gc<T, H>) -> NonNull<Entry> {
    // SAFETY: [I1] a handle's object is allocated, and its size and alignment say where.
    unsafe { memory::entry(gc.handle().object(), is_pooled(gc)) }
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

    /// Whether that is everybody's, on heap `H`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn is_all<H: Heap>(self) -> bool {
        !H::Count::PRIVATE || self.0.is_null()
    }

    /// Whether it is those in this pool.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn is_in(self, pool: *const Pool) -> bool {
        ptr::eq(self.0, pool)
    }
}

/// The pool in which the object behind a handle lives.
#[cfg_attr(not(debug_assertions), inline(always))]
fn home_of<T: ?Sized, H: Heap>(gc: &Gc<T, H>) -> *const Pool {
    // SAFETY: [I1] a handle's object is allocated, and its size and alignment say where.
    unsafe { memory::pool(gc.handle().object(), is_pooled(gc)) }
}

/// The target of an edge without its types.
#[derive(Clone, Copy)]
struct ErasedTarget {
    value: NonNull<u8>,
    /// Whether it is in the pool.
    pooled: bool,
}

impl ErasedTarget {
    /// The entry of the target, which is on heap `H`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn entry<H: Heap>(self) -> NonNull<Entry> {
        // SAFETY: [I1] a handle's object is allocated, and its size and alignment have said where.
        unsafe { memory::entry(Object::<H>::new(self.value), self.pooled) }
    }

    /// The pool in which the target lives.
    fn home<H: Heap>(self) -> *const Pool {
        // SAFETY: [I1] as above.
        unsafe { memory::pool(Object::<H>::new(self.value), self.pooled) }
    }
}

/// What stands behind a [`DynVisitor`].
trait ErasedVisitor {
    /// Visits an edge to an object of the heap that is visited. `pointer` and `table` are the rest of an [`AnyEdge`]. (As arguments,
    /// all of them are in registers.)
    fn edge(&mut self, target: ErasedTarget, pointer: Fat, table: *const ());

    /// Visits a weak handle, to an object of that heap or not.
    fn weak(&mut self, _: &Node, _is_of_heap: bool) {}
}

/// A visitor of one concrete type that stands for any other: what [`DynTrace`](crate::DynTrace) passes on.
///
/// It also keeps the code of a type small: `trace` is compiled for the three visitors of examinations (each a `Pass`), and once for all others.
pub struct DynVisitor<'a> {
    /// Without it, targets are asked for only, whose values may be gone already: see [`DynVisitor::fetching`].
    inner: Option<&'a mut dyn ErasedVisitor>,
    heap: TypeId,
}

impl<'a> DynVisitor<'a> {
    fn of<H: Heap>(inner: &'a mut dyn ErasedVisitor) -> Self {
        DynVisitor { inner: Some(inner), heap: TypeId::of::<H>() }
    }

    /// A visitor that goes ahead of drops: it asks for the cache lines that targets have their counts in.
    pub(crate) fn fetching<H: Heap>() -> Self {
        DynVisitor { inner: None, heap: TypeId::of::<H>() }
    }
}

impl std::fmt::Debug for DynVisitor<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DynVisitor")
    }
}

impl Sealed for DynVisitor<'_> {}
impl Visitor for DynVisitor<'_> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn edge<T: ?Sized + 'static, E: Heap>(&mut self, gc: &Gc<T, E>) {
        let Some(inner) = &mut self.inner else {
            return prefetch_line(gc.handle().object().value().as_ptr().wrapping_sub(size_of::<E::Count>()));
        };
        if self.heap == TypeId::of::<E>() {
            let (pointer, table) = AnyEdge::of(gc).forget();
            inner.edge(ErasedTarget { value: gc.handle().object().value(), pooled: is_pooled(gc) }, pointer, table);
        }
    }

    fn weak<T: ?Sized + 'static, E: Heap>(&mut self, weak: &Weak<T, E>) {
        if let (Some(node), Some(inner)) = (weak.node(), &mut self.inner) {
            inner.weak(node, self.heap == TypeId::of::<E>());
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn heap(&self) -> TypeId {
        self.heap
    }

    fn erase(&mut self) -> DynVisitor<'_> {
        let inner = self.inner.as_mut().map(|inner| &mut **inner as &mut dyn ErasedVisitor);
        DynVisitor { inner, heap: self.heap }
    }
}

/// The visitor of a pass of an examination, for which `trace` of each type is compiled.
trait Pass<H: Heap> {
    /// Whose objects are examined.
    fn whose(&self) -> Whose;

    /// Sees to the target of an edge, some time later.
    fn target(&mut self, entry: NonNull<Entry>, object: Object<H>);
}

/// Makes a [`Pass`] a visitor of both kinds.
macro_rules! pass {
    ($pass:ident $(<$($lifetime:lifetime),+>)?) => {
        impl<H: Heap> Sealed for $pass<$($($lifetime,)+)? H> {}
        impl<H: Heap> Visitor for $pass<$($($lifetime,)+)? H> {
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn edge<T: ?Sized + 'static, E: Heap>(&mut self, gc: &Gc<T, E>) {
                if same_heap::<H, E>() && (self.whose().is_all::<H>() || self.whose().is_in(home_of(gc))) {
                    // (`E` is `H`.)
                    self.target(entry_of(gc), Object::new(gc.handle().object().value()));
                }
            }

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn heap(&self) -> TypeId {
                TypeId::of::<H>()
            }

            fn erase(&mut self) -> DynVisitor<'_> {
                DynVisitor::of::<H>(self)
            }
        }

        impl<H: Heap> ErasedVisitor for $pass<$($($lifetime,)+)? H> {
            fn edge(&mut self, target: ErasedTarget, _: Fat, _: *const ()) {
                if self.whose().is_all::<H>() || self.whose().is_in(target.home::<H>()) {
                    self.target(target.entry::<H>(), Object::new(target.value));
                }
            }
        }
    };
}

pass!(Subtract);
pass!(Reach<'_, '_>);
pass!(Gather<'_>);
