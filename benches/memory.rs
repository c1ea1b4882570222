//! What the heap holds from the system, as the system sees it: resident bytes of whole programs, each in a process of its
//! own. Linux only (`/proc/self/statm`); elsewhere it says so.
//!
//! ```sh
//! cargo bench --bench memory              # all rows
//! cargo bench --bench memory -- holes     # those whose name contains this
//! ```

use std::marker::PhantomData;
use std::process::Command;
use std::sync::{Arc, Barrier, mpsc};
use std::thread;

use tricycle::{AnyGc, Atomic, Biased, Control, Gc, GcCell, Heap, Hosts, Local, Locked, Shared, Trace};

/// One of a thousand types: `A`, `B` and `C` are digits.
#[derive(Trace)]
struct Rare<A: 'static, B: 'static, C: 'static, H: Heap>(
    Option<Gc<Rare<A, B, C, H>, H>>,
    u64,
    #[trace(skip)] Digits<A, B, C>,
);

struct Digits<A, B, C>(PhantomData<A>, PhantomData<B>, PhantomData<C>);

/// The bytes of the value of each of them.
const RARE: usize = size_of::<Rare<(), (), (), Local>>();

struct Digit<const N: u8>;

/// Runs `$f` with each digit as its last type argument.
macro_rules! each_digit {
    ($f:ident($($arg:expr),*)) => {
        each_digit!(@ [0 1 2 3 4 5 6 7 8 9] $f [] ($($arg),*))
    };
    ($f:ident::<$($given:ty),*>($($arg:expr),*)) => {
        each_digit!(@ [0 1 2 3 4 5 6 7 8 9] $f [$($given),*] ($($arg),*))
    };
    (@ [$($n:literal)*] $f:ident $given:tt $args:tt) => { $( each_digit!(@@ $n $f $given $args); )* };
    (@@ $n:literal $f:ident [$($given:ty),*] ($($arg:expr),*)) => { $f::<$($given,)* Digit<$n>>($($arg),*) };
}

/// Handles of any type: no allocation of the program's comes between.
type Kept = Vec<Option<AnyGc>>;

const HANDLE: usize = size_of::<Option<AnyGc>>();

fn one<A: 'static, B: 'static, C: 'static>(count: usize, kept: &mut Kept) {
    for i in 0..count {
        let rare = Rare::<A, B, C, Local>(None, i as u64, Digits(PhantomData, PhantomData, PhantomData));
        kept.push(Some(Gc::new(rare).into()));
    }
}

fn ten<A: 'static, B: 'static>(count: usize, kept: &mut Kept) {
    each_digit!(one::<A, B>(count, kept));
}

fn hundred<A: 'static>(count: usize, kept: &mut Kept) {
    each_digit!(ten::<A>(count, kept));
}

/// A thousand types with `count` objects each.
fn thousand(count: usize, kept: &mut Kept) {
    each_digit!(hundred(count, kept));
}

/// A value of `N` words and an edge.
#[derive(Trace)]
struct Node<const N: usize, H: Heap = Local>(GcCell<Option<Gc<Node<N, H>, H>>, H>, [u64; N]);

fn node<const N: usize>() -> Gc<Node<N>> {
    Gc::new(Node(GcCell::new(None), [0; N]))
}

/// Resident bytes.
fn resident() -> usize {
    let Ok(text) = std::fs::read_to_string("/proc/self/statm") else { return 0 };
    text.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0) * 4096
}

/// A generator of numbers that look random: a linear congruence.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}

/// Prints a figure: the row's name, what is measured, and a number.
fn say(what: &str, figure: f64, unit: &str) {
    println!("    {what:<58}{figure:>10.1} {unit}");
}

const MIB: f64 = 1024.0 * 1024.0;

/// Says what is still resident, over what an empty program has, when everything is dropped.
fn say_rest<H: Heap>(control: &Control<H>, empty: usize) {
    control.collect();
    control.trim();
    say("after everything is dropped, `collect` and `trim`", (resident().saturating_sub(empty)) as f64 / MIB, "MiB");
}

