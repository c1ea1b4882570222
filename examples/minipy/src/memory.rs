//! Running out of memory, which is `MemoryError` and not the end of the process.
//!
//! What programs make large is asked for with `try_reserve` and refused on the spot: strings, lists and tables that grow or are
//! multiplied. (Not all methods of strings do so: `split`, `upper` and the like make their result as one that fits.) Small things are made
//! everywhere, and not all of that can fail: they have a reserve. Where an object finds no memory the reserve is given back, the
//! object is made after all, and the exception is raised at the thread's next checkpoint. Text and the like come from an
//! allocator that does not say in time when it runs short, so it is sounded now and then: whether it has a good deal more. An
//! allocator whose own stretch of addresses cannot grow takes a page of the system's for each piece, however small (glibc does, for
//! all threads but the first), so each piece counts for a page; and the less there is, the sooner it is sounded again.

use std::alloc::{Layout, handle_alloc_error};
use std::cell::Cell;
use std::mem::size_of;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tricycle::{AllocError, CollectionEvent, Gc, Hosts, Trace, Weak};

use crate::heap::Runtime;
use crate::vm::look_up;

/// There is not enough memory.
#[derive(Debug)]
pub struct NoMemory;

/// What is given back when there is none left: some blocks of the heap, and what it takes to tell the program. Nobody writes to
/// it, so it is a stretch of addresses only. More than what the system's allocator can take from, or keep in, a stretch of its own
/// (glibc: 64 MiB): the heap, too, must find it with the system once it is given back.
const RESERVED: usize = 66 << 20;

/// What a small allocation takes at worst.
const PAGE: usize = 4 << 10;

/// What the allocator is sounded for, and how much may be spent before it is sounded again: a part of it, because other threads
/// spend, too, and so does the heap, block by block.
const PLENTY: usize = 64 << 20;
const PLENTY_LASTS: usize = 16 << 20;
const SOME: usize = 8 << 20;
const SOME_LASTS: usize = 512 << 10;

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
    /// How much may be spent before the next sounding.
    static LEFT: Cell<usize> = const { Cell::new(0) };
}

/// Whether memory has run out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Short {
    No,
    /// The exception is to be raised.
    Yes,
    /// It had, and the exception has been raised. Perhaps the reserve can be set aside again.
    Was,
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

/// Sets the reserve aside anew, if something is left then.
fn set_aside_again() {
    if is_given() && probe(RESERVED + 2 * SOME).is_ok() {
        set_aside();
    }
}

/// There is none left: gives the reserve back, if there is one, to tell the program with.
#[cold]
pub fn give_back() {
    let mut state = reserve_state();
    if matches!(*state, Reserve::Aside { .. }) {
        *state = Reserve::Given;
    }
}

fn is_given() -> bool {
    matches!(*reserve_state(), Reserve::Given)
}

/// To be told of each collection: memory may have come back.
pub fn on_collection(_: &CollectionEvent) {
    if is_given() && SHORT.get() == Short::No {
        SHORT.set(Short::Was);
        look_up();
    }
}

/// There is none left, and the thread is to raise the exception.
#[cold]
fn run_short() {
    give_back();
    SHORT.set(Short::Yes);
    look_up();
}

/// Whether the thread is to raise the exception, which it is told once, until memory runs out again.
pub fn is_short<H: Runtime>() -> bool {
    match SHORT.replace(Short::No) {
        Short::No => false,
        Short::Yes => true,
        Short::Was => {
            // The heap keeps memory that it does not use.
            H::default().trim();
            set_aside_again();
            false
        }
    }
}

/// So many bytes come, in one piece, from an allocator that cannot fail.
#[inline]
pub fn spend(bytes: usize) {
    match LEFT.get().checked_sub(bytes.saturating_add(PAGE)) {
        Some(left) => LEFT.set(left),
        None => sound(),
    }
}

#[cold]
#[inline(never)]
fn sound() {
    set_aside_again();
    let plenty = probe(PLENTY).is_ok();
    LEFT.set(if plenty { PLENTY_LASTS } else { SOME_LASTS });
    if !plenty && probe(SOME).is_err() {
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

/// A new object whose value is made with a weak handle to it.
pub fn cyclic<T: Trace + 'static, H: Runtime + Hosts<T>>(make: impl FnOnce(&Weak<T, H>) -> T) -> Gc<T, H> {
    // The weak handles of the object, which are memory of the allocator's.
    spend(0);
    match Gc::try_new_cyclic_in(make, H::default()) {
        Ok(object) => object,
        Err(back) => anyway(back.into_inner(), |make| Gc::try_new_cyclic_in(make, H::default())),
    }
}

/// A new object.
#[inline(always)]
pub fn object<T: Trace + 'static, H: Runtime + Hosts<T>>(value: T) -> Gc<T, H> {
    match Gc::try_new_in(value, H::default()) {
        Ok(object) => object,
        Err(back) => anyway(back.into_inner(), |value| Gc::try_new_in(value, H::default())),
    }
}

/// Makes the object with what was in reserve.
#[cold]
#[inline(never)]
fn anyway<T, V, H: Runtime>(value: V, make: impl Fn(V) -> Result<Gc<T, H>, AllocError<V>>) -> Gc<T, H> {
    run_short();
    let again = |back: AllocError<V>| {
        H::default().trim();
        make(back.into_inner())
    };
    make(value).or_else(again).unwrap_or_else(|_| handle_alloc_error(Layout::new::<T>()))
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
