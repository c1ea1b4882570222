//! A definition that another macro changes after the derive has seen it, in ways that tracing could not follow.

use tricycle::{Gc, Trace};
use tricycle_test_macros::becomes;

#[derive(Trace)]
#[becomes {
    struct Added { a: Gc<u8>, b: Gc<u8> }
}]
struct Added {
    a: Gc<u8>,
}

#[derive(Trace)]
#[becomes {
    struct AddedToNothing(Gc<u8>);
}]
struct AddedToNothing;

#[derive(Trace)]
#[becomes {
    struct Removed { a: Gc<u8> }
}]
struct Removed {
    a: Gc<u8>,
    b: Gc<u8>,
}

#[derive(Trace)]
#[becomes {
    enum AddedVariant { A(Gc<u8>), B(Gc<u8>) }
}]
enum AddedVariant {
    A(Gc<u8>),
}

#[derive(Trace)]
#[becomes {
    #[repr(packed)]
    struct Packed { n: u8, a: Gc<u8> }
}]
struct Packed {
    n: u8,
    a: Gc<u8>,
}

#[derive(Trace)]
#[becomes {
    union Union { a: std::mem::ManuallyDrop<Gc<u8>> }
}]
struct Union {
    a: Gc<u8>,
}

/// Neither is it looked for in what the type dereferences to.
#[derive(Trace)]
#[becomes {
    struct Outer(&'static Inner);
}]
struct Outer {
    a: Gc<u8>,
}

struct Inner {
    a: Gc<u8>,
}

impl std::ops::Deref for Outer {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        self.0
    }
}

#[derive(Trace)]
#[becomes {
    struct Untraced { a: std::cell::Ref<'static, Gc<u8>> }
}]
struct Untraced {
    a: Gc<u8>,
}

#[derive(Trace)]
#[becomes {
    struct Real { a: Gc<u8> }
    type Alias = Real;
    impl Drop for Real {
        fn drop(&mut self) {}
    }
}]
struct Alias {
    a: Gc<u8>,
}

fn main() {}
