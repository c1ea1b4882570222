//! The visitors: what happens at an edge in each phase.
//!
//! An edge is looked at through the *entry* of its target (`docs/INTERNALS.md`, "Entries"): one word in a dense table,
//! zero for everything that no examination has touched. The target itself is never read, but for the size of a value behind a
//! fat pointer, which its pointer knows.

use std::any::{Any, TypeId};
use std::marker::PhantomData;
use std::ptr::{self, NonNull};

use super::marks::{self, Ahead, Stack, States};
use crate::any::AnyEdge;
use crate::raw::base::erased::Fat;
use crate::raw::base::list::List;
use crate::raw::count::Count;
use crate::raw::heap::side_table::Node;
use crate::raw::memory;
use crate::raw::memory::entry::{Entry, prefetch_line};
use crate::raw::memory::pool::Pool;
use crate::raw::object::track;
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

/// Counts, at each target, the edges from inside the examined set.
pub(crate) struct Subtract<H> {
    unseen: u32,
    whose: Whose,
    ahead: Ahead<NonNull<Entry>>,
    heap: PhantomData<H>,
}

impl<H> Subtract<H> {
    /// A visitor that counts edges to objects in state `unseen`.
    pub(crate) fn new(unseen: u32, whose: Whose) -> Self {
        Subtract { unseen, whose, ahead: Ahead::new(), heap: PhantomData }
    }

    /// Counts an edge, some time later.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn count(&mut self, target: NonNull<Entry>) {
        if let Some(entry) = self.ahead.pass(target, target) {
            // SAFETY: [I8] the entry of an allocated object, on the thread that owns the heap: nothing is released while
            // the visitor lives.
            unsafe { marks::count_edge(entry, self.unseen) };
        }
    }

    /// Counts the edges that are under way.
    pub(crate) fn finish(&mut self) {
        while let Some(entry) = self.ahead.pop() {
            // SAFETY: [I8] as above.
            unsafe { marks::count_edge(entry, self.unseen) };
        }
    }
}

impl<H: Heap> Sealed for Subtract<H> {}
impl<H: Heap> Visitor for Subtract<H> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn edge<T: ?Sized + 'static, E: Heap>(&mut self, gc: &Gc<T, E>) {
        if same_heap::<H, E>() && self.whose.includes::<H>(|| home_of(gc)) {
            self.count(entry_of(gc));
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn heap(&self) -> TypeId {
        TypeId::of::<H>()
    }

    fn erase(&mut self) -> DynVisitor<'_> {
        DynVisitor(self, false)
    }
}

impl<H: Heap> ErasedVisitor for Subtract<H> {
    fn heap(&self) -> TypeId {
        TypeId::of::<H>()
    }

    fn edge(&mut self, edge: ErasedEdge<'_>) {
        if edge.heap == TypeId::of::<H>() && self.whose.includes::<H>(edge.home) {
            self.count(edge.entry);
        }
    }
}

/// Marks targets as reachable, and remembers those that the sweep has already passed.
pub(crate) struct Reach<'a, 's, H> {
    states: States,
    whose: Whose,
    behind: Behind<'a, 's>,
    ahead: Ahead<(NonNull<Entry>, NonNull<u8>)>,
    heap: PhantomData<H>,
}

/// What to do with objects behind the sweep's back.
pub(crate) enum Behind<'a, 's> {
    /// An examination, which nothing interrupts, puts them on a stack.
    Stack(&'a mut Stack<'s>),
    /// A cycle puts them on the list of objects that it has yet to see.
    List(&'a List),
}

impl<'a, 's, H: Heap> Reach<'a, 's, H> {
    pub(crate) fn new(states: States, whose: Whose, behind: Behind<'a, 's>) -> Self {
        Reach { states, whose, behind, ahead: Ahead::new(), heap: PhantomData }
    }

    /// Marks a target, some time later.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn mark(&mut self, entry: NonNull<Entry>, value: NonNull<u8>) {
        if let Some((entry, value)) = self.ahead.pass(entry, (entry, value)) {
            // SAFETY: [I8] as for `Subtract`.
            if unsafe { marks::reach(entry, self.states) } {
                self.go_back(value);
            }
        }
    }

    /// Marks the targets that are under way.
    pub(crate) fn finish(&mut self) {
        while let Some((entry, value)) = self.ahead.pop() {
            // SAFETY: [I8] as for `Subtract`.
            if unsafe { marks::reach(entry, self.states) } {
                self.go_back(value);
            }
        }
    }

