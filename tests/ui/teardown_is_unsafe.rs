//! The end of a thread, run in the middle of a destructor, would free the heap under the collection that runs it; and never, leave
//! others waiting.

use tricycle::Local;
use tricycle::__private::RawHeap;

fn main() {
    Local::at_end(|| ());
}
