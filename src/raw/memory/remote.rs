//! Memory that one thread frees and another one's pool gave out.
//!
//! Each page has a stack of blocks that other threads freed, and each pool one of pages that have such blocks. Whoever puts
//! the first block on a page's stack puts the page on the pool's. The pool's thread takes all of it when it runs out of
//! blocks that it freed itself, and the blocks of some of the pages at a time. Nobody waits. The shape is that of mimalloc's `thread_free` lists.

use std::ops::ControlFlow;
use std::ptr::{self, NonNull};

use crate::raw::base::sync::{AtomicPtr, Handed, Ordering, const_fn};

/// A block that is free. It is a link to the next one.
struct Block {
    next: *mut Block,
}

/// The blocks of one page that others have freed. Part of the page's front.
#[derive(Debug)]
pub(crate) struct Returned {
    blocks: AtomicPtr<Block>,
    /// The next page on the pool's tray. Belongs to whoever put the first block on the stack, until the pool has taken the
    /// page off its tray.
    next: Handed<*const Returned>,
}

/// The pages of one pool that have such blocks.
#[derive(Debug)]
pub(crate) struct Tray {
    pages: AtomicPtr<Returned>,
    /// Pages that were taken off, whose blocks have not been taken yet. Belongs to whoever may [`Tray::collect`].
    taken: Handed<*const Returned>,
}

// SAFETY: [I18] what is taken off a tray belongs to one thread at a time.
unsafe impl Sync for Tray {}
// SAFETY: as above.
unsafe impl Send for Tray {}

impl Returned {
    const_fn! {
        /// No blocks.
        pub(crate) fn new() -> Self {
            Returned { blocks: AtomicPtr::new(ptr::null_mut()), next: Handed::new(ptr::null()) }
        }
    }
}

impl Tray {
    const_fn! {
        /// No pages.
        pub(crate) fn new() -> Self {
            Tray { pages: AtomicPtr::new(ptr::null_mut()), taken: Handed::new(ptr::null()) }
        }
    }

    /// Gives a block back to this pool. From any thread. True if that put its page on the tray: then the caller sees to it that
    /// somebody takes it off. Who goes on the tray of a pool that has been left knows of that by now ([`Tray::is_empty_for_good`]).
    ///
    /// # Safety
    ///
    /// `page` is that of the page in which `block` lies, which is one of this pool's. The block is in use, aligned for a
    /// pointer and large enough, and the caller, who has it, does not use it any more. The page stays as long as the pool has
    /// not got this block back `[I18]`.
    pub(crate) unsafe fn give_back(&self, page: NonNull<Returned>, block: NonNull<u8>) -> bool {
        let block = block.cast::<Block>();
        // SAFETY: [I18] the page stays.
        let returned = unsafe { page.as_ref() };
        let mut head = returned.blocks.load(Ordering::Relaxed);
        loop {
            // SAFETY: [I18] the block is the caller's, and large enough.
            unsafe { block.write(Block { next: head }) };
            match returned.blocks.compare_exchange_weak(
                head,
                block.as_ptr(),
                Ordering::AcqRel, // [O80]
                Ordering::Relaxed,
            ) {
                Ok(_) => break,
                Err(now) => head = now,
            }
        }
        if !head.is_null() {
            return false; // the page may be gone
        }
        // The pool has not got the block back before it has found the page on its tray.
        let mut head = self.pages.load(Ordering::Relaxed);
        loop {
            // SAFETY: [I18] ours, as we put the first block there.
            unsafe { returned.next.set(head) };
            match self.pages.compare_exchange_weak(
                head,
                page.as_ptr(),
                Ordering::AcqRel, // [O81]
                Ordering::Relaxed,
            ) {
                Ok(_) => return true,
                Err(now) => head = now,
            }
        }
    }

    /// Whether nobody has put anything there, as far as this thread knows.
    pub(crate) fn is_empty(&self) -> bool {
        self.pages.load(Ordering::Relaxed).is_null()
    }

    /// Whether nobody has put anything there, and whoever does from now on knows what this thread has done before. To look
    /// would not do: of a thread that looks here and then there, and one that writes there and then here, both may see nothing.
    pub(crate) fn is_empty_for_good(&self) -> bool {
        self.pages
            .compare_exchange(
                ptr::null_mut(),
                ptr::null_mut(),
                Ordering::Release, // [O185]
                Ordering::Relaxed,
            )
            .is_ok()
    }

    /// Takes blocks that were given back, and calls `each` with every page and its blocks, until that says that it is enough.
    /// False then, if there is more. `each` may release the page.
    ///
    /// # Safety
    ///
    /// The pool is the calling thread's `[I18]`.
    pub(crate) unsafe fn collect(&self, mut each: impl FnMut(NonNull<Returned>, Blocks) -> ControlFlow<()>) -> bool {
        loop {
            // SAFETY: [I18] ours, as the caller vouches.
            let mut pages = unsafe { self.taken.get() };
            if pages.is_null() {
                if self.is_empty() {
                    return true;
                }
                pages = self.pages.swap(ptr::null_mut(), Ordering::Acquire).cast_const(); // [O82]
            }
            while let Some(page) = NonNull::new(pages.cast_mut()) {
                // SAFETY: [I18] a page on the tray has a block that the pool has not got back. Its link is read before the
                // next thread can put it on the tray again.
                let blocks = unsafe {
                    let returned = page.as_ref();
                    pages = returned.next.get();
                    self.taken.set(pages);
                    returned.blocks.swap(ptr::null_mut(), Ordering::AcqRel) // [O83]
                };
                if each(page, Blocks(blocks)).is_break() {
                    return pages.is_null() && self.is_empty();
                }
            }
        }
    }
}

/// Blocks of one page that were given back.
#[derive(Debug)]
pub(crate) struct Blocks(*mut Block);

impl Iterator for Blocks {
    type Item = NonNull<u8>;

    fn next(&mut self) -> Option<NonNull<u8>> {
        let block = NonNull::new(self.0)?;
        // SAFETY: [I18] the blocks were given back, and are the pool's now.
        self.0 = unsafe { block.as_ref() }.next;
        Some(block.cast())
    }
}
