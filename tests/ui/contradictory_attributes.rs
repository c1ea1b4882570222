use tricycle::Trace;

#[derive(Trace)]
#[trace(acyclic, unsafe_drop)]
struct Drops;

#[derive(Trace)]
#[trace(container = true)]
#[trace(acyclic)]
struct Contains;

fn main() {}
