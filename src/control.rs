//! Control of a heap: what CPython's `gc` module does.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use crate::events::{CallbackId, CollectionEvent};
use crate::raw::base::sync::lock;
use crate::raw::heap::commons;
use crate::raw::memory::pool::Pool;
use crate::raw::{attach, fork, introspect};
use crate::{AnyGc, Collection, Counts, Gc, Generation, Heap, HostsFn, Stats, Thresholds};

/// The controls of heap `H` on this thread. Every heap value dereferences to this.
///
/// On a heap that threads share, a thread that is outside comes in for the time of a call. Then, as at each safepoint
/// ([`Control::poll`]), destructors may run, of objects whose last handles other threads have dropped.
///
/// ```
/// use tricycle::{Gc, GcCell, Local, Trace};
///
/// #[derive(Trace)]
/// struct Node { me: GcCell<Option<Gc<Node>>> }
///
/// let node = Gc::new(Node { me: GcCell::new(None) });
/// node.me.set(Some(node.clone()));
/// drop(node);
/// assert_eq!(Local.collect().collected, 1);
/// ```
pub struct Control<H: Heap>(PhantomData<H>);

/// What [`Control::collect_within`] got done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// The collection is complete.
    Finished(Collection),
    /// Time ran out. Call again to go on.
    Unfinished,
}

impl<H: Heap> Control<H> {
    /// The controls of `H`.
    #[doc(hidden)]
    #[inline]
    pub fn of<'a>() -> &'a Self {
        const { &Control(PhantomData) }
    }

    /// Collects everything: after it, no unreachable cycle remains, except what a frozen, saved or mutably borrowed
    /// object holds. Destroys all that was put off ([`Control::set_defer_drop`]), unless it is called in a destructor.
    ///
    /// Called while a collection of this heap runs (from a finalizer, a callback or a destructor, or while another thread
    /// collects), it does nothing.
    ///
    /// # Panics
    ///
    /// Once the collection is over, passes on the first panic of user code that ran in it.
    ///
    /// # Complexity
    ///
    /// Linear in the number of tracked objects and their edges; constant when no handle has been dropped since the last
    /// full collection.
    pub fn collect(&self) -> Collection {
        self.collect_generation(Generation::Old)
    }

    /// Collects a generation and everything younger.
    ///
    /// # Panics
    ///
    /// As [`Control::collect`].
    pub fn collect_generation(&self, generation: Generation) -> Collection {
        introspect::collect::<H>(generation)
    }

    /// Switches automatic collection on. Returns whether it was on.
    pub fn enable(&self) -> bool {
        introspect::set_enabled::<H>(true)
    }

    /// Switches automatic collection off. Returns whether it was on. [`Control::collect`] works all the same.
    pub fn disable(&self) -> bool {
        introspect::set_enabled::<H>(false)
    }

    /// Whether automatic collection is on.
    pub fn is_enabled(&self) -> bool {
        attach::with::<H, _>(|state| state.enabled.get())
    }

    /// Whether a collection is running: true in finalizers and callbacks that it calls.
    pub fn is_collecting(&self) -> bool {
        attach::with::<H, _>(|state| state.collecting.get())
    }

    /// When automatic collections start.
    pub fn thresholds(&self) -> Thresholds {
        attach::with::<H, _>(|state| state.thresholds())
    }

    /// Sets when automatic collections start.
    pub fn set_thresholds(&self, thresholds: impl Into<Thresholds>) {
        introspect::set_thresholds::<H>(thresholds.into());
    }

    /// How much the heap may grow over what is alive, in percent; 100 at first. See [`Control::set_growth`].
    pub fn growth(&self) -> usize {
        attach::with::<H, _>(|state| state.pace.growth.get())
    }

    /// Sets how much the heap may grow over what is alive, in percent of its bytes, before garbage in the old generation has
    /// been collected.
    ///
    /// With 100, a heap of which 50 MB are alive becomes no larger than 100 MB, and a megabyte; with 25, it becomes no larger
    /// than 62.5 MB, and four times the time is spent on full collections. A heap that goes in steps ([`Local`](crate::Local),
    /// [`Locked`](crate::Locked), of more than a hundred thousand objects) begins early enough to be done by then, and does as
    /// much in each step as it takes. On [`Atomic`](crate::Atomic) and [`Biased`](crate::Biased) a full collection is one
    /// piece. While one thread drops garbage, others go on; if they allocate more than is left, they wait for it, unless its
    /// destructors and finalizers get nothing done for a tenth of a second. With zero a full collection is always due, and with
    /// `usize::MAX` only suspicion, external bytes and [`Control::collect`] bring one on.
    ///
    /// The change takes effect with the next collection that is due.
    ///
    /// ```
    /// use tricycle::Local;
    ///
    /// assert_eq!(Local.growth(), 100);
    /// Local.set_growth(50);
    /// ```
    pub fn set_growth(&self, percent: usize) {
        introspect::set_growth::<H>(percent);
    }

