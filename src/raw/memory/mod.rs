//! Where objects live.
//!
//! ```text
//! pooled:                          [ … header ][ value ]     a slot of a page of the pool
//! large:   [ Large ][ room for a full header  ][ value ]     an allocation of its own
//!
//! Directly in front of the full header of a slice is its length: in the pool in a prefix, otherwise at the end of `Large`.
//! ```
//!
//! A value is *pooled* when it is small and not over-aligned: a static question for sized types. `cfg(gc_system_alloc)`
//! gives every object an allocation of its own, so that Miri, ASan and valgrind see each one.

use std::alloc::Layout;
use std::ops::ControlFlow;
use std::ptr::NonNull;

use crate::Heap;
use crate::raw::base::list::{self, Links, List};
use crate::raw::base::relaxed::Flag;
use crate::raw::base::sync::lock;
use crate::raw::count::BiasedCount;

mod bin;
pub(crate) mod budget;
pub(crate) mod class;
pub(crate) mod entry;
pub(crate) mod header;
mod map;
pub(crate) mod page;
pub(crate) mod pool;
pub(crate) mod remote;
pub(crate) mod segment;
pub(crate) mod sys;
pub(crate) mod tenancy;
#[cfg(all(test, not(any(loom, shuttle, gc_system_alloc))))]
mod tests;

use entry::Entry;
use header::Object;
use page::{Kind, Page};
use pool::Pool;

/// The most bytes of a header, on any heap.
pub(crate) const LARGEST_HEADER: usize = size_of::<Links>() + size_of::<BiasedCount>();

/// Bytes in front of a slice's header that hold its length.
pub(crate) const SLICE_PREFIX: usize = 16;

/// The largest value that goes into the pool, in bytes.
pub(crate) const MAX_POOLED: usize = 4096;
/// The largest alignment of a pooled value, in bytes.
pub(crate) const MAX_ALIGN: usize = 16;

/// Whether a value of this size and alignment lives in the pool `[I9]`.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) const fn pooled(size: usize, align: usize) -> bool {
    !cfg!(gc_system_alloc) && size <= MAX_POOLED && align <= MAX_ALIGN
}

/// Stands in front of the header of an object that has an allocation of its own.
#[repr(C, align(8))]
pub(crate) struct Large {
    entry: Entry,
    /// The object may be suspected.
    suspect: Flag,
    /// The value's alignment, as a power of two, and size: of a leaf, nobody else knows them any more when the value is gone.
    align: u8,
    size: usize,
    /// What type a full object has; null for a leaf.
    info: *const (),
    pool: *const Pool,
    /// Neighbours on the pool's list of such objects.
    links: Links,
    /// Where a slice has its length: in front of the header, as in the pool.
    _length: [u8; SLICE_PREFIX],
}

const LARGE: usize = size_of::<Large>();
const _: () = assert!(std::mem::offset_of!(Large, _length) + SLICE_PREFIX <= LARGE);
const _: () = assert!(LARGE == 64 || size_of::<usize>() != 8);

/// The entry of an object.
///
/// # Safety
///
/// The object is allocated, with provenance for its page or allocation, and `pooled` is what
/// [`pooled`] says of it `[I1]` `[I9]`.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn entry<H: Heap>(object: Object<H>, pooled: bool) -> NonNull<Entry> {
    if pooled {
        // SAFETY: [I9] a pooled value lies in a page of a segment.
        unsafe { segment::entry(object.value()) }
    } else {
        // SAFETY: [I9] any other has a `Large` in front of its (full-sized) header.
        unsafe { in_front(object).cast() }
    }
}

/// Notes down that a full object is suspected, for [`Pool::each_suspect`]. `shared`: other threads may do that at the same time.
///
/// # Safety
///
/// As for [`entry`].
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn suspect<H: Heap>(object: Object<H>, pooled: bool, shared: bool) {
    // SAFETY: [I9] as for `entry`.
    unsafe {
        if pooled {
            return segment::suspect(object.value(), shared);
        }
        suspect_large(in_front(object));
    }
}

