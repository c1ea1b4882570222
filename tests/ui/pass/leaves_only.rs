#![allow(unsafe_code)]

use std::mem::MaybeUninit;

use tricycle::{Gc, Local, Trace, trace_dyn};

#[derive(Trace)]
struct Open(u8);

trait Clock {}
trace_dyn!(dyn Clock, acyclic);
impl Clock for u64 {}

fn main() {
    let _ = Gc::pin(vec![1]);
    let boxed: Box<dyn Clock> = Box::new(1_u64);
    let _ = Gc::<dyn Clock, Local>::from_box(boxed);
    let mut value: Gc<MaybeUninit<Open>> = Gc::new_uninit();
    Gc::get_mut(&mut value).unwrap().write(Open(1));
    let _ = unsafe { value.assume_init() };
    let slice: Gc<[MaybeUninit<Open>]> = Gc::new_uninit_slice(0);
    let _ = unsafe { slice.assume_init() };
}
