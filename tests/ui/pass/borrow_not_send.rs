use tricycle::{Gc, GcCell, Locked};

#[test]
fn passes() {
    let gc = Gc::new_in(GcCell::<_, Locked>::new(1), Locked);
    let cell = &gc;
    std::thread::scope(|scope| _ = scope.spawn(move || drop(cell.borrow_mut())));
}