    /// How many objects go at once when the last handle of one is dropped; `None` if all do, as at first. See
    /// [`Control::set_defer_drop`].
    pub fn defer_drop(&self) -> Option<usize> {
        introspect::defer_drop::<H>()
    }

    /// Sets how many objects go at once when the last handle of one is dropped. `None` means all that hang on it, as with
    /// `Rc`, which takes long if they are many. With `Some(n)` the drop destroys about `n` objects, one at least, and puts the rest
    /// off: some thousands of them go whenever a thread has made 512 tracked objects, also while automatic collection is switched off,
    /// and in each call of [`Control::poll`]. [`Control::collect`] destroys all that was put off, and
    /// [`Control::collect_within`] as much as it has time for; the end of a thread destroys the rest, on a heap that threads share
    /// that of the last one. It holds for all threads that share the heap. Leaves without a destructor are not counted.
    ///
    /// What is put off can be reached by nobody: weak handles to it are dead at once. But its destructors, finalizers and weak
    /// callbacks run later, maybe on another thread, and its memory goes later; a program that makes no tracked objects should call
    /// [`Control::poll`] now and then. What it leads to counts as used until then. A value is never divided: to drop a `Vec` of a million
    /// handles lowers a million counts.
    ///
    /// Collections that come due by themselves always put off what goes in their wake, whatever is set here.
    ///
    /// ```
    /// use tricycle::{Gc, GcCell, Trace, heap};
    ///
    /// heap! { Game: Local }
    ///
    /// #[derive(Trace)]
    /// struct Link(Option<Gc<Link, Game>>);
    ///
    /// Game.set_defer_drop(Some(1_000));
    /// let mut list = None;
    /// for _ in 0..10_000 {
    ///     list = Some(Gc::new_in(Link(list), Game));
    /// }
    /// drop(list); // a frame must not take long
    /// assert_eq!(Game.live_allocations(), 9_000);
    /// while Game.live_allocations() > 0 {
    ///     Game.poll(); // once in each frame
    /// }
    /// ```
    pub fn set_defer_drop(&self, objects: Option<usize>) {
        introspect::set_defer_drop::<H>(objects);
    }

    /// How far each generation is from its threshold.
    pub fn counts(&self) -> Counts {
        attach::with::<H, _>(|state| {
            let [middle, old] = &state.runs;
            Counts { young: state.grown(), middle: middle.get(), old: old.get() }
        })
    }

    /// Statistics since the heap's first use.
    pub fn stats(&self) -> Stats {
        attach::with::<H, _>(|state| *lock(&state.stats))
    }

    /// Moves all tracked objects to a permanent generation that no collection looks at: after start-up, or before a
    /// fork. They are still freed by count. One that is borrowed mutably ([`Gc::get_mut`]) is frozen no more.
    ///
    /// Before a fork it keeps collections of the child from writing to memory that it shares with its parent: call it in the
    /// parent, and [`Control::fork`] for each heap that threads share and that the child is to use.
    ///
    /// # Complexity
    ///
    /// Constant.
    pub fn freeze(&self) {
        introspect::freeze::<H>();
    }

    /// Moves the frozen objects to the old generation.
    pub fn unfreeze(&self) {
        introspect::unfreeze::<H>();
    }

    /// The number of frozen objects. Takes time in proportion to it.
    pub fn freeze_count(&self) -> usize {
        attach::with_world_stopped::<H, _>(|state| state.lists.permanent.len())
    }

    /// Has `callback` called at the start and at the end of each collection, after those added before it.
    ///
    /// A full collection that goes in steps examines its garbage in parts, if there is much of it, and each part is
    /// reported as a collection of the old generation: all candidates with the first of them, and the time since the
    /// report before.
    ///
    /// A panic of the callback is passed on by the collection, once it is over.
    pub fn on_collection<F: FnMut(&CollectionEvent) + 'static>(&self, callback: F) -> CallbackId
    where
        H: HostsFn<F>,
    {
        attach::with::<H, _>(|state| state.callbacks.add(callback))
    }

