//! `trace_dyn!` would make a type with a size trace itself by tracing itself, and skip what the derive checks.

use tricycle::{Gc, GcCell, trace_dyn};
use tricycle_test_macros::turns;

struct Node {
    next: GcCell<Option<Gc<Node>>>,
}

trace_dyn!(Node);

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.next.borrow().is_some();
    }
}

/// A macro that names another type when it is asked again.
struct Other(Gc<u8>);

trait Shape: tricycle::DynTrace {}

trace_dyn!(turns!(Other; 1; dyn Shape));

/// Without a size, but no trait object.
struct Tail(str);

trace_dyn!(Tail);

trace_dyn!(Leaf, acyclic);

struct Leaf(u8);

fn main() {
    Gc::new(Node { next: GcCell::new(None) });
}
