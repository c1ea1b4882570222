//! Control of a heap: the functions of CPython's `gc` module.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use crate::events::{CallbackId, CollectionEvent};
use crate::raw::base::sync::lock;
use crate::raw::heap::commons;
use crate::raw::memory::pool::Pool;
use crate::raw::{attach, fork, introspect};
use crate::{AnyGc, Collection, Counts, Gc, Generation, Heap, Hosts, HostsFn, Stats, Thresholds, Trace};

/// The controls of heap `H` on this thread. Every heap value dereferences to this.
///
/// On a heap that threads share, a call attaches a detached thread for its duration. Then destructors may run, of
/// objects whose last handles other threads have dropped, as at each safepoint ([`Control::poll`]).
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

/// The result of [`Control::collect_within`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// The collection is complete.
    Finished(Collection),
    /// Time has run out. Call again to go on.
    Unfinished,
}

impl<H: Heap> Control<H> {
    /// Makes an object on this heap, as [`Gc::new_in`](crate::Gc::new_in) does.
    ///
    /// ```
    /// use tricycle::Atomic;
    ///
    /// assert_eq!(*Atomic.alloc(5), 5);
    /// ```
    ///
    /// # Panics
    ///
    /// As [`Gc::new`](crate::Gc::new).
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn alloc<T: Trace>(&self, value: T) -> Gc<T, H>
    where
        H: Hosts<T>,
    {
        Gc::new_in(value, H::default())
    }

    /// Returns the controls of `H`.
    #[doc(hidden)]
    #[inline]
    pub fn of<'a>() -> &'a Self {
        const { &Control(PhantomData) }
    }

    /// Collects all generations. Afterwards no unreachable cycle remains, except what a frozen, saved or mutably
    /// borrowed object holds. Also destroys all objects that were put off ([`Control::set_defer_drop`]), unless it
    /// is called in a destructor.
    ///
    /// Does nothing while a collection of this heap runs: in a finalizer, a callback or a destructor, or while
    /// another thread collects.
    ///
    /// # Panics
    ///
    /// Passes on the first panic of user code in the collection, when the collection is over.
    ///
    /// # Complexity
    ///
    /// Linear in the number of tracked objects and their edges. Constant if no handle has been dropped since the
    /// last full collection.
    pub fn collect(&self) -> Collection {
        self.collect_generation(Generation::Old)
    }

    /// Collects a generation and everything younger.
    ///
    /// # Panics
    ///
    /// Like [`Control::collect`].
    pub fn collect_generation(&self, generation: Generation) -> Collection {
        introspect::collect::<H>(generation)
    }

    /// Switches automatic collection on. Returns whether it was on.
    pub fn enable(&self) -> bool {
        introspect::set_enabled::<H>(true)
    }

    /// Switches automatic collection off. Returns whether it was on. [`Control::collect`] still collects.
    pub fn disable(&self) -> bool {
        introspect::set_enabled::<H>(false)
    }

    /// Returns whether automatic collection is on.
    pub fn is_enabled(&self) -> bool {
        attach::with::<H, _>(|state| state.enabled.get())
    }

    /// Returns whether a collection is running. True in finalizers and callbacks that it calls.
    pub fn is_collecting(&self) -> bool {
        attach::with::<H, _>(|state| state.collecting.get())
    }

    /// Returns when automatic collections start.
    pub fn thresholds(&self) -> Thresholds {
        attach::with::<H, _>(|state| state.thresholds())
    }

    /// Sets when automatic collections start.
    pub fn set_thresholds(&self, thresholds: impl Into<Thresholds>) {
        introspect::set_thresholds::<H>(thresholds.into());
    }

    /// Returns how much the heap may grow beyond what is alive, in percent. 100 at first. See
    /// [`Control::set_growth`].
    pub fn growth(&self) -> usize {
        attach::with::<H, _>(|state| state.pace.growth.get())
    }

