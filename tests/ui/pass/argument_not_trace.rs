use tricycle::{Gc, Trace};

#[derive(Trace)]
struct Socket;

#[derive(Trace)]
struct Wrapper<T>(T);

#[test]
fn passes() {
    Gc::new(Socket);
    Gc::new(Wrapper(Socket));
}
