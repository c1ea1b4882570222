use tricycle::{Gc, GcCell, Trace};

mod fake {
    pub use tricycle::{Trace, Visitor};

    pub mod __private {
        pub use tricycle::__private::{ByDerive, Recur, UseFinalizeInsteadOfDrop, std};
    }
}

#[derive(Trace)]
#[trace(crate = fake)]
struct Node {
    name: String,
    next: GcCell<Option<Gc<Node>>>,
}
