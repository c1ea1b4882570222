use tricycle::{Atomic, Gc, GcCell};

#[test]
fn passes() {
    let gc = Gc::new_in(GcCell::<_, Atomic>::new(1), Atomic);
    std::thread::spawn(move || gc.set(2)).join().unwrap();
}
