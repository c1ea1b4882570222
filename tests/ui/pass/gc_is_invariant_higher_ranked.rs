use tricycle::{Gc, Trace, Weak};

#[derive(Trace)]
struct Call<F> {
    #[trace(skip)]
    call: F,
    next: Gc<u8>,
}

type Any = Call<for<'a> fn(&'a str)>;
type Static = Call<fn(&'static str)>;

fn strong(gc: Gc<Static>, keep: fn(&'static str)) {
    let mut gc: Gc<Static> = gc;
    Gc::get_mut(&mut gc).unwrap().call = keep;
}

fn weak(weak: Weak<Any>) -> Weak<Any> {
    weak
}

/// What is not behind a handle yet may become its own subtype.
fn value(value: Any) -> Static {
    value
}

#[test]
fn passes() {
    let any = Gc::new(Any { call: |_| (), next: Gc::new(1) });
    drop(weak(Gc::downgrade(&any)));
    strong(Gc::new(value(Gc::try_unwrap(any).ok().unwrap())), |_| ());
}
