//! [`Gc`]: the counted pointer.

use std::ops::Deref;

use crate::raw::count::IMMORTAL;
use crate::raw::handle::coerce;
use crate::raw::handle::create;
use crate::raw::handle::exclusive::Exclusive;
use crate::raw::handle::strong::Handle;
use crate::raw::handle::weak::WeakHandle;
use crate::raw::heap::side_table::Node;
use crate::trace::{Trace, Visitor};
use crate::{AllocError, GcMut, Heap, Hosts, HostsFn, Local, Weak};

/// A reference-counted pointer whose cycles are collected.
///
/// It is used as [`std::rc::Rc`] is: clones share one value, and the value is dropped as soon as the last of them goes.
/// Values that refer to each other in a cycle are found by the collector instead, which runs by itself from time to
/// time, and whenever [`collect`](crate::Control::collect) is called.
///
/// All functions are associated functions (`Gc::downgrade(&gc)`), so that they do not get in the way of the value's own
/// methods.
///
/// ```
/// use tricycle::{Gc, GcCell, Local, Trace};
///
/// #[derive(Trace)]
/// struct Person { name: &'static str, friend: GcCell<Option<Gc<Person>>> }
///
/// let ann = Gc::new(Person { name: "Ann", friend: GcCell::new(None) });
/// let bob = Gc::new(Person { name: "Bob", friend: GcCell::new(Some(ann.clone())) });
/// ann.friend.set(Some(bob.clone()));
/// assert_eq!(ann.friend.borrow().as_ref().unwrap().name, "Bob");
///
/// drop((ann, bob)); // they keep each other alive
/// assert_eq!(Local.collect().collected, 2);
/// ```
///
/// # Cost
///
/// One word; dereferencing, cloning and dropping cost what they cost with `Rc`. The header is 8 bytes for values that
/// can hold no `Gc`, and 24 for those that can.
#[repr(transparent)]
pub struct Gc<T: ?Sized, H: Heap = Local> {
    handle: Handle<T, H>,
}

impl<T: Trace + 'static> Gc<T, Local> {
    /// Allocates on the [`Local`] heap. May run a collection first, if one is due and `T` can hold handles.
    ///
    /// Aborts when there is no memory, as `Box::new` does; see [`Gc::try_new`].
    ///
    /// # Panics
    ///
    /// If user code panics in a collection that this call sets off.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn new(value: T) -> Self {
        Self::new_in(value, Local)
    }

    /// As [`Gc::new`], but gives the value back when there is no memory.
    ///
    /// # Errors
    ///
    /// [`AllocError`] holds the value.
    #[inline]
    pub fn try_new(value: T) -> Result<Self, AllocError<T>> {
        Self::try_new_in(value, Local)
    }

    /// Allocates a value that holds weak handles to itself.
    ///
    /// While `make` runs the weak handle cannot be upgraded.
    ///
    /// ```
    /// use tricycle::{Gc, Trace, Weak};
    ///
    /// #[derive(Trace)]
    /// struct Widget { me: Weak<Widget> }
    ///
    /// let widget = Gc::new_cyclic(|me| Widget { me: me.clone() });
    /// assert!(Gc::ptr_eq(&widget, &widget.me.upgrade().unwrap()));
    /// ```
    pub fn new_cyclic(make: impl FnOnce(&Weak<T>) -> T) -> Self {
        Self::new_cyclic_in(make, Local)
    }

    /// As [`Gc::new_cyclic`], but gives the function back when there is no memory.
    ///
    /// # Errors
    ///
    /// [`AllocError`] holds the function, which has not been called.
    pub fn try_new_cyclic<F: FnOnce(&Weak<T>) -> T>(make: F) -> Result<Self, AllocError<F>> {
        Self::try_new_cyclic_in(make, Local)
    }
}