fn types(count: usize) {
    let mut kept = Kept::with_capacity(1000 * count);
    kept.resize_with(1000 * count, || None);
    kept.clear(); // the memory of the vector is touched
    let empty = resident();
    thousand(count, &mut kept);
    let bytes = resident().saturating_sub(empty) as f64 / (1000 * count) as f64;
    say("bytes beyond the value, per object", bytes - RARE as f64, "B");
    Local.collect();
    let bytes = resident().saturating_sub(empty) as f64 / (1000 * count) as f64;
    say("the same after `collect`", bytes - RARE as f64, "B");
    drop(kept);
    say_rest(&Local, empty);
}

fn types_in_threads(count: usize) {
    const THREADS: usize = 8;
    let empty = resident();
    let made = Arc::new(Barrier::new(THREADS + 1));
    let measured = Arc::new(Barrier::new(THREADS + 1));
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let (made, measured) = (made.clone(), measured.clone());
            thread::spawn(move || {
                let mut kept = Kept::with_capacity(1000 * count);
                thousand(count, &mut kept);
                made.wait();
                measured.wait();
            })
        })
        .collect();
    made.wait();
    let objects = (THREADS * 1000 * count) as f64;
    let bytes = resident().saturating_sub(empty) as f64 / objects - HANDLE as f64;
    say("bytes beyond the value, per object", bytes - RARE as f64, "B");
    measured.wait();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    say("after the threads have ended", resident().saturating_sub(empty) as f64 / MIB, "MiB");
}

fn nodes() {
    const NODES: usize = 1_000_000;
    let mut kept: Vec<Option<Gc<Node<3>>>> = vec![None; NODES];
    kept.iter_mut().for_each(|slot| *slot = None);
    let empty = resident();
    kept.iter_mut().for_each(|slot| *slot = Some(node::<3>()));
    let bytes = |now: usize| now.saturating_sub(empty) as f64 / NODES as f64;
    let value = size_of::<Node<3>>();
    assert_eq!(value, 40);
    say("bytes beyond the value, per object", bytes(resident()) - value as f64, "B");
    Local.collect();
    say("the same after `collect`", bytes(resident()) - value as f64, "B");
    drop(kept);
    say_rest(&Local, empty);
}

fn holes() {
    const OBJECTS: usize = 1_000_000;
    let mut peak: Vec<Option<AnyGc>> = Vec::new();
    peak.resize_with(OBJECTS, || None);
    let mut later: Vec<Option<AnyGc>> = Vec::new();
    later.resize_with(OBJECTS / 2, || None);
    let empty = resident();
    let mut payload = 0;
    fn keep<const N: usize>(payload: &mut usize) -> Option<AnyGc> {
        *payload += size_of::<Node<N>>();
        Some(node::<N>().into())
    }
    for (i, slot) in peak.iter_mut().enumerate() {
        let unused = &mut 0;
        *slot = match i % 4 {
            0 => keep::<2>(unused),
            1 => keep::<6>(unused),
            2 => keep::<14>(unused),
            _ => keep::<20>(unused),
        };
    }
    say("at the peak", resident().saturating_sub(empty) as f64 / MIB, "MiB");
    let mut random = Random(1);
    for (i, slot) in peak.iter_mut().enumerate() {
        if random.below(10) != 0 {
            *slot = None;
        } else {
            payload += [2, 6, 14, 20][i % 4] * 8 + 16;
        }
    }
    say("when 90 % are gone", resident().saturating_sub(empty) as f64 / MIB, "MiB");
    // Other types, some of them a little smaller.
    for (i, slot) in later.iter_mut().enumerate() {
        *slot = match i % 4 {
            0 => keep::<1>(&mut payload),
            1 => keep::<5>(&mut payload),
            2 => keep::<13>(&mut payload),
            _ => keep::<19>(&mut payload),
        };
    }
    let now = resident().saturating_sub(empty);
    say("payload, with that of other types", payload as f64 / MIB, "MiB");
    say("resident", now as f64 / MIB, "MiB");
    say("resident over payload", now as f64 / payload as f64, "x");
    drop((peak, later));
    say_rest(&Local, empty);
}

