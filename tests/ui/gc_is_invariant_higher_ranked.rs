//! As `gc_is_invariant`, with two types that are both `'static` and still one the subtype of the other.

use tricycle::{Gc, Trace, Weak};

#[derive(Trace)]
struct Call<F> {
    #[trace(skip)]
    call: F,
    next: Gc<u8>,
}

type Any = Call<for<'a> fn(&'a str)>;
type Static = Call<fn(&'static str)>;

fn strong(gc: Gc<Any>, keep: fn(&'static str)) {
    let mut gc: Gc<Static> = gc;
    Gc::get_mut(&mut gc).unwrap().call = keep;
}

fn weak(weak: Weak<Any>) -> Weak<Static> {
    weak
}

fn main() {}
