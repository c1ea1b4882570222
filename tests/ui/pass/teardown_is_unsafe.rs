use tricycle::__private::RawHeap;
use tricycle::heap;

heap! { Vm: Local }

#[test]
fn passes() {
    // SAFETY: the thread never uses this heap.
    assert!(unsafe { Vm::at_end(|| ()) });
}
