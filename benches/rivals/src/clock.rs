//! Time, as far as the program is to blame for it.
//!
//! All rows are timed by the CPU clock of the one thread there is: on an idle machine it agrees with the wall clock, and on a
//! busy one it leaves out what others were given.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// Started when made.
pub struct Stopwatch(Duration);

impl Stopwatch {
    /// Starts.
    pub fn start() -> Self {
        Stopwatch(thread_cpu_time())
    }

    /// Nanoseconds since the start, divided among `count`.
    pub fn nanos_per(&self, count: usize) -> f64 {
        (thread_cpu_time() - self.0).as_nanos() as f64 / count as f64
    }

    /// Milliseconds since the start.
    pub fn millis(&self) -> f64 {
        (thread_cpu_time() - self.0).as_secs_f64() * 1e3
    }
}

/// Steps between two looks at the CPU clock, which costs a system call.
const STRETCH: u32 = 256;

/// Times one step after the other and keeps the longest.
///
/// Reading the CPU clock takes longer than most steps. So steps are timed by the wall clock, and count for no more than
/// the CPU time that the thread has spent since the current stretch of steps began.
pub struct Longest {
    longest: Duration,
    last: Instant,
    stretch_began: Duration,
    steps: u32,
}

impl Longest {
    /// Starts the first step.
    pub fn start() -> Self {
        Longest { longest: Duration::ZERO, stretch_began: thread_cpu_time(), steps: 0, last: Instant::now() }
    }

    /// Ends a step and starts the next.
    #[inline]
    pub fn step(&mut self) {
        let now = Instant::now();
        let wall = now - self.last;
        self.last = now;
        self.steps += 1;
        if wall > self.longest || self.steps == STRETCH {
            self.look(wall);
        }
    }

    #[cold]
    fn look(&mut self, wall: Duration) {
        let cpu = thread_cpu_time();
        self.longest = self.longest.max(wall.min(cpu - self.stretch_began));
        self.stretch_began = cpu;
        self.steps = 0;
        self.last = Instant::now();
    }

    /// The longest step, in milliseconds.
    pub fn millis(&self) -> f64 {
        self.longest.as_secs_f64() * 1e3
    }
}

fn thread_cpu_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}
