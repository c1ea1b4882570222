//! A program on several threads, which take turns: handles are used and dropped by other threads than the one that made
//! the object, and threads end while their objects live on.
//!
//! Who does what is part of the input, so a program that fails does so each time. The threads take turns by messages, and
//! wait for them outside of the heap; so between two messages one thread runs, and the oracle can follow. A thread that
//! keeps something borrowed waits in the middle of that, and may get turns meanwhile.
//!
//! On a heap with biased counts an object whose last handle another thread drops lives until its owner hears of it. The
//! input says when all come to a safepoint ([`Machine::calm_down`]); only after that the oracle knows exactly what there is.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::machine::{Machine, Outcome};
use super::op::Op;
use super::world::Injected;
use super::{ModelHeap, audit};
use tricycle::Shared;

/// How many threads a program runs on. The first one is there from beginning to end.
const THREADS: usize = 4;

/// Who does an operation, and what is done after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Turn {
    thread: usize,
    /// All threads come to a safepoint.
    calm: bool,
    /// The thread ends. When it is its turn again, another one takes its place.
    ends: bool,
    manner: Manner,
}

/// How a thread does an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// As it is: attached, or not.
    Plain,
    /// Detached: what it drops may be left to others.
    Outside,
    /// While a guard keeps it attached.
    Guarded,
    /// Inside of another heap, too.
    Elsewhere,
}

tricycle::heap! {
    /// What a thread is inside of, too. All programs share it.
    Other: Biased
}

impl Manner {
    fn run<H: ModelHeap>(self, machine: &Machine<H>, job: impl FnOnce(&Machine<H>) -> Outcome) -> Outcome {
        let heap = H::default();
        match self {
            Manner::Plain => job(machine),
            Manner::Outside => {
                let mut job = Some(job);
                loop {
                    let go = || heap.detach(|| job.take().map(|job| job(machine)));
                    match catch_unwind(AssertUnwindSafe(go)) {
                        Ok(outcome) => return outcome.unwrap_or_else(|| unreachable!("it was not done")),
                        // On its way out the thread sees to what others have left for it.
                        Err(panic) if panic.is::<Injected>() && job.is_some() => {}
                        Err(panic) => resume_unwind(panic),
                    }
                }
            }
            Manner::Guarded => {
                let _attached = heap.enter();
                job(machine)
            }
            Manner::Elsewhere => Other.attach(|| {
                let outcome = job(machine);
                Other.collect();
                outcome
            }),
        }
    }
}

impl Turn {
    fn decode(byte: u8) -> Turn {
        let manner = [Manner::Plain, Manner::Outside, Manner::Guarded, Manner::Elsewhere][usize::from(byte >> 6)];
        Turn { thread: usize::from(byte) % THREADS, calm: byte & 4 == 0, ends: byte >> 3 & 7 == 7, manner }
    }
}

/// What a thread is to do.
type Job<H> = Box<dyn FnOnce(&Machine<H>) -> Outcome + Send>;

/// What threads say to each other.
enum Message<H: ModelHeap> {
    /// Do this, and tell that thread.
    Do(Job<H>, usize),
    /// It was done.
    Done(thread::Result<Outcome>),
    /// End, and tell that thread when you are gone.
    End(usize),
    /// The program is over.
    Over,
}

thread_local! {
    /// Which of the threads this one is.
    static ME: Cell<usize> = const { Cell::new(0) };
}

/// A thread, and those that come after it.
struct Member<H: ModelHeap> {
    mail: (Sender<Message<H>>, Mutex<Receiver<Message<H>>>),
    alive: AtomicBool,
    /// How many jobs it is in the middle of.
    busy: AtomicUsize,
}

/// The threads of a program.
pub(crate) struct Crew<H: ModelHeap> {
    members: [Member<H>; THREADS],
    turns: Vec<u8>,
    next: AtomicUsize,
    /// All have come to a safepoint since the last turn.
    calm: AtomicBool,
}

