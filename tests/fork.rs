//! The child of a fork, whatever other threads are doing with the heap when the process forks.
#![cfg(all(unix, not(miri)))]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use tricycle::{Finalize, Trace};

/// Whether the child, which is killed if it hangs, says that all is well.
fn is_well(child: libc::pid_t) -> bool {
    let mut status = 0;
    assert!(child > 0, "there is a child");
    // SAFETY: the pointer is valid.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0
}

/// In the child: runs `f` and ends the process, also if that hangs.
fn be_child(f: impl FnOnce()) -> ! {
    extern "C" fn too_late(_: libc::c_int) {
        // SAFETY: it may be called at any time.
        unsafe { libc::_exit(2) }
    }
    // SAFETY: these may be called at any time. The first process of a namespace gets no signal that it does not handle.
    unsafe {
        libc::signal(libc::SIGALRM, too_late as extern "C" fn(libc::c_int) as libc::sighandler_t);
        libc::alarm(120);
        let ok = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)).is_ok();
        libc::_exit(i32::from(!ok))
    }
}

/// `fork`, for `Control::fork`.
fn fork() -> libc::pid_t {
    // SAFETY: the child uses nothing but the allocator, which may be used there, and what is tested.
    unsafe { libc::fork() }
}

/// Runs `f`, which must not hang.
fn in_time(f: impl FnOnce() + Send + 'static) {
    let (done, is_done) = std::sync::mpsc::channel();
    let thread = thread::spawn(move || {
        f();
        done.send(()).expect("it is waited for");
    });
    let late = is_done.recv_timeout(Duration::from_secs(120)) == Err(std::sync::mpsc::RecvTimeoutError::Timeout);
    assert!(!late, "it hangs");
    thread.join().expect("it is well");
}

/// What another thread does while this one has the process fork.
struct Other {
    pause: Arc<Pause>,
    thread: thread::JoinHandle<()>,
}

/// Where the process should fork.
struct Pause {
    there: Barrier,
    over: AtomicBool,
}

impl Pause {
    /// The thread is there.
    fn begin(&self) {
        self.there.wait();
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }
}

impl Other {
    /// Starts a thread, and waits until it is there.
    fn start(f: impl FnOnce(&Arc<Pause>) + Send + 'static) -> Other {
        let pause = Arc::new(Pause { there: Barrier::new(2), over: AtomicBool::new(false) });
        let thread = thread::spawn({
            let pause = pause.clone();
            move || f(&pause)
        });
        pause.there.wait();
        Other { pause, thread }
    }

    fn stop(self) {
        self.pause.over.store(true, Ordering::Relaxed);
        self.thread.join().expect("the other thread is well");
    }
}

