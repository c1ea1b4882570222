//! The operations that programs consist of, and how each is read from six bytes.

use tricycle::{Generation, Phase};

/// A place for a root. There are [`SLOTS`].
pub(crate) type Slot = usize;

/// How many roots a program has places for. Few, so that operations meet.
pub(crate) const SLOTS: usize = 8;

/// How many weak handles a program has places for.
pub(crate) const WEAKS: usize = 6;

/// How many values that were taken out of their objects a program has places for.
pub(crate) const LOOSE: usize = 2;

/// Bytes of one operation.
pub(crate) const RECORD: usize = 6;

/// One operation, as bytes.
pub(crate) type Record = [u8; RECORD];

/// The kinds of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Holds no handles.
    Leaf,
    /// Holds no handles, has a finalizer.
    FinalLeaf,
    /// A `Leaf`, aligned to 16 bytes.
    Leaf16,
    /// A `Leaf`, aligned to 64 bytes.
    Leaf64,
    /// Holds handles.
    Plain,
    /// Holds handles, has a finalizer.
    Final,
    /// Holds handles, and is too large for the pool.
    Big,
    /// A `Plain` in a slice.
    Slice,
    /// A `Plain` behind a trait object.
    Dyn,
}

impl Kind {
    /// Whether the collector looks at such objects.
    pub(crate) fn tracked(self) -> bool {
        !matches!(self, Kind::Leaf | Kind::FinalLeaf | Kind::Leaf16 | Kind::Leaf64)
    }

    /// Whether such objects have a finalizer.
    pub(crate) fn finalizer(self) -> bool {
        matches!(self, Kind::FinalLeaf | Kind::Final)
    }

    fn decode(byte: u8) -> Kind {
        use Kind::*;
        match byte {
            30 => return Leaf16,
            31 => return Leaf64,
            _ => {}
        }
        [Plain, Final, Plain, Final, Leaf, Plain, Final, FinalLeaf, Plain, Slice, Final, Dyn, Big][byte as usize % 13]
    }
}

/// What user code does in a finalizer, a destructor of a field, or a weak callback. Those marked `*` need the object,
/// and do nothing where there is only a field or a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing.
    Nothing,
    /// `*` Stores a handle to the object itself in a free root.
    Resurrect,
    /// `*` Stores a handle to what the object refers to in a free root.
    Escape(u8),
    /// `*` Has the object refer to a root.
    Link(Slot),
    /// `*` Has a root refer to what the object refers to.
    Pass(Slot),
    /// `*` Drops a handle of the object.
    Unlink(u8),
    /// `*` Drops all handles of the object.
    Strip,
    /// Drops a root.
    Clear(Slot),
    /// Collects. Does nothing in a collection.
    Collect(Generation),
    /// Allocates an object that refers to a root, and stores it in a free root.
    Alloc(Slot),
    /// Allocates an object in a cycle with itself, and lets go of it.
    Litter,
    /// Upgrades a weak handle and stores the result in a free root.
    Upgrade(usize),
    /// Makes a weak handle with a callback to a root.
    Watch(Slot),
    /// Drops a weak handle.
    DropWeak(usize),
    /// Clones a weak handle, and puts the clone into the next place.
    CloneWeak(usize),
    /// Clones a weak handle, and drops the clone.
    DropClone(usize),
    /// Drops a handle of what a root refers to.
    Cut(Slot),
    /// Sets the young threshold.
    Threshold(u8),
    /// Goes out, comes in there, and comes back: a thread that does so sees to what others have left for it.
    Outside,
}

/// An action, and whether a panic follows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Reaction {
    /// What to do.
    pub action: Action,
    /// Whether to panic then.
    pub panic: bool,
}

impl std::fmt::Debug for Reaction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}{}", self.action, if self.panic { " then panic" } else { "" })
    }
}

impl Reaction {
    /// Does nothing.
    pub(crate) const NOTHING: Reaction = Reaction { action: Action::Nothing, panic: false };

    /// Half of all bytes stand for nothing: programs with something going on everywhere exercise little else.
    fn decode(byte: u8) -> Reaction {
        let argument = usize::from(byte & 7);
        let action = match byte >> 3 & 15 {
            _ if byte >= 0xf8 => Action::Nothing,
            0 => Action::Nothing,
            1 => Action::Resurrect,
            2 => Action::Escape(byte & 7),
            3 => Action::Link(argument),
            4 => Action::Pass(argument),
            5 => Action::Unlink(byte & 7),
            6 => Action::Strip,
            7 => Action::Clear(argument),
            8 => Action::Collect(generation(byte)),
            9 => Action::Alloc(argument),
            10 => Action::Litter,
            11 if argument >= WEAKS => Action::CloneWeak(argument - WEAKS),
            11 => Action::Upgrade(argument),
            12 => Action::Watch(argument),
            13 if argument >= WEAKS => Action::DropClone(argument - WEAKS),
            13 => Action::DropWeak(argument),
            14 => Action::Cut(argument),
            _ if byte & 7 >= 6 => Action::Outside,
            _ => Action::Threshold(byte & 7),
        };
        Reaction { action, panic: byte >= 0xe8 }
    }
}

