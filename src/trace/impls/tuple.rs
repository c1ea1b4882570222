//! Tuples of up to twelve elements.

#![expect(unsafe_code, reason = "`Trace` is an unsafe trait")]

use crate::raw::heap::part::Parts;
use crate::{Trace, Visitor};

/// One implementation: the type and the index of each element.
macro_rules! tuple {
    ($($element:ident $index:tt),+) => {
        // SAFETY: 1: a tuple owns its elements, and each is visited once. 2: always in the same order. 3: nothing else is
        // called. 4: a tuple has no `Drop`. 5: the element that visits a handle has a true `CONTAINER`.
        unsafe impl<$($element: Trace),+> Trace for ($($element,)+) {
            const CONTAINER: bool = false $(| $element::CONTAINER)+;
            const WEAK: bool = false $(| $element::WEAK)+;
            const ONLY_HANDLES: bool = true $(& $element::ONLY_HANDLES)+;
            const DIVISIBLE: bool = false $(| $element::DIVISIBLE)+;
            #[inline]
            fn trace(&self, visitor: &mut impl Visitor) {
                $(visitor.field(stringify!($index), &self.$index);)+
            }
            fn divide(&mut self, parts: &mut Parts) {
                $(self.$index.divide(parts);)+
            }
        }
    };
}

tuple!(A 0);
tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
tuple!(A 0, B 1, C 2, D 3, E 4);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);
