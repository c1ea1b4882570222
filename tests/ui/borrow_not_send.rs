use tricycle::{Gc, GcCell, Locked};

fn main() {
    let gc = Gc::new_in(GcCell::new(1), Locked);
    let borrow = gc.borrow_mut();
    std::thread::scope(|scope| _ = scope.spawn(move || drop(borrow)));
}