    /// Removes a callback. Returns whether there was one.
    pub fn remove_callback(&self, id: CallbackId) -> bool {
        attach::with::<H, _>(|state| state.callbacks.remove(id))
    }

    /// With `true`, collections keep the garbage they find in [`Control::garbage`] instead of freeing it: CPython's
    /// `DEBUG_SAVEALL`, for finding out where cycles come from.
    pub fn set_save_all(&self, save_all: bool) {
        attach::with::<H, _>(|state| state.save_all.set(save_all));
    }

    /// Whether garbage is kept.
    pub fn is_save_all(&self) -> bool {
        attach::with::<H, _>(|state| state.save_all.get())
    }

    /// Handles to the garbage that was kept.
    pub fn garbage(&self) -> Vec<AnyGc<H>> {
        introspect::garbage::<H>()
    }

    /// Empties the list of kept garbage and returns what was on it.
    pub fn take_garbage(&self) -> Vec<AnyGc<H>> {
        attach::with::<H, _>(|state| std::mem::take(&mut *lock(&state.saved)))
    }

    /// Handles to the tracked objects of a generation, or of all three. Frozen objects, and garbage of a collection
    /// that is running, are not among them.
    ///
    /// The handles that this function and the next two return come and go unnoticed ([`AnyGc`]): to look at objects is no reason
    /// for a collection to examine them.
    pub fn objects(&self, generation: impl Into<Option<Generation>>) -> Vec<AnyGc<H>> {
        introspect::objects::<H>(generation.into())
    }

    /// Handles to the tracked objects that refer to `target`, each once. Looks at the whole heap, except for frozen
    /// objects.
    pub fn referrers<T: ?Sized>(&self, target: &Gc<T, H>) -> Vec<AnyGc<H>> {
        introspect::referrers::<H>(target.address())
    }

    /// Handles to what an object refers to, one for each edge, leaves included. Empty for a leaf.
    pub fn referents<T: ?Sized>(&self, source: &Gc<T, H>) -> Vec<AnyGc<H>> {
        introspect::referents(source.handle())
    }

    /// Whether the collector looks at an object.
    pub fn is_tracked<T: ?Sized>(&self, object: &Gc<T, H>) -> bool {
        Gc::is_tracked(object)
    }

    /// Whether an object's finalizer has run.
    pub fn is_finalized<T: ?Sized>(&self, object: &Gc<T, H>) -> bool {
        Gc::is_finalized(object)
    }

    /// The number of tracked objects, frozen ones included. Takes time in proportion to it.
    pub fn live_objects(&self) -> usize {
        introspect::live_objects::<H>()
    }

    /// The number of objects, leaves included, whose memory has not been given back.
    pub fn live_allocations(&self) -> usize {
        introspect::pools::<H>(Pool::live)
    }

    /// Gives memory that is not in use back to the system.
    ///
    /// Without it, up to 128 MiB of empty blocks are kept, and one of 2 MiB for each thread. The system takes their memory only
    /// when it runs short (`MADV_FREE`, where there is such a thing).
    pub fn trim(&self) {
        introspect::trim::<H>();
    }

    /// Sets how many bytes the heap may have: pages in use (of 64 KiB, shared by small objects), large objects, and what was
    /// registered with [`Gc::external_bytes`]. `usize::MAX` means that there is no limit, as at first. It holds for
    /// all threads that share the heap.
    ///
    /// An allocation that would exceed the limit runs a full collection first, finalizers included. If there is no room
    /// then, [`Gc::try_new`] gives the value back in an error, and [`Gc::new`] does what it does when
    /// there is no memory: it calls [`handle_alloc_error`](std::alloc::handle_alloc_error), which aborts the process. What the heap
    /// has is not touched, also if it is more than a limit that is set later; and what has been allocated already in a page
    /// of small objects is used up by its thread before it asks again.
    ///
    /// If another thread collects, that is waited for, and if others take what a collection has freed, there is another one. But
    /// in a destructor, a finalizer or a callback that a collection runs, there is nobody to wait for: what these allocate has to
    /// find room as it is.
    ///
    /// A heap that stays just below its limit collects often, each time as long as [`Control::collect`] takes.
    ///
    /// ```
    /// use tricycle::{Gc, GcCell, Trace, heap};
    ///
    /// heap! { Sandbox: Local }
    ///
    /// #[derive(Trace)]
    /// struct Node(GcCell<Option<Gc<Node, Sandbox>>, Sandbox>, [u8; 1000]);
    ///
    /// Sandbox.set_limit(1 << 20);
    /// let mut list = None;
    /// let error = loop {
    ///     match Gc::try_new_in(Node(GcCell::new(list.take()), [0; 1000]), Sandbox) {
    ///         Ok(node) => list = Some(node),
    ///         Err(error) => break error, // the script gets an exception
    ///     }
    /// };
    /// assert!(Sandbox.live_objects() < 1 << 10);
    /// drop(error); // and with the value goes all that it kept alive
    /// assert!(Gc::try_new_in(Node(GcCell::new(None), [0; 1000]), Sandbox).is_ok());
    /// ```
    pub fn set_limit(&self, bytes: usize) {
        attach::with::<H, _>(|state| state.budget.set_limit(bytes));
    }