    /// Sets how much the heap may grow beyond what is alive, in percent of the bytes alive, before garbage of the
    /// old generation is collected.
    ///
    /// With 100, a heap with 50 MB alive grows to about 100 MB at most. With 25, it grows to about 62.5 MB, and spends
    /// four times the time on full collections. With zero a full collection is always due. With `usize::MAX`, full
    /// collections start because of suspicion or external bytes only, or by [`Control::collect`].
    ///
    /// On [`Local`](crate::Local) and [`Locked`](crate::Locked) heaps of more than a hundred thousand objects, a
    /// full collection goes in steps. It begins early enough to be over by then, and the steps are as large as that
    /// needs. On [`Atomic`](crate::Atomic) and [`Biased`](crate::Biased) heaps a full collection is one piece.
    /// While one thread drops garbage, others go on. If they allocate more than is left, they wait for the
    /// collection, unless none of its destructors and finalizers returns for a tenth of a second.
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

    /// Returns how many objects are destroyed at once when the last handle of one is dropped. `None`, as at first,
    /// means all. See [`Control::set_defer_drop`].
    pub fn defer_drop(&self) -> Option<usize> {
        introspect::defer_drop::<H>()
    }

    /// Sets how many objects are destroyed at once when the last handle of one is dropped. `None` means all that
    /// only it keeps alive, as with `Rc`. That takes long if they are many. With `Some(n)` the drop destroys about
    /// `n` objects, at least one, and puts the rest off. The setting holds for all threads that share the heap.
    /// Leaves without a destructor are not counted.
    ///
    /// Objects that were put off are destroyed:
    ///
    /// - some thousands of them whenever a thread has made 512 tracked objects, also while automatic collection is
    ///   off, and in each call of [`Control::poll`];
    /// - all of them in [`Control::collect`], and as many as there is time for in [`Control::collect_within`];
    /// - the rest at the end of the thread, or, on a heap that threads share, of the last thread.
    ///
    /// An object that was put off cannot be reached: weak handles to it are dead at once. Its destructors,
    /// finalizers and weak callbacks run later, maybe on another thread, and its memory is freed later. Until then
    /// what it refers to counts as used. A program that makes no tracked objects should call [`Control::poll`] from
    /// time to time.
    ///
    /// If a value holds more than some dozens of handles in one container (a `Vec`, a `Box<[Gc<T>]>`, another collection of the
    /// standard library; also of `Option`s or tuples of handles), they are dropped a part at a time, too. Until it is their turn,
    /// what they lead to is alive, for weak handles as well. That is so for containers of the value itself, in cells and boxes, and
    /// in fields of types that derive `Trace` without `unsafe_drop`. A `Gc<[T]>` is dropped in one piece.
    ///
    /// Automatic collections always put off most of what dies by count because of them, whatever is set here.
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

    /// Returns how far each generation is from its threshold.
    pub fn counts(&self) -> Counts {
        attach::with::<H, _>(|state| {
            let [middle, old] = &state.runs;
            Counts { young: state.grown(), middle: middle.get(), old: old.get() }
        })
    }

    /// Returns statistics since the heap's first use.
    pub fn stats(&self) -> Stats {
        attach::with::<H, _>(|state| *lock(&state.stats))
    }

    /// Moves all tracked objects to a permanent generation that no collection looks at. Call it after start-up, or
    /// before a fork. Frozen objects are still freed by count. An object that is borrowed mutably ([`Gc::get_mut`])
    /// is frozen no more.
    ///
    /// Before a fork it keeps collections of the child from writing to memory that the child shares with its
    /// parent. Call it in the parent, and [`Control::fork`] for each heap that threads share and that the child is
    /// to use.
    ///
    /// # Complexity
    ///
    /// In proportion to the number of objects.
    pub fn freeze(&self) {
        introspect::freeze::<H>();
    }

    /// Moves the frozen objects to the old generation.
    pub fn unfreeze(&self) {
        introspect::unfreeze::<H>();
    }

    /// Returns the number of frozen objects. Takes time in proportion to it.
    pub fn freeze_count(&self) -> usize {
        attach::with_world_stopped::<H, _>(|state| state.lists.permanent.len())
    }

    /// Adds a callback that is called at the start and at the end of each collection, after those added before it.
    ///
    /// A full collection that goes in steps examines its garbage in parts, if there is much of it. Each part is
    /// reported as a collection of the old generation. The first report has all candidates. Each has the time since
    /// the one before it.
    ///
    /// A callback that is added while a collection is under way may be told of its end and not of its start. If another thread adds it,
    /// it may be told of neither. It is told of all that begin afterwards.
    ///
    /// The collection passes a panic of the callback on, when it is over.
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

