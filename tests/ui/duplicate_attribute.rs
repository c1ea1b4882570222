use tricycle::Trace;

#[derive(Trace)]
#[trace(finalize, finalize)]
struct OneList;

#[derive(Trace)]
#[trace(container = true)]
#[trace(container = false)]
struct TwoLists;

#[derive(Trace)]
struct Field(#[trace(skip, skip)] u8);

fn main() {}
