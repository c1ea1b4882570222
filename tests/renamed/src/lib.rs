//! Every macro of the crate, used where the crate is called `gc`, and where `tricycle`, `std` and `core` mean something else.

#![forbid(unsafe_code)]
// What a macro allows is an error where it is forbidden.
#![forbid(unused, nonstandard_style, clippy::all, clippy::allow_attributes)]
#![cfg(test)]

use gc::{Biased, DynTrace, Finalize, Gc, GcCell, Trace, heap, trace_dyn, unsize};

mod tricycle {}
mod core {}
mod std {}

heap! { Vm: Local }
heap! { Shared: Biased }

trait Shape: DynTrace {
    fn sides(&self) -> u32;
}
trace_dyn!(dyn Shape);

#[derive(Trace)]
#[trace(finalize)]
struct Square {
    next: GcCell<Option<Gc<Square, Vm>>, Vm>,
    finalized: ::std::rc::Rc<::std::cell::Cell<u32>>,
}

impl Finalize for Square {
    fn finalize(&self) {
        self.finalized.set(self.finalized.get() + 1);
    }
}

impl Shape for Square {
    fn sides(&self) -> u32 {
        4
    }
}

/// The override works here as elsewhere.
#[derive(Trace)]
#[trace(crate = ::gc)]
struct Holder {
    shape: Gc<dyn Shape, Vm>,
    boxed: Vec<Box<dyn Shape>>,
}

/// The place of a type in such a macro is taken for the user's own code.
macro_rules! in_a_macro {
    ($($field:ident: $ty:ty),*) => {
        #[derive(Trace)]
        struct InAMacro { $($field: $ty),* }
    };
}
in_a_macro! { shape: Gc<dyn Shape, Vm>, number: u8 }

#[test]
fn the_macros_find_the_crate() {
    let finalized = ::std::rc::Rc::default();
    let square = || Square { next: GcCell::new(None), finalized: ::std::rc::Rc::clone(&finalized) };
    let object = Gc::new_in(square(), Vm);
    object.next.set(Some(object.clone()));
    let holder = Holder { shape: unsize!(object => dyn Shape), boxed: vec![Box::new(square())] };
    assert_eq!(holder.shape.sides() + holder.boxed[0].sides(), 8);
    let holder = Gc::new_in(holder, Vm);
    assert_eq!(Vm.referents(&holder).len(), 1);
    let other = Gc::new_in(InAMacro { shape: holder.shape.clone(), number: 1 }, Vm);
    assert_eq!(Vm.referents(&other).len(), usize::from(other.number));
    drop(other);
    drop(holder);
    assert_eq!((Vm.collect().collected, finalized.get()), (1, 1));
    assert_eq!(*Gc::new_in(5, Shared) + *Gc::new_in(6, Biased), 11);
}