    /// The limit of [`Control::set_limit`]; `usize::MAX` if there is none.
    pub fn limit(&self) -> usize {
        attach::with::<H, _>(|state| state.budget.limit())
    }

    /// The bytes that the heap holds from the system: blocks that have objects in them, and objects that have blocks of
    /// their own.
    pub fn allocated_bytes(&self) -> usize {
        introspect::pools::<H>(Pool::bytes)
    }

    /// The bytes registered with [`Gc::external_bytes`].
    pub fn external_bytes(&self) -> usize {
        attach::with::<H, _>(|state| state.budget.external.get())
    }

    /// Runs `f` with the thread attached to the heap. Attached threads need not come in and go out for each operation, so
    /// a thread that shares a heap with others should be attached while it works with it, and leave it ([`Control::detach`])
    /// to wait for anything: others cannot collect meanwhile, nor come in if this is the only thread inside. Nests.
    ///
    /// On a [`Locked`](crate::Locked) heap, that means to wait for the lock. On [`Local`](crate::Local) it means nothing.
    pub fn attach<R>(&self, f: impl FnOnce() -> R) -> R {
        attach::attach::<H, R>(f)
    }

    /// Runs `f`, which may block, without keeping other threads waiting: they may take the lock, or collect. In `f`, each
    /// operation on the heap attaches the thread for its own duration. A handle that is dropped while others have the heap to
    /// themselves is left to them.
    pub fn detach<R>(&self, f: impl FnOnce() -> R) -> R {
        attach::detach::<H, R>(f)
    }

    /// Runs `f`, which has the process fork, so that the heap can be used in the child.
    ///
    /// In the child of a fork there is one thread, the one that forked. It waits for ever for locks that others had, and for
    /// others to stop: so if other threads use a heap that they share, a child must not use it, unless it was forked in here. This
    /// is CPython's `PyOS_BeforeFork`, and `PyOS_AfterFork_Parent` or `PyOS_AfterFork_Child`, in one: other threads are stopped at
    /// a safepoint, or outside, while `f` runs; then they go on, or are gone. If there are several heaps, calls nest, always in the
    /// same order. A [`Local`](crate::Local) heap needs none of this, and `f` is simply called.
    ///
    /// What the child finds is what the others had at that point. Their handles and borrows stay: those objects are never freed
    /// there, and such a cell never becomes free. A collection that another thread was in the middle of is given up; what it
    /// had condemned, and the object that it was finalizing, leak. A callback of [`Control::on_collection`] that another thread
    /// was running is not called in the child. Finalizers and destructors that have yet to run do so in both processes.
    ///
    /// `f` should do nothing but fork, or end the process: a use of the heap in it panics. What is dropped in it does not:
    /// handles, with their weak callbacks, go as soon as the heap can be used again, and a borrow of a cell or a
    /// [`GcMut`](crate::GcMut) that would end in it is leaked.
    ///
    /// A child is known by its process id, and by `pthread_atfork`. So `f` may fork into a new namespace of process ids; but not
    /// by a system call of its own (`clone`), if the child then has the number of its parent.
    ///
    #[cfg_attr(unix, doc = "```")]
    #[cfg_attr(not(unix), doc = "```ignore")]
    /// use tricycle::{Atomic, Gc};
    ///
    /// let gc = Gc::new_in(7, Atomic);
    /// // SAFETY: the child does nothing that is forbidden there.
    /// match Atomic.fork(|| unsafe { libc::fork() }) {
    ///     0 => {
    ///         let ok = std::thread::spawn(move || Atomic.attach(|| *gc == 7)).join().unwrap();
    ///         // SAFETY: it may be called at any time.
    ///         unsafe { libc::_exit(if ok { 0 } else { 1 }) }
    ///     }
    ///     child => {
    ///         let mut status = 0;
    ///         // SAFETY: the pointer is valid.
    ///         assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
    ///         assert_eq!(status, 0);
    ///     }
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// If `f` does, or a destructor of an object that another thread was about to destroy.
    pub fn fork<R>(&self, f: impl FnOnce() -> R) -> R {
        fork::fork::<H, R>(f)
    }

