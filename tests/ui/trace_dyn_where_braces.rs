//! Braces in the `where` clause of `trace_dyn!` would be the body of the implementation.

use tricycle::{DynTrace, Gc, trace_dyn};

trait Shape<E>: DynTrace {
    fn gc(&self) -> &Gc<u8>;
}

struct Fake<T>(T);

trace_dyn!(<E> dyn Shape<E> where E: 'static {
    const CONTAINER: bool = true;
    fn trace(&self, visitor: &mut impl tricycle::Visitor) {
        tricycle::Trace::trace(self.gc(), visitor);
        tricycle::Trace::trace(self.gc(), visitor);
    }
} impl<T> Fake<T> where Fake<T>: DynTrace);

trait Clock<E> {}

trace_dyn!(<E> dyn Clock<E>, acyclic where E: 'static { fn trace(&self, _: &mut impl tricycle::Visitor) {} } impl<T> Fake<T>);

fn main() {}