impl Reaction {
    /// What a callback does to the other weak handles.
    fn among_weaks(byte: u8) -> Reaction {
        let place = usize::from(byte >> 3) % WEAKS;
        let action = match byte & 7 {
            0 | 1 => Action::DropClone(place),
            2 | 3 => Action::CloneWeak(place),
            4 => Action::DropWeak(place),
            5 => Action::Upgrade(place),
            _ => Action::Nothing,
        };
        Reaction { action, panic: byte >= 0xf0 }
    }
}

/// How [`Op::Hold`] keeps a value borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Borrow {
    /// Its cell, for writing: the collector cannot look inside.
    Cell,
    /// Its cell, for reading.
    Read,
    /// The object, by `get_mut`.
    Guard,
}

/// How [`Op::Leak`] leaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leak {
    /// Forgets a handle.
    Handle,
    /// Forgets the guard of a cell.
    Cell,
    /// Forgets the guard of `get_mut`.
    Guard,
    /// Makes the object immortal.
    Immortal,
    /// Clones a handle until the count is at its limit, which makes the object immortal. With `cfg(gc_small_limits)` only.
    Strong,
    /// The same with weak handles: the memory is never given back.
    Weak,
}

/// One step of a program. Operations whose operands do not exist do nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the operands are named after what they are")]
pub enum Op {
    /// Drops a root.
    Clear { slot: Slot },
    /// Allocates an object that refers to up to two roots.
    Alloc { to: Slot, kind: Kind, links: [Option<Slot>; 2], cyclic: bool, finalize: Reaction, drop: Reaction },
    /// Allocates a chain, far deeper than destruction nests.
    Chain { to: Slot, len: usize, link: Option<Slot> },
    /// Has one root refer to another.
    Link { from: Slot, to: Slot },
    /// As `Link`, but the handle is moved, not cloned; if `looking`, through a handle that introspection has made.
    MoveIn { from: Slot, to: Slot, looking: bool },
    /// Drops a handle of a root.
    Unlink { from: Slot, edge: u8 },
    /// Drops all handles of a root.
    Strip { from: Slot },
    /// Makes what a root refers to a root.
    Load { from: Slot, edge: u8, to: Slot },
    /// As `Load`, but the handle is moved, not cloned.
    MoveOut { from: Slot, edge: u8, to: Slot },
    /// Swaps all handles of two roots.
    Swap { a: Slot, b: Slot },
    /// Clones a root.
    Copy { from: Slot, to: Slot },
    /// Makes a weak handle, whose callback, if it has one, owns a handle to another root.
    Weak { of: Slot, to: usize, callback: Option<Reaction>, owns: Option<Slot> },
    /// Makes weak handles with callbacks that have to do with each other, in places next to each other.
    Watchers { of: Slot, to: usize, callbacks: [Reaction; 3] },
    /// Makes a weak handle and has an object own it.
    Attach { of: Slot, holder: Slot, callback: Option<Reaction> },
    /// Clones a weak handle.
    CloneWeak { from: usize, to: usize },
    /// Drops a weak handle.
    DropWeak { weak: usize },
    /// Upgrades a weak handle.
    Upgrade { weak: usize, to: Slot },
    /// Collects; panics at the `fuse`-th object traced, if that is not zero, or in an event callback.
    Collect { generation: Generation, fuse: u8, event: Option<Phase> },
    /// Begins a collection in steps, and takes them all if `finish` is set. Otherwise as `Collect`.
    CollectWithin { finish: bool, fuse: u8, event: Option<Phase> },
    /// Freezes the heap.
    Freeze,
    /// Unfreezes the heap.
    Unfreeze,
    /// Sets the thresholds.
    Thresholds { young: usize, middle: usize, old: usize },
    /// Switches automatic collection.
    Enable { on: bool },
    /// Switches the keeping of garbage.
    SaveAll { on: bool },
    /// Drops the garbage that was kept.
    TakeGarbage,
    /// Keeps a value borrowed while the next operations run.
    Hold { slot: Slot, borrow: Borrow, ops: usize },
    /// Exclusive access by `make_mut`.
    MakeMut { slot: Slot },
    /// Moves a value out of its object.
    Unwrap { slot: Slot, to: usize },
    /// Drops a value that was moved out, or allocates it anew.
    Settle { value: usize, to: Option<Slot> },
    /// Registers external memory.
    External { slot: Slot, bytes: usize },
    /// Compares what introspection says.
    Audit { slot: Slot },
    /// Looks at everything, at objects and not at values. If `settled`, nothing is suspected then, and nothing must be afterwards.
    Look { slot: Slot, settled: bool },
    /// Makes so many handles that one more would be too many for the count, and drops them. Without `cfg(gc_small_limits)`: some.
    Crowd { slot: Slot, weak: bool },
    /// Leaks something.
    Leak { slot: Slot, leak: Leak },
}