impl<H: ModelHeap> Crew<H> {
    /// One with such a schedule, which is repeated if the program goes on.
    pub(crate) fn new(turns: Vec<u8>) -> Self {
        let member = || {
            let (sender, receiver) = channel();
            Member { mail: (sender, Mutex::new(receiver)), alive: AtomicBool::new(false), busy: AtomicUsize::new(0) }
        };
        let members = [(); THREADS].map(|()| member());
        members[0].alive.store(true, Relaxed);
        Crew { members, turns, next: AtomicUsize::new(0), calm: AtomicBool::new(true) }
    }

    fn turn(&self) -> Turn {
        let next = self.next.fetch_add(1, Relaxed);
        Turn::decode(next.checked_rem(self.turns.len()).map_or(0, |at| self.turns[at]))
    }

    fn send(&self, to: usize, message: Message<H>) {
        self.members[to].mail.0.send(message).unwrap_or_else(|_| unreachable!("the crew has the receiver, too"));
    }

    fn receive(&self, me: usize) -> Message<H> {
        let receiver = self.members[me].mail.1.lock().unwrap_or_else(PoisonError::into_inner);
        receiver.recv().unwrap_or_else(|_| unreachable!("the crew has the sender, too"))
    }

    /// Goes outside, sends a message, and waits for one. On its way the thread sees to what others have left for it, so
    /// user code may run, and panic.
    fn exchange(&self, machine: &Machine<H>, to: usize, message: Message<H>) -> Message<H> {
        let (mut message, mut answer) = (Some(message), None);
        loop {
            let wait = || {
                message.take().into_iter().for_each(|message| self.send(to, message));
                answer = Some(self.receive(ME.get()));
            };
            let result = catch_unwind(AssertUnwindSafe(|| Other.detach(|| H::default().detach(wait))));
            if result.is_err_and(|panic| !panic.is::<Injected>()) {
                machine.world.shadow().fail(|| "a thread that goes outside panics".into());
            }
            if let Some(answer) = answer {
                return answer;
            }
        }
    }

    fn carry_out(&self, machine: &Machine<H>, job: Job<H>) -> thread::Result<Outcome> {
        let busy = &self.members[ME.get()].busy;
        busy.fetch_add(1, Relaxed);
        let result = catch_unwind(AssertUnwindSafe(|| job(machine)));
        busy.fetch_sub(1, Relaxed);
        result
    }

    /// Has a thread do something, and waits until it is done.
    fn have(&self, machine: &Machine<H>, thread: usize, job: Job<H>) -> Outcome {
        if thread == ME.get() {
            return job(machine);
        }
        self.members[thread].alive.store(true, Relaxed);
        self.ask(machine, thread, Message::Do(job, ME.get()))
    }

    /// Ends a thread, unless it is in the middle of something.
    fn end(&self, machine: &Machine<H>, thread: usize) -> Outcome {
        let member = &self.members[thread];
        if thread == ME.get() || member.busy.load(Relaxed) > 0 || !member.alive.swap(false, Relaxed) {
            return Ok(());
        }
        self.ask(machine, thread, Message::End(ME.get()))
    }

    /// Sends a message, and does what there is to do until it is answered.
    fn ask(&self, machine: &Machine<H>, thread: usize, message: Message<H>) -> Outcome {
        let mut next = self.exchange(machine, thread, message);
        loop {
            match next {
                Message::Do(job, asker) => {
                    let done = self.carry_out(machine, job);
                    next = self.exchange(machine, asker, Message::Done(done));
                }
                Message::Done(done) => return done.unwrap_or_else(|panic| resume_unwind(panic)),
                Message::End(_) | Message::Over => unreachable!("who waits for an answer is busy"),
            }
        }
    }
}

impl<H: ModelHeap> Machine<H> {
    /// Has the thread whose turn it is do something. `exact` says that the oracle has to know exactly what there is.
    pub(crate) fn in_turn(&self, exact: bool, job: impl FnOnce(&Self) -> Outcome + Send + 'static) -> Outcome {
        let Some(crew) = &self.crew else { return job(self) };
        if exact && !crew.calm.load(Relaxed) {
            self.calm_down()?;
        }
        let turn = crew.turn();
        crew.calm.store(false, Relaxed);
        crew.have(self, turn.thread, Box::new(move |machine| turn.manner.run(machine, job)))?;
        if turn.ends && turn.thread != 0 {
            crew.end(self, turn.thread)?;
        }
        if turn.calm { self.calm_down() } else { Ok(()) }
    }

