//! The names of one heap's types, for programs that use no other: `use tricycle::biased::{Gc, GcCell, Weak}`.

crate::__heap_types! {
    /// The types of [`Local`](crate::Local), which are the defaults.
    pub mod local, crate::Local
}

crate::__heap_types! {
    /// The types of [`Locked`](crate::Locked).
    pub mod locked, crate::Locked
}

crate::__heap_types! {
    /// The types of [`Atomic`](crate::Atomic).
    pub mod atomic, crate::Atomic
}

crate::__heap_types! {
    /// The types of [`Biased`](crate::Biased).
    ///
    /// ```
    /// use tricycle::biased::{Gc, GcCell, HEAP, Weak};
    /// use tricycle::Trace;
    ///
    /// #[derive(Trace)]
    /// struct Node { parent: GcCell<Weak<Node>>, children: GcCell<Vec<Gc<Node>>> }
    ///
    /// let root = HEAP.alloc(Node { parent: GcCell::default(), children: GcCell::default() });
    /// let child = HEAP.alloc(Node { parent: GcCell::new(Gc::downgrade(&root)), children: GcCell::default() });
    /// root.children.borrow_mut().push(child);
    /// ```
    pub mod biased, crate::Biased
}
