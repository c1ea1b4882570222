//! Runs a program: step by step, each followed by a comparison.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use super::audit::Tally;
use super::node::{Final, FinalLeaf, Leaf, Plain};
use super::op::{Borrow, LOOSE, Op, SLOTS, WEAKS};
use super::shadow::State;
use super::turns::{Crew, is_exact};
use super::world::{Injected, NO, World};
use super::{ModelHeap, Violation};
use tricycle::{Generation, Thresholds};

/// A value that was moved out of its object.
pub(crate) enum Value<H: ModelHeap> {
    Leaf(Leaf<H>),
    FinalLeaf(FinalLeaf<H>),
    Plain(Plain<H>),
    Final(Final<H>),
}

/// Whether the panic that is passed on must be the first one.
const FIRST: bool = false;

/// A program that is running.
pub(crate) struct Machine<H: ModelHeap> {
    pub(crate) world: Arc<World<H>>,
    loose: Mutex<[Option<Value<H>>; LOOSE]>,
    pub(crate) tally: Tally<H>,
    /// How many values are kept borrowed.
    pub(crate) holding: AtomicUsize,
    /// Tracked objects and allocations that were there before.
    pub(crate) before: (usize, usize),
    /// The threads that take turns, if there are several.
    pub(crate) crew: Option<Crew<H>>,
}

/// What comes of something that a program does.
pub(crate) type Outcome = Result<(), Violation>;

/// Makes a heap that outlives its programs as good as new.
fn tidy<H: ModelHeap>() {
    let heap = H::default();
    heap.set_thresholds(Thresholds::default());
    heap.enable();
    heap.set_save_all(false);
    heap.unfreeze();
    drop(heap.take_garbage());
    heap.collect();
}

impl<H: ModelHeap> Machine<H> {
    pub(crate) fn new(crew: Option<Crew<H>>) -> Self {
        let heap = H::default();
        if crate::is_shared::<H>() {
            tidy::<H>();
        }
        let world = World::<H>::new();
        world.shadow().queues = crew.is_some() && crate::in_parallel::<H>();
        let tally = Tally::new(&world);
        let before = (heap.live_objects(), heap.live_allocations());
        let (loose, holding) = (Mutex::new([const { None }; LOOSE]), AtomicUsize::new(0));
        Machine { world, loose, tally, holding, before, crew }
    }

    /// Runs operations from beginning to end.
    pub(crate) fn run(&self, ops: &[Op]) -> Outcome {
        let go = || self.block(ops).and_then(|()| self.finish());
        // Attached or not, it is all the same.
        let result = if ops.len().is_multiple_of(2) { H::default().attach(go) } else { go() };
        if result.is_err() {
            self.tally.give_up();
        }
        result
    }

    fn block(&self, ops: &[Op]) -> Outcome {
        let mut rest = ops;
        while let [op, after @ ..] = rest {
            rest = after;
            let op = *op;
            if let Op::Hold { slot, borrow, ops } = op {
                let (held, after) = rest.split_at(ops.min(rest.len()));
                rest = after;
                let held = held.to_vec();
                self.in_turn(is_exact(&op), move |machine| {
                    machine.hold(slot, borrow, &held)?;
                    machine.settled(|| format!("the end of {op:?}"), machine.crew.is_none())
                })?;
            } else {
                self.in_turn(is_exact(&op), move |machine| {
                    machine.step(|| format!("{op:?}"), |machine| machine.op(op))
                })?;
            }
        }
        Ok(())
    }

    /// One step: what it does, and what is to be seen afterwards.
    pub(crate) fn step(&self, name: impl Fn() -> String, f: impl FnOnce(&Self)) -> Outcome {
        // Guards that end and objects that are brought back count as births, too: at most a few in each step.
        self.world.shadow().births += 2;
        {
            let mut shadow = self.world.shadow();
            // What threads leave for each other is put off, as deep destruction is.
            (shadow.panics, shadow.deep) = (0, shadow.queues);
        }
        let result = catch_unwind(AssertUnwindSafe(|| f(self)));
        self.world.asked.store(NO, Relaxed);
        self.world.arm(0, None);
        let panics = self.world.shadow().panics;
        let panic = match result {
            Ok(()) => None,
            Err(panic) => match panic.downcast::<Injected>() {
                Ok(injected) => Some(injected.0),
                Err(panic) => {
                    // Not one of ours. What the oracle saw before may explain it.
                    self.settled(&name, self.crew.is_none())?;
                    resume_unwind(panic);
                }
            },
        };
        // On the way out nobody can be told of what others have left.
        if panics > 0 && panic.is_none() && self.crew.is_none() {
            self.world.shadow().fail(|| "a panic of user code got lost".into());
        }
        if FIRST && panic.is_some_and(|number| number > 0) {
            self.world.shadow().fail(|| "the panic that was passed on was not the first".into());
        }
        self.settled(name, self.crew.is_none())
    }

