//! The first run: takes the time, and compares only what the heap counts anyway, so as not to disturb what is measured.

use std::hint::black_box;
use std::time::{Duration, Instant};

use tricycle::Gc;

use super::census::Census;
use super::crew::Crew;
use super::difference::Difference;
use super::experiment::Experiment;
use super::objects::{Container, Object, ReplayHeap};
use super::pauses::Recorder;
use super::progress::Progress;

/// Full collections that are timed with everything alive.
const COLLECTIONS: usize = 15;

/// What was measured.
#[derive(Debug)]
pub(crate) struct Measured {
    /// Building all objects, automatic collections included.
    pub(crate) build: Duration,
    /// The median of several full collections with everything alive.
    pub(crate) collect: Duration,
    pub(crate) freed_by_count: usize,
    /// What was freed while a collection ran: garbage, and what only garbage held.
    pub(crate) freed_by_collector: usize,
    pub(crate) leaked: usize,
    /// Every collection but the timed ones.
    pub(crate) pauses: Vec<Duration>,
    pub(crate) difference: Option<Difference>,
}

/// Builds the heap, times collections, and takes the heap apart.
pub(crate) fn measure<H: ReplayHeap>(
    experiment: &Experiment,
    heap: H,
    crew: &impl Crew<H>,
    progress: &mut Progress,
) -> Measured {
    let Experiment { file, batches, .. } = experiment;
    let before = Census::of(heap);
    let alive = || Census::of(heap).since(before);

    progress.step("building");
    let recorder = Recorder::start(heap);
    let start = Instant::now();
    let objects = crew.build(experiment, heap);
    let roots = objects.roots(batches);
    drop(objects);
    let build = start.elapsed();

    let after_build = alive().objects;
    heap.collect();
    let mut pauses = recorder.stop();
    let mut difference = experiment.compare(0, alive()).err();
    let mut freed_by_count = file.nodes() as usize - after_build;
    let mut freed_by_collector = after_build - alive().objects;

    progress.step("collecting");
    let collect = time_collections(heap, &roots, file.nodes());

    let recorder = Recorder::start(heap);
    for ((step, batch), roots) in (1..).zip(batches).zip(roots) {
        progress.step(&batch.name);
        let held = alive().objects;
        crew.drop(roots, heap);
        let left_by_count = alive().objects;
        heap.collect();
        let left = alive();
        freed_by_count += held - left_by_count;
        freed_by_collector += left_by_count - left.objects;
        difference = difference.or_else(|| experiment.compare(step, left).err());
    }
    pauses.extend(recorder.stop());
    let leaked = alive().objects;
    Measured { build, collect, freed_by_count, freed_by_collector, leaked, pauses, difference }
}

/// The median time of a full collection that examines every object and frees none.
fn time_collections<H: ReplayHeap>(heap: H, roots: &[Vec<Object<H>>], nodes: u32) -> Duration {
    let timed = |_| {
        touch(roots, nodes);
        let start = Instant::now();
        black_box(heap.collect());
        start.elapsed()
    };
    let mut times: Vec<Duration> = (0..COLLECTIONS).map(timed).collect();
    times.sort_unstable();
    times[COLLECTIONS / 2]
}

/// Clones and drops a handle to every container, as a program in between would do.
///
/// A collection may leave alone what no program has touched since the last one. What is asked here is what it costs to
/// examine everything.
fn touch<H: ReplayHeap>(roots: &[Vec<Object<H>>], nodes: u32) {
    let mut seen = vec![false; nodes as usize];
    let mut stack: Vec<Gc<Container<H>, H>> = Vec::new();
    let mut visit = |container: &Gc<Container<H>, H>, stack: &mut Vec<_>| {
        if !std::mem::replace(&mut seen[container.node as usize], true) {
            stack.push(container.clone());
        }
    };
    for root in roots.iter().flatten() {
        if let Object::Container(container) = root {
            visit(container, &mut stack);
        }
        while let Some(container) = stack.pop() {
            container.containers.borrow().iter().for_each(|target| visit(target, &mut stack));
        }
    }
}
