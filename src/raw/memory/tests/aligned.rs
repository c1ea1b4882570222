//! Types of any alignment and size, whose values begin at the same place of a slot, so that they share pages.

use std::ptr::NonNull;

use crate::{Finalize, Gc, Heap, Hosts, Trace, heap};

heap! { Aligned: Local }
// With the header of this one the values of types of alignment 8 and 16 begin at the same place.
heap! { Biased: Biased }

/// What the bytes of a value are, if it is there and is where it should be.
trait Bytes: Trace + Sized + Send + Sync + 'static {
    fn new(byte: u8) -> Self;
    fn bytes(&self) -> &[u8];
}

macro_rules! bytes {
    ($($of:ident($($attribute:meta),*))*) => {$(
        #[derive(Trace)]
        $(#[$attribute])*
        struct $of<const N: usize>([u8; N]);

        impl<const N: usize> Finalize for $of<N> {
            fn finalize(&self) {}
        }

        impl<const N: usize> Bytes for $of<N> {
            fn new(byte: u8) -> Self {
                $of([byte; N])
            }

            fn bytes(&self) -> &[u8] {
                &self.0
            }
        }
    )*};
}

bytes! {
    One(trace(finalize))
    Eight(trace(finalize), repr(align(8)))
    Sixteen(trace(finalize), repr(align(16)))
}

/// An object of any type.
trait Object<H: Heap> {
    fn check(&self, byte: u8);
}

impl<T: Bytes, H: Heap> Object<H> for Gc<T, H> {
    fn check(&self, byte: u8) {
        let value = NonNull::from(&**self);
        assert!(value.is_aligned(), "{value:?} for an alignment of {}", align_of::<T>());
        assert!(self.bytes().iter().all(|at| *at == byte), "the value is damaged");
        let place = self.handle().object();
        // A table may be there more than once.
        // SAFETY: the object is full and allocated.
        let any = unsafe { place.table().handle(place, None) };
        assert_eq!(any.type_name(), std::any::type_name::<T>(), "the table of another type");
    }
}

impl<T: Bytes, H: Heap> Object<H> for Gc<[T], H> {
    fn check(&self, byte: u8) {
        assert!(self.as_ptr().cast::<T>().is_aligned(), "a slice for an alignment of {}", align_of::<T>());
        assert!(self.iter().all(|item| item.bytes().iter().all(|at| *at == byte)), "the slice is damaged");
    }
}

fn single<T: Bytes, H: Hosts<T>>(byte: u8) -> Box<dyn Object<H>> {
    Box::new(Gc::new_in(T::new(byte), H::default()))
}

fn slice<T: Bytes, H: Hosts<[T]>>(byte: u8) -> Box<dyn Object<H>> {
    let slice: Gc<[T], H> = (0..2 + byte % 3).map(|_| T::new(byte)).collect();
    Box::new(slice)
}

type New<H> = fn(u8) -> Box<dyn Object<H>>;

macro_rules! all {
    ($($n:literal)*) => {
        [$(
            single::<One<$n>, H>, single::<Eight<$n>, H>, single::<Sixteen<$n>, H>,
            slice::<One<$n>, H>, slice::<Eight<$n>, H>, slice::<Sixteen<$n>, H>,
        )*]
    };
}

macro_rules! on {
    ($($name:ident: $heap:ident)*) => {$(
        /// Makes and drops objects at random, of some types at first and of all in the end, so that pages are shared by
        /// new types and by those that come upon holes.
        #[test]
        fn $name() {
            type H = $heap;
            let types: [New<H>; _] = all!(0 1 8 16 24 32 40 50 64 72 100 136 200 440);
            std::thread::spawn(move || {
                for seed in 0..ROUNDS {
                    mixed(&types, seed);
                    H::default().collect();
                    H::default().trim();
                    assert_eq!(H::default().live_allocations(), 0);
                }
            })
            .join()
            .unwrap();
        }
    )*};
}

on! {
    on_a_local_heap: Aligned
    on_a_biased_one: Biased
}

const ROUNDS: u64 = if cfg!(miri) { 2 } else { 10 };
const STEPS: usize = if cfg!(miri) { 100 } else { 1000 };
const MANY: usize = if cfg!(miri) { 60 } else { 600 };

fn mixed<H: Heap>(types: &[New<H>], seed: u64) {
    let mut random = seed * 2 + 1;
    let mut any = |n: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random >> 11) as usize % n
    };
    let mut objects: Vec<(u8, Box<dyn Object<H>>)> = Vec::new();
    for step in 0..STEPS {
        let byte = step as u8;
        match any(16) {
            0 => objects.retain(|_| any(8) == 0),
            1..4 if !objects.is_empty() => {
                let (byte, object) = objects.swap_remove(any(objects.len()));
                object.check(byte);
            }
            4 => {
                // Many of a type, for pages of its own, which the others come to when it has gone.
                let new = types[any(types.len())];
                objects.extend((0..any(MANY)).map(|_| (byte, new(byte))));
            }
            _ => {
                let known = types.len().min(1 + seed as usize % 7 + step * types.len() / STEPS);
                objects.push((byte, types[any(known)](byte)));
            }
        }
        if let Some((byte, object)) = objects.last() {
            object.check(*byte);
        }
    }
    objects.iter().for_each(|(byte, object)| object.check(*byte));
}
