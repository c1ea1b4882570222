//! A handle of which the type has been forgotten: what is inside [`AnyGc`](crate::AnyGc).
//!
//! Whatever needs the type is in one small table for each: a vtable of `dyn` would bring each method once for each type.

use std::any::{TypeId, type_name};
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ptr::{self, NonNull};

use super::strong::Handle;
use crate::raw::attach;
use crate::raw::base::erased::Fat;
use crate::raw::base::relaxed::Flag;
use crate::raw::count::{Count, Down, flag};
use crate::raw::heap::sharing::Sharing;
use crate::raw::heap::slot::who;
use crate::raw::heap::state;
use crate::raw::heap::world::Epoch;
use crate::raw::memory::header::Object;
use crate::raw::object::track;
use crate::raw::object::type_info::TypeInfo;
use crate::{AnyGc, Gc, Heap, Shared};

/// What there is to know of the type of a handle.
pub(crate) struct AnyTable<H: Heap> {
    id: fn() -> TypeId,
    /// Whether it is the type of the object, too: what has a size is.
    exact: bool,
    name: fn() -> &'static str,
    /// The size of the value.
    size: unsafe fn(Fat) -> usize,
    /// Drops the handle.
    drop: unsafe fn(Fat),
    /// Sees to what counting it down has come to.
    dropped: unsafe fn(Fat, Down),
    heap: PhantomData<fn(H) -> H>,
}

/// The table for handles to a `T`.
pub(crate) const fn table<T: ?Sized + 'static, H: Heap>() -> &'static AnyTable<H> {
    const {
        &AnyTable {
            id: TypeId::of::<T>,
            exact: is_thin::<T>(),
            name: type_name::<T>,
            size: size::<T>,
            drop: drop_handle::<T, H>,
            dropped: dropped::<T, H>,
            heap: PhantomData,
        }
    }
}

/// Whether a pointer to a `T` is an address and nothing else.
const fn is_thin<T: ?Sized>() -> bool {
    size_of::<NonNull<T>>() == size_of::<usize>()
}

unsafe fn size<T: ?Sized>(pointer: Fat) -> usize {
    // SAFETY: [I6] as the caller vouches, there is a handle to the value, of this type.
    size_of_val(unsafe { pointer.get::<T>().as_ref() })
}

unsafe fn drop_handle<T: ?Sized, H: Heap>(pointer: Fat) {
    // SAFETY: [I6] as the caller vouches, this was a handle, of this type, and is given up.
    drop(unsafe { Handle::<T, H>::from_raw(pointer.get()) });
}

unsafe fn dropped<T: ?Sized, H: Heap>(pointer: Fat, down: Down) {
    // SAFETY: [I6] as the caller vouches, this was a handle, of this type, and has just been counted down.
    unsafe { Handle::<T, H>::dropped(pointer.get(), down) };
}

/// What a handle leads to, without its type.
struct Target<H: Heap> {
    object: Object<H>,
    /// The pointer of the handle, as its type has it.
    pointer: Fat,
    table: &'static AnyTable<H>,
}

impl<H: Heap> Clone for Target<H> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<H: Heap> Copy for Target<H> {}

impl<H: Heap> Target<H> {
    fn of<T: ?Sized + 'static>(value: NonNull<T>) -> Self {
        Target { object: Object::new(value), pointer: Fat::new(value), table: table::<T, H>() }
    }
}

/// An edge of which the type has been forgotten, as long as somebody looks at it.
pub(crate) struct AnyEdge<'a, H: Heap> {
    target: Target<H>,
    gc: PhantomData<&'a ()>,
}

impl<'a, H: Heap> AnyEdge<'a, H> {
    pub(crate) fn of<T: ?Sized + 'static>(gc: &'a Gc<T, H>) -> Self {
        AnyEdge { target: Target::of(gc.handle().value()), gc: PhantomData }
    }

    /// Forgets the heap, too. [`AnyEdge::recall`] turns that back.
    pub(crate) fn forget(&self) -> (Fat, *const ()) {
        (self.target.pointer, ptr::from_ref(self.target.table).cast())
    }

    /// # Safety
    ///
    /// `pointer` and `table` come from [`AnyEdge::forget`] on an edge to `object`, on heap `H`, which is still there.
    pub(crate) unsafe fn recall(object: Object<H>, pointer: Fat, table: *const ()) -> Self {
        // SAFETY: [I3] tables are static, and this is one for the heap, as the caller vouches.
        let table = unsafe { &*table.cast() };
        AnyEdge { target: Target { object, pointer, table }, gc: PhantomData }
    }

    pub(crate) fn address(&self) -> usize {
        self.target.object.addr().get()
    }

    /// A handle to the target, for somebody who looks at it. The thread is inside.
    pub(crate) fn look(&self) -> AnyGc<H> {
        // SAFETY: [I6] the edge keeps the target.
        AnyGc::from_handle(unsafe { AnyHandle::borrowed(self.target, Some(state::get::<H>().epoch())) })
    }
}

