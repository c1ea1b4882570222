//! Threads that end while `tracing_subscriber::fmt` listens to everything. It keeps things in thread-locals, and panics when
//! it is told of something after those are gone. In a program with `panic = "abort"` each such panic is the end, so none is
//! allowed, caught or not.

use std::cell::RefCell;
use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};

use tricycle::{Finalize, Trace};

/// Panics in this process so far.
static PANICS: AtomicUsize = AtomicUsize::new(0);

/// One test at a time uses a heap: a collection does nothing while another one is under way.
fn turn() -> MutexGuard<'static, ()> {
    static TURNS: Mutex<()> = Mutex::new(());
    TURNS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Installs the subscriber, and runs `f` while no other test counts panics. Returns how many there were.
fn panics_in(f: impl FnOnce()) -> usize {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let default = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            PANICS.fetch_add(1, Ordering::Relaxed);
            default(info);
        }));
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(std::io::sink).init();
    });
    let _turn = turn();
    let before = PANICS.load(Ordering::Relaxed);
    f();
    PANICS.load(Ordering::Relaxed) - before
}

/// Runs a thread to its end, with all that its thread-locals do then.
fn thread(f: impl FnOnce() + Send + 'static) {
    std::thread::spawn(f).join().expect("the thread ends");
}

/// The same for every heap.
macro_rules! suite {
    ($($heap:ident: $kind:ident;)+) => {$(
        mod $heap {
            tricycle::heap! { Heap: $kind }
            use super::*;
            use Heap as HEAP;

            type Gc<T> = tricycle::Gc<T, HEAP>;
            type GcCell<T> = tricycle::GcCell<T, HEAP>;

            #[derive(Trace)]
            #[trace(finalize)]
            struct Node {
                me: GcCell<Option<Gc<Node>>>,
                #[trace(skip)]
                log: Arc<AtomicUsize>,
                bomb: bool,
            }

            impl Finalize for Node {
                fn finalize(&self) {
                    self.log.fetch_add(1, Ordering::Relaxed);
                    assert!(!self.bomb, "a finalizer panics");
                }
            }

            /// Garbage whose finalizer adds one to the log.
            fn garbage(log: &Arc<AtomicUsize>, bomb: bool) {
                let node = Gc::new_in(Node { me: GcCell::new(None), log: log.clone(), bomb }, HEAP);
                node.me.set(Some(node.clone()));
            }

            fn count(log: &AtomicUsize) -> usize {
                let _turn = turn();
                HEAP.collect(); // what other threads have left
                log.load(Ordering::Relaxed)
            }

            /// What the subscriber keeps in thread-locals is made after the heap's, and so it is gone when the last
            /// collection comes.
            #[test]
            fn last_collections() {
                let log = Arc::new(AtomicUsize::new(0));
                let panics = panics_in(|| {
                    for _ in 0..4 {
                        let log = log.clone();
                        thread(move || {
                            garbage(&log, false);
                            tracing::debug_span!("a span").in_scope(|| tracing::debug!("an event"));
                        });
                    }
                });
                assert_eq!((count(&log), panics), (4, 0));
            }

            /// A finalizer panics in the last collection, or in that of another thread. The others run.
            #[test]
            fn a_panic_in_the_last_collection() {
                let log = Arc::new(AtomicUsize::new(0));
                let panics = panics_in(|| {
                    let theirs = log.clone();
                    thread(move || {
                        garbage(&theirs, true);
                        garbage(&theirs, false);
                        tracing::debug!("an event");
                    });
                    let _ = panic::catch_unwind(|| HEAP.collect());
                });
                assert_eq!((count(&log), panics), (2, 1));
            }

            /// Makes garbage and collects when it is dropped, at the end of the thread.
            struct Collector(Arc<AtomicUsize>);

            impl Drop for Collector {
                fn drop(&mut self) {
                    garbage(&self.0, false);
                    HEAP.collect();
                }
            }

            thread_local! {
                static COLLECTOR: RefCell<Option<Collector>> = const { RefCell::new(None) };
            }

            fn collect_at_the_end(log: &Arc<AtomicUsize>) {
                COLLECTOR.with_borrow_mut(|place| *place = Some(Collector(log.clone())));
            }

            /// A collection by the destructor of another thread-local, which is older than the heap's, and comes after it.
            #[test]
            fn collections_after_the_end() {
                let log = Arc::new(AtomicUsize::new(0));
                let panics = panics_in(|| {
                    let log = log.clone();
                    thread(move || {
                        collect_at_the_end(&log);
                        garbage(&log, false);
                        tracing::debug!("an event");
                    });
                });
                assert_eq!((count(&log), panics), (2, 0));
            }

            /// … which is younger than the heap's, and comes when only what the subscriber keeps is gone.
            #[test]
            fn collections_before_the_end() {
                let log = Arc::new(AtomicUsize::new(0));
                let panics = panics_in(|| {
                    let log = log.clone();
                    thread(move || {
                        garbage(&log, false);
                        collect_at_the_end(&log);
                        HEAP.collect();
                    });
                });
                assert_eq!((count(&log), panics), (2, 0));
            }
        }
    )+};
}

suite! {
    local: Local;
    locked: Locked;
    atomic: Atomic;
    biased: Biased;
}
