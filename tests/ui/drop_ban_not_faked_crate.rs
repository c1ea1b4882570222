//! A path that leads to a ban of somebody's own does not get round the real one.

use tricycle::{Gc, GcCell, Trace};

mod fake {
    pub use tricycle::{Trace, Visitor};

    pub mod __private {
        pub use tricycle::__private::{ByDerive, Recur, std};

        pub trait UseFinalizeInsteadOfDrop {
            type By;
        }
    }
}

#[derive(Trace)]
#[trace(crate = fake)]
struct Node {
    name: String,
    next: GcCell<Option<Gc<Node>>>,
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(next) = &*self.next.borrow() {
            println!("{}", next.name);
        }
    }
}

fn main() {}
