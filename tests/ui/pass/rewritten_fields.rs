use tricycle::{Gc, Trace};
use tricycle_test_macros::becomes;

#[becomes {
    #[derive(Trace)]
    struct Added { a: Gc<u8>, b: Gc<u8> }
}]
struct Added {
    a: Gc<u8>,
}

#[becomes {
    #[derive(Trace)]
    struct AddedToNothing(Gc<u8>);
}]
struct AddedToNothing;

#[becomes {
    #[derive(Trace)]
    struct Removed { a: Gc<u8> }
}]
struct Removed {
    a: Gc<u8>,
    b: Gc<u8>,
}

#[becomes {
    #[derive(Trace)]
    enum AddedVariant { A(Gc<u8>), B(Gc<u8>) }
}]
enum AddedVariant {
    A(Gc<u8>),
}

#[derive(Trace)]
#[becomes {
    #[repr(packed)]
    struct Packed { n: u8, #[trace(skip)] a: Gc<u8> }
}]
struct Packed {
    n: u8,
    #[trace(skip)]
    a: Gc<u8>,
}

#[derive(Trace)]
#[trace(acyclic)]
#[becomes {
    union Union { a: std::mem::ManuallyDrop<Gc<u8>> }
}]
struct Union {
    a: Gc<u8>,
}

#[derive(Trace)]
#[becomes {
    struct Outer { a: &'static Gc<u8> }
}]
struct Outer {
    a: Gc<u8>,
}

struct Inner {
    a: Gc<u8>,
}

impl std::ops::Deref for Outer {
    type Target = Gc<u8>;
    fn deref(&self) -> &Gc<u8> {
        self.a
    }
}

#[derive(Trace)]
#[becomes {
    struct Untraced { a: std::cell::RefCell<Gc<u8>> }
}]
struct Untraced {
    a: Gc<u8>,
}

#[derive(Trace)]
#[becomes {
    struct Real { a: Gc<u8> }
    type Alias = Real;
    impl Real {
        fn drop(&mut self) {}
    }
}]
struct Alias {
    a: Gc<u8>,
}
