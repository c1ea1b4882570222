use std::sync::Arc;

use tricycle::{Biased, Gc};

#[test]
fn passes() {
    let gc = Gc::new_in(1, Biased);
    let captured = Arc::new(());
    let _weak = Gc::downgrade_with(&gc, move || drop(captured));
}
