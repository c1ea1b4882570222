//! Running out of memory, which is `MemoryError` and not the end of the process.
//!
//! What may be large is asked for with `try_reserve` and refused on the spot: strings, lists, tables. Small things are made
//! everywhere, and not all of that can fail: they have a reserve. Where an object finds no memory the reserve is given back, the
//! object is made after all, and the exception is raised at the thread's next checkpoint. Text and the like come from an
//! allocator that does not say in time when it runs short, so it is sounded now and then: whether it has a good deal more.

use std::cell::Cell;
use std::mem::size_of;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tricycle::{CollectionEvent, Gc, Hosts, Trace};

use crate::heap::Runtime;
use crate::vm::look_up;

/// There is not enough memory.
#[derive(Debug)]
pub struct NoMemory;

/// What is given back when there is none left: some blocks of the heap, and what it takes to tell the program. Nobody writes to
/// it, so it is a stretch of addresses only. More than what the system's allocator keeps for itself when it is freed.
const RESERVED: usize = 34 << 20;

/// The allocator is sounded after so many bytes, whether it has so many more: enough for a block of the heap, too, which may come
/// in between.
const OFTEN: usize = 256 << 10;
const SOUNDING: usize = 8 << 20;

/// Where the reserve is.
enum Reserve {
    /// There never was one: the process may not have so much.
    Missing,
    Aside {
        /// Kept for its size only.
        _room: Vec<u8>,
    },
    /// Memory has run out, and has not come back since.
    Given,
}

static RESERVE: Mutex<Reserve> = Mutex::new(Reserve::Missing);

thread_local! {
    /// What this thread is to see to.
    static SHORT: Cell<Short> = const { Cell::new(Short::No) };
    /// Bytes since the last sounding.
    static SPENT: Cell<usize> = const { Cell::new(0) };
}

/// Whether memory has run out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Short {
    No,
    /// For the first time: the exception is to be raised.
    Yes,
    /// The reserve has not been set aside since. Perhaps it can be now.
    Still,
}

fn reserve_state() -> MutexGuard<'static, Reserve> {
    RESERVE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sets the reserve aside, if it is not and there is memory.
pub fn set_aside() {
    let mut state = reserve_state();
    if !matches!(*state, Reserve::Aside { .. }) {
        let mut room = Vec::new();
        if room.try_reserve_exact(RESERVED).is_ok() {
            *state = Reserve::Aside { _room: room };
        }
    }
}

/// There is none left: gives the reserve back, to tell the program with. Whether there was one.
#[cold]
pub fn give_back() -> bool {
    let mut state = reserve_state();
    let there = matches!(*state, Reserve::Aside { .. });
    if there {
        *state = Reserve::Given;
    }
    there
}

fn is_given() -> bool {
    matches!(*reserve_state(), Reserve::Given)
}

/// To be told of each collection: memory may have come back.
pub fn on_collection(_: &CollectionEvent) {
    if is_given() {
        SHORT.set(Short::Still);
        look_up();
    }
}

/// The same, and the thread is to raise the exception.
#[cold]
fn run_short() {
    SHORT.set(if give_back() { Short::Yes } else { Short::Still });
    look_up();
}

/// Whether the thread is to raise the exception, which it is told once. Who has been told, and goes on without letting go of
/// anything, is told again.
pub fn is_short<H: Runtime>() -> bool {
    match SHORT.replace(Short::No) {
        Short::No => false,
        Short::Yes => true,
        Short::Still => {
            // The heap keeps memory that it does not use.
            H::default().trim();
            set_aside();
            is_given()
        }
    }
}

/// So many bytes come from an allocator that cannot fail.
#[inline]
pub fn spend(bytes: usize) {
    let spent = SPENT.get().saturating_add(bytes);
    SPENT.set(spent);
    if spent >= OFTEN {
        sound();
    }
}

#[cold]
#[inline(never)]
fn sound() {
    SPENT.set(0);
    if is_given() || probe(SOUNDING).is_err() {
        run_short();
    }
}

/// Whether there is so much, for those who ask before they begin.
pub fn probe(bytes: usize) -> Result<(), NoMemory> {
    let mut room = Vec::<u8>::new();
    room.try_reserve_exact(bytes).map_err(|_| NoMemory)?;
    // Otherwise the compiler sees that nobody uses it, and asks nobody.
    std::hint::black_box(&mut room);
    Ok(())
}

/// A new object.
#[inline(always)]
pub fn object<T: Trace + 'static, H: Runtime + Hosts<T>>(value: T) -> Gc<T, H> {
    match Gc::try_new_in(value, H::default()) {
        Ok(object) => object,
        Err(back) => object_anyway(back.into_inner()),
    }
}

#[cold]
#[inline(never)]
fn object_anyway<T: Trace + 'static, H: Runtime + Hosts<T>>(value: T) -> Gc<T, H> {
    run_short();
    match Gc::try_new_in(value, H::default()) {
        Ok(object) => object,
        Err(back) => {
            H::default().trim();
            Gc::new_in(back.into_inner(), H::default())
        }
    }
}

/// Puts so many values into a vector.
pub fn gather<T>(len: usize, values: impl IntoIterator<Item = T>) -> Result<Vec<T>, NoMemory> {
    let mut all = Vec::new();
    all.try_reserve_exact(len).map_err(|_| NoMemory)?;
    spend(len * size_of::<T>());
    all.extend(values);
    Ok(all)
}

/// Makes room for more in a vector, as much as `Vec::reserve` would.
#[inline]
pub fn reserve<T>(values: &mut Vec<T>, more: usize) -> Result<(), NoMemory> {
    if values.capacity() - values.len() >= more {
        return Ok(());
    }
    let before = values.capacity();
    values.try_reserve(more).map_err(|_| NoMemory)?;
    spend((values.capacity() - before).saturating_mul(size_of::<T>()));
    Ok(())
}

/// Joins pieces of text.
pub fn concat<'a, I: IntoIterator<Item = &'a str>>(len: Option<usize>, pieces: I) -> Result<String, NoMemory> {
    let mut text = String::new();
    text.try_reserve_exact(len.ok_or(NoMemory)?).map_err(|_| NoMemory)?;
    text.extend(pieces);
    Ok(text)
}

/// A piece of text, so many times.
pub fn repeat(piece: &str, times: usize) -> Result<String, NoMemory> {
    concat(piece.len().checked_mul(times), std::iter::repeat_n(piece, times))
}
