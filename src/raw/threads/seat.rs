//! Seats: what a world keeps for each of its threads.
//!
//! A thread takes a seat when it first uses the heap, and leaves it with all that is on it (its young list, its pool) when
//! it ends; the next thread goes on where it stopped. So nothing has to be moved when threads come and go, whoever looks
//! at all seats sees everything there is, and a thread's index never leads to memory that is gone.
//!
//! Objects are owned by a thread, not by a seat: an owner's name is the index of its seat and how many threads have had it
//! before. A name is never given twice. A seat whose names are used up is not taken again, as long as there are others; when there are
//! none, threads become [`Owner::STRANGER`]s.
//!
//! Cells know the thread that borrows them by its seat ([`Reading`](crate::raw::lock::held::Reading)). So a seat that is left while
//! borrows last is nobody else's either.

use std::ptr;

use crate::raw::base::sync::{AtomicPtr, AtomicU32, Condvar, Ordering, const_fn};
use crate::raw::count::Owner;

/// The thread may use the heap.
pub(crate) const ATTACHED: u32 = 1 << 0;
/// The thread must not go on, or come in, before the world is started again.
pub(crate) const STOP: u32 = 1 << 1;
/// Somebody waits for the lock.
pub(crate) const YIELD: u32 = 1 << 2;
/// There is something in the thread's inbox.
pub(crate) const TASK: u32 = 1 << 3;

/// Bits of an owner's name that are the seat's number, counted from one.
const NUMBER_BITS: u32 = 20;
/// Threads that have had a seat, at most, without being strangers.
const GENERATIONS: u32 = (1 << (32 - NUMBER_BITS)) - 1;
/// Seats of the first chunk; each further one has as many as all before it, and one `FIRST` more.
const FIRST: usize = if cfg!(loom) { 2 } else { 16 };
const CHUNKS: usize = if cfg!(loom) { 2 } else { NUMBER_BITS as usize - 4 };
/// As many seats as there can be.
const MOST: u32 = (FIRST * ((1 << CHUNKS) - 1)) as u32;

/// A seat.
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct Seat<P> {
    /// `ATTACHED`, and what the thread should see to at its next safepoint. All that is asked on the fast path.
    pub(crate) word: AtomicU32,
    index: u32,
    /// The threads that have had the seat. Changed under the world's lock.
    generation: AtomicU32,
    /// The thread waits to be attached by somebody else. Changed under the world's lock.
    pub(super) waiting: AtomicU32,
    /// Not zero: nobody else comes in before this thread has stopped or is outside.
    pub(super) solo: AtomicU32,
    /// How often the thread waits for a cell, outside. Written when it is inside.
    asleep: AtomicU32,
    /// Where the seat is among those that are taken. Used under the world's lock.
    place: AtomicU32,
    /// To wake it. Used under the world's lock.
    pub(super) wake: Condvar,
    /// What the heap keeps for the thread.
    pub(crate) part: P,
}

impl<P> Seat<P> {
    fn new(index: u32, part: P) -> Self {
        Seat {
            word: AtomicU32::new(0),
            index,
            generation: AtomicU32::new(0),
            waiting: AtomicU32::new(0),
            solo: AtomicU32::new(0),
            asleep: AtomicU32::new(0),
            place: AtomicU32::new(0),
            wake: Condvar::new(),
            part,
        }
    }

    /// Whether the thread has nothing to see to: one relaxed load.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn is_calm(&self) -> bool {
        self.word.load(Ordering::Relaxed) == ATTACHED
    }

    pub(crate) fn index(&self) -> u32 {
        self.index
    }

    /// The thread, which is inside, goes out to wait for a cell. There it may say so in the cell's word.
    pub(crate) fn fall_asleep(&self) {
        self.asleep.store(self.asleep.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    /// It has waited, and come in.
    pub(crate) fn wake_up(&self) {
        self.asleep.store(self.asleep.load(Ordering::Relaxed) - 1, Ordering::Relaxed);
    }

    /// Whether the thread, which is outside, waits for a cell.
    pub(super) fn is_asleep(&self) -> bool {
        self.asleep.load(Ordering::Relaxed) != 0
    }

    /// Whether the thread is inside, as far as this one knows.
    pub(crate) fn is_attached(&self) -> bool {
        self.word.load(Ordering::Relaxed) & ATTACHED != 0
    }

    /// Whether no other thread comes in before this one, which is attached, stops or goes out: what it does to words that others
    /// use, too, need not be atomic until then. One relaxed load.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn is_solo(&self) -> bool {
        self.solo.load(Ordering::Relaxed) != 0
    }

    /// The thread that had the seat is gone, whatever it was doing.
    fn vacate(&self) {
        for word in [&self.word, &self.waiting, &self.solo, &self.asleep] {
            word.store(0, Ordering::Relaxed);
        }
    }

    /// What the thread that has the seat is called.
    pub(crate) fn owner(&self) -> Owner {
        let generation = self.generation.load(Ordering::Relaxed);
        if generation >= GENERATIONS {
            return Owner::STRANGER;
        }
        Owner(generation << NUMBER_BITS | (self.index + 1))
    }

    /// Whether the thread of this name, which had the seat, has left it. If so, what it did has happened before.
    pub(crate) fn has_been_left_by(&self, owner: Owner) -> bool {
        self.generation.load(Ordering::Acquire) != owner.0 >> NUMBER_BITS // [O176]
    }

    /// Tells the thread that it has something to see to, which it finds as the caller has left it. Returns the word as it was.
    pub(crate) fn ask(&self, bits: u32) -> u32 {
        self.word.fetch_or(bits, Ordering::Release) // [O65]
    }

    /// The thread is about to see to it. What comes later is told anew.
    pub(crate) fn heard(&self, bits: u32) {
        self.word.fetch_and(!bits, Ordering::Acquire); // [O66]
    }
}

