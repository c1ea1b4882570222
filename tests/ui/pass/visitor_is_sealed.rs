use tricycle::{Gc, Trace, Visitor};

struct Mine(Gc<u8>);

// SAFETY: the one handle is visited once.
unsafe impl Trace for Mine {
    const CONTAINER: bool = true;
    fn trace(&self, visitor: &mut impl Visitor) {
        visitor.field("0", &self.0);
    }
}
