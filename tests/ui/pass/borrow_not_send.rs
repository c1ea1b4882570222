use tricycle::{Gc, GcCell, Locked};

fn main() {
    let gc = Gc::new_in(GcCell::<_, Locked>::new(1), Locked);
    let cell = &gc;
    std::thread::scope(|scope| _ = scope.spawn(move || drop(cell.borrow_mut())));
}
