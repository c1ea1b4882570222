use tricycle::{Finalize, Gc, GcCell, Trace};

#[derive(Trace)]
#[trace(finalize)]
struct Node {
    name: String,
    next: GcCell<Option<Gc<Node>>>,
}

impl Finalize for Node {
    fn finalize(&self) {
        if let Some(next) = &*self.next.borrow() {
            println!("{}", next.name);
        }
    }
}
