//! Keys of the system's. They are never given back: there is one for each heap type.

use std::marker::PhantomData;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Declares a [`ThreadSlot`].
#[doc(hidden)]
#[macro_export]
macro_rules! __thread_slot {
    (static $name:ident: $type:ty = $value:expr) => {
        static $name: $crate::__private::thread_slot::ThreadSlot<$type> =
            $crate::__private::thread_slot::ThreadSlot::new(|| $value);
    };
}

/// A pointer for each thread, null at first.
struct Key(AtomicUsize);

/// There is none yet.
const NONE: usize = usize::MAX;

impl Key {
    const fn new() -> Self {
        Key(AtomicUsize::new(NONE))
    }

    /// The system's name for it.
    fn name(&self) -> usize {
        let name = self.0.load(Ordering::Acquire); // [O186]
        if name == NONE { self.make() } else { name }
    }

    #[cold]
    fn make(&self) -> usize {
        let new = os::make();
        let exchanged = self.0.compare_exchange(NONE, new, Ordering::AcqRel, Ordering::Acquire); // [O187]
        match exchanged {
            Ok(_) => new,
            Err(first) => {
                os::forget(new);
                first
            }
        }
    }

    fn get(&self) -> *mut () {
        os::get(self.name())
    }

    fn set(&self, pointer: *mut ()) {
        os::set(self.name(), pointer);
    }
}

/// A value for each thread.
pub struct ThreadSlot<T> {
    key: Key,
    value: fn() -> T,
}

impl<T> ThreadSlot<T> {
    /// One that has `value` for each thread that asks for it.
    pub const fn new(value: fn() -> T) -> Self {
        ThreadSlot { key: Key::new(), value }
    }

    #[cold]
    fn make(&self) -> *mut T {
        let value = Box::into_raw(Box::new((self.value)()));
        self.key.set(value.cast());
        value
    }
}

impl<T> std::fmt::Debug for ThreadSlot<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ThreadSlot")
    }
}

/// Runs `f` with the calling thread's.
pub fn with<T, R>(slot: &'static ThreadSlot<T>, f: impl FnOnce(&T) -> R) -> R {
    let mut value = slot.key.get().cast::<T>();
    if value.is_null() {
        value = slot.make();
    }
    // SAFETY: [I11] it was made for this thread, and stays until `release`.
    f(unsafe { &*value })
}

/// The thread ends, and does not use what it has any more.
///
/// # Safety
///
/// There is no reference to it `[I11]`.
pub unsafe fn release<T>(slot: &'static ThreadSlot<T>) {
    let value = slot.key.get().cast::<T>();
    slot.key.set(ptr::null_mut());
    if !value.is_null() {
        // SAFETY: [I11] it came from a box, the key leads to nothing any more, and there is no reference, as the caller vouches.
        drop(unsafe { Box::from_raw(value) });
    }
}

/// Declares a [`ThreadRef`].
macro_rules! thread_ref {
    (static $name:ident: $type:ty) => {
        static $name: ThreadRef<$type> = ThreadRef::new();
    };
}
pub(crate) use thread_ref;

/// A reference for each thread, none at first.
pub(crate) struct ThreadRef<T: 'static>(Key, PhantomData<fn() -> &'static T>);

impl<T> ThreadRef<T> {
    pub(crate) const fn new() -> Self {
        ThreadRef(Key::new(), PhantomData)
    }

    pub(crate) fn get(&self) -> Option<&'static T> {
        // SAFETY: [I11] the key is ours alone, and what it was given was null or such a reference of this thread's.
        unsafe { self.0.get().cast::<T>().as_ref() }
    }

    pub(crate) fn set(&self, reference: Option<&'static T>) {
        self.0.set(reference.map_or(ptr::null_mut(), |reference| ptr::from_ref(reference).cast_mut().cast()));
    }
}

/// Whether the calling thread ends.
pub(crate) mod ending {
    use super::Key;

    static ENDING: Key = Key::new();

    /// It does.
    pub(crate) fn begin() {
        ENDING.set(std::ptr::dangling_mut());
    }

    pub(crate) fn has_begun() -> bool {
        !ENDING.get().is_null()
    }
}

#[cfg(unix)]
mod os {
    use std::mem::MaybeUninit;

    fn key(name: usize) -> libc::pthread_key_t {
        name as libc::pthread_key_t
    }

    pub(super) fn make() -> usize {
        let mut key = MaybeUninit::<libc::pthread_key_t>::uninit();
        // SAFETY: [I11] the pointer is to a key, which is written if the call succeeds.
        let key = unsafe {
            assert_eq!(libc::pthread_key_create(key.as_mut_ptr(), None), 0, "out of thread-local keys");
            key.assume_init()
        };
        key as usize
    }

    pub(super) fn forget(name: usize) {
        // SAFETY: [I11] the key was just made, and nobody else knows of it.
        unsafe { libc::pthread_key_delete(key(name)) };
    }

    pub(super) fn get(name: usize) -> *mut () {
        // SAFETY: [I11] the key exists: those that others know are never deleted.
        unsafe { libc::pthread_getspecific(key(name)) }.cast()
    }

    pub(super) fn set(name: usize, pointer: *mut ()) {
        // SAFETY: [I11] as above. There is no destructor that would be called with the pointer.
        let status = unsafe { libc::pthread_setspecific(key(name), pointer.cast()) };
        assert_eq!(status, 0, "out of memory for thread-local keys");
    }
}

#[cfg(windows)]
mod os {
    use windows_sys::Win32::System::Threading::{TLS_OUT_OF_INDEXES, TlsAlloc, TlsFree, TlsGetValue, TlsSetValue};

    pub(super) fn make() -> usize {
        // SAFETY: [I11] nothing is asked of the caller.
        let name = unsafe { TlsAlloc() };
        assert_ne!(name, TLS_OUT_OF_INDEXES, "out of thread-local keys");
        name as usize
    }

    pub(super) fn forget(name: usize) {
        // SAFETY: [I11] the key was just made, and nobody else knows of it.
        unsafe { TlsFree(name as u32) };
    }

    pub(super) fn get(name: usize) -> *mut () {
        // SAFETY: [I11] the key exists: those that others know are never freed.
        unsafe { TlsGetValue(name as u32) }.cast()
    }

    pub(super) fn set(name: usize, pointer: *mut ()) {
        // SAFETY: [I11] as above.
        let done = unsafe { TlsSetValue(name as u32, pointer.cast()) };
        assert_ne!(done, 0, "out of memory for thread-local keys");
    }
}
