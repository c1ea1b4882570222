//! Numbers and flags that any thread may look at: relaxed atomics that are used like a `Cell`, and cost what one does.
//!
//! They order nothing. What is written is written by one thread at a time, or with [`Number::change`].

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// What a [`Number`] can be made of.
pub(crate) trait Numeric: Copy + Default {
    type Atomic: Default;
    fn wrap(self) -> Self::Atomic;
    fn load(atomic: &Self::Atomic) -> Self;
    fn store(self, atomic: &Self::Atomic);
    fn update(atomic: &Self::Atomic, f: impl FnMut(Self) -> Option<Self>) -> bool;
}

macro_rules! numeric {
    ($($number:ty: $atomic:ty;)+) => {$(
        impl Numeric for $number {
            type Atomic = $atomic;

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn wrap(self) -> $atomic {
                <$atomic>::new(self)
            }

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn load(atomic: &$atomic) -> $number {
                atomic.load(Ordering::Relaxed)
            }

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn store(self, atomic: &$atomic) {
                atomic.store(self, Ordering::Relaxed);
            }

            fn update(atomic: &$atomic, f: impl FnMut(Self) -> Option<Self>) -> bool {
                atomic.fetch_update(Ordering::Relaxed, Ordering::Relaxed, f).is_ok()
            }
        }
    )+};
}

numeric! {
    usize: AtomicUsize;
    u64: AtomicU64;
}

/// A number.
#[derive(Debug, Default)]
pub(crate) struct Number<T: Numeric>(T::Atomic);

impl<T: Numeric> Number<T> {
    pub(crate) fn new(value: T) -> Self {
        Number(value.wrap())
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn get(&self) -> T {
        T::load(&self.0)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn set(&self, value: T) {
        value.store(&self.0);
    }

    /// Sets the number, and returns what it was.
    pub(crate) fn replace(&self, value: T) -> T {
        let before = self.get();
        self.set(value);
        before
    }

    /// Changes the number, whoever else does so at the same time.
    pub(crate) fn change(&self, mut f: impl FnMut(T) -> T) {
        T::update(&self.0, |old| Some(f(old)));
    }

    /// … if `f` has another number for it. Whether it has.
    pub(crate) fn try_change(&self, f: impl FnMut(T) -> Option<T>) -> bool {
        T::update(&self.0, f)
    }
}

/// A flag.
#[derive(Debug, Default)]
pub(crate) struct Flag(AtomicBool);

impl Flag {
    pub(crate) const fn new(value: bool) -> Self {
        Flag(AtomicBool::new(value))
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn set(&self, value: bool) {
        self.0.store(value, Ordering::Relaxed);
    }

    /// Sets the flag, and returns what it was: of several threads one is told that it was not set.
    pub(crate) fn replace(&self, value: bool) -> bool {
        self.0.swap(value, Ordering::Relaxed)
    }
}
