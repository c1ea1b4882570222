//! Who has the only handle, when several threads let go of theirs.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc;
use std::thread;

use tricycle::Gc;

use crate::support::{Census, Cookie, bounded, rounds, times};

/// `Gc::into_inner` by all who have a handle gives the value to one of them, as `Arc::into_inner` does: whoever made the object,
/// attached or not.
#[test]
fn one_has_the_value() {
    own!(H);
    for attached in [false, true] {
        bounded(move || {
            let census = Census::default();
            let arrived = AtomicUsize::new(0);
            // Both go on at the same moment.
            let meet = |round: usize| {
                arrived.fetch_add(1, SeqCst);
                while arrived.load(SeqCst) < 2 * (round + 1) {
                    thread::yield_now();
                }
            };
            let take = |gc: Gc<Cookie, H>, round| {
                meet(round);
                let value = if attached { H.attach(|| Gc::into_inner(gc)) } else { Gc::into_inner(gc) };
                usize::from(value.inspect(Cookie::check).is_some())
            };
            let (send, receive) = mpsc::channel();
            let (rounds, taken) = thread::scope(|scope| {
                let other = scope.spawn(move || receive.iter().enumerate().map(|(round, gc)| take(gc, round)).sum::<usize>());
                let (mut done, mut taken) = (0, 0);
                for round in rounds(times(20_000)) {
                    let gc = Gc::new_in(Cookie::new(&census), H);
                    send.send(gc.clone()).unwrap();
                    taken += take(gc, round);
                    done = round + 1;
                }
                drop(send);
                (done, taken + other.join().unwrap())
            });
            assert_eq!(taken, rounds);
            census.nothing_left::<H>();
        });
    }
}
