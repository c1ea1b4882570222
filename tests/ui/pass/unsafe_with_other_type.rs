use tricycle::{Gc, Trace, Visitor};

#[derive(Trace)]
struct Borrowed(#[trace(unsafe_with = function)] Gc<u8>);

#[derive(Trace)]
struct Boxed(#[trace(unsafe_with = boxed)] Box<Gc<u8>>);

#[derive(Trace)]
struct NoFunction(#[trace(unsafe_with = self::function)] Gc<u8>);

fn function(gc: &Gc<u8>, visitor: &mut impl Visitor) {
    gc.trace(visitor);
}

fn boxed(gc: &Box<Gc<u8>>, visitor: &mut impl Visitor) {
    gc.trace(visitor);
}