    /// Sets whether collections keep the garbage that they find, in [`Control::garbage`], and do not free it. This
    /// is CPython's `DEBUG_SAVEALL`. It shows which cycles a program makes.
    pub fn set_save_all(&self, save_all: bool) {
        attach::with::<H, _>(|state| state.save_all.set(save_all));
    }

    /// Returns whether garbage is kept.
    pub fn is_save_all(&self) -> bool {
        attach::with::<H, _>(|state| state.save_all.get())
    }

    /// Sets whether the heap is left as it is when its thread ends. Use it for a program that is about to exit, where the system takes the
    /// memory back faster than a collection can.
    ///
    /// By default a heap of the kind [`Local`](crate::Local) is collected a last time at the end of its thread. With `true` it is not, and no
    /// later allocation of the thread collects. Objects that only the collector would destroy are neither finalized nor dropped. Their weak
    /// callbacks do not run. Their memory stays until the process ends, so do not use it for threads that come and go. What goes by count is
    /// finalized and destroyed as ever: also what local variables and thread-locals own.
    ///
    /// On heaps that threads share it changes nothing: no collection runs when a thread or the process ends.
    ///
    /// ```
    /// use tricycle::{Finalize, Gc, GcCell, Local, Trace};
    ///
    /// #[derive(Trace)]
    /// #[trace(finalize)]
    /// struct Node { me: GcCell<Option<Gc<Node>>> }
    /// impl Finalize for Node {
    ///     fn finalize(&self) { unreachable!("nobody collects the cycle") }
    /// }
    ///
    /// # let thread = std::thread::spawn(|| {
    /// Local.set_leak_at_exit(true);
    /// let node = Gc::new(Node { me: GcCell::new(None) });
    /// node.me.set(Some(node.clone()));
    /// // ... and the end of `main`.
    /// # });
    /// # thread.join().unwrap();
    /// ```
    pub fn set_leak_at_exit(&self, leak: bool) {
        attach::with::<H, _>(|state| state.leak_at_exit.set(leak));
    }

    /// Returns whether the heap is left as it is when its thread ends. See [`Control::set_leak_at_exit`].
    pub fn leak_at_exit(&self) -> bool {
        attach::with::<H, _>(|state| state.leak_at_exit.get())
    }

    /// Returns handles to the garbage that was kept.
    pub fn garbage(&self) -> Vec<AnyGc<H>> {
        introspect::garbage::<H>()
    }

    /// Empties the list of kept garbage and returns what was on it.
    pub fn take_garbage(&self) -> Vec<AnyGc<H>> {
        attach::with::<H, _>(|state| std::mem::take(&mut *lock(&state.saved)))
    }

    /// Returns handles to the tracked objects of a generation, or of all three with `None`. Frozen objects, and
    /// garbage of a running collection, are not among them.
    ///
    /// The handles that this function, [`Control::referrers`] and [`Control::referents`] return do not make a
    /// collection examine their objects when they are dropped ([`AnyGc`]).
    pub fn objects(&self, generation: impl Into<Option<Generation>>) -> Vec<AnyGc<H>> {
        introspect::objects::<H>(generation.into())
    }

    /// Returns handles to the tracked objects that refer to `target`, each once. Looks at the whole heap, except
    /// frozen objects.
    pub fn referrers<T: ?Sized>(&self, target: &Gc<T, H>) -> Vec<AnyGc<H>> {
        introspect::referrers::<H>(target.address())
    }

    /// Returns handles to the objects that `source` refers to, one for each edge, leaves included. Empty for a
    /// leaf.
    pub fn referents<T: ?Sized>(&self, source: &Gc<T, H>) -> Vec<AnyGc<H>> {
        introspect::referents(source.handle())
    }

    /// Returns whether the collector looks at an object.
    pub fn is_tracked<T: ?Sized>(&self, object: &Gc<T, H>) -> bool {
        Gc::is_tracked(object)
    }

    /// Returns whether an object's finalizer has run.
    pub fn is_finalized<T: ?Sized>(&self, object: &Gc<T, H>) -> bool {
        Gc::is_finalized(object)
    }

    /// Returns the number of tracked objects, frozen ones included. Takes time in proportion to it.
    pub fn live_objects(&self) -> usize {
        introspect::live_objects::<H>()
    }

