use tricycle::Trace;

#[derive(Trace)]
#[trace(acyclic)]
struct Type;

#[derive(Trace)]
#[trace(finalize)]
struct Field {
    #[trace(skip)]
    a: u8,
    b: u8,
}

impl tricycle::Finalize for Field {
    fn finalize(&self) {}
}

#[derive(Trace)]
enum Variant {
    #[trace(skip)]
    A,
    B(#[trace(unsafe_with = function)] u8),
}

fn function(_: &u8, _: &mut impl tricycle::Visitor) {}
