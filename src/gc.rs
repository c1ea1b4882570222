//! [`Gc`]: the counted pointer.

use std::ops::Deref;
use std::pin::Pin;

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
/// It is used like [`std::rc::Rc`]: clones share one value, and the value is dropped when the last of them is
/// dropped. The collector finds values that refer to each other in a cycle. It runs by itself from time to time,
/// and when [`collect`](crate::Control::collect) is called.
///
/// All functions are associated functions (`Gc::downgrade(&gc)`), so that they do not hide methods of the value.
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
/// A handle is one word. To dereference, clone or drop it costs as much as with `Rc`. The header of an object is 8
/// bytes if its value can hold no `Gc`, and 24 if it can.
#[repr(transparent)]
pub struct Gc<T: ?Sized, H: Heap = Local> {
    handle: Handle<T, H>,
}

impl<T: Trace> Gc<T, Local> {
    /// Allocates on the [`Local`] heap. Runs a collection first if one is due and `T` can hold handles.
    ///
    /// Aborts when there is no memory, like `Box::new`. See [`Gc::try_new`].
    ///
    /// # Panics
    ///
    /// If user code panics in a collection that this call starts.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn new(value: T) -> Self {
        Self::new_in(value, Local)
    }

    /// Allocates like [`Gc::new`], but returns the value in an error when there is no memory.
    ///
    /// # Errors
    ///
    /// [`AllocError`] holds the value.
    ///
    /// # Panics
    ///
    /// As [`Gc::new`].
    #[inline]
    pub fn try_new(value: T) -> Result<Self, AllocError<T>> {
        Self::try_new_in(value, Local)
    }

    /// Allocates a value that will not move, also if it is not `Unpin`.
    ///
    /// Does not compile for values that can hold a `Gc`: introspection finds those, and gives out handles by which they could be
    /// moved out ([`Gc::try_unwrap`]). In a traced value, put the result into a [`Leaf`](crate::Leaf).
    ///
    /// ```
    /// use std::marker::PhantomPinned;
    /// use tricycle::Gc;
    ///
    /// let pinned = Gc::pin((1, PhantomPinned));
    /// assert_eq!(pinned.as_ref().0, 1);
    /// ```
    ///
    /// ```compile_fail,E0080
    /// # use tricycle::Gc;
    /// Gc::pin(vec![Gc::new(1)]);
    /// ```
    ///
    /// # Panics
    ///
    /// As [`Gc::new`].
    pub fn pin(value: T) -> Pin<Self> {
        Self::pin_in(value, Local)
    }

    /// Allocates a value that holds weak handles to itself.
    ///
    /// There is no strong handle before the value is there: it could be dereferenced. The weak handle cannot be upgraded
    /// while `make` runs. Keep it, or put a strong handle into a [`GcOnce`](crate::GcOnce) afterwards.
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
    ///
    /// # Panics
    ///
    /// As [`Gc::new`], and if `make` panics.
    pub fn new_cyclic(make: impl FnOnce(&Weak<T>) -> T) -> Self {
        Self::new_cyclic_in(make, Local)
    }

    /// Allocates like [`Gc::new_cyclic`], but returns the function in an error when there is no memory.
    ///
    /// # Errors
    ///
    /// [`AllocError`] holds the function, which has not been called.
    ///
    /// # Panics
    ///
    /// As [`Gc::new`], and if `make` panics.
    pub fn try_new_cyclic<F: FnOnce(&Weak<T>) -> T>(make: F) -> Result<Self, AllocError<F>> {
        Self::try_new_cyclic_in(make, Local)
    }
}

impl<T: Trace, H: Hosts<T>> Gc<T, H> {
    /// Allocates on the given heap. See [`Gc::new`].
    ///
    /// # Panics
    ///
    /// See [`Gc::new`].
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn new_in(value: T, heap: H) -> Self {
        let _ = heap;
        Gc { handle: create::create(value) }
    }

    /// Allocates on the given heap, and returns the value in an error when there is no memory.
    ///
    /// # Errors
    ///
    /// [`AllocError`] holds the value.
    ///
    /// # Panics
    ///
    /// As [`Gc::new`].
    #[inline]
    pub fn try_new_in(value: T, _: H) -> Result<Self, AllocError<T>> {
        create::try_create(value).map(|handle| Gc { handle }).map_err(AllocError)
    }

    /// Allocates a value that holds weak handles to itself. See [`Gc::new_cyclic`].
    ///
    /// # Panics
    ///
    /// As [`Gc::new`], and if `make` panics.
    pub fn new_cyclic_in(make: impl FnOnce(&Weak<T, H>) -> T, _: H) -> Self {
        Gc { handle: create::create_cyclic(make) }
    }

    /// Allocates a value that holds weak handles to itself, and returns the function in an error when there is no
    /// memory.
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
    ///
    /// # Panics
    ///
    /// As [`Gc::new`], and if `make` panics.
    pub fn try_new_cyclic_in<F: FnOnce(&Weak<T, H>) -> T>(make: F, _: H) -> Result<Self, AllocError<F>> {
        create::try_create_cyclic(make).map(|handle| Gc { handle }).map_err(AllocError)
    }

