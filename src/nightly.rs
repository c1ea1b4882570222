//! What only a nightly compiler has: coercions without `unsize!`, and handles as receivers. See `tests/nightly.rs`.

use std::marker::Unsize;
use std::ops::{CoerceUnsized, DispatchFromDyn, Receiver};

use crate::raw::handle::strong::Handle;
use crate::raw::handle::weak::WeakHandle;
use crate::{Gc, Heap, Weak};

impl<T: ?Sized + Unsize<U>, U: ?Sized, H: Heap> CoerceUnsized<Handle<U, H>> for Handle<T, H> {}
impl<T: ?Sized + Unsize<U>, U: ?Sized, H: Heap> CoerceUnsized<WeakHandle<U, H>> for WeakHandle<T, H> {}
impl<T: ?Sized + Unsize<U>, U: ?Sized, H: Heap> CoerceUnsized<Gc<U, H>> for Gc<T, H> {}
impl<T: ?Sized + Unsize<U>, U: ?Sized, H: Heap> CoerceUnsized<Weak<U, H>> for Weak<T, H> {}

impl<T: ?Sized + Unsize<U>, U: ?Sized, H: Heap> DispatchFromDyn<Handle<U, H>> for Handle<T, H> {}
impl<T: ?Sized + Unsize<U>, U: ?Sized, H: Heap> DispatchFromDyn<Gc<U, H>> for Gc<T, H> {}

impl<T: ?Sized, H: Heap> Receiver for Weak<T, H> {
    type Target = T;
}
