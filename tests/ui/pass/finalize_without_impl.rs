use tricycle::{Finalize, Trace};

#[derive(Trace)]
#[trace(finalize)]
struct Temp {
    path: String,
}

impl Finalize for Temp {
    fn finalize(&self) {}
}