/// # Safety
///
/// It is that of an allocated object.
#[cold]
#[inline(never)]
unsafe fn suspect_large(large: NonNull<Large>) {
    // SAFETY: [I9] as the caller vouches; [I10] the pool outlives its objects.
    unsafe {
        (*large.as_ptr()).suspect.set(true);
        (*(*large.as_ptr()).pool).large_suspects.set(true);
    }
}

/// Whether that was done, and has not been forgotten since.
///
/// # Safety
///
/// As for [`entry`]; the object is a full one.
pub(crate) unsafe fn is_suspect<H: Heap>(object: Object<H>, pooled: bool) -> bool {
    // SAFETY: [I9] as for `entry`.
    unsafe {
        if pooled {
            return segment::is_suspect(object.value());
        }
        (*in_front(object).as_ptr()).suspect.get()
    }
}

/// The address of the type information of a full object, as it was passed to [`allocate`].
///
/// # Safety
///
/// As for [`entry`].
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn info<H: Heap>(object: Object<H>, pooled: bool) -> *const () {
    // SAFETY: [I9] as for `entry`.
    unsafe {
        if pooled { Page::of(object.value()).as_ref().info(object.value()) } else { in_front(object).as_ref().info }
    }
}

/// The bytes that an object takes: those of its slot, or, of one with an allocation of its own, as many as `request` says.
///
/// # Safety
///
/// As for [`entry`].
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn footprint<H: Heap>(object: Object<H>, pooled: bool, request: impl FnOnce() -> Request) -> usize {
    if pooled {
        // SAFETY: [I9] as for `entry`.
        unsafe { Page::of(object.value()).as_ref() }.slot_bytes()
    } else {
        let request = request();
        request.offset() + request.value.size()
    }
}

/// The pool that an object lives in.
///
/// # Safety
///
/// As for [`entry`].
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn pool<'a, H: Heap>(object: Object<H>, pooled: bool) -> &'a Pool {
    // SAFETY: [I9] as for `entry`; [I10] the pool outlives its objects.
    unsafe { if pooled { Page::of(object.value()).as_ref().pool() } else { &*in_front(object).as_ref().pool } }
}

/// What to allocate: the shape of a value and what stands in front of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request {
    /// The value's layout.
    pub(crate) value: Layout,
    /// Whether the header is a full one.
    full: bool,
    /// Bytes in front of the header (a slice's length).
    prefix: usize,
    /// Bytes of a full header, and of a slim one.
    headers: [usize; 2],
}

impl Request {
    /// A request for an object of heap `H`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) const fn new<H: Heap>(value: Layout, full: bool, prefix: usize) -> Self {
        Request { value, full, prefix, headers: [header::full_size::<H>(), size_of::<H::Count>()] }
    }

    /// One for a leaf.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) const fn leaf<H: Heap>(value: Layout) -> Self {
        Request::new::<H>(value, false, 0)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) const fn pooled(&self) -> bool {
        pooled(self.value.size(), self.value.align())
    }

    /// Bytes from the start of the slot to the value.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) const fn offset(&self) -> usize {
        let (front, align) = if self.pooled() {
            (self.prefix + if self.full { self.headers[0] } else { self.headers[1] }, self.value.align())
        } else {
            let align = if self.value.align() > MAX_ALIGN { self.value.align() } else { MAX_ALIGN };
            (LARGE + self.headers[0], align)
        };
        front.next_multiple_of(align)
    }

    /// The bytes of the whole slot; the pool rounds them up to a size class.
    #[cfg_attr(not(debug_assertions), inline(always))]
    const fn bytes(&self) -> usize {
        let bytes = self.offset() + self.value.size();
        // Full objects are as far apart as their entries.
        let bytes = if self.full && bytes < segment::GRANULE { segment::GRANULE } else { bytes };
        if self.value.align() > 8 { bytes.next_multiple_of(MAX_ALIGN) } else { bytes }
    }

    /// The pool's class for this request.
    #[cfg_attr(not(debug_assertions), inline(always))]
    const fn class(&self) -> usize {
        class::index(self.bytes())
    }

    /// The layout of an allocation of its own, or `None` if it would be too large for the address space.
    fn large(&self) -> Option<Layout> {
        let align = self.value.align().max(MAX_ALIGN);
        Layout::from_size_align(self.offset().checked_add(self.value.size())?, align).ok()
    }
}