    /// Moves the value out, if this is the only handle. Weak handles are dead afterwards, and the finalizer does not run.
    ///
    /// # Errors
    ///
    /// The handle, if there are others or the object is being destroyed.
    pub fn try_unwrap(this: Self) -> Result<T, Self> {
        create::take_apart(this.handle).map_err(|handle| Gc { handle })
    }

    /// Drops the handle, and moves the value out if it was the last one. Weak handles are dead afterwards, and the finalizer does not
    /// run.
    ///
    /// If several threads do this with all handles that there are, one of them has the value. That is not so of
    /// `Gc::try_unwrap(this).ok()`: each may find that the others still have theirs.
    ///
    /// ```
    /// use tricycle::{Atomic, Gc};
    ///
    /// let gc = Gc::new_in(String::from("once"), Atomic);
    /// let theirs = gc.clone();
    /// let other = std::thread::spawn(move || Gc::into_inner(theirs));
    /// let values = [Gc::into_inner(gc), other.join().unwrap()];
    /// assert_eq!(values.iter().flatten().count(), 1);
    /// ```
    pub fn into_inner(this: Self) -> Option<T> {
        create::take_last(this.handle)
    }

    /// Moves the value out if this is the only handle, and clones it otherwise.
    pub fn unwrap_or_clone(this: Self) -> T
    where
        T: Clone,
    {
        Self::try_unwrap(this).unwrap_or_else(|this| T::clone(&this))
    }

    /// Allocates a value that will not move, on the given heap. See [`Gc::pin`].
    ///
    /// # Panics
    ///
    /// As [`Gc::new`].
    pub fn pin_in(value: T, heap: H) -> Pin<Self> {
        coerce::pin(Self::new_in(value, heap))
    }
}

/// What [`Gc::make_mut`] can clone: values with a size, slices and strings. The trait is sealed.
pub trait CloneObject<H: Heap>: SealedClone + 'static {
    /// A new object with a clone of the value.
    #[doc(hidden)]
    fn clone_object(&self) -> Gc<Self, H>;
}

/// Keeps [`CloneObject`] closed.
#[doc(hidden)]
pub trait SealedClone {}

impl<T: Clone> SealedClone for T {}
impl<T: Trace + Clone, H: Hosts<T>> CloneObject<H> for T {
    fn clone_object(&self) -> Gc<T, H> {
        Gc::new_in(self.clone(), H::default())
    }
}

impl<T: Clone> SealedClone for [T] {}
impl<T: Trace + Clone, H: Hosts<[T]>> CloneObject<H> for [T] {
    fn clone_object(&self) -> Gc<[T], H> {
        self.into()
    }
}

impl SealedClone for str {}
impl<H: Hosts<str>> CloneObject<H> for str {
    fn clone_object(&self) -> Gc<str, H> {
        self.into()
    }
}

