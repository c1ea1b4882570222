use tricycle::Trace;

#[derive(Trace)]
#[trace(skip)]
struct Type;

#[derive(Trace)]
struct Field {
    #[trace(acyclic)]
    a: u8,
    #[trace(finalize)]
    b: u8,
}

#[derive(Trace)]
enum Variant {
    #[trace(unsafe_drop)]
    A,
    #[trace(unsafe_with = function)]
    B,
}

fn main() {}