/// Allocates memory for an object and returns the place of its value. `None` when the system has no more. `info` is null
/// for leaves.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn allocate<H: Heap>(pool: &Pool, request: Request, info: *const ()) -> Option<Object<H>> {
    if request.pooled() {
        let wide = request.full && request.value.align() > 8;
        let kind = Kind { info, class: request.class() as u32, value: request.offset() as u32, wide };
        let slot = pool.allocate(kind, request.prefix == 0)?;
        // SAFETY: [I9] the slot is at least `offset + size` bytes.
        let value = unsafe { slot.add(request.offset()) };
        debug_assert!(value.addr().get().is_multiple_of(request.value.align()), "a slot for values of less alignment");
        Some(Object::new(value))
    } else {
        allocate_large(pool, request, info)
    }
}

/// What stands in front of the header of an object that has an allocation of its own.
///
/// # Safety
///
/// The object has one `[I9]`.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn in_front<H: Heap>(object: Object<H>) -> NonNull<Large> {
    // SAFETY: [I9] as the caller vouches, a `Large` and a full header lie in front of the value.
    unsafe { object.value().sub(header::full_size::<H>() + LARGE).cast() }
}

/// The links of an [`Large`].
unsafe fn links_of(large: NonNull<Large>) -> NonNull<Links> {
    // SAFETY: a field of an allocated struct.
    unsafe { NonNull::new_unchecked(&raw mut (*large.as_ptr()).links) }
}

/// The [`Large`] around its links.
unsafe fn large_of(links: NonNull<Links>) -> NonNull<Large> {
    // SAFETY: the links on the pool's list are fields of a `Large`, with provenance for its allocation.
    unsafe { links.cast::<u8>().sub(std::mem::offset_of!(Large, links)).cast() }
}

/// Calls `f` with the places of the values of full objects on a list of [`Large`]s.
pub(crate) fn each_large(list: &List, full_header: usize, f: &mut impl FnMut(NonNull<u8>)) {
    for links in list.iter() {
        // SAFETY: [I9] what is on the list is allocated, and a full header and the value follow.
        unsafe {
            let large = large_of(links);
            if !large.as_ref().info.is_null() {
                f(large.add(1).cast::<u8>().add(full_header));
            }
        }
    }
}

/// Calls `f` with the values of the full objects on a list of [`Large`]s that may be suspected, until that breaks off.
fn each_large_suspect(
    list: &List,
    full_header: usize,
    f: &mut impl FnMut(NonNull<u8>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    for links in list.iter() {
        // SAFETY: [I9] what is on the list is allocated, and a full header and the value follow, if there is a table.
        unsafe {
            let large = large_of(links);
            if (*large.as_ptr()).suspect.get() {
                f(large.add(1).cast::<u8>().add(full_header))?;
            }
        }
    }
    ControlFlow::Continue(())
}

/// From now on none of the objects on a list of [`Large`]s is suspected.
fn forget_large_suspects(list: &List) {
    for links in list.iter() {
        // SAFETY: [I9] what is on the list is allocated.
        unsafe { (*large_of(links).as_ptr()).suspect.set(false) };
    }
}

/// Sets the entries of the full objects on a list of [`Large`]s.
pub(crate) fn fill_large(list: &List, entry: u32) {
    for links in list.iter() {
        // SAFETY: [I9] what is on the list is allocated.
        let large = unsafe { large_of(links).as_ref() };
        if !large.info.is_null() {
            large.entry.set(entry);
        }
    }
}

/// Sets the entries of the first full objects on a list of [`Large`]s, up to `most`, and moves them to its end.
pub(crate) fn rotate_large(list: &List, most: usize, entry: u32) {
    for _ in 0..most {
        let Some(links) = list.first() else { break };
        // SAFETY: [I9] what is on the list is allocated, and nobody else changes the list.
        unsafe {
            let large = large_of(links).as_ref();
            if !large.info.is_null() {
                large.entry.set(entry);
            }
            list::unlink(links);
            list.push_back(links);
        }
    }
}

#[cold]
#[inline(never)]
fn allocate_large<H: Heap>(pool: &Pool, request: Request, info: *const ()) -> Option<Object<H>> {
    let layout = request.large()?;
    if !pool.budget().take(layout.size()) {
        return None;
    }
    let Some(start) = sys::allocate(layout) else {
        pool.budget().give(layout.size());
        return None;
    };
    // SAFETY: [I9] the allocation has room for `Large`, a full header and the value behind `offset`.
    unsafe {
        let value = start.add(request.offset());
        let object = Object::new(value);
        let large = in_front(object);
        let links = Links::detached();
        // As in a slot of the pool: no flags yet.
        value.cast::<u64>().sub(1).write(0);
        let (size, align) = (request.value.size(), request.value.align().trailing_zeros() as u8);
        let (entry, suspect) = (Entry::new(0), Flag::new(false));
        large.write(Large { entry, suspect, align, size, info, pool, links, _length: [0; SLICE_PREFIX] });
        let _guard = H::SHARING.in_parallel().then(|| lock(&pool.large_lock));
        pool.large.push_back(links_of(large));
        pool.large_added(layout.size());
        Some(object)
    }
}

/// Gives the memory of an object back. True if that changed more than a free list, and the heap may have become empty. On a heap
/// that is used in parallel, `ours` says whether the calling thread may put a slot on a free list.
///
/// # Safety
///
/// The object came from [`allocate`] with an equal request, and nobody uses it any more `[I6]`. The thread is inside.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn release<H: Heap>(
    object: Object<H>,
    request: Request,
    ours: impl FnOnce(NonNull<u8>) -> bool,
) -> bool {
    // SAFETY: [I9] as in `allocate`.
    unsafe {
        if request.pooled() {
            release_slot::<H>(object.value().sub(request.offset()), ours)
        } else {
            release_large(object, request);
            true
        }
    }
}

