use tricycle::Trace;

#[derive(Trace)]
#[trace(finalise)]
struct Type;

#[derive(Trace)]
struct Field(#[trace(ignore)] u8, #[trace(tricycle::skip)] u8);

#[derive(Trace)]
enum Variant {
    #[trace(acyclc)]
    A,
}

fn main() {}
