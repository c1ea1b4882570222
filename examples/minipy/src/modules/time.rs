//! `time`.

use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::builtins::functions;
use crate::heap::Runtime;
use crate::object::Module;
use crate::value::Value;

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
                if seconds < 0.0 {
                    return Err(vm.value_error("sleep length must be non-negative"));
                }
                vm.flush();
                vm.sleep(Duration::from_secs_f64(seconds.min(1e9))).map(|()| Value::None)
            }),
        ],
    );
}
