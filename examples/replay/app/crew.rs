//! Who builds the graph and drops its roots: the thread that measures ([`Single`]), or several that share the work
//! ([`Several`]).

use std::panic::resume_unwind;
use std::sync::{Mutex, OnceLock};
use std::thread;

use tricycle::Shared;

use super::build::{Objects, close_cycles, make};
use super::experiment::Experiment;
use super::objects::{Object, ReplayHeap};
use super::plan::Kind;

/// Builds a graph, and drops handles. The calling thread is attached.
pub(crate) trait Crew<H: ReplayHeap> {
    /// Builds every object of the experiment.
    fn build(&self, experiment: &Experiment, heap: H) -> Objects<H>;

    /// Drops handles.
    fn drop(&self, handles: Vec<Object<H>>, heap: H);
}

/// The calling thread does it all.
#[derive(Debug)]
pub(crate) struct Single;

impl<H: ReplayHeap> Crew<H> for Single {
    fn build(&self, experiment: &Experiment, heap: H) -> Objects<H> {
        Objects::build(&experiment.file, &experiment.plan, &experiment.zeros, heap)
    }

    fn drop(&self, handles: Vec<Object<H>>, _: H) {
        drop(handles);
    }
}

/// So many threads, which end when they are done. The calling one waits for them, detached.
#[derive(Debug)]
pub(crate) struct Several(pub(crate) usize);

/// How many objects a thread makes, one after the other in the order of the plan, before it goes on behind those of the
/// other threads: few enough for all of them to be busy, and many enough to fill a block of memory.
const RUN: usize = 256;

impl Several {
    /// Runs `each` on all threads at once, with their numbers.
    fn together<H: ReplayHeap>(&self, heap: H, each: impl Fn(usize) + Sync) {
        let each = &each;
        let crew = || {
            thread::scope(|scope| {
                let member = |number| scope.spawn(move || heap.attach(|| each(number)));
                let crew: Vec<_> = (0..self.0).map(member).collect();
                for member in crew {
                    member.join().unwrap_or_else(|panic| resume_unwind(panic));
                }
            });
        };
        heap.detach(crew);
    }
}

impl<H: ReplayHeap + Shared> Crew<H> for Several {
    /// A thread that needs an object which another one has not made yet waits for it. All go through the plan in its order,
    /// so whoever is the furthest behind finds what it needs.
    fn build(&self, experiment: &Experiment, heap: H) -> Objects<H> {
        let Experiment { file, plan, zeros, .. } = experiment;
        let made: Vec<OnceLock<Object<H>>> = (0..file.nodes()).map(|_| OnceLock::new()).collect();
        let get = |node: u32| {
            let object = &made[node as usize];
            object.get().unwrap_or_else(|| heap.detach(|| object.wait()))
        };
        let atom = |target: u32| match plan.kind(target) {
            Kind::Container => None,
            Kind::Leaf | Kind::Tuple => match get(target) {
                Object::Atom(atom) => Some(atom.clone()),
                Object::Container(_) => unreachable!("the plan says what it is"),
            },
        };
        self.together(heap, |number| {
            let runs = plan.order().chunks(RUN).skip(number).step_by(self.0);
            for &node in runs.flatten() {
                let object = make(file, plan, zeros, node, atom, heap);
                assert!(made[node as usize].set(object).is_ok(), "each node is made once");
            }
        });
        self.together(heap, |number| {
            let own = made.iter().skip(number).step_by(self.0).filter_map(OnceLock::get);
            own.for_each(|object| close_cycles(file, object, get));
        });
        Objects::new(made.into_iter().map(OnceLock::into_inner).collect())
    }

    fn drop(&self, handles: Vec<Object<H>>, heap: H) {
        let mut parts: Vec<Vec<Object<H>>> = (0..self.0).map(|_| Vec::new()).collect();
        for (index, handle) in handles.into_iter().enumerate() {
            parts[index % self.0].push(handle);
        }
        let parts: Vec<_> = parts.into_iter().map(|part| Mutex::new(Some(part))).collect();
        self.together(heap, |number| {
            drop(parts[number].lock().expect("nobody panics with it").take());
        });
    }
}
