//! Attaching a thread without a closure ([`Attached`], futures), and reports of threads that wait for that.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::time::Duration;

use crate::raw::attach;
use crate::raw::heap::slow;
use crate::{Control, Heap};

/// Keeps the calling thread attached to heap `H`, from [`Control::enter`].
///
/// In [`Control::detach`] the guards of the thread are suspended. A guard that is made there ends when `detach`
/// returns. A guard that is leaked ends with the thread. One that a thread-local makes in its destructor, when the thread
/// has left the heap already, keeps nothing attached: each operation attaches the thread for its own duration.
#[must_use = "the thread is attached as long as this lives"]
pub struct Attached<H: Heap>(#[expect(dead_code, reason = "it is dropped")] attach::Attached<H>);

impl<H: Heap> fmt::Debug for Attached<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attached").field("heap", &std::any::type_name::<H>()).finish()
    }
}

impl<H: Heap> Control<H> {
    /// Attaches the thread until the guard is dropped, as [`Control::attach`] does for a closure. Calls nest with
    /// that, and with further guards, which may be dropped in any order.
    ///
    /// Use it where there is no closure to run: for callbacks in pairs, or in a field of a struct. `attach` is
    /// faster. A guard may be dropped anywhere, so each operation makes sure that the thread is attached, and does
    /// what others have left for it, as it does without the guard. But it does not wait, and no other thread has
    /// the lock between two operations. Where speed counts, use `attach` under the guard.
    ///
    /// Do not hold a guard over an `.await`: the thread would stay attached while it does something else, or
    /// nothing. For a future use [`Control::attach_future`].
    ///
    /// ```
    /// use tricycle::{Attached, Gc, GcCell, Locked};
    ///
    /// /// What a host calls before and after each script.
    /// struct Session(Attached<Locked>);
    ///
    /// let counter = Gc::new_in(GcCell::<i32, Locked>::new(0), Locked);
    /// let session = Session(Locked.enter());
    /// *counter.borrow_mut() += 1;
    /// Locked.attach(|| *counter.borrow_mut() += 1); // nests
    /// assert_eq!(counter.get(), 2);
    /// drop(session);
    /// ```
    ///
    /// A guard cannot be sent to another thread:
    ///
    /// ```compile_fail,E0277
    /// let guard = tricycle::Locked.enter();
    /// std::thread::spawn(move || drop(guard));
    /// ```
    pub fn enter(&self) -> Attached<H> {
        Attached(attach::Attached::new())
    }

    /// Returns the time after which a wait is reported. `None`, as at first, means never. See
    /// [`Control::set_slow_wait`].
    pub fn slow_wait(&self) -> Option<Duration> {
        slow::after::<H>()
    }

    /// Sets the time after which a wait is reported: of a thread that waits to be attached, for others to stop
    /// (for a collection, or to drop the last handle of another thread's young object), or for a
    /// [`GcCell`](crate::GcCell). The setting holds for all threads that share the heap, for waits that begin from
    /// then on. On [`Local`](crate::Local) no thread waits.
    ///
    /// A report is a `tracing` event of level `WARN`. It has `heap`, `waited`, the `thread` that waits, and
    /// `others`: the threads that it waits for, by name and id. One of these is attached and blocks, or computes
    /// without a safepoint. It needs a [`Control::detach`] or a [`Control::poll`]. If the wait is for a cell, `others`
    /// is the thread that borrows it mutably; it is empty if others read, as a cell does not know its readers. If the
    /// wait goes on, there is another report when it has taken twice as long, and so on. The report goes to the subscriber that is the
    /// default on the waiting thread. It comes from a separate thread, so the subscriber may block, and use the
    /// heap.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tricycle::Biased;
    ///
    /// Biased.set_slow_wait(Some(Duration::from_millis(100)));
    /// ```
    pub fn set_slow_wait(&self, time: Option<Duration>) {
        slow::set_after::<H>(time);
    }

    /// Makes a future that does what `future` does, and attaches the thread during each poll. Between polls it is
    /// not attached. So no thread waits for a task that waits, and any thread can go on with the task. On a
    /// [`Locked`](crate::Locked) heap a poll waits for the lock, and blocks a thread of the executor. So a poll
    /// should be short, or have a safepoint ([`Control::poll`]) from time to time.
    ///
    /// A borrow of a cell cannot be held over an `.await` if the executor moves tasks between threads: the guards are not `Send`.
    ///
    /// ```
    /// use tricycle::{Biased, Gc, GcCell};
    /// # use std::future::Future;
    /// # fn block_on<T>(future: impl Future<Output = T>) -> T {
    /// #     let mut future = std::pin::pin!(future);
    /// #     let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    /// #     loop {
    /// #         if let std::task::Poll::Ready(value) = future.as_mut().poll(&mut context) { return value }
    /// #     }
    /// # }
    ///
    /// async fn work(total: Gc<GcCell<u32, Biased>, Biased>) {
    ///     for i in 0..3 {
    ///         *total.borrow_mut() += i;
    ///         std::future::ready(()).await;
    ///     }
    /// }
    ///
    /// let total = Gc::new_in(GcCell::new(0), Biased);
    /// block_on(Biased.attach_future(work(total.clone()))); // or tokio::spawn(…)
    /// assert_eq!(total.get(), 3);
    /// ```
    pub fn attach_future<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F, H> {
        async move {
            let mut future = pin!(future);
            poll_fn(move |context| attach::attach::<H, _>(|| future.as_mut().poll(context))).await
        }
    }
}
