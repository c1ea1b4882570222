//! `DynTrace` is safe to implement; whoever could, would report an edge twice, and so free what is alive.

use tricycle::{DynTrace, DynVisitor, Gc, Visitor, trace_dyn};

trait Shape: DynTrace {}
trace_dyn!(dyn Shape);

struct Twice(Gc<u8>);

impl DynTrace for Twice {
    fn dyn_trace(&self, visitor: &mut DynVisitor<'_>) {
        visitor.field("once", &self.0);
        visitor.field("twice", &self.0);
    }
}

impl Shape for Twice {}

fn main() {}
