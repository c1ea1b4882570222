use tricycle::{DynTrace, Gc, Trace, trace_dyn};

trait Shape: DynTrace {}
trace_dyn!(dyn Shape);

#[derive(Trace)]
struct Twice(Gc<u8>);

impl Shape for Twice {}

#[test]
fn passes() {
    let _: Gc<Box<dyn Shape>> = Gc::new(Box::new(Twice(Gc::new(1))));
}
