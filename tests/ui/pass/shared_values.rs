use tricycle::{Atomic, Biased, Gc, GcCell, Trace};

#[derive(Trace)]
struct Counter {
    count: GcCell<u32, Biased>,
}

mod nodes {
    use tricycle::Trace;
    use tricycle::biased::{Gc, GcCell};

    #[derive(Trace)]
    pub(super) struct Node {
        pub(super) next: GcCell<Option<Gc<Node>>>,
    }
}

#[test]
fn passes() {
    let gc = Gc::new_in(GcCell::<_, Atomic>::new(1), Atomic);
    std::thread::spawn(move || gc.set(2)).join().unwrap();
    let _ = Gc::new_in(Counter { count: GcCell::new(1) }, Biased);
    let _ = Gc::new_in(nodes::Node { next: GcCell::new(None) }, Biased);
}
