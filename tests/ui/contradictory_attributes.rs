use tricycle::Trace;

#[derive(Trace)]
#[trace(acyclic, unsafe_drop)]
struct Drops;

#[derive(Trace)]
#[trace(container = true)]
#[trace(acyclic)]
struct Contains;

#[derive(Trace)]
struct Skipped(#[trace(skip, unsafe_with = function)] u8);

#[derive(Trace)]
#[trace(acyclic)]
struct Leaf(#[trace(unsafe_with = function)] u8);

fn main() {}