/// As [`release`], for a pooled object of any type.
///
/// # Safety
///
/// As for [`release`]; the object is in the pool.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn release_pooled<H: Heap>(object: Object<H>, ours: impl FnOnce(NonNull<u8>) -> bool) -> bool {
    // SAFETY: [I9] the page knows where in a slot its values are.
    unsafe { release_slot::<H>(object.value().sub(Page::of(object.value()).as_ref().value as usize), ours) }
}

/// As [`release`], for a leaf of any type, of whose value nothing is known: it need not be there any more, nor ever have been.
///
/// # Safety
///
/// As for [`release`]; the object is a leaf, and `pooled` is what [`pooled`] says of it.
#[cold]
pub(crate) unsafe fn release_leaf<H: Heap>(
    object: Object<H>,
    pooled: bool,
    ours: impl FnOnce(NonNull<u8>) -> bool,
) -> bool {
    // SAFETY: [I9] where the memory comes from, there is written how much it is; the layout was one of a value.
    unsafe {
        if pooled {
            // Leaves of one class may have their values at different places of their slots.
            return release_slot::<H>(Page::slot(object.value()), ours);
        }
        let Large { size, align, .. } = *in_front(object).as_ref();
        release_large(object, Request::leaf::<H>(Layout::from_size_align_unchecked(size, 1 << align)));
    }
    true
}

#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn release_slot<H: Heap>(slot: NonNull<u8>, ours: impl FnOnce(NonNull<u8>) -> bool) -> bool {
    // SAFETY: [I9] the slot is in a page; [I18] the caller says whose pool that is of.
    unsafe {
        if H::SHARING.in_parallel() && !ours(slot) {
            Pool::give_back(slot);
            return false;
        }
        Pool::free(slot)
    }
}

#[cold]
#[inline(never)]
unsafe fn release_large<H: Heap>(object: Object<H>, request: Request) {
    let Some(layout) = request.large() else { return };
    // SAFETY: [I9] as in `allocate_large`; the pool outlives its objects `[I10]`.
    unsafe {
        let large = in_front(object);
        let pool = &*large.as_ref().pool;
        let guard = H::SHARING.in_parallel().then(|| lock(&pool.large_lock));
        list::unlink(links_of(large));
        pool.large_removed(layout.size());
        pool.budget().give(layout.size());
        drop(guard);
        sys::release(object.value().sub(request.offset()), layout);
    }
}