    /// Between steps: whether anything was wrong, and is, if it is time to compare.
    pub(crate) fn settled(&self, step: impl Fn() -> String, compare: bool) -> Outcome {
        if compare {
            self.compare();
        }
        match self.world.shadow().wrong.take() {
            Some(wrong) => Err(Violation { step: step(), wrong }),
            None => Ok(()),
        }
    }

    /// Keeps a value borrowed while some operations run.
    fn hold(&self, slot: usize, borrow: Borrow, ops: &[Op]) -> Outcome {
        let world = Arc::clone(&self.world);
        let Some(mut loan) = world.borrow(slot) else { return self.block(ops) };
        self.holding.fetch_add(1, Relaxed);
        let result = match borrow {
            Borrow::Cell => {
                let guard = loan.get().plain().and_then(|plain| plain.edges.try_borrow_mut().ok());
                let result = self.block(ops);
                drop(guard);
                result
            }
            Borrow::Read => {
                let guard = loan.get().plain().and_then(|plain| plain.edges.try_borrow().ok());
                let result = self.block(ops);
                drop(guard);
                result
            }
            Borrow::Guard => {
                let id = loan.get().id();
                loan.get_mut().with_mut(|guard| {
                    let was = self.begin_exclusive(id, guard.is_some());
                    let result = self.block(ops);
                    drop(guard);
                    if was == Some(State::Heap) {
                        self.end_exclusive(id);
                    }
                    result
                })
            }
        };
        self.holding.fetch_sub(1, Relaxed);
        drop(loan);
        result
    }

    /// Drops everything, and makes sure that all of it goes.
    fn finish(&self) -> Outcome {
        self.calm_down()?;
        H::default().set_save_all(false);
        H::default().unfreeze();
        self.note_unfrozen();
        self.drop_all()?;
        for value in 0..LOOSE {
            let drop = move |machine: &Self| drop(machine.replace_loose(value, None));
            self.in_turn(false, move |machine| machine.step(|| format!("the last value {value}"), drop))?;
        }
        self.step(|| "the last of what was kept".into(), Self::take_garbage)?;
        self.end_threads()?;
        // Finalizers may have made new objects and new roots; each of them runs once, so this comes to an end.
        for round in 0.. {
            self.drop_all()?;
            let (before, _) = self.tally.undisturbed();
            self.step(|| format!("final collection {round}"), |machine| _ = machine.collect(Generation::Old))?;
            self.calm_down()?;
            let (after, empty) = self.tally.undisturbed();
            if after > before && empty && self.world.is_empty() {
                break;
            }
            assert!(round < 10_000, "collections go on finding garbage");
        }
        self.end_threads()?;
        self.compare_end();
        self.settled(|| "the end".into(), true)?;
        self.tally.stop();
        Ok(())
    }

    /// Drops all roots and weak handles.
    fn drop_all(&self) -> Outcome {
        for slot in 0..SLOTS {
            let drop = move |machine: &Self| machine.world.set_root(slot, None);
            self.in_turn(false, move |machine| machine.step(|| format!("the last root {slot}"), drop))?;
        }
        for weak in 0..WEAKS {
            let drop = move |machine: &Self| machine.world.set_weak(weak, None);
            self.in_turn(false, move |machine| machine.step(|| format!("the last weak handle {weak}"), drop))?;
        }
        self.calm_down()
    }

    /// Puts a value (or nothing) into a place for those that were moved out, and takes what was there.
    pub(crate) fn replace_loose(&self, place: usize, new: Option<Value<H>>) -> Option<Value<H>> {
        std::mem::replace(&mut self.loose.lock().unwrap_or_else(PoisonError::into_inner)[place], new)
    }
}
