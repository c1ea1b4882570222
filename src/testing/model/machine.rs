//! Runs a program: step by step, each followed by a comparison.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use super::audit::Tally;
use super::node::{Final, FinalLeaf, Leaf, Plain};
use super::op::{Borrow, LOOSE, Op, SLOTS, WEAKS};
use super::shadow::State;
use super::world::{Injected, NO, World};
use super::{ModelHeap, Violation};
use crate::{Generation, Thresholds};

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
    pub(crate) loose: [Option<Value<H>>; LOOSE],
    pub(crate) tally: Tally<H>,
    /// How many values are kept borrowed.
    pub(crate) holding: usize,
    /// Tracked objects and allocations that were there before.
    pub(crate) before: (usize, usize),
}

/// Runs operations from beginning to end.
pub(crate) fn run<H: ModelHeap>(ops: &[Op]) -> Result<(), Violation> {
    let heap = H::default();
    if H::SHARING.is_shared() {
        tidy::<H>();
    }
    let world = World::<H>::new();
    let tally = Tally::new(&world);
    let before = (heap.live_objects(), heap.live_allocations());
    let mut machine = Machine { world, loose: [const { None }; LOOSE], tally, holding: 0, before };
    let mut go = || machine.block(ops).and_then(|()| machine.finish());
    // Attached or not, it is all the same.
    let result = if ops.len().is_multiple_of(2) { heap.attach(go) } else { go() };
    if result.is_err() {
        machine.tally.give_up();
    }
    result
}

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
    fn block(&mut self, ops: &[Op]) -> Result<(), Violation> {
        let mut rest = ops;
        while let [op, after @ ..] = rest {
            rest = after;
            if let Op::Hold { slot, borrow, ops } = *op {
                let (held, after) = rest.split_at(ops.min(rest.len()));
                rest = after;
                self.hold(slot, borrow, held)?;
                self.settled(|| format!("the end of {op:?}"))?;
            } else {
                self.step(|| format!("{op:?}"), |machine| machine.op(*op))?;
            }
        }
        Ok(())
    }

    /// One step: what it does, and what is to be seen afterwards.
    pub(crate) fn step(&mut self, name: impl Fn() -> String, f: impl FnOnce(&mut Self)) -> Result<(), Violation> {
        // Guards that end and objects that are brought back count as births, too: at most a few in each step.
        self.world.shadow().births += 2;
        {
            let mut shadow = self.world.shadow();
            (shadow.panics, shadow.deep) = (0, false);
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
                    self.settled(&name)?;
                    resume_unwind(panic);
                }
            },
        };
        if panics > 0 && panic.is_none() {
            self.world.shadow().fail(|| "a panic of user code got lost".into());
        }
        if FIRST && panic.is_some_and(|number| number > 0) {
            self.world.shadow().fail(|| "the panic that was passed on was not the first".into());
        }
        self.settled(name)
    }

    /// Compares, between steps.
    fn settled(&mut self, step: impl Fn() -> String) -> Result<(), Violation> {
        self.compare();
        match self.world.shadow().wrong.take() {
            Some(wrong) => Err(Violation { step: step(), wrong }),
            None => Ok(()),
        }
    }

    /// Keeps a value borrowed while some operations run.
    fn hold(&mut self, slot: usize, borrow: Borrow, ops: &[Op]) -> Result<(), Violation> {
        let world = Arc::clone(&self.world);
        let Some(mut loan) = world.borrow(slot) else { return self.block(ops) };
        self.holding += 1;
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
        self.holding -= 1;
        drop(loan);
        result
    }

    /// Drops everything, and makes sure that all of it goes.
    fn finish(&mut self) -> Result<(), Violation> {
        H::default().set_save_all(false);
        H::default().unfreeze();
        self.note_unfrozen();
        for slot in 0..SLOTS {
            self.step(|| format!("the last root {slot}"), |machine| machine.world.set_root(slot, None))?;
        }
        for weak in 0..WEAKS {
            self.step(|| format!("the last weak handle {weak}"), |machine| machine.world.set_weak(weak, None))?;
        }
        for value in 0..LOOSE {
            self.step(|| format!("the last value {value}"), |machine| drop(machine.loose[value].take()))?;
        }
        self.step(|| "the last of what was kept".into(), Self::take_garbage)?;
        // Finalizers may have made new objects and new roots; each of them runs once, so this comes to an end.
        for round in 0.. {
            for slot in 0..SLOTS {
                self.step(|| format!("root {slot} in the end"), |machine| machine.world.set_root(slot, None))?;
            }
            for weak in 0..WEAKS {
                self.step(|| format!("weak handle {weak} in the end"), |machine| machine.world.set_weak(weak, None))?;
            }
            let before = self.tally.undisturbed;
            self.step(|| format!("final collection {round}"), |machine| machine.collect(Generation::Old))?;
            if self.tally.undisturbed > before && self.tally.last_was_empty && self.world.is_empty() {
                break;
            }
            assert!(round < 10_000, "collections go on finding garbage");
        }
        self.compare_end();
        self.settled(|| "the end".into())?;
        self.tally.stop();
        Ok(())
    }
}