    /// A safepoint: gives way to other threads that wait for this one. Allocating is one, too; a loop that does not allocate
    /// should have one. Also destroys some of what was put off ([`Control::set_defer_drop`]), on each heap. Nothing, if the thread is
    /// not attached.
    ///
    /// # Complexity
    ///
    /// As [`Control::is_poll_due`], if nothing is due.
    ///
    /// # Panics
    ///
    /// If a destructor does, of an object that was put off, or that another thread has dropped the last handle of while it was
    /// attached.
    #[inline]
    pub fn poll(&self) {
        introspect::poll_backlog::<H>();
        attach::poll::<H>();
    }

    /// Whether [`Control::poll`] would do something: another thread wants the lock, waits to collect, or has left something
    /// for this one. What CPython calls the eval breaker, for loops that must not run destructors at each turn, or have more
    /// to see to than the heap when they stop.
    ///
    /// It does not say whether something was put off. Always false on [`Local`](crate::Local), whose collections are due when something is allocated, and nowhere else. False
    /// if the thread is not attached: then nobody waits for it.
    ///
    /// ```
    /// use tricycle::Locked;
    ///
    /// let zeros = vec![0; 10_000];
    /// let mut count = 0;
    /// Locked.attach(|| {
    ///     for number in &zeros {
    ///         count += usize::from(*number == 0);
    ///         if Locked.is_poll_due() {
    ///             Locked.poll(); // and whatever else is to be done now and then
    ///         }
    ///     }
    /// });
    /// assert_eq!(count, 10_000);
    /// ```
    ///
    /// # Complexity
    ///
    /// Constant: one relaxed load of a word of the thread's own, which others write to only to ask for something.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn is_poll_due(&self) -> bool {
        attach::is_poll_due::<H>()
    }

    /// How long a thread may keep the lock of a [`Locked`](crate::Locked) heap when others want it; 5 ms at first. Zero on heaps
    /// of other kinds.
    pub fn switch_interval(&self) -> Duration {
        commons::switch_interval::<H>()
    }

    /// Sets how long a thread may keep the lock of a [`Locked`](crate::Locked) heap when others want it: a microsecond or
    /// more. No effect on heaps of other kinds.
    pub fn set_switch_interval(&self, interval: Duration) {
        commons::set_switch_interval::<H>(interval);
    }

    /// Goes on with a full collection for about `budget`, and begins one if none is under way. Between the calls the
    /// program runs as usual. A call takes a millisecond longer at most, and as long as one finalizer takes, if the objects of
    /// each circle have no more than one.
    ///
    /// When it is finished, all is gone that was garbage at the first call (the first one ever, or after one that has finished),
    /// also if an automatic collection was under way then. Garbage is examined, once more, in parts
    /// of some thousands of objects (eight times the young threshold). A part cannot be divided, and objects that all
    /// lead to each other are in one part, however many they are. Each part has a report of its own
    /// ([`Control::on_collection`], [`Control::stats`]); the result here is that of all of them together.
    ///
    /// Where the standard library has no clock (`wasm32-unknown-unknown`), work is counted instead: in each step that goes
    /// over the heap, an object is taken to need 100 ns. All durations that are reported there are zero.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tricycle::{Local, Progress};
    ///
    /// while let Progress::Unfinished = Local.collect_within(Duration::from_micros(200)) {
    ///     // answer a request
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// As [`Control::collect`].
    pub fn collect_within(&self, budget: Duration) -> Progress {
        introspect::collect_within::<H>(budget)
    }
}

impl<H: Heap> fmt::Debug for Control<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control")
            .field("heap", &std::any::type_name::<H>())
            .field("thresholds", &self.thresholds())
            .field("counts", &self.counts())
            .finish_non_exhaustive()
    }
}