    /// The next object behind the sweep's back, when nothing is under way any more.
    pub(crate) fn pop(&mut self) -> Option<NonNull<u8>> {
        if let Some(value) = self.pop_stack() {
            return Some(value);
        }
        self.finish();
        self.pop_stack()
    }

    fn pop_stack(&mut self) -> Option<NonNull<u8>> {
        match &mut self.behind {
            Behind::Stack(stack) => stack.pop(),
            Behind::List(_) => None,
        }
    }

    /// Whether the stack was too small since the last call.
    pub(crate) fn take_overflow(&mut self) -> bool {
        match &mut self.behind {
            Behind::Stack(stack) => std::mem::take(&mut stack.overflowed),
            Behind::List(_) => false,
        }
    }

    #[cold]
    #[inline(never)]
    fn go_back(&mut self, value: NonNull<u8>) {
        match &mut self.behind {
            Behind::Stack(stack) => stack.push(value),
            // SAFETY: [I5] the target of an edge is alive; it has an entry of a cycle, so it is full.
            Behind::List(list) => unsafe { track::move_to::<H>(value, list) },
        }
    }
}

impl<H: Heap> Sealed for Reach<'_, '_, H> {}
impl<H: Heap> Visitor for Reach<'_, '_, H> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn edge<T: ?Sized + 'static, E: Heap>(&mut self, gc: &Gc<T, E>) {
        if same_heap::<H, E>() && self.whose.includes::<H>(|| home_of(gc)) {
            self.mark(entry_of(gc), gc.handle().erased());
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn heap(&self) -> TypeId {
        TypeId::of::<H>()
    }

    fn erase(&mut self) -> DynVisitor<'_> {
        DynVisitor(self, false)
    }
}

impl<H: Heap> ErasedVisitor for Reach<'_, '_, H> {
    fn heap(&self) -> TypeId {
        TypeId::of::<H>()
    }

    fn edge(&mut self, edge: ErasedEdge<'_>) {
        if edge.heap == TypeId::of::<H>() && self.whose.includes::<H>(edge.home) {
            self.mark(edge.entry, edge.value);
        }
    }
}

/// Follows the edges of what is white, for the search that puts it in order (`collect/parts.rs`).
pub(crate) struct Descend<'a, H> {
    path: &'a List,
    pub(crate) bounds: &'a mut Vec<u32>,
    ahead: Ahead<(NonNull<Entry>, NonNull<u8>)>,
    heap: PhantomData<H>,
}

impl<'a, H: Heap> Descend<'a, H> {
    pub(crate) fn new(path: &'a List, bounds: &'a mut Vec<u32>) -> Self {
        Descend { path, bounds, ahead: Ahead::new(), heap: PhantomData }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn follow(&mut self, entry: NonNull<Entry>, value: NonNull<u8>) {
        if let Some((entry, value)) = self.ahead.pass(entry, (entry, value)) {
            self.arrive(entry, value);
        }
    }

    /// Follows the edges that are under way.
    pub(crate) fn finish(&mut self) {
        while let Some((entry, value)) = self.ahead.pop() {
            self.arrive(entry, value);
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn arrive(&mut self, entry: NonNull<Entry>, value: NonNull<u8>) {
        // SAFETY: [I8] as for `Subtract`.
        let entry = unsafe { entry.as_ref() };
        let state = entry.state();
        if state == marks::CYCLE.passed {
            // SAFETY: [I5] the target of an edge is alive. If its entry is somebody else's, it is moved to no harm.
            unsafe { track::move_to::<H>(value, self.path) };
        } else if state == marks::OPEN {
            self.close_to(entry.number());
        }
    }

    /// Joins the components that begin behind `number`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn close_to(&mut self, number: u32) {
        while self.bounds.last().is_some_and(|bound| *bound > number) {
            self.bounds.pop();
        }
    }
}

impl<H: Heap> Sealed for Descend<'_, H> {}
impl<H: Heap> Visitor for Descend<'_, H> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn edge<T: ?Sized + 'static, E: Heap>(&mut self, gc: &Gc<T, E>) {
        if same_heap::<H, E>() {
            self.follow(entry_of(gc), gc.handle().erased());
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn heap(&self) -> TypeId {
        TypeId::of::<H>()
    }

    fn erase(&mut self) -> DynVisitor<'_> {
        DynVisitor(self, false)
    }
}

impl<H: Heap> ErasedVisitor for Descend<'_, H> {
    fn heap(&self) -> TypeId {
        TypeId::of::<H>()
    }

    fn edge(&mut self, edge: ErasedEdge<'_>) {
        if edge.heap == TypeId::of::<H>() {
            self.follow(edge.entry, edge.value);
        }
    }
}

/// Asks for the cache lines that targets have their counts in.
pub(crate) struct Fetch<H>(pub(crate) PhantomData<H>);

impl<H> Sealed for Fetch<H> {}
impl<H: Heap> Visitor for Fetch<H> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn edge<T: ?Sized + 'static, E: Heap>(&mut self, gc: &Gc<T, E>) {
        prefetch_line(gc.handle().erased().as_ptr().wrapping_sub(size_of::<E::Count>()));
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn heap(&self) -> TypeId {
        TypeId::of::<H>()
    }

