use tricycle::{Gc, GcCell, Locked};

fn send(_: impl Send) {}

#[test]
fn passes() {
    let gc = Gc::new_in(GcCell::<_, Locked>::new(1), Locked);
    send(&gc);
}