    /// Returns the number of objects, leaves included, whose memory has not been freed.
    pub fn live_allocations(&self) -> usize {
        introspect::pools::<H>(Pool::live)
    }

    /// Gives memory that is not in use back to the operating system.
    ///
    /// Without it, up to 128 MiB of empty blocks are kept, and one of 2 MiB for each thread. The system takes their
    /// memory only when it runs short (`MADV_FREE`, where the system has that).
    pub fn trim(&self) {
        introspect::trim::<H>();
    }

    /// Sets how many bytes the heap may have: pages in use (of 64 KiB, shared by small objects), large objects, and
    /// bytes registered with [`Gc::external_bytes`]. `usize::MAX`, as at first, means no limit. The limit holds for
    /// all threads that share the heap together.
    ///
    /// An allocation that would exceed the limit runs a full collection first, finalizers included. If there is no
    /// room then, [`Gc::try_new`] returns the value in an error. [`Gc::new`] calls
    /// [`handle_alloc_error`](std::alloc::handle_alloc_error), which aborts the process, as it does when there is
    /// no memory. Objects that exist are not affected, also if they have more bytes than a limit that is set later.
    /// A thread uses up a page of small objects that it has, before it asks again.
    ///
    /// If another thread collects, the allocation waits for it. If other threads take what a collection has freed,
    /// there is another one. But an allocation in a destructor, a finalizer or a callback that a collection runs
    /// cannot wait: it fails if there is no room.
    ///
    /// A heap that stays just below its limit collects often. Each time takes as long as [`Control::collect`].
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

    /// Returns the limit of [`Control::set_limit`]. `usize::MAX` means that there is none.
    pub fn limit(&self) -> usize {
        attach::with::<H, _>(|state| state.budget.limit())
    }

    /// Returns how many bytes the heap has from the system: those of blocks with objects in them, and of large
    /// objects.
    pub fn allocated_bytes(&self) -> usize {
        introspect::pools::<H>(Pool::bytes)
    }

    /// Returns the bytes registered with [`Gc::external_bytes`].
    pub fn external_bytes(&self) -> usize {
        attach::with::<H, _>(|state| state.budget.external.get())
    }

    /// Runs `f` with the thread attached to the heap. Calls nest. A detached thread is attached and detached again
    /// by each operation. So a thread that shares a heap with others should be attached while it uses the heap. It
    /// should call [`Control::detach`] to wait for anything: other threads cannot collect meanwhile, nor attach if
    /// this is the only attached thread.
    ///
    /// On a [`Locked`](crate::Locked) heap, to attach means to wait for the lock. On [`Local`](crate::Local) it
    /// does nothing.
    pub fn attach<R>(&self, f: impl FnOnce() -> R) -> R {
        attach::attach::<H, R>(f)
    }

    /// Runs `f`, which may block, with the thread detached, so that other threads do not wait for it: they may take
    /// the lock, or collect. In `f`, each operation on the heap attaches the thread for its own duration. A handle
    /// that is dropped while another thread has the heap to itself is left to that thread.
    pub fn detach<R>(&self, f: impl FnOnce() -> R) -> R {
        attach::detach::<H, R>(f)
    }

    /// Runs `f`, which forks the process, so that the heap can be used in the child.
    ///
    /// In the child of a fork there is one thread, the one that forked. It would wait for ever for locks that other
    /// threads had, and for them to stop. So if other threads use a heap that they share, the child must not use
    /// it, unless it was forked in this function.
    ///
    /// Other threads are stopped at a safepoint, or are detached, while `f` runs. Then they go on, or are gone.
    /// This does what CPython's `PyOS_BeforeFork`, `PyOS_AfterFork_Parent` and `PyOS_AfterFork_Child` do. For
    /// several heaps, nest the calls, in any order. A [`Local`](crate::Local) heap needs none of this:
    /// `f` is called.
    ///
    /// In the child, what the other threads had stays as it was:
    ///
    /// - Objects to which they had handles are never freed, and cells that they had borrowed stay borrowed.
    /// - A collection of another thread is given up. What it had condemned, and the object that it was finalizing,
    ///   leak.
    /// - A callback of [`Control::on_collection`] that another thread was running is not called.
    /// - Finalizers and destructors that have yet to run do so in both processes.
    ///
    /// `f` should do nothing but fork, for further heaps by calls of this function, or end the process. Until it returns, others may
    /// wait for the heap, even to drop a handle, while they are attached to other heaps. So `f` must not wait for other
    /// threads, nor do anything with another heap that may: it could wait for ever. A use of the heap in `f` panics. A drop
    /// does not panic: handles, with their weak callbacks, go as soon as the heap can be used again. A borrow of a cell
    /// or a [`GcMut`](crate::GcMut) that would end in `f` is leaked.
    ///
    /// The child is recognised by its process id, and by `pthread_atfork`. So `f` may fork into a new namespace of
    /// process ids. It must not fork by a system call of its own (`clone`) if the child then has the process id of
    /// its parent.
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
    /// If `f` panics, or a destructor of an object that another thread was about to destroy.
    pub fn fork<R>(&self, f: impl FnOnce() -> R) -> R {
        fork::fork::<H, R>(f)
    }

