//! The names of one heap's types: `tricycle::biased::{Gc, …}` and its like, and those of heaps that `heap!` declares.

use tricycle::Trace;

mod declared {
    tricycle::heap! { pub Ours: Local as local }
    tricycle::heap! { pub Gil: Locked as locked }
    tricycle::heap! { pub Free: Atomic as atomic }
    tricycle::heap! {
        /// A heap with names for its types.
        pub Own: Biased as biased
    }
}

/// A test for the names in a module, which are to be those of a heap.
macro_rules! names {
    ($($test:ident: $($module:ident)::+, $heap:ty;)+) => {$(
        #[test]
        fn $test() {
            use $($module)::+::{
                AnyGc, Gc, GcCell, GcLazy, GcMut, GcOnce, GcRef, GcRefMut, HEAP, Weak, WeakMap, WeakSet, WeakValueMap,
            };

            #[derive(Trace)]
            struct Node {
                next: GcOnce<Gc<Node>>,
                back: GcCell<Weak<Node>>,
                made: GcLazy<Gc<u8>>,
                sizes: GcCell<WeakMap<Node, u8>>,
                seen: GcCell<WeakSet<Node>>,
                names: GcCell<WeakValueMap<u8, Node>>,
            }

            fn reader(cell: &GcCell<u8>) -> GcRef<'_, u8> {
                cell.borrow()
            }
            fn writer(cell: &GcCell<u8>) -> GcRefMut<'_, u8> {
                cell.borrow_mut()
            }
            fn only(gc: &mut Gc<u8>) -> GcMut<'_, u8> {
                Gc::get_mut(gc).unwrap()
            }

            // The heap's own types, ...
            let heap: $heap = HEAP;
            let mut gc: tricycle::Gc<u8, $heap> = HEAP.alloc(1);
            *only(&mut gc) += 1;
            let cell = tricycle::GcCell::<u8, $heap>::new(*gc);
            *writer(&cell) += 1;
            assert_eq!((*reader(&cell), Gc::heap(&gc)), (3, heap));

            // ... with which one can do what the others can.
            let node = HEAP.alloc(Node {
                next: GcOnce::new(),
                back: GcCell::default(),
                made: GcLazy::new(|| HEAP.alloc(4)),
                sizes: GcCell::default(),
                seen: GcCell::default(),
                names: GcCell::default(),
            });
            node.back.set(Gc::downgrade(&node));
            node.sizes.borrow_mut().insert(&node, gc);
            node.seen.borrow_mut().insert(&node);
            node.names.borrow_mut().insert(5, &node);
            assert!(node.next.set(node.clone()).is_ok() && node.back.borrow().upgrade().is_some() && **node.made == 4);
            assert_eq!(node.sizes.borrow().get(&node).as_deref(), Some(&2));
            assert!(node.seen.borrow().contains(&node) && node.names.borrow().get(&5).is_some());
            let referents: Vec<AnyGc> = HEAP.referents(&node);
            assert!(referents.iter().any(|object| object.is::<Node>()));
            let weak: Weak<Node> = Gc::downgrade(&node);
            drop((node, referents));
            HEAP.collect();
            assert!(weak.upgrade().is_none());
        }
    )+};
}

names! {
    local: tricycle::local, tricycle::Local;
    locked: tricycle::locked, tricycle::Locked;
    atomic: tricycle::atomic, tricycle::Atomic;
    biased: tricycle::biased, tricycle::Biased;
    declared_local: declared::local, declared::Ours;
    declared_locked: declared::locked, declared::Gil;
    declared_atomic: declared::atomic, declared::Free;
    declared_biased: declared::biased, declared::Own;
}
