//! Memory that one thread frees and another one's pool gave out.

use std::ops::ControlFlow;
use std::ptr::NonNull;

use super::support::{Arc, Late, Plain, model, model_late, thread};
use crate::raw::memory::remote::{Blocks, Returned, Tray};

/// A block, with something in it besides the link.
#[repr(C)]
struct Block {
    link: usize,
    used: Plain,
}

/// A pool with two pages, of some blocks each.
struct Pool {
    tray: Tray,
    pages: [Returned; 2],
    blocks: Vec<(usize, NonNull<Block>)>,
}

// SAFETY: blocks go from thread to thread, each to one.
unsafe impl Send for Pool {}
// SAFETY: as above.
unsafe impl Sync for Pool {}

impl Pool {
    fn new(pages: &[usize]) -> Arc<Self> {
        let block = |page: &usize| {
            let block = Box::new(Block { link: 0, used: Plain::new(1) });
            (*page, NonNull::from(Box::leak(block)))
        };
        let blocks = pages.iter().map(block).collect();
        Arc::new(Pool { tray: Tray::new(), pages: [Returned::new(), Returned::new()], blocks })
    }

    /// Uses a block for the last time.
    fn free(&self, index: usize) {
        let (page, block) = self.blocks[index];
        // SAFETY: each block is freed once, and its page stays.
        unsafe {
            block.as_ref().used.set(2);
            self.tray.give_back(NonNull::from(&self.pages[page]), block.cast());
        }
    }

    /// Takes back what was freed, and uses it. The number of blocks.
    fn collect(&self) -> usize {
        self.collect_pages(usize::MAX)
    }

    /// … of up to so many pages.
    fn collect_pages(&self, most: usize) -> usize {
        let (mut found, mut pages) = (0, 0);
        let each = |page: NonNull<Returned>, blocks: Blocks| {
            for block in blocks {
                // SAFETY: the block is the pool's again, and was made by `new`.
                let block = unsafe { block.cast::<Block>().as_ref() };
                block.used.set(3);
                let (owner, _) = self.blocks.iter().find(|(_, other)| std::ptr::eq(other.as_ptr(), block)).unwrap();
                assert!(std::ptr::eq(page.as_ptr(), &raw const self.pages[*owner]));
                found += 1;
            }
            pages += 1;
            if pages == most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        // SAFETY: only the main thread does this.
        unsafe { self.tray.collect(each) };
        found
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        for (_, block) in &self.blocks {
            // SAFETY: made by `new`, and nobody uses it any more.
            drop(unsafe { Box::from_raw(block.as_ptr()) });
        }
    }
}

/// Two threads free blocks of one page while its pool collects.
#[test]
fn one_page() {
    model_late(|late| {
        let pool = Pool::new(&[0, 0]);
        let others = [0, 1].map(|index| {
            let theirs = Arc::clone(&pool);
            thread::spawn(move || theirs.free(index))
        });
        late.begin(Late::Main);
        let early = pool.collect();
        for other in others {
            other.join().unwrap();
        }
        assert_eq!(early + pool.collect(), 2);
    });
}

/// … of two pages.
#[test]
fn two_pages() {
    model_late(|late| {
        let pool = Pool::new(&[0, 1]);
        let others = [0, 1].map(|index| {
            let theirs = Arc::clone(&pool);
            thread::spawn(move || theirs.free(index))
        });
        late.begin(Late::Main);
        let early = pool.collect();
        for other in others {
            other.join().unwrap();
        }
        assert_eq!(early + pool.collect(), 2);
    });
}

/// The pool collects while a page is put on its tray for the second time.
#[test]
fn again() {
    model(|| {
        let pool = Pool::new(&[0, 0, 1]);
        let theirs = Arc::clone(&pool);
        let other = thread::spawn(move || (0..3).for_each(|index| theirs.free(index)));
        let early = pool.collect() + pool.collect();
        other.join().unwrap();
        assert_eq!(early + pool.collect(), 3);
        assert!(pool.tray.is_empty());
    });
}

/// The pool takes the blocks of one page, and those of the other later, while blocks are added to both.
#[test]
fn page_by_page() {
    model(|| {
        let pool = Pool::new(&[0, 1, 0, 1]);
        (0..2).for_each(|index| pool.free(index));
        let theirs = Arc::clone(&pool);
        let other = thread::spawn(move || (2..4).for_each(|index| theirs.free(index)));
        let first = pool.collect_pages(1);
        assert!((1..=2).contains(&first));
        let second = pool.collect_pages(1);
        other.join().unwrap();
        assert_eq!(first + second + pool.collect(), 4);
        assert!(pool.tray.is_empty());
    });
}

/// The second time, another thread puts it there.
#[test]
fn again_by_another() {
    model_late(|late| {
        let pool = Pool::new(&[0, 0]);
        pool.free(0);
        let theirs = Arc::clone(&pool);
        let other = thread::spawn(move || {
            late.begin(Late::Other);
            theirs.free(1);
        });
        late.begin(Late::Main);
        let early = pool.collect();
        other.join().unwrap();
        assert_eq!(early + pool.collect(), 2);
    });
}