/// One strong count of an object, and the type of the handle that it stands for.
pub(crate) struct AnyHandle<H: Heap> {
    target: Target<H>,
    /// When it was made, if by introspection: then it goes without leaving a trace, unless it was given out as a `Gc`. Through
    /// one of those one gets at the value, and can change what it refers to.
    epoch: Option<Epoch>,
    /// Somebody has had a reference to the `Gc`.
    given: Flag,
}

// SAFETY: [I6], [I19] the handle that this stands for is to an object that the heap hosts, so its value is `Send` and `Sync`,
// and may be dropped anywhere. Its type need not be (`dyn Trait`), but it is given out only as one whose type is
// (`HostsRef`).
unsafe impl<H: Shared> Send for AnyHandle<H> {}
// SAFETY: as above.
unsafe impl<H: Shared> Sync for AnyHandle<H> {}

impl<H: Heap> AnyHandle<H> {
    /// Forgets the type of a handle.
    pub(crate) fn new<T: ?Sized + 'static>(handle: Handle<T, H>) -> Self {
        // SAFETY: [I6] the handle gives its count up.
        unsafe { Self::adopt(Target::of(handle.into_raw()), None) }
    }

    /// Takes over a count. The handle only looks, if an epoch is given.
    ///
    /// # Safety
    ///
    /// The caller gives up a count of the object `[I6]`.
    unsafe fn adopt(target: Target<H>, epoch: Option<Epoch>) -> Self {
        AnyHandle { target, epoch, given: Flag::new(false) }
    }

    /// Makes a new count.
    ///
    /// # Safety
    ///
    /// The object is alive, and the thread inside.
    unsafe fn borrowed(target: Target<H>, epoch: Option<Epoch>) -> Self {
        // SAFETY: [I6] as the caller vouches; the new count is the handle's.
        unsafe {
            target.object.count().inc(who::<H>());
            Self::adopt(target, epoch)
        }
    }

    /// Another handle; one that only looks, if an epoch is given.
    pub(crate) fn another(&self, epoch: Option<Epoch>) -> Self {
        let _inside = attach::enter_briefly::<H>();
        // SAFETY: [I6] this handle keeps the object.
        unsafe { Self::borrowed(self.target, epoch) }
    }

    /// Whether the type of the handle is this one.
    fn is_of<T: ?Sized + 'static>(&self) -> bool {
        (self.target.table.id)() == TypeId::of::<T>()
    }

    /// Whether the type of the handle, or that of the object, is this one.
    pub(crate) fn is<T: ?Sized + 'static>(&self) -> bool {
        self.is_of::<T>() || self.object_is(TypeId::of::<T>())
    }

    fn object_is(&self, id: TypeId) -> bool {
        self.object().is_some_and(|object| (object.table.id)() == id)
    }

    /// The object as the type that it was created with, if the type of the handle may be another, and the object knows: leaves
    /// do not.
    #[inline(never)]
    fn object(&self) -> Option<Target<H>> {
        if self.target.table.exact {
            return None;
        }
        let _inside = attach::enter_to_read::<H>();
        // SAFETY: [I6] this handle keeps the object.
        unsafe { self.look_up() }
    }

    /// The same, of an object that has what it was created with.
    ///
    /// # Safety
    ///
    /// The object is alive, and the thread inside or its flags atomic.
    unsafe fn look_up(&self) -> Option<Target<H>> {
        let object = self.target.object;
        // SAFETY: [I6] as the caller vouches; [I3] an object with a full header has a table.
        unsafe {
            let full = object.count().flags() & flag::FULL != 0;
            full.then(|| object.table().target(object))
        }
    }

    /// The name of the object's type; of the handle's, if that is all that is known.
    pub(crate) fn type_name(&self) -> &'static str {
        self.name_of(self.object())
    }

    /// The same, or the name of the handle's type if somebody has to be waited for.
    pub(crate) fn type_name_at_once(&self) -> &'static str {
        let inside = if H::SHARING == Sharing::Turns { attach::try_enter_briefly::<H>() } else { None };
        let may_look = !self.target.table.exact && (H::SHARING != Sharing::Turns || inside.is_some());
        // SAFETY: [I6] this handle keeps the object.
        self.name_of(if may_look { unsafe { self.look_up() } } else { None })
    }

    fn name_of(&self, object: Option<Target<H>>) -> &'static str {
        (object.as_ref().unwrap_or(&self.target).table.name)()
    }

    pub(crate) fn address(&self) -> usize {
        self.target.object.addr().get()
    }

    pub(crate) fn size(&self) -> usize {
        // SAFETY: [I6] this is a handle, of the type that the table is for.
        unsafe { (self.target.table.size)(self.target.pointer) }
    }

    pub(crate) fn strong(&self) -> u32 {
        let _inside = attach::enter_to_read::<H>();
        // SAFETY: [I6] this handle keeps the object.
        unsafe { self.target.object.count() }.strong()
    }

    /// The handle with its type, or with that of its object, if it is this one. From now on this is a handle like any other.
    pub(crate) fn typed<T: ?Sized + 'static>(&self) -> Option<&Gc<T, H>> {
        if self.is_of::<T>() {
            self.given.set(true);
            // SAFETY: [I1], [I3] a `Gc` is nothing but the pointer that the target was made of, and of this type.
            return Some(unsafe { self.target.pointer.as_ref_of::<Gc<T, H>>() });
        }
        // An object that was created as a slice has handles of no other type.
        if !is_thin::<T>() || !self.object_is(TypeId::of::<T>()) {
            return None;
        }
        self.given.set(true);
        // SAFETY: [I1], [I3] a `Gc` to what has a size is nothing but the address of the value, which is of this type.
        Some(unsafe { &*ptr::from_ref(&self.target.object).cast::<Gc<T, H>>() })
    }

    /// The same, of a handle that is given up.
    pub(crate) fn into_typed<T: ?Sized + 'static>(self) -> Result<Handle<T, H>, Self> {
        let id = TypeId::of::<T>();
        let target = if self.is_of::<T>() { Some(self.target) } else { self.object() };
        let Some(target) = target.filter(|target| (target.table.id)() == id) else { return Err(self) };
        let _counted = ManuallyDrop::new(self);
        // SAFETY: [I1], [I6] the pointer is that of a handle of this type, whose count goes along.
        Ok(unsafe { Handle::from_raw(target.pointer.get()) })
    }

    /// Counts down a handle that introspection made in this epoch, and raises no suspicion, if there was none then ("Suspicion" in
    /// `docs/INTERNALS.md`). False if that cannot be: there was, or others have the heap to themselves at the moment.
    fn look_away(&self, epoch: Epoch) -> bool {
        let Some(_inside) = attach::try_enter::<H>() else { return false };
        if state::get::<H>().epoch() != epoch {
            return false;
        }
        // SAFETY: [I6] the handle goes.
        unsafe {
            let object = self.target.object;
            let down = object.count().dec_quietly(who::<H>(), track::suspicion(object));
            (self.target.table.dropped)(self.target.pointer, down);
        }
        true
    }
}

