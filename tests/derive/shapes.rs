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

/// Structs that have no size, for their last field has none.
mod without_a_size {
    use tricycle::{DynTrace, Gc, Trace, Weak, trace_dyn, unsize};

    use crate::{edges, gc};

    #[derive(Trace)]
    struct Text {
        n: u8,
        text: str,
    }

    #[derive(Trace)]
    struct Handles(Weak<u8>, [Gc<u8>]);

    trait Part: DynTrace {}
    trace_dyn!(dyn Part);
    impl Part for Gc<u32> {}

    #[derive(Trace)]
    struct Object {
        gc: Gc<u8>,
        part: dyn Part,
    }

    /// With a parameter, safe code can.
    #[derive(Trace)]
    struct Tail<T: ?Sized>(Gc<u32>, T);

    #[test]
    fn unsized_tails() {
        const { assert!(!Text::CONTAINER && !Text::WEAK) };
        const { assert!(Handles::CONTAINER && Handles::WEAK) };
        const { assert!(Object::CONTAINER) };
        let slice: Gc<Tail<[Gc<u32>]>> = unsize!(Gc::new(Tail(gc(1), [gc(2), gc(3)])) => Tail<[Gc<u32>]>);
        let boxed: Box<Tail<[Gc<u32>]>> = Box::new(Tail(gc(4), [gc(5)]));
        let object: Box<Tail<dyn Part>> = Box::new(Tail(gc(6), gc(7)));
        assert_eq!((*slice.0, slice.1.len()), (1, 2));
        assert_eq!(edges(boxed), [4, 5]);
        assert_eq!(edges(object), [6, 7]);
    }
}

/// A union that is never looked into.
#[derive(Trace)]
#[trace(acyclic)]
union Bits<T: Copy> {
    float: f32,
    #[trace(skip)]
    int: u32,
    any: T,
}

#[test]
fn acyclic_unions() {
    assert_leaf::<Bits<&'static Gc<u32>>>();
    let bits: [Bits<()>; 3] = [Bits { float: 1.0 }, Bits { int: 2 }, Bits { any: () }];
    assert_eq!(edges((gc(1), bits)), [1]);
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
