//! Structs and enums of every shape.

use tricycle::{Gc, Trace, Weak};

use crate::{assert_leaf, edges, gc};

#[derive(Trace)]
struct Named {
    a: Gc<u32>,
    n: i32,
    r#type: Option<Gc<u32>>,
}

#[derive(Trace)]
struct Tuple(Gc<u32>, &'static str, Vec<Gc<u32>>);

#[derive(Trace)]
struct Unit;

#[derive(Trace)]
enum Empty {}

#[derive(Trace)]
enum Mixed {
    Unit,
    Tuple(Gc<u32>, Gc<u32>),
    Named { gc: Gc<u32>, n: u8 },
}

#[derive(Trace)]
struct Numbers {
    a: u8,
    b: (f64, char),
}

#[derive(Trace)]
struct Watcher(Weak<u32>);

#[test]
fn structs() {
    assert_eq!(edges(Named { a: gc(1), n: 0, r#type: Some(gc(2)) }), [1, 2]);
    assert_eq!(edges(Named { a: gc(1), n: 0, r#type: None }), [1]);
    assert_eq!(edges(Tuple(gc(1), "", vec![gc(2), gc(3)])), [1, 2, 3]);
    assert_eq!(edges(Unit), []);
    const { assert!(Named::CONTAINER && Tuple::CONTAINER) };
    const { assert!(!Named::WEAK && !Named::FINALIZER) };
    assert_leaf::<Unit>();
    assert_leaf::<Empty>();
    assert_leaf::<Numbers>();
    let Numbers { a, b } = Numbers { a: 1, b: (2.0, 'x') };
    assert_eq!((a, b), (1, (2.0, 'x')));
}

#[test]
fn enums() {
    const { assert!(Mixed::CONTAINER) };
    assert_eq!(edges(Mixed::Unit), []);
    assert_eq!(edges(Mixed::Tuple(gc(1), gc(2))), [1, 2]);
    assert_eq!(edges(Mixed::Named { gc: gc(3), n: 0 }), [3]);
}

#[test]
fn weak_handles_are_visited_but_are_no_edges() {
    const { assert!(Watcher::WEAK && !Watcher::CONTAINER) };
    let target = gc(1);
    assert_eq!(edges(Watcher(Gc::downgrade(&target))), []);
}

/// All handles are one word, wherever they are.
#[derive(Trace)]
#[repr(C)]
struct Layout {
    a: Gc<u32>,
    b: Gc<u32>,
}

#[test]
fn the_derive_does_not_change_the_type() {
    assert_eq!(size_of::<Layout>(), 2 * size_of::<usize>());
    assert_eq!(edges(Layout { a: gc(1), b: gc(2) }), [1, 2]);
}

/// In a function, with a name that the generated code uses too.
#[test]
fn names_do_not_clash() {
    trait Visitor {
        const NAME: &str;
    }
    #[derive(Trace)]
    struct Trace {
        visitor: Gc<u32>,
        field0: Gc<u32>,
    }
    impl Visitor for Trace {
        const NAME: &str = "Trace";
    }
    assert_eq!(Trace::NAME, "Trace");
    assert_eq!(edges(Trace { visitor: gc(1), field0: gc(2) }), [1, 2]);
}

/// Names that are keywords.
#[test]
fn raw_identifiers() {
    #[derive(Trace)]
    #[expect(non_camel_case_types, reason = "it is a keyword")]
    enum r#enum {
        r#struct { r#fn: Gc<u32> },
    }
    assert_eq!(edges(r#enum::r#struct { r#fn: gc(1) }), [1]);
}

/// A type that comes out of somebody's `macro_rules!`.
#[test]
fn types_made_by_macros() {
    macro_rules! define {
        ($name:ident { $($field:ident: $ty:ty),* }) => {
            #[derive(Trace)]
            struct $name { $($field: $ty,)* own: $crate::shapes::Tuple }
        };
    }
    define!(Made { a: Gc<u32>, b: Option<Box<Made>> });
    let inner = Made { a: gc(3), b: None, own: Tuple(gc(4), "", vec![]) };
    assert_eq!(edges(Made { a: gc(1), b: Some(Box::new(inner)), own: Tuple(gc(2), "", vec![]) }), [1, 3, 4, 2]);
}
