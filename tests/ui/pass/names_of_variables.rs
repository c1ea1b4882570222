#![allow(non_camel_case_types, non_upper_case_globals, unused_imports)]

use std::ops::Deref;

use tricycle::{DynTrace, Gc, Trace, closure, trace_dyn, unsize};

thread_local! {
    static LEAKED: &'static Gc<u8> = Box::leak(Box::new(Gc::new(1)));
}

/// A field of this type owns nothing.
#[derive(Trace)]
struct a_tricycle_field0;

impl Deref for a_tricycle_field0 {
    type Target = Gc<u8>;
    fn deref(&self) -> &Gc<u8> {
        LEAKED.with(|leaked| *leaked)
    }
}

#[derive(Trace)]
struct UnitStruct {
    a: self::a_tricycle_field0,
    b: Option<Gc<UnitStruct>>,
}

mod unit_variant {
    use super::*;

    #[derive(Trace)]
    enum Unit {
        a_tricycle_field1,
    }
    use Unit::a_tricycle_field1;

    impl Deref for Unit {
        type Target = Gc<u8>;
        fn deref(&self) -> &Gc<u8> {
            LEAKED.with(|leaked| *leaked)
        }
    }

    #[derive(Trace)]
    enum UnitVariant {
        A(Option<Gc<u8>>, self::Unit),
    }
}

mod constant {
    use super::*;

    #[derive(Trace, PartialEq, Eq)]
    struct Empty {}
    const a_tricycle_field0: Empty = Empty {};

    impl Deref for Empty {
        type Target = Gc<u8>;
        fn deref(&self) -> &Gc<u8> {
            LEAKED.with(|leaked| *leaked)
        }
    }

    #[derive(Trace)]
    struct Constant(self::Empty, Option<Gc<u8>>);
}

mod visitor {
    use super::*;

    struct a_tricycle_visitor;

    #[derive(Trace)]
    struct Visitor(Gc<u8>);

    trait Object: DynTrace {}
    trace_dyn!(dyn Object);
}

mod handles {
    use super::*;

    struct a_tricycle_handle;
    struct a_tricycle_pointer;

    fn coerced(gc: Gc<u8>) -> Gc<dyn Send> {
        unsize!(gc => dyn Send)
    }
}

mod inferred {
    use super::*;

    struct a_tricycle_handle;
    struct a_tricycle_pointer;

    fn coerced(gc: Gc<u8>) -> Gc<dyn Send> {
        unsize!(gc => _)
    }
}

mod parts {
    use super::*;

    struct a_tricycle_parts;

    #[derive(Trace)]
    struct Parts {
        #[trace(skip)]
        none: u8,
        all: Vec<u8>,
    }
}

mod captures {
    use super::*;

    struct a_tricycle_captures;
    struct a_tricycle_none;
    struct a_tricycle_function;

    fn called() {
        closure!([number = 1] |more: u8| -> u8 { number + more });
    }
}
