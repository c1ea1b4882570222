//! A crew of threads that answer requests until time is up.

use std::hint::black_box;
use std::panic::resume_unwind;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use super::objects::{ConfigOn, WorkHeap, request};
use super::problem::Problem;

/// What a request waits for.
const WAIT: Duration = Duration::from_millis(2);
/// How much work comes after each wait in the mixed workload.
const WORK_PER_WAIT: usize = 60;

/// Answers one request.
pub(crate) type Answer<H> = fn(&ConfigOn<H>, H);

/// Works.
pub(crate) fn cpu<H: WorkHeap>(config: &ConfigOn<H>, heap: H) {
    black_box(request(config, heap));
}

/// Waits.
pub(crate) fn io<H: WorkHeap>(_: &ConfigOn<H>, heap: H) {
    heap.detach(|| thread::sleep(WAIT));
}

/// Waits, and works.
pub(crate) fn mixed<H: WorkHeap>(config: &ConfigOn<H>, heap: H) {
    io(config, heap);
    (0..WORK_PER_WAIT).for_each(|_| cpu(config, heap));
}

/// Requests per second of a crew that answers requests for so long. Each thread answers one at least.
///
/// # Errors
///
/// If objects are left that nobody can reach.
pub(crate) fn throughput<H: WorkHeap>(
    heap: H,
    threads: usize,
    time: Duration,
    answer: Answer<H>,
) -> Result<f64, Problem> {
    let before = heap.live_allocations();
    let configuration = heap.configuration();
    let rates = together(heap, threads, |_, start| {
        let config = configuration();
        let mut answered = 0_u32;
        loop {
            answer(&config, heap);
            answered += 1;
            if start.elapsed() >= time {
                return Ok(f64::from(answered) / start.elapsed().as_secs_f64());
            }
        }
    })?;
    drop(configuration);
    nothing_leaked(heap, before)?;
    Ok(rates.iter().sum())
}

/// Has so many threads, attached to the heap, do something all at once. They are told their number, and when they started.
///
/// # Errors
///
/// The first error of one of them, or that a thread has left objects on a heap of its own.
pub(crate) fn together<H: WorkHeap, R: Send>(
    heap: H,
    threads: usize,
    each: impl Fn(usize, Instant) -> Result<R, Problem> + Sync,
) -> Result<Vec<R>, Problem> {
    let line = Barrier::new(threads);
    let work = |index| {
        line.wait();
        let start = Instant::now();
        let result = heap.attach(|| each(index, start))?;
        if !H::SHARED {
            nothing_leaked(heap, 0)?;
        }
        Ok(result)
    };
    thread::scope(|scope| {
        let work = &work;
        let crew: Vec<_> = (0..threads).map(|index| scope.spawn(move || work(index))).collect();
        // All of them are waited for, whatever comes of the first.
        let results: Vec<_> =
            crew.into_iter().map(|member| member.join().unwrap_or_else(|p| resume_unwind(p))).collect();
        results.into_iter().collect()
    })
}

/// Collects, and looks whether there are more objects than `before`.
///
/// # Errors
///
/// If there are.
pub(crate) fn nothing_leaked<H: WorkHeap>(heap: H, before: usize) -> Result<(), Problem> {
    heap.collect();
    match heap.live_allocations().saturating_sub(before) {
        0 => Ok(()),
        objects => Err(Problem::Leaked { objects }),
    }
}