impl<T: CloneObject<H> + ?Sized, H: Heap> Gc<T, H> {
    /// Returns exclusive access to the value, which is cloned first if there are other handles. Weak handles count
    /// as others. They stay with the old object.
    ///
    /// ```
    /// use tricycle::Gc;
    ///
    /// let mut a = Gc::new(5);
    /// let b = a.clone();
    /// *Gc::make_mut(&mut a) += 1;
    /// assert_eq!((*a, *b), (6, 5));
    ///
    /// let mut text: Gc<str> = "abc".into();
    /// Gc::make_mut(&mut text).make_ascii_uppercase();
    /// assert_eq!(&*text, "ABC");
    /// ```
    ///
    /// # Panics
    ///
    /// If the clone panics, or a collection that the allocation starts.
    pub fn make_mut(this: &mut Self) -> GcMut<'_, T, H> {
        let mut old = Vec::new();
        let exclusive = Exclusive::make(&mut this.handle, |handle| {
            let copy = T::clone_object(handle);
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
        self.handle.object().addr().get()
    }

    /// Returns whether two handles are to the same object.
    #[inline]
    pub fn ptr_eq(this: &Self, other: &Self) -> bool {
        this.address() == other.address()
    }

    /// Makes a weak handle to the object.
    pub fn downgrade(this: &Self) -> Weak<T, H> {
        Weak::from_handle(WeakHandle::new(&this.handle))
    }

    /// Makes a weak handle to the object, with a callback. The callback runs when the object goes, if the weak
    /// handle still exists and is not garbage itself. If that is dropped before, the callback is dropped with it, or, if the
    /// thread is not attached and would have to wait, by another thread soon after.
    ///
    /// All weak handles with callbacks to the garbage of a collection are dead before the first callback runs.
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

    /// Returns the number of handles. `usize::MAX` for an immortal object.
    ///
    /// On a [`Locked`](crate::Locked) heap, where counts are plain numbers, a thread that is not attached waits for the
    /// lock to read one. On [`Atomic`](crate::Atomic) and [`Biased`](crate::Biased) no thread waits.
    pub fn strong_count(this: &Self) -> usize {
        match this.handle.strong() {
            IMMORTAL.. => usize::MAX,
            count => count as usize,
        }
    }

    /// Returns the number of weak handles. At a limit the count stays, this function returns a fixed number, and
    /// the memory is never freed:
    ///
    /// | heap | limit | figure |
    /// |---|---|---|
    /// | `Local`, `Locked` | 4194303 | 4194303 |
    /// | `Atomic` | 524288 | 786432 |
    /// | `Biased` | 262144 | 393216 |
    ///
    /// A thread may wait, as for [`Gc::strong_count`].
    pub fn weak_count(this: &Self) -> usize {
        this.handle.weak() as usize
    }

    /// Returns exclusive access to the value, if this is the only handle and there are no weak ones.
    ///
    /// Unlike `Rc::get_mut`, this returns a guard. While the guard lives, the collector does not look at the
    /// object. Afterwards the object is in its generation again, or in the old one, and the next full collection
    /// examines it.
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

    /// Returns a pointer to the value, valid as long as there is a handle.
    pub fn as_ptr(this: &Self) -> *const T {
        this.handle.as_ptr()
    }

    /// Turns the handle into a pointer. The object leaks unless [`Gc::from_raw`] turns the pointer back into a
    /// handle.
    pub fn into_raw(this: Self) -> *const T {
        this.handle.into_raw().as_ptr()
    }

    /// Turns a pointer from [`Gc::into_raw`] back into a handle.
    ///
    /// # Safety
    ///
    /// `ptr` came from [`Gc::into_raw`] of a handle with the same `T` and `H`, on this thread if the heap is of the kind [`Local`],
    /// and each such pointer is turned back at most once.
    #[expect(unsafe_code, reason = "the signature; the work is in `raw`")]
    pub unsafe fn from_raw(ptr: *const T) -> Self {
        // SAFETY: [I1] the caller's promise.
        unsafe { coerce::from_raw(ptr) }
    }

    /// Adds a handle to the object of a pointer from [`Gc::into_raw`], to be turned back by [`Gc::from_raw`].
    ///
    /// ```
    /// use tricycle::{Gc, Local};
    ///
    /// let raw = Gc::into_raw(Gc::new(5));
    /// // SAFETY: there is a handle, and then a second one; each is turned back once.
    /// unsafe {
    ///     Gc::<i32, Local>::increment_strong_count(raw);
    ///     let gc: Gc<i32> = Gc::from_raw(raw);
    ///     assert_eq!(Gc::strong_count(&gc), 2);
    ///     Gc::<i32, Local>::decrement_strong_count(raw);
    ///     assert_eq!(Gc::strong_count(&gc), 1);
    /// }
    /// ```
    ///
    /// # Safety
    ///
    /// `ptr` came from [`Gc::into_raw`] of a handle with the same `T` and `H`, on this thread if the heap is of the kind [`Local`], and
    /// there is still a handle to the object.
    #[expect(unsafe_code, reason = "the signature; the work is in `raw`")]
    pub unsafe fn increment_strong_count(ptr: *const T) {
        // SAFETY: [I1] the caller's promise.
        unsafe { coerce::increment::<T, H>(ptr) }
    }

    /// Drops a handle that was turned into a pointer, or added by [`Gc::increment_strong_count`].
    ///
    /// # Safety
    ///
    /// As for [`Gc::from_raw`].
    #[expect(unsafe_code, reason = "as above")]
    pub unsafe fn decrement_strong_count(ptr: *const T) {
        // SAFETY: [I1] the caller's promise.
        drop(unsafe { Self::from_raw(ptr) });
    }

    /// Makes the object live for ever. From then on clones and drops of its handles write nothing. It is reachable
    /// in every collection.
    pub fn immortalize(this: &Self) {
        this.handle.immortalize();
    }

    /// Returns whether the object lives for ever: because of [`Gc::immortalize`], or because it once had more than
    /// 2³¹ handles. (On a [`Biased`](crate::Biased) heap, 2³⁰ made by other threads than the object's owner are
    /// enough.)
    pub fn is_immortal(this: &Self) -> bool {
        this.handle.strong() >= IMMORTAL
    }

    /// Tells the heap that this object owns `bytes` bytes that the heap does not know of (a buffer, a texture).
    /// They count towards the next full collection. A later call for the object replaces the number.
    pub fn external_bytes(this: &Self, bytes: usize) {
        this.handle.set_external(bytes);
    }

    /// Returns the heap.
    pub fn heap(_: &Self) -> H {
        H::default()
    }

    /// Returns whether the collector looks at the object. It does not look at leaves, nor at an object that is
    /// being destroyed or mutably borrowed.
    pub fn is_tracked(this: &Self) -> bool {
        this.handle.is_tracked()
    }

    /// Returns whether the object's finalizer has run.
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
    const ONLY_HANDLES: bool = true;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn trace(&self, visitor: &mut impl Visitor) {
        visitor.edge(self);
    }
}
