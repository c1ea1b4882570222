//! Being attached without a closure ([`Attached`], futures), and who keeps others from it.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::time::Duration;

use crate::raw::attach;
use crate::raw::heap::slow;
use crate::{Control, Heap};

/// Keeps the calling thread attached to heap `H`, from [`Control::enter`].
///
/// While the thread is outside ([`Control::detach`]) its guards are suspended, and one that it makes there is over when it comes
/// back. A guard that is leaked is over when the thread ends.
#[must_use = "the thread is attached as long as this lives"]
pub struct Attached<H: Heap>(#[expect(dead_code, reason = "it is dropped")] attach::Attached<H>);

impl<H: Heap> fmt::Debug for Attached<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attached").field("heap", &std::any::type_name::<H>()).finish()
    }
}

impl<H: Heap> Control<H> {
    /// Attaches the thread until the guard is dropped, as [`Control::attach`] does for a closure. Nests with that, and with further
    /// guards, which may be dropped in any order.
    ///
    /// It is for code that has no closure to run: callbacks in pairs, a field of a struct. `attach` is faster. A guard may go
    /// anywhere, so each operation makes sure that the thread is inside, and sees to what others have left when it is over, as without
    /// the guard; but it does not wait, and no other thread has the lock between two of them. Where speed counts, use `attach` under
    /// the guard.
    ///
    /// Do not hold one over an `.await`: the thread would stay attached while it does something else, or nothing. A future attaches
    /// with [`Control::attach_future`].
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
    /// It stays on its thread:
    ///
    /// ```compile_fail,E0277
    /// let guard = tricycle::Locked.enter();
    /// std::thread::spawn(move || drop(guard));
    /// ```
    pub fn enter(&self) -> Attached<H> {
        Attached(attach::Attached::new())
    }

    /// After what time a wait is reported; `None` if none is, as at first. See [`Control::set_slow_wait`].
    pub fn slow_wait(&self) -> Option<Duration> {
        slow::after::<H>()
    }

    /// Has waits reported that take longer than `time`: of threads that wait to be attached, and of those that wait for others to stop
    /// (for a collection, or the last handle of another thread's young object). It holds for waits that begin from now on, of all
    /// threads that share the heap; on [`Local`](crate::Local) nobody waits.
    ///
    /// A report is a `tracing` event of level `WARN`, with `heap`, `waited`, the `thread` that waits, and `others`: the threads that it
    /// waits for, by name and id. One of them is attached and blocks, or computes without a safepoint: it needs a
    /// [`Control::detach`] or a [`Control::poll`]. If the wait goes on there is another report when it has taken twice as long, and so
    /// on. A thread of its own tells the subscriber, the one that was the default where the wait was; so it may block, and use the heap.
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

    /// A future that does what `future` does, and is attached whenever it is polled. Between polls it is not: so a task that waits
    /// keeps nobody waiting, whatever thread goes on with it. On a [`Locked`](crate::Locked) heap a poll waits for the lock, and so
    /// blocks a thread of the executor; so it should be short, as every poll should, or have a safepoint ([`Control::poll`]) now and
    /// then.
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
