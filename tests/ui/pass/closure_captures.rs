use tricycle::{Call, Gc, closure};

fn main() {
    let (listed, other) = (Gc::new(1), Gc::new(2));
    let function = closure!([listed, other] |n: i32| -> i32 { **listed + **other + n });
    assert_eq!(function.call((3,)), 6);
}
