//! The length of a tracked slice lay on top of the links of an allocation of its own: such a slice (of more than 4096
//! bytes; of any size under `cfg(gc_system_alloc)`) corrupted the heap's list of allocations, and the next collection or
//! release followed a length as a pointer.

use super::objects::*;

#[test]
fn large_tracked_slices() {
    let _gate = Gate::open_for(large_tracked_slices);
    let slices = [600, 601, 5000].map(|len| tricycle::Gc::<[Option<Gc<Node>>], H>::from(vec![None; len]));
    drop(Node::ring(2, &Log::new()));
    assert_eq!(collect(), 2);
    assert_eq!(slices.each_ref().map(|slice| slice.len()), [600, 601, 5000]);
    let [first, second, third] = slices;
    drop(second);
    drop(Node::ring(2, &Log::new()));
    assert_eq!(collect(), 2);
    drop((first, third));
}