impl<H: Heap> Drop for AnyHandle<H> {
    fn drop(&mut self) {
        if let Some(epoch) = self.epoch.filter(|_| !self.given.get())
            && self.look_away(epoch)
        {
            return;
        }
        // SAFETY: [I6] the handle goes.
        unsafe { (self.target.table.drop)(self.target.pointer) };
    }
}

/// Handles to a full object, of the type that it was created with.
impl<H: Heap> TypeInfo<H> {
    pub(crate) fn type_name(&self) -> &'static str {
        (self.any.name)()
    }

    /// # Safety
    ///
    /// `object` belongs to an object created with this table `[I3]`.
    unsafe fn target(&self, object: Object<H>) -> Target<H> {
        // SAFETY: [I3] as the caller vouches.
        Target { object, pointer: unsafe { (self.pointer)(object) }, table: self.any }
    }

    /// A new handle; raises the count. It only looks, if an epoch is given.
    ///
    /// # Safety
    ///
    /// `object` belongs to an object created with this table, which is alive; the thread is inside.
    pub(crate) unsafe fn handle(&self, object: Object<H>, epoch: Option<Epoch>) -> AnyGc<H> {
        // SAFETY: [I3], [I6] as the caller vouches.
        AnyGc::from_handle(unsafe { AnyHandle::borrowed(self.target(object), epoch) })
    }

    /// A handle for a count that was raised already.
    ///
    /// # Safety
    ///
    /// As for [`TypeInfo::handle`]; the caller gives up a count of the object.
    pub(crate) unsafe fn adopt(&self, object: Object<H>) -> AnyGc<H> {
        // SAFETY: [I3], [I6] as the caller vouches.
        AnyGc::from_handle(unsafe { AnyHandle::adopt(self.target(object), None) })
    }
}
