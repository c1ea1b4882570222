use tricycle::Trace;

#[derive(Trace)]
#[trace(unsafe_drop, container = true)]
struct Drops;

#[derive(Trace)]
#[trace(acyclic)]
struct Contains;