/// All seats of a world. They are made one by one, do not move, and stay as long as the world.
#[derive(Debug)]
pub(crate) struct Seats<P> {
    /// Chunk `k` has `FIRST << k` seats.
    chunks: [AtomicPtr<Seat<P>>; CHUNKS],
}

// SAFETY: [I17] seats are shared by reference; only `Drop` takes them apart.
unsafe impl<P: Send + Sync> Send for Seats<P> {}
// SAFETY: [I17] as above.
unsafe impl<P: Send + Sync> Sync for Seats<P> {}

/// The chunk of a seat, and its place there.
fn place(index: usize) -> (usize, usize) {
    let chunk = (index / FIRST + 1).ilog2() as usize;
    (chunk, index - FIRST * ((1 << chunk) - 1))
}

impl<P> Seats<P> {
    const_fn! {
        /// No seats.
        pub(crate) fn new() -> Self {
            #[cfg(not(loom))]
            let chunks = [const { AtomicPtr::new(ptr::null_mut()) }; CHUNKS];
            #[cfg(loom)]
            let chunks = std::array::from_fn(|_| AtomicPtr::new(ptr::null_mut()));
            Seats { chunks }
        }
    }

    /// The seat with an index, if its chunk has been made.
    pub(crate) fn get(&self, index: u32) -> Option<&Seat<P>> {
        let (chunk, at) = place(index as usize);
        let start = self.chunks.get(chunk)?.load(Ordering::Acquire); // [O50]
        if start.is_null() {
            return None;
        }
        // SAFETY: [I17] chunk `k` has `FIRST << k` seats, and `at` is less than that.
        Some(unsafe { &*start.add(at) })
    }

    /// The seat of an owner.
    pub(crate) fn of(&self, owner: Owner) -> Option<&Seat<P>> {
        let number = owner.0 & ((1 << NUMBER_BITS) - 1);
        self.get(number.checked_sub(1)?)
    }

    /// Makes the seat with an index, and all those of its chunk. Called by one thread at a time.
    ///
    /// # Panics
    ///
    /// If there are a million seats already.
    fn make(&self, index: u32, part: impl Fn() -> P) -> &Seat<P> {
        let (chunk, _) = place(index as usize);
        assert!(chunk < CHUNKS, "too many threads");
        if self.get(index).is_none() {
            let from = (FIRST * ((1 << chunk) - 1)) as u32;
            let seats: Box<[_]> = (0..(FIRST << chunk) as u32).map(|i| Seat::new(from + i, part())).collect();
            self.chunks[chunk].store(Box::into_raw(seats).cast(), Ordering::Release); // [O51]
        }
        self.get(index).expect("its chunk has been made")
    }
}

impl<P> Drop for Seats<P> {
    fn drop(&mut self) {
        for (chunk, start) in self.chunks.iter().enumerate() {
            let start = start.load(Ordering::Relaxed);
            if !start.is_null() {
                // SAFETY: [I17] as it was made; nobody uses the world any more.
                drop(unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(start, FIRST << chunk)) });
            }
        }
    }
}

/// What becomes of a seat that its thread leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    /// Another thread may have it.
    Free,
    /// The thread still has borrows, or has leaked some: nobody else is taken for it.
    Aside,
}

/// Which seats are taken. Kept under the world's lock.
#[derive(Debug)]
pub(crate) struct Taken {
    /// Seats that have ever been taken.
    len: u32,
    /// Those of them that somebody has.
    taken: Vec<u32>,
    /// Those that are free, the one that was left last on top: its memory is the warmest.
    free: Vec<u32>,
    /// Those that are free, and have no names left.
    used_up: Vec<u32>,
    /// Those that were left while borrows last.
    aside: Vec<u32>,
}

