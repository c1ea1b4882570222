use tricycle::{Gc, Trace};

struct Socket;

#[derive(Trace)]
struct Wrapper<T>(T);

fn main() {
    Gc::new(Socket);
    Gc::new(Wrapper(Socket));
}