/// The same for every heap that threads share.
macro_rules! suite {
    ($($heap:ident: $kind:ident;)+) => {$(
        mod $heap {
            use super::*;

            /// Declares a test with a heap of its own, so that tests are not in each other's way.
            macro_rules! own_heap {
                ($heap_name:ident) => {
                    tricycle::heap! { $heap_name: $kind }
                    use $heap_name as HEAP;
                    type Gc<T> = tricycle::Gc<T, HEAP>;
                    type GcCell<T> = tricycle::GcCell<T, HEAP>;

                    /// What a finalizer or a destructor does.
                    type Script = Arc<dyn Fn() + Send + Sync>;

                    #[derive(Trace)]
                    #[trace(finalize)]
                    struct Node {
                        edges: GcCell<Vec<Gc<Node>>>,
                        leaf: Option<Gc<Leaf>>,
                        #[trace(skip)]
                        script: Option<Script>,
                        #[trace(skip)]
                        log: Arc<AtomicUsize>,
                    }

                    impl Finalize for Node {
                        fn finalize(&self) {
                            if let Some(script) = &self.script {
                                script();
                            }
                            self.log.fetch_add(1, Ordering::Relaxed);
                        }
                    }

                    /// A value whose destructor runs a script.
                    #[derive(Trace)]
                    #[trace(acyclic)]
                    struct Leaf(#[trace(skip)] Script);

                    impl Drop for Leaf {
                        fn drop(&mut self) {
                            (self.0)();
                        }
                    }

                    #[allow(dead_code, reason = "not used by every test")]
                    fn node(log: &Arc<AtomicUsize>, script: Option<Script>, leaf: Option<Script>) -> Gc<Node> {
                        let leaf = leaf.map(|script| Gc::new_in(Leaf(script), HEAP));
                        Gc::new_in(Node { edges: GcCell::default(), leaf, script, log: log.clone() }, HEAP)
                    }

                    /// Garbage, but not by count.
                    #[allow(dead_code, reason = "not used by every test")]
                    fn garbage(log: &Arc<AtomicUsize>, script: Option<Script>, leaf: Option<Script>) {
                        let node = node(log, script, leaf);
                        node.edges.borrow_mut().push(node.clone());
                    }

                    /// A script that is there, and goes on when the pause is over. Others need not wait for it.
                    #[allow(dead_code, reason = "not used by every test")]
                    fn wait_in(pause: &Arc<Pause>) -> Script {
                        let pause = pause.clone();
                        Arc::new(move || {
                            HEAP.detach(|| pause.begin());
                            while !pause.is_over() {
                                HEAP.poll();
                                thread::sleep(Duration::from_micros(100));
                            }
                        })
                    }

                    /// Whether the heap works: objects, collections, further threads.
                    #[allow(dead_code, reason = "not used by every test")]
                    fn try_out() {
                        let log = Arc::new(AtomicUsize::new(0));
                        HEAP.attach(|| {
                            (0..1000).for_each(|_| garbage(&log, None, None));
                            HEAP.collect();
                        });
                        assert_eq!(log.load(Ordering::Relaxed), 1000);
                        let shared = node(&log, None, None);
                        HEAP.detach(|| {
                            let threads: Vec<_> = (0..4)
                                .map(|_| {
                                    let (shared, log) = (shared.clone(), log.clone());
                                    thread::spawn(move || {
                                        for _ in 0..100 {
                                            let new = node(&log, None, None);
                                            shared.edges.borrow_mut().push(new);
                                            garbage(&log, None, None);
                                            HEAP.poll();
                                        }
                                        HEAP.collect();
                                    })
                                })
                                .collect();
                            threads.into_iter().for_each(|thread| thread.join().expect("it is well"));
                        });
                        assert_eq!(shared.edges.borrow().len(), 400);
                        drop(shared);
                        HEAP.collect();
                        assert_eq!(log.load(Ordering::Relaxed), 1000 + 400 + 400 + 1);
                        HEAP.objects(None);
                        HEAP.freeze();
                        HEAP.unfreeze();
                    }
                };
            }

            /// Another thread is attached, and makes objects.
            #[test]
            fn attached() {
                own_heap!(Attached);
                let log = Arc::new(AtomicUsize::new(0));
                let other = Other::start({
                    let log = log.clone();
                    move |pause| HEAP.attach(|| {
                        let kept: Vec<_> = (0..100).map(|_| node(&log, None, None)).collect();
                        HEAP.detach(|| pause.begin());
                        while !pause.is_over() {
                            kept[0].edges.borrow_mut().push(kept[1].clone());
                            garbage(&log, None, None);
                            kept[0].edges.borrow_mut().clear();
                            HEAP.poll();
                        }
                    })
                });
                for _ in 0..20 {
                    let mine = node(&log, None, None);
                    match HEAP.fork(fork) {
                        0 => be_child(|| {
                            try_out();
                            drop(mine);
                            try_out();
                        }),
                        child => assert!(is_well(child)),
                    }
                }
                other.stop();
                try_out();
            }

            /// Another thread is outside; others come and go, and wait to come in.
            #[test]
            fn outside() {
                own_heap!(Outside);
                let others = [(); 3].map(|()| Other::start(move |pause| {
                    HEAP.attach(|| HEAP.detach(|| pause.begin()));
                    while !pause.is_over() {
                        HEAP.attach(|| drop(Gc::new_in(1, HEAP)));
                        HEAP.attach(|| HEAP.detach(thread::yield_now));
                    }
                }));
                for i in 0..20 {
                    let forked = if i % 2 == 0 { HEAP.fork(fork) } else { HEAP.attach(|| HEAP.fork(fork)) };
                    match forked {
                        0 => be_child(try_out),
                        child => assert!(is_well(child)),
                    }
                }
                others.into_iter().for_each(Other::stop);
                try_out();
            }

            /// The child gets back what it frees of threads that are gone: there is room for as much again, and nothing is
            /// collected for it.
            #[test]
            fn memory_of_others() {
                own_heap!(Memory);
                const LIMIT: usize = 8 << 20;
                HEAP.set_limit(LIMIT);
                let made = Arc::new(std::sync::Mutex::new(Vec::new()));
                let make = || (0..LIMIT / 1000).map(|_| Gc::new_in([1_u64; 100], HEAP)).collect::<Vec<_>>();
                let other = Other::start({
                    let made = made.clone();
                    move |pause| {
                        *made.lock().unwrap() = make();
                        pause.begin();
                        while !pause.is_over() {
                            thread::yield_now();
                        }
                    }
                });
                let theirs = std::mem::take(&mut *made.lock().unwrap());
                match HEAP.fork(fork) {
                    0 => be_child(|| {
                        drop(theirs);
                        let before = HEAP.stats().generations[2].collections;
                        drop(make());
                        assert_eq!(HEAP.stats().generations[2].collections, before);
                    }),
                    child => assert!(is_well(child)),
                }
                other.stop();
            }

            /// Another thread is in the middle of a collection: in a finalizer, or in a destructor of what it has condemned.
            #[test]
            fn collecting() {
                own_heap!(Collecting);
                for in_finalizer in [true, false] {
                    let log = Arc::new(AtomicUsize::new(0));
                    let other = Other::start({
                        let log = log.clone();
                        move |pause| {
                            let script = wait_in(pause);
                            (0..5).for_each(|_| garbage(&log, None, None));
                            let (script, leaf) = if in_finalizer { (Some(script), None) } else { (None, Some(script)) };
                            garbage(&log, script, leaf);
                            (0..5).for_each(|_| garbage(&log, None, None));
                            HEAP.collect();
                        }
                    });
                    match HEAP.fork(fork) {
                        0 => be_child(|| {
                            assert!(!HEAP.is_collecting());
                            HEAP.collect();
                            // All but the one that is being finalized, if they were not condemned.
                            assert_eq!(log.load(Ordering::Relaxed), if in_finalizer { 10 } else { 11 });
                            try_out();
                        }),
                        child => assert!(is_well(child)),
                    }
                    other.stop();
                    HEAP.collect();
                    assert_eq!(log.load(Ordering::Relaxed), 11);
                }
                try_out();
            }

            /// What another thread has put off to later steps, objects and handles, is the child's as well.
            #[test]
            fn with_a_backlog() {
                own_heap!(Backlog);
                const SIZE: usize = 10_000;
                HEAP.set_defer_drop(Some(100));
                let log = Arc::new(AtomicUsize::new(0));
                let other = Other::start({
                    let log = log.clone();
                    move |pause| HEAP.attach(|| {
                        HEAP.set_defer_drop(Some(100));
                        let star = node(&log, None, None);
                        star.edges.set((1..SIZE).map(|_| node(&log, None, None)).collect());
                        let list = (0..SIZE).fold(star, |next, _| {
                            let node = node(&log, None, None);
                            node.edges.borrow_mut().push(next);
                            node
                        });
                        drop(list);
                        HEAP.detach(|| pause.begin());
                        while !pause.is_over() {
                            HEAP.detach(thread::yield_now);
                        }
                    })
                });
                assert!(log.load(Ordering::Relaxed) < SIZE);
                // As long as the other thread sees to a part, it may be preempted, and a poll finds nothing that is free to be taken.
                let all_goes = || {
                    let start = Instant::now();
                    while log.load(Ordering::Relaxed) < 2 * SIZE {
                        assert!(start.elapsed() < Duration::from_secs(20), "{} are gone", log.load(Ordering::Relaxed));
                        HEAP.attach(|| HEAP.poll());
                    }
                };
                match HEAP.fork(fork) {
                    0 => be_child(|| {
                        all_goes();
                        HEAP.set_defer_drop(None);
                        try_out();
                    }),
                    child => assert!(is_well(child)),
                }
                all_goes();
                other.stop();
                assert_eq!(HEAP.live_allocations(), 0);
            }

            /// Another thread is in the middle of a nested destruction, and has put off some of it: the child sees to that.
            #[test]
            fn destroying() {
                own_heap!(Destroying);
                let log = Arc::new(AtomicUsize::new(0));
                let other = Other::start({
                    let log = log.clone();
                    move |pause| {
                        // Destruction does not nest so deep: the rest is put off.
                        let tail = (0..200).fold(node(&log, None, None), |next, _| {
                            let node = node(&log, None, None);
                            node.edges.borrow_mut().push(next);
                            node
                        });
                        let head = node(&log, None, Some(wait_in(pause)));
                        let head = (0..10).fold(head, |next, _| {
                            let node = node(&log, None, None);
                            node.edges.borrow_mut().push(next);
                            node
                        });
                        let both = node(&log, None, None);
                        both.edges.borrow_mut().extend([tail, head]);
                        drop(both);
                    }
                });
                let before = log.load(Ordering::Relaxed);
                match HEAP.fork(fork) {
                    0 => be_child(|| {
                        assert!(before < 100, "something was put off: {before}");
                        assert_eq!(log.load(Ordering::Relaxed), 201 + 11 + 1);
                        try_out();
                    }),
                    child => assert!(is_well(child)),
                }
                other.stop();
                assert_eq!(log.load(Ordering::Relaxed), 201 + 11 + 1);
            }

            /// A destructor of what another thread has put off panics in the child. The panic of the function comes first; and if that
            /// returns, what it returns is dropped, which may panic, too.
            #[test]
            fn panics() {
                own_heap!(Panics);
                // Without a word: in the child, whoever had the lock of what panics print to is not there.
                fn quiet_panic(text: &'static str) {
                    std::panic::resume_unwind(Box::new(text));
                }
                struct Loud;
                impl Drop for Loud {
                    fn drop(&mut self) {
                        quiet_panic("of the result");
                    }
                }
                for of_function in [true, false] {
                    let (log, in_child) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
                    let other = Other::start({
                        let (log, in_child) = (log.clone(), in_child.clone());
                        move |pause| {
                            let script: Script = Arc::new(move || if in_child.load(Ordering::Relaxed) {
                                quiet_panic("of a destructor");
                            });
                            // Destruction does not nest so deep: the rest is put off.
                            let tail = (0..200).fold(node(&log, None, Some(script)), |next, _| {
                                let node = node(&log, None, None);
                                node.edges.borrow_mut().push(next);
                                node
                            });
                            let both = node(&log, None, None);
                            both.edges.borrow_mut().extend([tail, node(&log, None, Some(wait_in(pause)))]);
                            drop(both);
                        }
                    });
                    let mut child = 0;
                    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| HEAP.fork(|| {
                        child = fork();
                        in_child.store(child == 0, Ordering::Relaxed);
                        if child == 0 && of_function {
                            quiet_panic("of the function");
                        }
                        Loud
                    })));
                    match child {
                        0 => be_child(|| {
                            let panic = result.map(std::mem::forget).unwrap_err();
                            let text = panic.downcast_ref::<&str>().copied();
                            assert_eq!(text, Some(if of_function { "of the function" } else { "of a destructor" }));
                            try_out();
                        }),
                        child => {
                            assert!(result.map(std::mem::forget).is_ok());
                            assert!(is_well(child));
                        }
                    }
                    other.stop();
                    assert_eq!(log.load(Ordering::Relaxed), 201 + 1 + 1);
                }
            }

            /// Another thread has a cell, and one waits for it. Other cells can be had.
            #[test]
            fn cells() {
                own_heap!(Cells);
                let cells = [1, 2].map(|n| Gc::new_in(GcCell::new(n), HEAP));
                let others: Vec<_> = (0..2).map(|_| Other::start({
                    let cells = cells.clone();
                    move |pause| HEAP.attach(|| {
                        let holds = cells[0].try_borrow_mut().ok();
                        HEAP.detach(|| {
                            pause.begin();
                            if holds.is_some() {
                                while !pause.is_over() {
                                    thread::sleep(Duration::from_micros(100));
                                }
                            }
                        });
                        drop(holds);
                        *cells[0].borrow_mut() += 10;
                    })
                })).collect();
                thread::sleep(Duration::from_millis(50));
                match HEAP.fork(fork) {
                    0 => be_child(|| {
                        assert!(cells[0].try_borrow().is_err());
                        *cells[1].borrow_mut() += 1;
                        assert_eq!(*cells[1].borrow(), 3);
                        try_out();
                    }),
                    child => assert!(is_well(child)),
                }
                others.into_iter().for_each(Other::stop);
                assert_eq!((*cells[0].borrow(), *cells[1].borrow()), (21, 2));
            }

            /// The thread that forks is collecting itself: it goes on, in both processes.
            #[test]
            fn in_a_finalizer() {
                own_heap!(InAFinalizer);
                let log = Arc::new(AtomicUsize::new(0));
                let other = Other::start(|pause| HEAP.attach(|| {
                    HEAP.detach(|| pause.begin());
                    while !pause.is_over() {
                        drop(Gc::new_in(vec![1], HEAP));
                        HEAP.poll();
                    }
                }));
                let forked = Arc::new(AtomicUsize::new(usize::MAX));
                let script: Script = Arc::new({
                    let forked = forked.clone();
                    move || forked.store(HEAP.fork(fork) as usize, Ordering::Relaxed)
                });
                (0..5).for_each(|_| garbage(&log, None, None));
                garbage(&log, Some(script), None);
                (0..5).for_each(|_| garbage(&log, None, None));
                HEAP.collect();
                let ends = || {
                    assert_eq!(log.load(Ordering::Relaxed), 11);
                    assert!(!HEAP.is_collecting());
                    try_out();
                };
                match forked.load(Ordering::Relaxed) {
                    0 => be_child(ends),
                    child => assert!(is_well(child as libc::pid_t)),
                }
                other.stop();
                ends();
            }

            /// Two heaps, one call in the other. Other threads are inside of both, and of one of them.
            #[test]
            fn nested() {
                own_heap!(Nested);
                tricycle::heap! { Inner: $kind }
                let one = Other::start(|pause| HEAP.attach(|| {
                    HEAP.detach(|| pause.begin());
                    while !pause.is_over() {
                        let kept = Gc::new_in(GcCell::new(vec![Gc::new_in(1, HEAP)]), HEAP);
                        Inner.attach(|| drop((kept, tricycle::Gc::new_in(vec![1], Inner))));
                        HEAP.poll();
                    }
                }));
                let other = Other::start(|pause| Inner.attach(|| {
                    Inner.detach(|| pause.begin());
                    while !pause.is_over() {
                        HEAP.attach(|| drop(Gc::new_in(vec![1], HEAP)));
                        Inner.poll();
                    }
                }));
                for i in 0..20 {
                    let forked = if i % 2 == 0 { HEAP.fork(|| Inner.fork(fork)) } else { Inner.fork(|| HEAP.fork(fork)) };
                    match forked {
                        0 => be_child(|| {
                            try_out();
                            Inner.attach(|| _ = Inner.collect());
                            thread::spawn(|| Inner.attach(|| drop(tricycle::Gc::new_in(1, Inner)))).join().unwrap();
                            try_out();
                        }),
                        child => assert!(is_well(child)),
                    }
                }
                // The child of the inner call is still in the outer one, and forks once more.
                let forked = HEAP.fork(|| match Inner.fork(fork) {
                    0 => match Inner.fork(fork) {
                        0 => 0,
                        child => i32::from(is_well(child)),
                    },
                    child => child,
                });
                match forked {
                    0 => be_child(try_out),
                    1 => be_child(|| HEAP.attach(|| Inner.attach(|| _ = (HEAP.collect(), Inner.collect())))),
                    child => assert!(is_well(child)),
                }
                one.stop();
                other.stop();
                try_out();
            }

            /// What is forbidden meanwhile panics, and what is not does not; and that is over afterwards.
            #[test]
            fn uses_meanwhile() {
                own_heap!(UsesMeanwhile);
                let log = Arc::new(AtomicUsize::new(0));
                let (one, other) = (node(&log, None, None), node(&log, None, None));
                HEAP.fork(|| drop(one));
                assert_eq!(HEAP.detach(|| log.load(Ordering::Relaxed)), 1);
                let panic = std::panic::catch_unwind(|| HEAP.fork(|| Gc::new_in(1, HEAP))).unwrap_err();
                assert!(panic.downcast_ref::<&str>().is_some_and(|text| text.contains("fork")));
                HEAP.attach(|| drop(other));
                assert_eq!(log.load(Ordering::Relaxed), 2);
                try_out();
            }

            /// Neither does what asks for a lock of the heap's without coming in wait for ever.
            #[test]
            fn locks_meanwhile() {
                own_heap!(LocksMeanwhile);
                in_time(|| {
                    let uses: [fn(); 2] = [
                        || assert!(HEAP.switch_interval().as_secs() < 9),
                        || HEAP.set_switch_interval(Duration::from_millis(5)),
                    ];
                    for use_it in uses {
                        let panic = std::panic::catch_unwind(|| HEAP.fork(use_it)).unwrap_err();
                        assert!(panic.downcast_ref::<&str>().is_some_and(|text| text.contains("fork")));
                        use_it();
                    }
                    let waits = HEAP.attach(|| {
                        let waits = thread::spawn(|| HEAP.attach(|| HEAP.collect()));
                        while !HEAP.is_poll_due() {
                            thread::sleep(Duration::from_millis(1));
                        }
                        HEAP.fork(|| {
                            assert!(!HEAP.is_poll_due());
                            HEAP.poll();
                        });
                        waits
                    });
                    waits.join().expect("it is well");
                    try_out();
                });
            }

            /// What is dropped meanwhile does not panic: it goes later, or is leaked.
            #[test]
            fn drops_meanwhile() {
                own_heap!(DropsMeanwhile);
                let log = Arc::new(AtomicUsize::new(0));
                let (object, called) = (node(&log, None, None), Arc::new(AtomicUsize::new(0)));
                let weak = tricycle::Gc::downgrade_with(&object, {
                    let called = called.clone();
                    move || {
                        called.fetch_add(1, Ordering::Relaxed);
                    }
                });
                let cells = [1, 2].map(|n| Gc::new_in(GcCell::new(n), HEAP));
                let (read, written) = (cells[0].borrow(), cells[1].borrow_mut());
                let mut changed = node(&log, None, None);
                let change = Gc::get_mut(&mut changed).expect("it is the only handle");
                HEAP.fork(|| drop((weak, read, written, change)));
                // To the heap, the thread still has the borrows, and so does not see to anything when it goes out.
                HEAP.collect();
                assert_eq!(Arc::strong_count(&called), 1, "the callback has gone");
                drop((object, changed));
                HEAP.collect();
                assert_eq!(log.load(Ordering::Relaxed), 2);
                assert_eq!(called.load(Ordering::Relaxed), 0);
                assert!(cells[0].try_borrow_mut().is_err() && cells[1].try_borrow().is_err());
                try_out();
            }

            /// The child ends where it was forked. A thread-local has a handle, and goes before the thread leaves the heap.
            #[test]
            fn exit_meanwhile() {
                own_heap!(ExitMeanwhile);
                thread_local!(static KEPT: std::cell::RefCell<Option<Gc<i32>>> = const { std::cell::RefCell::new(None) });
                let kept = Gc::new_in(1, HEAP);
                KEPT.set(Some(kept));
                let forked = HEAP.fork(|| match fork() {
                    0 => {
                        // SAFETY: it may be called at any time.
                        unsafe { libc::alarm(120) };
                        std::process::exit(0)
                    }
                    child => child,
                });
                assert!(is_well(forked));
                try_out();
            }

            /// Parent and child have the same number, each in a namespace of its own. It is a child all the same: nobody else collects.
            #[test]
            #[cfg(target_os = "linux")]
            fn first_of_a_namespace() {
                own_heap!(FirstOfANamespace);
                const ALONE: &str = "TRICYCLE_FIRST_OF_A_NAMESPACE";
                if std::env::var_os(ALONE).is_none() {
                    // In a program that does nothing else: the first process is not forked by the heap, and would wait for ever for
                    // what threads of other tests had begun.
                    let (_, name) = concat!(module_path!(), "::first_of_a_namespace").split_once("::").expect("a crate");
                    let mut program = std::process::Command::new(std::env::current_exe().expect("a program"));
                    let ended = program.args([name, "--exact", "--nocapture"]).env(ALONE, "1").output().expect("it runs");
                    assert!(ended.status.success(), "{ended:?}");
                    return;
                }
                // SAFETY: it concerns the children of this thread only.
                let isolate = || unsafe { libc::unshare(libc::CLONE_NEWPID) } == 0;
                let first = move || {
                    assert_eq!(std::process::id(), 1);
                    let log = Arc::new(AtomicUsize::new(0));
                    let other = Other::start({
                        let log = log.clone();
                        move |pause| HEAP.attach(|| {
                            garbage(&log, Some(wait_in(pause)), None);
                            HEAP.collect();
                        })
                    });
                    if isolate() {
                        match HEAP.fork(fork) {
                            0 => be_child(|| {
                                assert_eq!(std::process::id(), 1);
                                try_out();
                            }),
                            child => assert!(is_well(child)),
                        }
                    }
                    other.stop();
                    assert_eq!(log.load(Ordering::Relaxed), 1);
                };
                // It takes rights that not everybody has.
                if isolate() {
                    match fork() {
                        0 => be_child(first),
                        child => assert!(is_well(child)),
                    }
                }
            }
        }
    )+};
}

suite! {
    locked: Locked;
    atomic: Atomic;
    biased: Biased;
}

/// A heap of one thread needs nothing, and has all its objects in the child.
#[test]
fn local() {
    use tricycle::{Gc, GcCell, Local};
    #[derive(Trace)]
    struct Ring(GcCell<Option<Gc<Ring>>>);
    let ring = Gc::new(Ring(GcCell::new(None)));
    ring.0.set(Some(ring.clone()));
    match Local.fork(fork) {
        0 => be_child(|| {
            drop(ring);
            assert_eq!(Local.collect().collected, 1);
        }),
        child => assert!(is_well(child)),
    }
}
