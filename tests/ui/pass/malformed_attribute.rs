use tricycle::Trace;

#[derive(Trace)]
#[trace()]
struct NoList;

#[derive(Trace)]
#[trace(acyclic)]
struct FlagWithValue;

#[derive(Trace)]
#[trace(container = true)]
struct NoValue;

#[derive(Trace)]
#[trace(container = true)]
struct WrongValue;

#[derive(Trace)]
#[trace(bound = "T: Trace")]
struct WrongBound<T>(T);

#[derive(Trace)]
#[trace(crate = ::tricycle)]
struct WrongPath;

#[derive(Trace)]
#[trace(bound = "", acyclic)]
struct NoComma;