impl Taken {
    pub(crate) const fn new() -> Self {
        Taken { len: 0, taken: Vec::new(), free: Vec::new(), used_up: Vec::new(), aside: Vec::new() }
    }

    /// A free seat.
    ///
    /// # Panics
    ///
    /// If a million threads have one.
    pub(crate) fn take<'a, P>(&mut self, seats: &'a Seats<P>, part: impl Fn() -> P) -> &'a Seat<P> {
        let fresh = (self.len < MOST).then_some(self.len);
        let index = self.free.pop().or(fresh).or_else(|| self.used_up.pop()).unwrap_or(MOST);
        let seat = seats.make(index, part);
        self.len = self.len.max(index + 1);
        self.add(seat);
        seat
    }

    fn add<P>(&mut self, seat: &Seat<P>) {
        seat.place.store(self.taken.len() as u32, Ordering::Relaxed);
        self.taken.push(seat.index);
    }

    /// A thread takes the seat that it has left while borrows last.
    pub(crate) fn take_back<P>(&mut self, seat: &Seat<P>) {
        if let Some(at) = self.aside.iter().position(|index| *index == seat.index) {
            self.aside.swap_remove(at);
            self.add(seat);
        }
    }

    /// A thread leaves its seat, and its name is not used again.
    pub(crate) fn leave<P>(&mut self, seats: &Seats<P>, seat: &Seat<P>, left: Left) {
        let generation = (seat.generation.load(Ordering::Relaxed) + 1).min(GENERATIONS);
        seat.generation.store(generation, Ordering::Release); // [O175]
        let place = seat.place.load(Ordering::Relaxed) as usize;
        self.taken.swap_remove(place);
        if let Some(moved) = self.taken.get(place).and_then(|index| seats.get(*index)) {
            moved.place.store(place as u32, Ordering::Relaxed);
        }
        match left {
            Left::Aside => self.aside.push(seat.index),
            Left::Free if generation == GENERATIONS => self.used_up.push(seat.index),
            Left::Free => self.free.push(seat.index),
        }
    }

    /// All threads but one are gone. The seats that they had.
    pub(super) fn leave_all_but<'a, P>(
        &mut self,
        me: &Seat<P>,
        seats: &'a Seats<P>,
        left: impl Fn(&Seat<P>) -> Left,
    ) -> Vec<&'a Seat<P>> {
        let gone: Vec<_> = self.each(seats).filter(|seat| seat.index != me.index).collect();
        for seat in &gone {
            seat.vacate();
            self.leave(seats, seat, left(seat));
        }
        gone
    }

    /// How many threads have a seat.
    pub(crate) fn count(&self) -> usize {
        self.taken.len()
    }

    /// The seats that somebody has.
    pub(crate) fn each<'a, P>(&self, seats: &'a Seats<P>) -> impl Iterator<Item = &'a Seat<P>> {
        self.taken.iter().filter_map(|index| seats.get(*index))
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::*;

    /// However many threads come and go, each has a name of its own, and who looks at all that are there looks at no others.
    #[test]
    fn names_do_not_run_out() {
        let (seats, mut taken) = (Seats::new(), Taken::new());
        let mut names = std::collections::HashSet::new();
        let stays = taken.take(&seats, || ());
        for _ in 0..3 * GENERATIONS {
            let seat = taken.take(&seats, || ());
            assert!(seat.owner() != Owner::STRANGER && names.insert(seat.owner().0));
            assert_eq!(taken.each(&seats).map(Seat::index).collect::<Vec<_>>(), [stays.index(), seat.index()]);
            taken.leave(&seats, seat, Left::Free);
        }
        let many: Vec<_> = (0..100).map(|_| taken.take(&seats, || ())).collect();
        assert_eq!(taken.count(), 101);
        many.iter().for_each(|seat| taken.leave(&seats, seat, Left::Free));
        assert_eq!(taken.each(&seats).map(Seat::index).collect::<Vec<_>>(), [stays.index()]);
    }

    /// A seat that was left while borrows last is had by nobody but the thread that left it.
    #[test]
    fn set_aside() {
        let (seats, mut taken) = (Seats::new(), Taken::new());
        let seat = taken.take(&seats, || ());
        let name = seat.owner();
        taken.leave(&seats, seat, Left::Aside);
        assert!(seat.has_been_left_by(name) && taken.count() == 0);
        assert_ne!(taken.take(&seats, || ()).index(), seat.index());
        taken.take_back(seat);
        assert_eq!((taken.count(), seat.owner() == name), (2, false));
        taken.leave(&seats, seat, Left::Free);
        assert_eq!(taken.take(&seats, || ()).index(), seat.index());
    }
}
