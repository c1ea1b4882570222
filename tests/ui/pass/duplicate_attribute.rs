use tricycle::Trace;

#[derive(Trace)]
#[trace(finalize)]
struct OneList;

impl tricycle::Finalize for OneList {
    fn finalize(&self) {}
}

#[derive(Trace)]
#[trace(container = true)]
#[trace(bound = "")]
struct TwoLists;

#[derive(Trace)]
struct Field(#[trace(skip)] u8);