impl<T: Trace + 'static, H: Hosts<T>> Gc<T, H> {
    /// Allocates on the given heap. See [`Gc::new`].
    ///
    /// # Panics
    ///
    /// As [`Gc::new`].
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn new_in(value: T, heap: H) -> Self {
        let _ = heap;
        Gc { handle: create::create(value) }
    }

    /// Allocates on the given heap; gives the value back when there is no memory.
    ///
    /// # Errors
    ///
    /// [`AllocError`] holds the value.
    #[inline]
    pub fn try_new_in(value: T, _: H) -> Result<Self, AllocError<T>> {
        create::try_create(value).map(|handle| Gc { handle }).map_err(AllocError)
    }

    /// Allocates a value that holds weak handles to itself. See [`Gc::new_cyclic`].
    pub fn new_cyclic_in(make: impl FnOnce(&Weak<T, H>) -> T, _: H) -> Self {
        Gc { handle: create::create_cyclic(make) }
    }

    /// Allocates a value that holds weak handles to itself; gives the function back when there is no memory.
    ///
    /// # Errors
    ///
    /// [`AllocError`] holds the function, which has not been called.
    ///
    /// ```
    /// use tricycle::{Gc, Trace, Weak, heap};
    ///
    /// heap! { Small: Local }
    ///
    /// #[derive(Debug, Trace)]
    /// struct Widget { me: Weak<Widget, Small> }
    ///
    /// Small.set_limit(0);
    /// let refused = Gc::try_new_cyclic_in(|me| Widget { me: me.clone() }, Small).unwrap_err();
    /// Small.set_limit(usize::MAX);
    /// let widget = Gc::new_cyclic_in(refused.into_inner(), Small);
    /// assert!(Gc::ptr_eq(&widget, &widget.me.upgrade().unwrap()));
    /// ```
    pub fn try_new_cyclic_in<F: FnOnce(&Weak<T, H>) -> T>(make: F, _: H) -> Result<Self, AllocError<F>> {
        create::try_create_cyclic(make).map(|handle| Gc { handle }).map_err(AllocError)
    }

    /// Moves the value out, if this is the only handle. Weak handles are dead afterwards, and the finalizer does not run.
    ///
    /// # Errors
    ///
    /// The handle, if there are others or the object is being torn down.
    pub fn try_unwrap(this: Self) -> Result<T, Self> {
        create::take_apart(this.handle).map_err(|handle| Gc { handle })
    }

    /// Moves the value out, if this is the only handle; otherwise just drops the handle.
    pub fn into_inner(this: Self) -> Option<T> {
        Self::try_unwrap(this).ok()
    }

    /// Moves the value out if this is the only handle, and clones it otherwise.
    pub fn unwrap_or_clone(this: Self) -> T
    where
        T: Clone,
    {
        Self::try_unwrap(this).unwrap_or_else(|this| T::clone(&this))
    }

    /// Exclusive access to the value, cloned first if there are other handles. Weak handles count as others: they
    /// stay with the old object.
    ///
    /// ```
    /// use tricycle::Gc;
    ///
    /// let mut a = Gc::new(5);
    /// let b = a.clone();
    /// *Gc::make_mut(&mut a) += 1;
    /// assert_eq!((*a, *b), (6, 5));
    /// ```
    ///
    /// # Panics
    ///
    /// If cloning does, or a collection that allocating sets off.
    pub fn make_mut(this: &mut Self) -> GcMut<'_, T, H>
    where
        T: Clone,
    {
        let mut old = Vec::new();
        let exclusive = Exclusive::make(&mut this.handle, |handle| {
            let copy = Gc::new_in(T::clone(handle), H::default());
            old.push(std::mem::replace(handle, copy.handle));
        });
        // Only now: its destructor may look for objects, and must not find the new one.
        drop(old);
        GcMut::new(exclusive)
    }
}