    /// Passes a safepoint: gives way to other threads that wait for this one. An allocation is a safepoint, too. A
    /// loop that does not allocate should call this. Also destroys some of the objects that were put off
    /// ([`Control::set_defer_drop`]), on a heap of any kind. Does nothing if the thread is not attached.
    ///
    /// # Complexity
    ///
    /// Like [`Control::is_poll_due`], if nothing is due.
    ///
    /// # Panics
    ///
    /// If a destructor panics, of an object that was put off, or whose last handle another thread has dropped.
    #[inline]
    pub fn poll(&self) {
        introspect::poll_backlog::<H>();
        attach::poll::<H>();
    }

    /// Returns whether [`Control::poll`] has something to do for another thread, which wants the lock, waits to
    /// collect, or has left something for this one. It is the heap's part of what CPython calls the eval breaker.
    /// Use it in loops that must not run destructors in each iteration, or that have more to do than `poll` when
    /// they stop.
    ///
    /// It does not say whether objects were put off. Always false on [`Local`](crate::Local), where collections
    /// start in allocations only. False if the thread is not attached: then no thread waits for it.
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
    /// Constant: one relaxed load of a word of the thread's own, which other threads write to only to ask for
    /// something.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn is_poll_due(&self) -> bool {
        attach::is_poll_due::<H>()
    }

    /// Returns how long a thread may keep the lock of a [`Locked`](crate::Locked) heap when others want it. 5 ms at
    /// first. Zero on heaps of other kinds.
    pub fn switch_interval(&self) -> Duration {
        commons::switch_interval::<H>()
    }

    /// Sets how long a thread may keep the lock of a [`Locked`](crate::Locked) heap when others want it: at least a
    /// microsecond. Has no effect on heaps of other kinds.
    pub fn set_switch_interval(&self, interval: Duration) {
        commons::set_switch_interval::<H>(interval);
    }

    /// Goes on with a full collection for about `budget`, and begins one if none is under way. Between the calls
    /// the program runs as usual. A call takes at most a millisecond longer, plus the time of one finalizer, if the
    /// objects of each cycle have no more than one.
    ///
    /// When it is finished, everything that was garbage at the first call is gone, also if an automatic collection
    /// was under way then. (The first call is the first one ever, or the one after a call that has finished.)
    ///
    /// Garbage is examined once more in parts of some thousands of objects (eight times the young threshold). A
    /// part cannot be divided, and objects that all lead to each other are in one part, however many they are. Each
    /// part is reported on its own ([`Control::on_collection`], [`Control::stats`]). The result here is that of all
    /// parts together.
    ///
    /// Where the standard library has no clock (`wasm32-unknown-unknown`), work is counted in place of time: each
    /// object that a step looks at counts as 100 ns. All durations that are reported there are zero.
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
    /// Like [`Control::collect`].
    pub fn collect_within(&self, budget: Duration) -> Progress {
        introspect::collect_within::<H>(budget)
    }
}

impl<H: Heap> fmt::Debug for Control<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control")
            .field("heap", &std::any::type_name::<H>())
            .field("thresholds", &introspect::at_once::<H, _>(|| self.thresholds()))
            .field("counts", &introspect::at_once::<H, _>(|| self.counts()))
            .finish_non_exhaustive()
    }
}
