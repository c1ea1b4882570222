use tricycle::{Gc, GcCell};

#[test]
fn passes() {
    let list: Gc<GcCell<_>> = Gc::new(GcCell::new(vec![1]));
    list.borrow_mut().push(2);
}
