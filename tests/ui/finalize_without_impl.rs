use tricycle::Trace;

#[derive(Trace)]
#[trace(finalize)]
struct Temp {
    path: String,
}

fn main() {}
