//! The process has no more address space: the pool gets no further blocks from the operating system, `try_new` gives the
//! value back, and the heap goes on.
//!
//! Alone in its process, which may have no more than it has (`RLIMIT_AS`).
#![cfg(all(target_os = "linux", not(any(miri, gc_system_alloc, gc_sanitize))))]

use tricycle::{Gc, GcCell, Trace, heap};

/// Bytes of address space that the process has.
fn mapped() -> libc::rlim_t {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').next().unwrap().parse::<libc::rlim_t>().unwrap() * 4096
}

/// Sets how many the process may have. Returns how many it was.
fn set_limit(bytes: libc::rlim_t) -> libc::rlim_t {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the limit is read, and written with another value that is not above the maximum.
    unsafe {
        assert_eq!(libc::getrlimit(libc::RLIMIT_AS, &raw mut limit), 0);
        let before = limit.rlim_cur;
        limit.rlim_cur = bytes;
        assert_eq!(libc::setrlimit(libc::RLIMIT_AS, &raw const limit), 0);
        before
    }
}

/// Objects are to be had as long as there is room, then values come back; what is freed is to be had again.
#[test]
fn the_pool() {
    heap! { Own: Local }
    #[derive(Trace)]
    struct Item(GcCell<Option<Gc<Item, Own>>, Own>, u64);
    let item = |n| Gc::try_new_in(Item(GcCell::new(None), n), Own);
    let mut items = Vec::with_capacity(1 << 20);
    items.push(item(0).unwrap());
    // Little more than there is: not enough for another block.
    let before = set_limit(mapped() + (1 << 20));
    {
        for n in 1.. {
            match item(n) {
                Ok(item) => items.push(item),
                Err(error) => {
                    assert_eq!(error.into_inner().1, n);
                    break;
                }
            }
            assert!(items.len() < items.capacity(), "the pool is never short");
        }
        // It stays so, until something is freed.
        assert!(item(0).is_err());
        let last = items.pop().unwrap().1;
        items.push(item(last).expect("room for one"));
        assert!(item(0).is_err());
    }
    set_limit(before);
    for (n, item) in items.iter().enumerate() {
        assert_eq!(item.1, n as u64);
    }
    items.push(item(items.len() as u64).expect("there is memory again"));
    items.windows(2).for_each(|pair| pair[0].0.set(Some(pair[1].clone())));
    items.last().unwrap().0.set(Some(items[0].clone()));
    let n = items.len();
    drop(items);
    assert_eq!(Own.collect().collected, n);
    assert_eq!((Own.live_objects(), Own.live_allocations()), (0, 0));
}