    /// Every thread comes to a safepoint, until nothing more comes of it. Then heap and oracle are compared.
    pub(crate) fn calm_down(&self) -> Outcome {
        let Some(crew) = &self.crew else { return Ok(()) };
        loop {
            let before = self.world.shadow().events;
            for (thread, _) in crew.members.iter().enumerate().filter(|(_, member)| member.alive.load(Relaxed)) {
                let poll = |machine: &Self| {
                    machine.step(|| "a safepoint".into(), |_| H::default().attach(|| H::default().poll()))
                };
                crew.have(self, thread, Box::new(poll))?;
            }
            if before == self.world.shadow().events {
                break;
            }
        }
        crew.calm.store(true, Relaxed);
        self.settled(|| "all threads have come to a safepoint".into(), true)
    }

    /// Ends all threads but the first.
    pub(crate) fn end_threads(&self) -> Outcome {
        let Some(crew) = &self.crew else { return Ok(()) };
        (1..THREADS).try_for_each(|thread| crew.end(self, thread))?;
        self.calm_down()
    }
}

/// Whether an operation asks for the only handle, or is about all that lives: an object that waits for its owner makes a
/// difference.
pub(crate) fn is_exact(op: &Op) -> bool {
    use super::op::Borrow::Guard;
    use Op::{Audit, Freeze, Hold, Look, MakeMut, SaveAll, TakeGarbage, Unfreeze, Unwrap};
    match op {
        Hold { borrow, .. } => *borrow == Guard,
        op => matches!(
            op,
            MakeMut { .. }
                | Unwrap { .. }
                | Audit { .. }
                | Look { .. }
                | Freeze
                | Unfreeze
                | SaveAll { .. }
                | TakeGarbage
        ),
    }
}

/// The life of a thread. Whom it has to tell of its end, if anybody.
fn live<H: ModelHeap>(machine: &Machine<H>, crew: &Crew<H>, attached: bool, first: Message<H>) -> Option<usize> {
    audit::listen(&machine.world);
    let work = || {
        let mut next = first;
        loop {
            match next {
                Message::Do(job, asker) => {
                    let done = crew.carry_out(machine, job);
                    next = crew.exchange(machine, asker, Message::Done(done));
                }
                Message::End(asker) => return Some(asker),
                Message::Over => return None,
                Message::Done(_) => unreachable!("nobody was asked for anything"),
            }
        }
    };
    if attached { H::default().attach(work) } else { work() }
}

/// Starts the threads of a place, one after the other: each when there is something for it to do.
fn supervise<H: ModelHeap>(machine: &Machine<H>, crew: &Crew<H>, me: usize)
where
    Machine<H>: Sync,
{
    for life in 0_usize.. {
        let first = crew.receive(me);
        let life = || {
            ME.set(me);
            live(machine, crew, (me + life) % 2 == 1, first)
        };
        // To join it is to wait for the destructors of its thread-locals, too.
        let asker = thread::scope(|scope| scope.spawn(life).join().unwrap_or_else(|panic| resume_unwind(panic)));
        let Some(asker) = asker else { return };
        crew.send(asker, Message::Done(Ok(Ok(()))));
    }
}

/// Runs a program with its crew.
pub(crate) fn run<H>(ops: &[Op], turns: Vec<u8>) -> Outcome
where
    H: ModelHeap + Shared,
    H::Dyn: Send + Sync,
{
    /// Ends the threads, also by a panic.
    struct Over<'a, H: ModelHeap>(&'a Crew<H>);
    impl<H: ModelHeap> Drop for Over<'_, H> {
        fn drop(&mut self) {
            (1..THREADS).for_each(|thread| self.0.send(thread, Message::Over));
        }
    }
    let machine = Machine::<H>::new(Some(Crew::new(turns)));
    let crew = machine.crew.as_ref().unwrap_or_else(|| unreachable!("it was just given one"));
    thread::scope(|scope| {
        let over = Over(crew);
        for me in 1..THREADS {
            let machine = &machine;
            scope.spawn(move || supervise(machine, crew, me));
        }
        ME.set(0);
        let result = machine.run(ops);
        drop(over);
        result
    })
}
