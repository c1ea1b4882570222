//! `closure!`: captures that the collector sees, arguments of every kind.

use tricycle::{Call, Trace, closure, unsize};

use super::objects::*;

trait Function<A, R>: Call<A, R> + Storable {}
impl<F: Call<A, R> + Storable, A, R> Function<A, R> for F {}

#[derive(Trace)]
struct Button {
    listeners: GcCell<Vec<Gc<dyn Function<(u32,), usize>>>>,
    canary: Canary,
}

/// A listener captures what it listens to.
#[test]
fn listeners() {
    let _gate = Gate::open_for(listeners);
    let log = Log::new();
    let button = gc(Button { listeners: GcCell::default(), canary: Canary::new("button", &log) });
    let listener = gc(closure!([me = button.clone(), log] |n: u32| -> usize {
        log.add(format!("{} {n}", me.canary.name));
        me.listeners.borrow().len()
    }));
    assert!(Gc::is_tracked(&listener) && HEAP.referents(&listener).len() == 1);
    button.listeners.borrow_mut().push(unsize!(listener => _));
    let first = button.listeners.borrow()[0].clone();
    assert_eq!(first.call((7,)), 1);
    let weak = Gc::downgrade(&button);
    drop((button, first));
    assert_eq!((collect(), weak.upgrade().is_none()), (2, true));
}

struct Machine(Vec<u32>);

/// References as arguments, of any lifetime; captures that are leaves; none at all.
#[test]
fn natives() {
    let _gate = Gate::open_for(natives);
    let offset = 10;
    let native = gc(closure!([offset, name = String::from("sum")] |machine: &mut Machine, list: &[u32]| -> u32 {
        machine.0.extend(list);
        if list.is_empty() {
            return *offset;
        }
        list.iter().sum::<u32>() + offset + name.len() as u32
    }));
    assert!(!Gc::is_tracked(&native));
    let native: Gc<dyn for<'a> Call<(&'a mut Machine, &'a [u32]), u32>> = unsize!(native => _);
    let mut machine = Machine(vec![]);
    for n in [1, 2] {
        let list = vec![n; 2];
        assert_eq!(native.call((&mut machine, &list)), 13 + 2 * n);
    }
    assert_eq!((native.call((&mut machine, &[])), machine.0), (10, vec![1, 1, 2, 2]));
    let nothing = closure!([] || {});
    Call::<(), ()>::call(&nothing, ());
    assert_eq!(Call::<(u8,), u8>::call(&closure!([] |n: u8| { n + 1 }), (1,)), 2);
}
