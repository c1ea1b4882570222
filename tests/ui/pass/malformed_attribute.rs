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

#[derive(Trace)]
struct NoFunction(#[trace(unsafe_with = function)] u8, #[trace(skip)] u8, u8);

fn function(_: &u8, _: &mut impl tricycle::Visitor) {}
