//! The rows that look for the longest wait.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tricycle::Locked;

use crate::contestants::SharedHeap;

/// A busy thread polls about as often as a program that allocates.
const SPACING: u32 = 100;
/// What a waiting thread waits for.
const PAUSE: Duration = Duration::from_millis(1);

/// Says that it is over when dropped, also by a panic.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn spin() {
    (0..SPACING).for_each(|_| std::hint::spin_loop());
}

/// The 99th percentile (nearest rank).
fn p99(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[(times.len() * 99).div_ceil(100) - 1]
}

/// Stops two threads that poll, lets them go on, and so on: microseconds. To count the objects of the heap stops it; there are
/// none.
pub fn stop<H: SharedHeap>(heap: H, samples: usize) -> f64 {
    heap.collect();
    let over = AtomicBool::new(false);
    let line = Barrier::new(3);
    let poll = || {
        line.wait();
        heap.attach(|| {
            while !over.load(Ordering::Relaxed) {
                spin();
                heap.poll();
            }
        });
    };
    let times = thread::scope(|scope| {
        let _over = Over(&over);
        scope.spawn(poll);
        scope.spawn(poll);
        line.wait();
        heap.attach(|| {
            let one = |_| {
                heap.detach(|| thread::sleep(PAUSE));
                let start = Instant::now();
                std::hint::black_box(heap.live_objects());
                start.elapsed()
            };
            (0..samples).map(one).collect::<Vec<_>>()
        })
    });
    p99(times).as_secs_f64() * 1e6
}

/// A thread that waits for something else, and then for the lock, which one busy thread wants all the time: how long for the
/// lock, in switch intervals.
pub fn wake_up(samples: usize) -> f64 {
    let over = AtomicBool::new(false);
    let line = Barrier::new(2);
    let times = thread::scope(|scope| {
        let _over = Over(&over);
        scope.spawn(|| {
            line.wait();
            Locked.attach(|| {
                while !over.load(Ordering::Relaxed) {
                    spin();
                    Locked.poll();
                }
            });
        });
        line.wait();
        Locked.attach(|| {
            let one = |_| {
                let woken = Locked.detach(|| {
                    thread::sleep(PAUSE);
                    Instant::now()
                });
                woken.elapsed()
            };
            (0..samples).map(one).collect::<Vec<_>>()
        })
    });
    p99(times).as_secs_f64() / Locked.switch_interval().as_secs_f64()
}
