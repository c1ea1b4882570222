//! The collections of the standard library.
//!
//! Hashers and comparisons are never called: a collection is walked in the order in which it lies in memory.

#![expect(unsafe_code, reason = "`Trace` is an unsafe trait")]

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};

use crate::raw::heap::part::Parts;
use crate::trace::visits;
use crate::{Trace, Visitor};

divisible! {
    [T: Trace, const N: usize] [T; N]: [T] false |this, parts| parts.each(this),
        |this, visitor| for element in this { element.trace(visitor) };
    [T: Trace] Vec<T>: [T] true |this, parts| if !parts.take(this, this.len()) { parts.each(this) },
        |this, visitor| for element in this { element.trace(visitor) };
    [T: Trace] VecDeque<T>: [T] true |this, parts| if !parts.take(this, this.len()) { parts.each(this) },
        |this, visitor| for element in this { element.trace(visitor) };
    [T: Trace] LinkedList<T>: [T] true |this, parts| if !parts.take(this, this.len()) { parts.each(this) },
        |this, visitor| for element in this { element.trace(visitor) };
    [K: Trace, V: Trace] BTreeMap<K, V>: [K, V] true
        |this, parts| if !parts.take(this, this.len()) { parts.each(this.values_mut()) },
        |this, visitor| for (key, value) in this {
            key.trace(visitor);
            value.trace(visitor);
        };
    // Of the elements of these one cannot change anything.
    // In the oldest Rust that will do, an empty one takes an `Ord`.
    [T: Trace] BinaryHeap<T>: [T] true
        |this, parts| if Parts::takes::<T>(this.len()) {
            let mut elements: Vec<T> = this.drain().collect();
            let len = elements.len();
            parts.take(&mut elements, len);
        },
        |this, visitor| for element in this { element.trace(visitor) };
    [T: Trace] BTreeSet<T>: [T] true |this, parts| { parts.take(this, this.len()); },
        |this, visitor| for element in this { element.trace(visitor) };
}

// SAFETY: as in `owners!`.
unsafe impl<T: Trace> Trace for [T] {
    const CONTAINER: bool = T::CONTAINER;
    const WEAK: bool = T::WEAK;
    const ONLY_HANDLES: bool = T::ONLY_HANDLES;
    const DIVISIBLE: bool = T::CONTAINER & T::ONLY_HANDLES | T::DIVISIBLE;

    #[inline]
    fn trace(&self, visitor: &mut impl Visitor) {
        if visits::<Self>() {
            self.iter().for_each(|element| element.trace(visitor));
        }
    }

    fn divide(&mut self, parts: &mut Parts) {
        parts.each(self);
    }

    fn divide_boxed(this: &mut Box<Self>, parts: &mut Parts) {
        if !parts.take(this, this.len()) {
            parts.each(&mut **this);
        }
    }
}

// A hasher may be of any type. If it owns handles, they are left out: they keep their objects alive.
//
// SAFETY: as in `owners!`.
unsafe impl<T: Trace, S: 'static> Trace for HashSet<T, S> {
    const CONTAINER: bool = T::CONTAINER;
    const WEAK: bool = T::WEAK;
    const DIVISIBLE: bool = T::CONTAINER & T::ONLY_HANDLES;

    #[inline]
    fn trace(&self, visitor: &mut impl Visitor) {
        if visits::<Self>() {
            self.iter().for_each(|element| element.trace(visitor));
        }
    }

    fn divide(&mut self, parts: &mut Parts) {
        let len = self.len();
        parts.take_if::<HashSet<T>>(self, len);
    }
}

// SAFETY: as in `owners!`.
unsafe impl<K: Trace, V: Trace, S: 'static> Trace for HashMap<K, V, S> {
    const CONTAINER: bool = K::CONTAINER | V::CONTAINER;
    const WEAK: bool = K::WEAK | V::WEAK;
    const DIVISIBLE: bool = Self::CONTAINER & K::ONLY_HANDLES & V::ONLY_HANDLES | V::DIVISIBLE;

    #[inline]
    fn trace(&self, visitor: &mut impl Visitor) {
        if visits::<Self>() {
            self.iter().for_each(|(key, value)| {
                key.trace(visitor);
                value.trace(visitor);
            });
        }
    }

    fn divide(&mut self, parts: &mut Parts) {
        let len = self.len();
        if !parts.take_if::<HashMap<K, V>>(self, len) {
            parts.each(self.values_mut());
        }
    }
}
