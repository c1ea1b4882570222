//! What pools keep, and what comes back when.

use std::ptr::NonNull;
use std::sync::mpsc;

use super::super::page::Page;
use super::super::pool::{KEEP, SOME};
use super::super::segment::SEGMENT;
use crate::{Gc, Heap, heap};

/// Two kibibytes.
type Block<H> = Gc<[u64; 256], H>;
const BLOCK: usize = 256 * 8;

fn block<H: crate::Hosts<[u64; 256]>>() -> Block<H> {
    Gc::new_in([1; 256], H::default())
}

fn blocks<H: crate::Hosts<[u64; 256]>>(bytes: usize) -> Vec<Block<H>> {
    (0..bytes / BLOCK).map(|_| block()).collect()
}

fn page<H: Heap>(block: &Block<H>) -> NonNull<Page> {
    // SAFETY: the object is in the pool.
    unsafe { Page::of(block.handle().object().value()) }
}

/// Runs `f` while a thread waits that has made some blocks, and hands them over.
fn with_a_maker<H: crate::Hosts<[u64; 256]>>(bytes: usize, f: impl FnOnce(Vec<Block<H>>, &dyn Fn(fn())))
where
    Block<H>: Send,
{
    let (made, is_made) = mpsc::channel();
    let (task, tasks) = mpsc::channel::<fn()>();
    let (done, is_done) = mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            made.send(blocks(bytes)).unwrap();
            tasks.into_iter().for_each(|task| {
                task();
                done.send(()).unwrap();
            });
        });
        f(is_made.recv().unwrap(), &|f| {
            task.send(f).unwrap();
            is_done.recv().unwrap();
        });
        drop(task);
    });
}

/// At the limit a page that was set aside as full is used again from its first free slot on, without a search for it.
#[test]
fn first_free_slots_at_the_limit() {
    heap! { Own: Local }
    std::thread::spawn(|| {
        Own.set_limit(SEGMENT);
        let fill = || std::iter::from_fn(|| Gc::try_new_in([1; 256], Own).ok());
        let mut all: Vec<Block<Own>> = fill().collect();
        for n in 0..all.len() / 10 {
            let gone = all.swap_remove(n * 7 % all.len());
            let place = page(&gone);
            drop(gone);
            // SAFETY: there are other objects on the page.
            assert!(!unsafe { place.as_ref() }.set_aside.get(), "the page has a free slot, and is set aside");
            all.extend(fill());
            assert_eq!(page(all.last().unwrap()), place);
        }
    })
    .join()
    .unwrap();
}

/// An allocation takes back a part of what others have freed, and the next ones the rest.
#[test]
fn taken_back_bit_by_bit() {
    heap! { Own: Atomic }
    // So many that what a few allocations take back is a small part, also where segments are small.
    with_a_maker::<Own>((4 * SEGMENT).max(1 << 22), |theirs, tell| {
        let count = theirs.len();
        // SAFETY: there are objects on the page; the pool stays.
        let pool = unsafe { page(&theirs[0]).as_ref() }.pool();
        let used = || pool.census().bytes / BLOCK;
        let before = used();
        drop(theirs);
        assert_eq!(used(), before);
        tell(|| drop(blocks::<Own>(8 * BLOCK)));
        let taken = before - used();
        assert!(taken >= SOME && taken < count / 2, "{taken} of {count} are back");
        assert_eq!(Own.live_allocations(), 0);
    });
}

/// Nobody who holds a thread outside takes back all that others have freed of its memory; nor does a thread that ends, if others wait.
#[test]
fn not_all_is_taken_back_while_others_wait() {
    heap! { Own: Atomic }
    // So many that what a thread takes back of them in any case is less than half, also where segments are small.
    with_a_maker::<Own>((8 * SEGMENT).max(1 << 24), |mut theirs, _| {
        // SAFETY: there are objects on the page; the pool stays.
        let pool = unsafe { page(&theirs[0]).as_ref() }.pool();
        let used = || pool.census().bytes / BLOCK;
        let last = theirs.pop();
        let (before, count) = (used(), theirs.len());
        drop(theirs);
        // The thread waits outside.
        pool.take_back_held();
        let held = before - used();
        assert!((SOME..2 * SOME).contains(&held), "{held} of {count} are back");
        pool.leave(|| false);
        let left = before - used();
        assert!(pool.is_left() && left > held && left < count / 2, "{left} of {count} are back");
        // Whoever frees something next goes on with that, and who counts what is in use takes the rest.
        drop(last);
        assert!(before - used() > left && before - used() < count, "{} of {count} are back", before - used());
        Own.trim();
        assert_eq!(used(), 0);
        pool.hold();
    });
}

/// When a thread has ended, pages in which nothing is left give their memory back at once.
#[test]
fn vacant_pages_give_their_memory_back() {
    heap! { Own: Atomic }
    // So that this thread has another seat.
    let _mine: Block<Own> = block();
    let mut theirs = std::thread::spawn(|| blocks::<Own>(SEGMENT / 2)).join().unwrap();
    let kept = theirs.pop().unwrap();
    // The thread may not have left the pool yet.
    // SAFETY: there is an object on the page.
    let front = unsafe { page(&kept).as_ref() };
    while !front.pool().is_left() {
        std::thread::yield_now();
    }
    // SAFETY: the segment has a page with an object.
    let segment = unsafe { &*front.segment };
    drop(theirs);
    assert!(!segment.has_memory_of_free_pages());
    assert_eq!(*kept, [1; 256]);
}

/// What is kept of empty segments is bounded for all threads together.
#[test]
fn kept_together() {
    heap! { Own: Atomic }
    let mine: Block<Own> = block();
    // SAFETY: there is an object on the page.
    let budget = unsafe { page(&mine).as_ref() }.pool().budget();
    let drop_some = || drop(blocks::<Own>(3 * SEGMENT));
    let most = KEEP.max(1) + 3;
    with_a_maker::<Own>(BLOCK, |_, first| {
        with_a_maker::<Own>(BLOCK, |_, second| {
            for _ in 0..2 {
                first(|| drop(blocks::<Own>(3 * SEGMENT)));
                second(|| drop(blocks::<Own>(3 * SEGMENT)));
                drop_some();
                assert!((1..=most).contains(&budget.kept()), "{} segments are kept", budget.kept());
            }
        });
    });
    Own.trim();
    assert_eq!(budget.kept(), 0);
}