/// `threads` threads at a time make `objects` each, hand them over and end; the receiver drops them.
fn ended<H: Shared + Hosts<Node<3, H>> + Sync + Send>(threads: usize, at_once: bool, objects: usize) {
    let make = move || -> Vec<_> {
        (0..objects).map(|_| Gc::new_in(Node::<3, H>(GcCell::new(None), [0; 3]), H::default())).collect()
    };
    let empty = resident();
    let (sender, receiver) = mpsc::channel::<Vec<Gc<Node<3, H>, H>>>();
    if at_once {
        let start = Arc::new(Barrier::new(threads));
        let running: Vec<_> = (0..threads)
            .map(|_| {
                let (sender, start) = (sender.clone(), start.clone());
                thread::spawn(move || {
                    start.wait();
                    let made = make();
                    start.wait();
                    sender.send(made).unwrap();
                })
            })
            .collect();
        running.into_iter().for_each(|thread| thread.join().unwrap());
        say("with all objects", resident().saturating_sub(empty) as f64 / MIB, "MiB");
        let all: Vec<_> = receiver.try_iter().collect();
        drop(all);
        say("when the receiver has dropped them", resident().saturating_sub(empty) as f64 / MIB, "MiB");
        let again: Vec<_> = (0..threads).map(|_| make()).collect();
        say("when it has made as many", resident().saturating_sub(empty) as f64 / MIB, "MiB");
        drop(again);
    } else {
        let mut held = Vec::new();
        for _ in 0..threads {
            let sender = sender.clone();
            thread::spawn(move || sender.send(make()).unwrap()).join().unwrap();
            held.push(receiver.recv().unwrap());
            if held.len() == 4 {
                held.remove(0); // while the next one is at work
            }
        }
        say("with what the last threads made", resident().saturating_sub(empty) as f64 / MIB, "MiB");
    }
    let control: &Control<H> = &H::default();
    say_rest(control, empty);
}

type Row = (&'static str, fn());

const ROWS: &[Row] = &[
    ("1,000 types x 1 object", || types(1)),
    ("1,000 types x 10 objects", || types(10)),
    ("1,000 types x 100 objects", || types(100)),
    ("1,000 types x 1 object, 8 threads", || types_in_threads(1)),
    ("1,000 types x 10 objects, 8 threads", || types_in_threads(10)),
    ("nodes of 40 bytes, 1 M", nodes),
    ("holes: four sizes, 90 % of 1 M freed at random, then others", holes),
    ("ended: 32 threads x 100 k objects, Locked", || ended::<Locked>(32, true, 100_000)),
    ("ended: 32 threads x 100 k objects, Atomic", || ended::<Atomic>(32, true, 100_000)),
    ("ended: 32 threads x 100 k objects, Biased", || ended::<Biased>(32, true, 100_000)),
    ("in turn: 200 threads x 40 k objects, Atomic", || ended::<Atomic>(200, false, 40_000)),
    ("in turn: 200 threads x 40 k objects, Biased", || ended::<Biased>(200, false, 40_000)),
];

fn main() {
    if !cfg!(target_os = "linux") {
        return println!("resident memory is measured on Linux only");
    }
    const ONLY: &str = "TRICYCLE_MEMORY_ROW";
    if let Ok(name) = std::env::var(ONLY) {
        return ROWS.iter().filter(|row| row.0 == name).for_each(|row| row.1());
    }
    let wanted: Vec<_> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    for (name, _) in ROWS {
        if !wanted.is_empty() && !wanted.iter().any(|part| name.contains(part)) {
            continue;
        }
        println!("{name}");
        let program = std::env::current_exe().expect("the bench knows where it is");
        let status = Command::new(program).env(ONLY, name).status().expect("it can be started");
        assert!(status.success(), "{name}: {status}");
    }
}
