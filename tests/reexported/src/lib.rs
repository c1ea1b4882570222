//! A crate that re-exports tricycle: see `user`.

pub use tricycle;

/// Its types under other names.
pub mod prelude {
    pub use tricycle::{Gc, GcCell, Trace, closure as function, heap as new_heap, trace_dyn, unsize};
}
