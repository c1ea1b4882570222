use tricycle::Trace;

#[derive(Trace)]
#[trace(unsafe_drop, container = true)]
struct Drops;

#[derive(Trace)]
#[trace(acyclic)]
struct Contains;

#[derive(Trace)]
struct Skipped(#[trace(unsafe_with = function)] u8);

#[derive(Trace)]
struct Leaf(#[trace(skip)] u8);

fn function(_: &u8, _: &mut impl tricycle::Visitor) {}
