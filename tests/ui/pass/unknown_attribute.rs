use tricycle::Trace;

#[derive(Trace)]
#[trace(finalize)]
struct Type;

impl tricycle::Finalize for Type {
    fn finalize(&self) {}
}

#[derive(Trace)]
struct Field(#[trace(skip)] u8, #[trace(skip)] u8);

#[derive(Trace)]
#[trace(acyclic)]
enum Variant {
    A,
}