    fn erase(&mut self) -> DynVisitor<'_> {
        DynVisitor(self, true)
    }
}

impl<H: Heap> ErasedVisitor for Fetch<H> {
    fn heap(&self) -> TypeId {
        TypeId::of::<H>()
    }

    fn edge(&mut self, _: ErasedEdge<'_>) {} // `DynVisitor` does it
}

/// What is called with each edge: the target's address, and a way to get a handle.
pub(crate) type EachEdge<'a, H> = dyn FnMut(AnyEdge<'_, H>) + 'a;

/// Hands each edge to a closure, as the target's address and a way to get a handle: for introspection, outside of
/// collections.
pub(crate) struct Edges<'a, H: Heap> {
    pub(crate) each: &'a mut EachEdge<'a, H>,
}

impl<H: Heap> Sealed for Edges<'_, H> {}
impl<H: Heap> Visitor for Edges<'_, H> {
    fn edge<T: ?Sized + 'static, E: Heap>(&mut self, gc: &Gc<T, E>) {
        if let Some(gc) = (gc as &dyn Any).downcast_ref::<Gc<T, H>>() {
            (self.each)(AnyEdge::of(gc));
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn heap(&self) -> TypeId {
        TypeId::of::<H>()
    }

    fn erase(&mut self) -> DynVisitor<'_> {
        DynVisitor(self, false)
    }
}

impl<H: Heap> ErasedVisitor for Edges<'_, H> {
    fn heap(&self) -> TypeId {
        TypeId::of::<H>()
    }

    fn edge(&mut self, edge: ErasedEdge<'_>) {
        if edge.heap == TypeId::of::<H>() {
            // SAFETY: the edge is one of this heap, and still there.
            (self.each)(unsafe { AnyEdge::recall(edge.value, edge.pointer, edge.table) });
        }
    }
}

/// Marks the weak handles with callbacks that garbage owns: their callbacks must not run.
pub(crate) struct Weaks<H> {
    /// The collection that found the garbage; none if the garbage is condemned.
    serial: Option<u64>,
    heap: PhantomData<H>,
}

impl<H> Weaks<H> {
    /// A visitor for what collection `serial` has found, or (none) for condemned objects.
    pub(crate) fn new(serial: Option<u64>) -> Self {
        Weaks { serial, heap: PhantomData }
    }

    /// Marks the node of a weak handle to an object of this heap, or of another one, if it is not `ours`. Another heap
    /// numbers its collections in its own way, and none of them is running for this heap's sake.
    fn node(&self, node: &Node, ours: bool) {
        match self.serial {
            Some(serial) if ours => node.owned_by_garbage(serial),
            Some(_) => {}
            None => node.silence(),
        }
    }
}

impl<H: Heap> Sealed for Weaks<H> {}
impl<H: Heap> Visitor for Weaks<H> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn edge<T: ?Sized + 'static, E: Heap>(&mut self, _: &Gc<T, E>) {}

    fn weak<T: ?Sized + 'static, E: Heap>(&mut self, weak: &Weak<T, E>) {
        if let Some(node) = weak.node() {
            self.node(node, same_heap::<H, E>());
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn heap(&self) -> TypeId {
        TypeId::of::<H>()
    }

    fn erase(&mut self) -> DynVisitor<'_> {
        DynVisitor(self, false)
    }
}

impl<H: Heap> ErasedVisitor for Weaks<H> {
    fn heap(&self) -> TypeId {
        TypeId::of::<H>()
    }

    fn edge(&mut self, _: ErasedEdge<'_>) {}

    fn weak(&mut self, node: &Node, heap: TypeId) {
        self.node(node, heap == TypeId::of::<H>());
    }
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
