use tricycle::{DynVisitor, Gc, Heap, Visitor};

struct Mine;

impl Visitor for Mine {
    fn edge<T: ?Sized + 'static, H: Heap>(&mut self, _: &Gc<T, H>) {}
    fn erase(&mut self) -> DynVisitor<'_> {
        unimplemented!()
    }
}

fn main() {}
