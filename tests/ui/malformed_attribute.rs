use tricycle::Trace;

#[derive(Trace)]
#[trace]
struct NoList;

#[derive(Trace)]
#[trace(finalize = true)]
struct FlagWithValue;

#[derive(Trace)]
#[trace(container)]
struct NoValue;

#[derive(Trace)]
#[trace(container = "true")]
struct WrongValue;

#[derive(Trace)]
#[trace(bound = "T implements Trace")]
struct WrongBound<T>(T);

#[derive(Trace)]
#[trace(crate = "gc")]
struct WrongPath;

#[derive(Trace)]
#[trace(finalize acyclic)]
struct NoComma;

#[derive(Trace)]
struct NoFunction(#[trace(unsafe_with)] u8, #[trace(unsafe_with = "f")] u8, #[trace(with(f))] u8);

fn main() {}