fn generation(byte: u8) -> Generation {
    Generation::ALL[byte as usize % 3]
}

impl Op {
    /// Every record is an operation.
    pub(crate) fn decode([op, a, b, c, d, e]: Record) -> Op {
        let (low, high) = (usize::from(a & 7), usize::from(a >> 3 & 7));
        let slot = |byte: u8| (byte & 15 < 8).then_some(usize::from(byte & 7));
        let callback = (b & 1 == 1).then(|| Reaction::decode(c));
        let weak = |byte: usize| byte % WEAKS;
        match op {
            0..=9 => Op::Clear { slot: low },
            10..=69 => Op::Alloc {
                to: low,
                kind: Kind::decode(a >> 3),
                links: [slot(b), slot(b >> 4)],
                cyclic: e & 3 == 3,
                finalize: Reaction::decode(c),
                drop: if e & 4 == 4 { Reaction::decode(d) } else { Reaction::NOTHING },
            },
            70..=74 => Op::Chain { to: low, len: 50 + usize::from(b & 31), link: slot(c) },
            75..=104 => Op::Link { from: low, to: high },
            105..=112 => Op::MoveIn { from: low, to: high, looking: b & 1 == 1 },
            113..=120 => Op::Unlink { from: low, edge: b },
            121..=124 => Op::Strip { from: low },
            125..=134 => Op::Load { from: low, edge: b, to: high },
            135..=138 => Op::MoveOut { from: low, edge: b, to: high },
            139..=142 => Op::Swap { a: low, b: high },
            143..=148 => Op::Copy { from: low, to: high },
            149..=160 if b & 3 == 3 => {
                Op::Watchers { of: low, to: weak(high), callbacks: [c, d, e].map(Reaction::among_weaks) }
            }
            149..=160 => {
                Op::Weak { of: low, to: weak(high), callback, owns: slot(d).filter(|_| b & 1 == 1 && d & 0x30 == 0) }
            }
            161..=166 => Op::Attach { of: low, holder: high, callback },
            167..=168 => Op::CloneWeak { from: weak(low), to: weak(high) },
            169..=170 => Op::DropWeak { weak: weak(low) },
            171..=177 => Op::Upgrade { weak: weak(low), to: high },
            178..=202 => {
                let fuse = if d & 7 == 7 { d >> 3 } else { 0 };
                let event = match e {
                    250..=252 => Some(Phase::Start),
                    253..=255 => Some(Phase::Stop),
                    _ => None,
                };
                match c & 7 {
                    6 => Op::CollectWithin { finish: false, fuse, event },
                    7 => Op::CollectWithin { finish: true, fuse, event },
                    _ if a & 1 == 1 => Op::Collect { generation: Generation::Old, fuse, event },
                    _ => Op::Collect { generation: generation(b), fuse, event },
                }
            }
            203..=204 => Op::Freeze,
            205..=206 => Op::Unfreeze,
            207..=213 => Op::Thresholds {
                young: [0, 1, 1, 2, 3, 5, 10, 2000][low],
                middle: usize::from(b & 3),
                old: usize::from(c & 3),
            },
            214..=215 => Op::Enable { on: a & 1 == 0 },
            216..=217 => Op::SaveAll { on: a & 1 == 1 },
            218..=219 => Op::TakeGarbage,
            220..=227 => Op::Hold {
                slot: low,
                borrow: [Borrow::Cell, Borrow::Guard, Borrow::Cell, Borrow::Read][usize::from(b & 3)],
                ops: usize::from(c & 7) + 1,
            },
            228..=232 => Op::MakeMut { slot: low },
            233..=236 => Op::Unwrap { slot: low, to: high % LOOSE },
            237..=240 => Op::Settle { value: low % LOOSE, to: slot(b) },
            241..=242 => Op::External { slot: low, bytes: if b < 200 { usize::from(b) } else { usize::from(b) << 18 } },
            243..=252 if b & 3 == 3 => Op::Look { slot: low, settled: b & 4 == 4 },
            243..=252 => Op::Audit { slot: low },
            253..=255 if b & 4 == 4 => Op::Crowd { slot: low, weak: b & 1 == 1 },
            253..=255 => Op::Leak {
                slot: low,
                leak: if b & 8 == 8 && b & 1 == 1 {
                    [Leak::Strong, Leak::Weak][usize::from(b >> 1 & 1)]
                } else {
                    [Leak::Handle, Leak::Cell, Leak::Guard, Leak::Immortal][usize::from(b & 3)]
                },
            },
        }
    }
}
