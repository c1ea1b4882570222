use tricycle::{Gc, GcCell, trace_dyn};
use tricycle_test_macros::turns;

struct Node {
    next: GcCell<Option<Gc<dyn Nodes>>>,
}

trait Nodes: tricycle::DynTrace {}

trace_dyn!(dyn Nodes);

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.next.borrow().is_some();
    }
}

struct Other(Gc<u8>);

trait Shape: tricycle::DynTrace {}

trace_dyn!(turns!(dyn Shape; 1; dyn Shape));

#[derive(tricycle::Trace)]
struct Tail(str);

trait Leaf {}

trace_dyn!(dyn Leaf, acyclic);
