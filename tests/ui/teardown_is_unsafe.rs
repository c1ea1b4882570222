//! The end of a thread, run in the middle of a destructor, would free the heap under the collection that runs it.

use tricycle::Local;

struct Early;

impl Drop for Early {
    fn drop(&mut self) {
        drop(tricycle::__private::Teardown::<Local>::new());
    }
}

fn main() {}
