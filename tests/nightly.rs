//! What only a nightly compiler has (`ci/features.sh` runs it): coercions without `unsize!`, and handles as receivers.
#![cfg(tricycle_nightly)]
#![feature(arbitrary_self_types)]

use tricycle::{Gc, GcCell, Heap, Local, Trace, Weak, heap};

heap! {
    /// Another heap.
    Other: Biased
}

trait Widget {
    fn me(self: Gc<Self>) -> Gc<dyn Widget>;
    fn parent(self: Gc<Self>) -> Option<Gc<dyn Widget>>;
    fn is_gone(self: &Weak<Self>) -> bool
    where
        Self: Sized,
    {
        self.upgrade().is_none()
    }
}

#[derive(Trace)]
struct Button {
    parent: GcCell<Weak<dyn Widget>>,
}

impl Widget for Button {
    fn me(self: Gc<Self>) -> Gc<dyn Widget> {
        self
    }

    fn parent(self: Gc<Self>) -> Option<Gc<dyn Widget>> {
        self.parent.borrow().upgrade()
    }
}

#[test]
fn coercions_and_receivers() {
    let none: Weak<dyn Widget> = Weak::<Button>::new();
    let button = Gc::new(Button { parent: GcCell::new(none) });
    let widget: Gc<dyn Widget> = button.clone();
    assert!(Gc::ptr_eq(&widget.clone().me(), &widget) && widget.clone().parent().is_none());
    let weak = Gc::downgrade(&button);
    let weak: Weak<dyn Widget> = weak;
    button.parent.set(weak);
    assert!(Gc::ptr_eq(&widget.clone().parent().unwrap(), &widget));
    let weak = Gc::downgrade(&button);
    drop((button, widget));
    assert!(weak.is_gone());
    Local.collect();

    fn slice<H: Heap + tricycle::Hosts<[u8; 3]>>() -> Gc<[u8], H> {
        Gc::new_in([1, 2, 3], H::default())
    }
    assert_eq!((slice::<Other>().len(), slice::<Local>()[2]), (3, 3));
}
