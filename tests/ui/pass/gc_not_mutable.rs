use tricycle::{Gc, GcCell};

fn main() {
    let list: Gc<GcCell<_>> = Gc::new(GcCell::new(vec![1]));
    list.borrow_mut().push(2);
}