impl<T: ?Sized, H: Heap> Gc<T, H> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn from_handle(handle: Handle<T, H>) -> Self {
        Gc { handle }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn into_handle(self) -> Handle<T, H> {
        self.handle
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn handle(&self) -> &Handle<T, H> {
        &self.handle
    }

    #[inline]
    pub(crate) fn address(&self) -> usize {
        self.handle.erased().addr().get()
    }

    /// Whether two handles are to the same object.
    #[inline]
    pub fn ptr_eq(this: &Self, other: &Self) -> bool {
        this.address() == other.address()
    }

    /// A weak handle to the object.
    pub fn downgrade(this: &Self) -> Weak<T, H> {
        Weak::from_handle(WeakHandle::new(&this.handle))
    }

    /// A weak handle to the object, with a callback that runs when the object goes, if the weak handle is still there
    /// and not garbage itself.
    ///
    /// All weak handles with callbacks to a piece of garbage are dead before the first callback runs.
    ///
    /// ```
    /// use std::{cell::Cell, rc::Rc};
    /// use tricycle::Gc;
    ///
    /// let gone = Rc::new(Cell::new(false));
    /// let gc = Gc::new(1);
    /// let weak = Gc::downgrade_with(&gc, { let gone = gone.clone(); move || gone.set(true) });
    /// drop(gc);
    /// assert!(gone.get() && weak.upgrade().is_none());
    /// ```
    pub fn downgrade_with<F: FnOnce() + 'static>(this: &Self, callback: F) -> Weak<T, H>
    where
        H: HostsFn<F>,
    {
        let node = Node::new(Box::new(callback));
        this.handle.watch(&node);
        Weak::with_node(WeakHandle::new(&this.handle), node)
    }

    /// The number of handles; `usize::MAX` for an immortal object.
    pub fn strong_count(this: &Self) -> usize {
        match this.handle.strong() {
            IMMORTAL.. => usize::MAX,
            count => count as usize,
        }
    }

    /// The number of weak handles. From so many on the count does not change any more, the figure is another, and the memory is
    /// never given back:
    ///
    /// | heap | limit | figure |
    /// |---|---|---|
    /// | `Local`, `Locked` | 4194303 | 4194303 |
    /// | `Atomic` | 524288 | 786432 |
    /// | `Biased` | 262144 | 393216 |
    pub fn weak_count(this: &Self) -> usize {
        this.handle.weak() as usize
    }

    /// Exclusive access to the value, if this is the only handle and there are no weak ones.
    ///
    /// Other than `Rc::get_mut` this returns a guard: while it lives, the collector does not look at the object. Afterwards the
    /// object is in the generation where it was, or in the old one, and the next full collection examines it.
    ///
    /// ```
    /// use tricycle::Gc;
    ///
    /// let mut gc = Gc::new(vec![1]);
    /// Gc::get_mut(&mut gc).unwrap().push(2);
    /// let other = gc.clone();
    /// assert!(Gc::get_mut(&mut gc).is_none());
    /// # drop(other);
    /// ```
    pub fn get_mut(this: &mut Self) -> Option<GcMut<'_, T, H>>
    where
        // A handle may be taken for one with a shorter lifetime in its type; writing through that would leave a value
        // behind that introspection hands out with the longer one.
        T: 'static,
    {
        Exclusive::new(&mut this.handle).map(GcMut::new)
    }

    /// A pointer to the value, valid as long as there is a handle.
    pub fn as_ptr(this: &Self) -> *const T {
        this.handle.as_ptr()
    }

    /// Turns the handle into a pointer. Use [`Gc::from_raw`] to turn it back, or the object leaks.
    pub fn into_raw(this: Self) -> *const T {
        this.handle.into_raw().as_ptr()
    }

    /// Turns a pointer from [`Gc::into_raw`] back into a handle.
    ///
    /// # Safety
    ///
    /// `ptr` came from [`Gc::into_raw`] of a handle with the same `T` and `H`, on this thread if the heap is [`Local`],
    /// and each such pointer is turned back at most once.
    #[expect(unsafe_code, reason = "the signature; the work is in `raw`")]
    pub unsafe fn from_raw(ptr: *const T) -> Self {
        // SAFETY: [I1] the caller's promise.
        unsafe { coerce::from_raw(ptr) }
    }

    /// Makes the object live for ever: clones and drops of its handles write nothing from now on. It counts as reachable
    /// in every collection.
    pub fn immortalize(this: &Self) {
        this.handle.immortalize();
    }

    /// Whether the object lives for ever: by [`Gc::immortalize`], or because it once had more than 2³¹ handles. (On a
    /// [`Biased`](crate::Biased) heap 2³⁰ made by other threads than the object's own are enough.)
    pub fn is_immortal(this: &Self) -> bool {
        this.handle.strong() >= IMMORTAL
    }

    /// Tells the heap that this object owns `bytes` bytes that the heap cannot see (a buffer, a texture). They count
    /// towards the next full collection, and replace what was said of the object before.
    pub fn external_bytes(this: &Self, bytes: usize) {
        this.handle.set_external(bytes);
    }

    /// The heap.
    pub fn heap(_: &Self) -> H {
        H::default()
    }

    /// Whether the collector looks at the object: not at leaves, nor at one that is being torn down or mutably borrowed.
    pub fn is_tracked(this: &Self) -> bool {
        this.handle.is_tracked()
    }

    /// Whether the object's finalizer has run.
    pub fn is_finalized(this: &Self) -> bool {
        this.handle.is_finalized()
    }
}

impl<T: ?Sized, H: Heap> Clone for Gc<T, H> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn clone(&self) -> Self {
        Gc { handle: self.handle.clone() }
    }
}

impl<T: ?Sized, H: Heap> Deref for Gc<T, H> {
    type Target = T;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn deref(&self) -> &T {
        &self.handle
    }
}

// SAFETY: clauses 1-3: the one handle is visited, once; 4: the collector's own drop does not look; 5.
#[expect(unsafe_code, reason = "an implementation of `Trace`")]
unsafe impl<T: ?Sized + 'static, H: Heap> Trace for Gc<T, H> {
    const CONTAINER: bool = true;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn trace(&self, visitor: &mut impl Visitor) {
        visitor.edge(self);
    }
}
