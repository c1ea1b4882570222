//! Threads wait for the one that collects.

use std::time::Duration;

use super::support::{Arc, model, thread};
use crate::raw::base::sync::{AtomicU32, Ordering};
use crate::raw::heap::rest::Rest;

const FOR_EVER: Duration = Duration::from_secs(600);

/// A heap of which this is all: whether somebody collects, and where others wait for that.
struct World {
    rest: Rest,
    collecting: AtomicU32,
}

impl World {
    fn new() -> Arc<Self> {
        Arc::new(World { rest: Rest::new(), collecting: AtomicU32::new(1) })
    }

    /// What happens at the end of a collection: `Collecting::drop`.
    fn end(&self) {
        self.collecting.store(0, Ordering::Relaxed);
        self.rest.end();
    }

    /// Somebody collects from now on.
    fn begin(&self) {
        self.collecting.store(1, Ordering::Relaxed);
    }

    /// Waits for so long. Whether the collection was over then.
    fn wait(&self, patience: Duration) -> bool {
        self.rest.wait(patience, || self.collecting.load(Ordering::Relaxed) != 0)
    }
}

/// A collection comes to its end while two threads begin to wait for it: both go on.
#[test]
fn all_go_on() {
    model(|| {
        let world = World::new();
        let others = [(), ()].map(|()| {
            let theirs = Arc::clone(&world);
            thread::spawn(move || assert!(theirs.wait(FOR_EVER)))
        });
        world.rest.get_on();
        world.end();
        others.into_iter().for_each(|other| other.join().unwrap());
        assert_eq!(world.rest.progress(), 1);
    });
}

/// Who waits for a collection does not wait for the next one, which waits for it in turn.
#[test]
fn not_for_the_next() {
    model(|| {
        let world = World::new();
        let theirs = Arc::clone(&world);
        let (waits, waited) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
        let (say, said) = (Arc::clone(&waits), Arc::clone(&waited));
        let other = thread::spawn(move || {
            let first = || {
                say.store(1, Ordering::Relaxed);
                theirs.collecting.load(Ordering::Relaxed) != 0
            };
            assert!(theirs.rest.wait(FOR_EVER, first));
            said.store(1, Ordering::Relaxed);
        });
        while waits.load(Ordering::Relaxed) == 0 {
            thread::yield_now();
        }
        // From here on it waits for the first one, or has found that over.
        world.end();
        world.begin();
        while waited.load(Ordering::Relaxed) == 0 {
            thread::yield_now();
        }
        world.end();
        other.join().unwrap();
    });
}

/// Who sees that a collection does not get on gives up; and not as long as it does.
#[cfg(not(any(loom, shuttle, miri)))]
#[test]
fn gives_up() {
    let world = World::new();
    let (stands, patience) = (std::time::Instant::now(), Duration::from_millis(50));
    assert!(!world.rest.wait(patience, || true));
    assert!(stands.elapsed() >= patience);
    assert!(world.rest.wait(patience, || false), "there is none");
    // Again, if the system kept the one that collects from it for so long: then it did not get on.
    for _ in 0..20 {
        world.begin();
        let begun = std::time::Instant::now();
        let (waited, stood) = thread::scope(|scope| {
            let collects = scope.spawn(|| {
                let (mut last, mut stood) = (begun, Duration::ZERO);
                for _ in 0..40 {
                    thread::sleep(patience / 10);
                    let before = std::time::Instant::now();
                    world.rest.get_on();
                    stood = stood.max(last.elapsed());
                    last = before;
                }
                world.end();
                stood.max(last.elapsed())
            });
            (world.wait(patience), collects.join().unwrap())
        });
        if waited {
            return;
        }
        assert!(stood >= patience, "it got on all the time");
    }
}
