use tricycle::{Gc, Trace, Visitor};

/// Its handle is not the field's: no coercion helps.
#[derive(Trace)]
struct Borrowed(#[trace(unsafe_with = function)] &'static Gc<u8>);

#[derive(Trace)]
struct Boxed(#[trace(unsafe_with = function)] Box<Gc<u8>>);

#[derive(Trace)]
struct NoFunction(#[trace(unsafe_with = missing)] Gc<u8>);

fn function(gc: &Gc<u8>, visitor: &mut impl Visitor) {
    gc.trace(visitor);
}

fn main() {}
