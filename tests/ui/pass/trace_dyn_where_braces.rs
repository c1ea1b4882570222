use tricycle::{DynTrace, Gc, trace_dyn};

trait Shape<E>: DynTrace {
    fn gc(&self) -> &Gc<u8>;
}

struct Fake<T>(T);

trace_dyn!(<E> dyn Shape<E> where E: 'static, Fake<E>: Sized);

trait Clock<E> {}

trace_dyn!(<E> dyn Clock<E>, acyclic where E: 'static);

fn main() {}
