// The programs, for the heap `H`.

use tricycle::{Gc, GcCell, Trace};

use crate::meter::{Meter, Mode, Report, Row, Tally};
use crate::random::Random;

/// An object with two edges.
#[derive(Trace)]
struct Node<const C: bool> {
    _tally: Skip<C>,
    a: GcCell<Option<Gc<Node<C>, H>>, H>,
    b: GcCell<Option<Gc<Node<C>, H>>, H>,
}

/// A tally that is not traced.
#[derive(Trace)]
#[trace(acyclic)]
struct Skip<const C: bool>(#[trace(skip)] Tally<C>);

/// One of three kilobytes.
#[derive(Trace)]
struct Large<const C: bool> {
    _tally: Skip<C>,
    me: GcCell<Option<Gc<Large<C>, H>>, H>,
    _room: [u64; 375],
}

/// One in a circle with itself, and three kilobytes that are in none.
#[derive(Trace)]
struct Laden {
    me: GcCell<Option<Gc<Laden, H>>, H>,
    _load: Gc<[u64; LOAD], H>,
}

/// The words of a load.
const LOAD: usize = 400;

/// The bytes of a slot with a [`Node`].
const BYTES: usize = size_of::<Node<false>>() + if size_of::<H>() == 0 { 24 } else { 32 };

fn empty<const C: bool>() -> Node<C> {
    Node { _tally: Skip(Tally::new()), a: GcCell::new(None), b: GcCell::new(None) }
}

fn node<const C: bool>() -> Gc<Node<C>, H> {
    Gc::new_in(empty(), HEAP)
}

/// Two objects that refer to each other.
fn ring<const C: bool>() -> Gc<Node<C>, H> {
    let (one, other) = (node(), node());
    one.a.set(Some(other.clone()));
    other.a.set(Some(one.clone()));
    one
}

fn self_cycle<const C: bool>() {
    let one = node::<C>();
    one.a.set(Some(one.clone()));
}

fn collect() -> usize {
    let found = HEAP.collect();
    found.candidates - found.collected
}

/// Who collects: the heap itself, or the program.
fn set_automatic(mode: Mode) {
    if mode == Mode::ByHand {
        HEAP.disable();
    } else {
        HEAP.enable();
    }
}

fn meter(mode: Mode, scale: f64, total: usize, alive: usize) -> Meter {
    // A heap that threads share is there when they have ended; on one of a thread's own this finds nothing.
    HEAP.collect();
    set_automatic(mode);
    Meter::start(mode, (total as f64 * scale) as usize, alive, BYTES, collect)
}

/// A window of rings, of which one after the other is replaced: which one says `next`.
fn window<const C: bool>(mode: Mode, scale: f64, size: usize, total: usize, next: impl Fn(usize, &mut Random) -> usize) -> Report {
    HEAP.attach(|| {
        let mut random = Random::new();
        let mut window: Vec<_> = (0..size).map(|_| ring::<C>()).collect();
        let mut meter = meter(mode, scale, total, 2 * size);
        let mut turn = 0;
        while meter.goes_on() {
            let at = next(turn, &mut random);
            window[at] = ring();
            turn += 1;
            meter.made(2);
        }
        meter.finish()
    })
}

fn window_oldest<const C: bool>(mode: Mode, scale: f64) -> Report {
    window::<C>(mode, scale, 20_000, 16_000_000, |turn, _| turn % 20_000)
}

fn window_random<const C: bool>(mode: Mode, scale: f64) -> Report {
    window::<C>(mode, scale, 20_000, 16_000_000, |_, random| random.below(20_000))
}

fn window_newest<const C: bool>(mode: Mode, scale: f64) -> Report {
    // As a stack does: the upper end comes and goes.
    window::<C>(mode, scale, 20_000, 16_000_000, |turn, random| {
        if turn % 2 == 0 { 19_999 - turn % 2_000 } else { 10_000 + random.below(10_000) }
    })
}

fn window_large<const C: bool>(mode: Mode, scale: f64) -> Report {
    window::<C>(mode, scale, 100_000, 40_000_000, |turn, _| turn % 100_000)
}

/// Of the rings that are made, one in `n` gets old.
fn some_get_old<const C: bool>(mode: Mode, scale: f64, n: usize) -> Report {
    HEAP.attach(|| {
        let mut window: Vec<_> = (0..20_000).map(|_| ring::<C>()).collect();
        let mut meter = meter(mode, scale, 100_000_000, 40_000);
        let mut turn = 0;
        while meter.goes_on() {
            let one = ring();
            if turn % n == 0 {
                window[turn / n % 20_000] = one;
            }
            turn += 1;
            meter.made(2);
        }
        meter.finish()
    })
}

fn one_in_16<const C: bool>(mode: Mode, scale: f64) -> Report {
    some_get_old::<C>(mode, scale, 16)
}

fn one_in_64<const C: bool>(mode: Mode, scale: f64) -> Report {
    some_get_old::<C>(mode, scale, 64)
}

/// Requests under way, each a tree of a thousand nodes with links to their parents.
fn requests<const C: bool>(mode: Mode, scale: f64) -> Report {
    const UNDER_WAY: usize = 50;
    const NODES: usize = 1000;
    HEAP.attach(|| {
        let mut meter = meter(mode, scale, 16_400_000, UNDER_WAY * NODES);
        let mut random = Random::new();
        let mut requests: Vec<Vec<Gc<Node<C>, H>>> = (0..UNDER_WAY).map(|_| Vec::new()).collect();
        while meter.goes_on() {
            let request = &mut requests[random.below(UNDER_WAY)];
            if request.len() == NODES {
                request.clear();
            }
            let node = node();
            if !request.is_empty() {
                let parent = &request[(request.len() - 1) / 2];
                node.b.set(Some(parent.clone()));
                parent.a.set(Some(node.clone()));
            }
            request.push(node);
            meter.made(1);
        }
        meter.finish()
    })
}

/// Many pairs, made and dropped three times; then nothing but small garbage, as much as that was.
fn pairs_then_cycles<const C: bool>(mode: Mode, scale: f64) -> Report {
    let pairs = (2_000_000.0 * scale) as usize;
    HEAP.attach(|| {
        let kept: Vec<_> = (0..5_000).map(|_| ring::<C>()).collect();
        HEAP.enable();
        for _ in 0..3 {
            drop((0..pairs).map(|_| ring::<C>()).collect::<Vec<_>>());
        }
        // Nothing is measured until as much has been made as was garbage.
        let mut meter = meter_after(mode, 8 * pairs, 4 * pairs, 10_000);
        while meter.goes_on() {
            self_cycle::<C>();
            meter.made(1);
        }
        drop(kept);
        meter.finish()
    })
}

fn meter_after(mode: Mode, total: usize, quiet: usize, alive: usize) -> Meter {
    if mode == Mode::ByHand {
        HEAP.disable();
    }
    Meter::start(mode, total, alive, BYTES, collect).quiet(quiet)
}

/// Small objects go, while as many of three kilobytes are made, which are garbage at once.
fn drain<const C: bool>(mode: Mode, scale: f64) -> Report {
    HEAP.attach(|| {
        let small = (300_000.0 * scale.max(0.1)) as usize;
        let mut old: Vec<_> = (0..small).map(|_| node::<false>()).collect();
        set_automatic(mode);
        // Eight megabytes more, where others have four.
        let mut meter = Meter::start(mode, small, (4 << 20) / 2 / 3072, 3072, collect);
        while meter.goes_on() {
            old.pop();
            let large = Large::<C> { _tally: Skip(Tally::new()), me: GcCell::new(None), _room: [0; 375] };
            let large = Gc::new_in(large, HEAP);
            large.me.set(Some(large.clone()));
            meter.made(1);
        }
        meter.finish()
    })
}

/// Of fifty objects forty-eight die by count, and two are a ring that is garbage.
fn mostly_by_count<const C: bool>(mode: Mode, scale: f64) -> Report {
    HEAP.attach(|| {
        let kept: Vec<_> = (0..5_000).map(|_| ring::<C>()).collect();
        let mut meter = meter(mode, scale, 100_000_000, 10_000);
        let mut window: Vec<_> = (0..1_000).map(|_| node::<C>()).collect();
        let mut turn = 0;
        while meter.goes_on() {
            for _ in 0..48 {
                window[turn % 1_000] = node();
                turn += 1;
            }
            drop(ring::<C>());
            meter.made(50);
        }
        drop(kept);
        meter.finish()
    })
}

/// Slots, one of which is replaced in each step, and half of the steps link two of them to each other.
fn slots<const C: bool>(mode: Mode, scale: f64, size: usize, total: usize) -> Report {
    HEAP.attach(|| {
        let mut random = Random::new();
        let mut slots: Vec<_> = (0..size).map(|_| node::<C>()).collect();
        let mut meter = meter(mode, scale, total, size);
        let mut turn = 0;
        while meter.goes_on() {
            let (at, to) = (random.below(size), random.below(size));
            if turn % 2 == 0 {
                slots[at] = node();
            } else {
                slots[at].a.set(Some(slots[to].clone()));
                slots[to].b.set(Some(slots[at].clone()));
            }
            turn += 1;
            meter.made(1);
        }
        meter.finish()
    })
}

/// A window of objects in circles, from which large leaves hang: what is measured is bytes, as most of them go by count in the wake
/// of what is found. More objects stay, so that the heap is collected in steps.
fn leaves_in_the_wake<const C: bool>(mode: Mode, scale: f64) -> Report {
    const STAY: usize = 120_000;
    const WINDOW: usize = 3_000;
    let laden = || {
        let laden = Gc::new_in(Laden { me: GcCell::new(None), _load: Gc::new_in([0; LOAD], HEAP) }, HEAP);
        laden.me.set(Some(laden.clone()));
        laden
    };
    HEAP.attach(|| {
        let stay: Vec<_> = (0..STAY).map(|_| node::<C>()).collect();
        let mut window: Vec<_> = (0..WINDOW).map(|_| laden()).collect();
        HEAP.collect();
        set_automatic(mode);
        let alive = STAY * BYTES + WINDOW * (size_of::<[u64; LOAD]>() + BYTES);
        let total = (4_000_000.0 * scale) as usize;
        let mut meter = Meter::start(mode, total, alive, 1, collect).measuring(|| HEAP.allocated_bytes());
        let mut turn = 0;
        while meter.goes_on() {
            window[turn % WINDOW] = laden();
            turn += 1;
            meter.made(1);
        }
        drop(stay);
        meter.finish()
    })
}

fn window_large_random<const C: bool>(mode: Mode, scale: f64) -> Report {
    window::<C>(mode, scale, 100_000, 40_000_000, |_, random| random.below(100_000))
}

fn slots_10_k<const C: bool>(mode: Mode, scale: f64) -> Report {
    slots::<C>(mode, scale, 10_000, 10_000_000)
}

fn slots_1_m<const C: bool>(mode: Mode, scale: f64) -> Report {
    slots::<C>(mode, scale, 1_000_000, 20_000_000)
}

macro_rules! rows {
    ($($name:ident: $steady:expr),+ $(,)?) => {
        pub(crate) const ROWS: &[Row] = &[$(Row {
            name: stringify!($name),
            steady: $steady,
            plain: $name::<false>,
            counted: $name::<true>,
            collect,
        }),+];
    };
}

rows![
    window_oldest: true,
    window_random: true,
    window_newest: true,
    window_large: true,
    window_large_random: true,
    requests: true,
    one_in_16: true,
    one_in_64: true,
    pairs_then_cycles: false,
    drain: false,
    mostly_by_count: true,
    slots_10_k: true,
    slots_1_m: true,
    leaves_in_the_wake: true,
];
