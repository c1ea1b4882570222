//! Counts at their limits, with handles made and dropped by several threads. With `cfg(gc_small_limits)` these are near.

use std::mem::forget;
use std::sync::{Mutex, mpsc};
use std::thread;

use tricycle::{Gc, Heap, Weak};

use crate::support::{Census, Cookie, bounded, bounded_by, times};

/// So many handles can make an object immortal, whoever has them; and with half as many it may be, with biased counts.
const LIMIT: usize = if cfg!(gc_small_limits) { 1 << 7 } else { 1 << 31 };

/// So many weak handles may stick.
const MOST_WEAK: usize = if cfg!(gc_small_limits) { 32 } else { 1 << 18 };

/// One thread forgets as many handles as it can count, another one a few more, and asks whether its handle is the only one:
/// the sum must not be taken for a negative number.
#[test]
#[cfg_attr(all(any(miri, debug_assertions), not(gc_small_limits)), ignore = "takes 2³¹ clones")]
#[cfg_attr(miri, ignore = "leaks")]
#[expect(clippy::mem_forget, reason = "what is tested")]
fn sums_do_not_wrap() {
    own! { Mine }
    let census = Census::default();
    let seen = census.clone();
    bounded_by(std::time::Duration::from_secs(600), move || {
        let gc = Gc::new_in(Cookie::new(&census), Mine);
        Mine.attach(|| (0..LIMIT - 3).for_each(|_| forget(std::hint::black_box(&gc).clone())));
        assert_eq!(Gc::strong_count(&gc), LIMIT - 2);
        let mut theirs = gc.clone();
        thread::spawn(move || {
            Mine.attach(|| (0..5).for_each(|_| forget(theirs.clone())));
            assert!(Gc::get_mut(&mut theirs).is_none());
            theirs.check();
        })
        .join()
        .unwrap();
        Mine.collect();
        assert_eq!(Gc::strong_count(&gc), usize::MAX, "more than can be counted");
        Mine.attach(|| (0..10).for_each(|_| drop(gc.clone())));
        let weak = Gc::downgrade(&gc);
        drop(gc);
        Mine.collect();
        weak.upgrade().expect("there are handles that were forgotten").check();
    });
    assert_eq!(seen.dropped(), 0);
}

type Job = Box<dyn FnOnce() + Send>;

/// A thread that does what it is told.
struct Worker(mpsc::Sender<Job>, mpsc::Receiver<()>);

impl Worker {
    fn new() -> Self {
        let ((ask, asked), (tell, told)) = (mpsc::channel::<Job>(), mpsc::channel());
        thread::spawn(move || {
            for job in asked {
                job();
                let _ = tell.send(());
            }
        });
        Worker(ask, told)
    }

    /// Does the job, and waits until it is done.
    #[track_caller]
    fn run(&self, job: impl FnOnce() + Send + 'static) {
        self.0.send(Box::new(job)).unwrap();
        self.1.recv().expect("the job panicked");
    }
}

/// One object, and all handles to it.
struct Hands<H: Heap> {
    strong: Vec<Gc<Cookie, H>>,
    weak: Vec<Weak<Cookie, H>>,
    forgotten: usize,
    /// There have been so many handles that it may be immortal; or so many weak ones that they may stick.
    many: (bool, bool),
}

impl<H: Heap> Hands<H> {
    /// What one thread does: clones, drops, forgets, makes weak handles, asks.
    #[expect(clippy::mem_forget, reason = "what is tested")]
    fn act(&mut self, act: usize, more: usize) {
        let Some(gc) = self.strong.first().cloned() else { return };
        match act {
            0 | 1 => self.strong.extend((0..more).map(|_| gc.clone())),
            2 | 3 => self.strong.truncate(self.strong.len().saturating_sub(more).max(1)),
            4 => self.weak.extend((0..more).map(|_| Gc::downgrade(&gc))),
            5 => self.weak.truncate(self.weak.len().saturating_sub(more)),
            6 => self.strong.extend(self.weak.iter().take(more).map(|weak| weak.upgrade().expect("alive"))),
            7 => _ = H::default().collect(),
            8 => {
                drop(gc);
                let only = self.strong.len() + self.forgotten == 1 && self.weak.is_empty();
                let found = Gc::get_mut(&mut self.strong[0]).is_some();
                // Of an object that may be immortal, or whose weak count may stick, the heap may not know.
                let unclear = self.many.0 || self.many.1;
                assert!(found == only || only && unclear, "the only handle: {found}, not {only} ({unclear})");
            }
            10 if more.is_multiple_of(8) => {
                (0..more).for_each(|_| forget(gc.clone()));
                self.forgotten += more;
            }
            _ => {}
        }
    }

    fn check(&mut self) {
        let (strong, weak) = (self.strong.len() + self.forgotten, self.weak.len());
        // Each step makes a handle of its own.
        self.many.0 |= strong + 1 >= LIMIT / 2;
        self.many.1 |= weak >= MOST_WEAK;
        let Some(gc) = self.strong.first() else { return };
        gc.check();
        let found = (Gc::strong_count(gc), Gc::weak_count(gc));
        assert!(found.0 == strong || self.many.0 && found.0 == usize::MAX, "{found:?} handles of {strong}");
        assert!(found.1 == weak || self.many.1 && found.1 >= MOST_WEAK, "{found:?} weak handles of {weak}");
    }
}

/// Three threads do this and that with one object, one after the other; and then another one.
#[test]
#[cfg_attr(miri, ignore = "leaks")]
fn random_handles() {
    own! { Mine }
    static HANDS: Mutex<Option<Hands<Mine>>> = Mutex::new(None);
    bounded(|| {
        let workers = [(); 3].map(|()| Worker::new());
        let mut random = 0x2545_f491_4f6c_dd1d_u64;
        let mut below = move |n: usize| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            (random % n as u64) as usize
        };
        for _ in 0..times(100) {
            let census = Census::default();
            let cookie = Cookie::new(&census);
            workers[below(3)].run(move || {
                let strong = vec![Gc::new_in(cookie, Mine)];
                *HANDS.lock().unwrap() = Some(Hands { strong, weak: vec![], forgotten: 0, many: (false, false) });
            });
            let forget = below(2) == 0;
            for _ in 0..below(120) {
                let (act, more) = (below(if forget { 11 } else { 9 }), below(60));
                workers[below(3)].run(move || HANDS.lock().unwrap().as_mut().unwrap().act(act, more));
                assert_eq!(census.dropped(), 0, "there are handles");
                // Handles that wait for the object's owner are still counted.
                workers.iter().for_each(|worker| worker.run(|| Mine.attach(|| Mine.poll())));
                workers[below(3)].run(|| HANDS.lock().unwrap().as_mut().unwrap().check());
            }
            let hands = HANDS.lock().unwrap().take().unwrap();
            let (kept, many) = (hands.forgotten > 0, hands.many.0);
            workers[below(3)].run(move || drop(hands));
            workers.iter().for_each(|worker| worker.run(|| _ = Mine.collect()));
            assert!(census.dropped() == usize::from(!kept) || many && census.dropped() == 0, "it goes with its handles");
        }
    });
}
