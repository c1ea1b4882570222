use tricycle::{Gc, GcCell, Locked};

fn send(_: impl Send) {}

fn main() {
    let gc = Gc::new_in(GcCell::new(1), Locked);
    let borrow = gc.borrow_mut();
    send(borrow);
}
