//! `time`.

use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::builtins::functions;
use crate::heap::Runtime;
use crate::object::Module;
use crate::value::Value;
use crate::vm::{R, Vm};

/// A number of seconds that a program gave; nothing if it is negative.
pub fn duration<H: Runtime>(vm: &Vm<H>, seconds: f64) -> R<Option<Duration>, H> {
    if seconds.is_nan() {
        return Err(vm.value_error("Invalid value NaN (not a number)"));
    }
    // CPython counts nanoseconds, in 64 bits.
    if seconds.abs() >= 9.223_372_036e9 {
        return Err(vm.error("OverflowError", "timestamp out of range for platform time_t"));
    }
    Ok(Duration::try_from_secs_f64(seconds).ok())
}

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

pub fn fill<H: Runtime>(module: &Module<H>) {
    LazyLock::force(&START);
    functions(
        module,
        &[
            ("perf_counter", |_, _| Ok(Value::float(START.elapsed().as_secs_f64()))),
            ("monotonic", |_, _| Ok(Value::float(START.elapsed().as_secs_f64()))),
            ("process_time", |_, _| Ok(Value::float(START.elapsed().as_secs_f64()))),
            ("perf_counter_ns", |_, _| Ok(Value::Int(START.elapsed().as_nanos() as i64))),
            ("time", |_, _| {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Ok(Value::float(now.as_secs_f64()))
            }),
            ("sleep", |vm, args| {
                let seconds = vm.to_float(&args.exactly::<1>(vm, "sleep")?[0])?;
                let Some(length) = duration(vm, seconds)? else {
                    return Err(vm.value_error("sleep length must be non-negative"));
                };
                vm.flush();
                vm.sleep(length).map(|()| Value::None)
            }),
        ],
    );
}
