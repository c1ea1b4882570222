#![allow(unsafe_code)]

use std::mem::MaybeUninit;

use tricycle::{DynTrace, Finalize, Gc, Local, Trace, trace_dyn};

#[derive(Trace)]
#[trace(finalize)]
struct Closed(u8);

impl Finalize for Closed {
    fn finalize(&self) {}
}

trait Clock: DynTrace {}
trace_dyn!(dyn Clock);
impl Clock for u64 {}

fn main() {
    let _ = Gc::pin(vec![Gc::new(1)]);
    let boxed: Box<dyn Clock> = Box::new(1_u64);
    let _ = Gc::<dyn Clock, Local>::from_box(boxed);
    let value: Gc<MaybeUninit<Closed>> = Gc::new_uninit();
    let _ = unsafe { value.assume_init() };
    let slice: Gc<[MaybeUninit<Closed>]> = Gc::new_uninit_slice(0);
    let _ = unsafe { slice.assume_init() };
}
