use std::fmt::Debug;

use tricycle::{AnyGc, Biased, Gc, Local, unsize};

fn send(_: impl Send + Sync) {}

#[test]
fn shared() {
    let anywhere = unsize!(Gc::new_in(1, Biased) => dyn Debug + Send + Sync);
    let any = AnyGc::from(anywhere);
    send(&any);
    assert!(any.is::<dyn Debug + Send + Sync>() && !any.is::<dyn Debug>());
    assert!(any.downcast_ref::<dyn Debug + Send + Sync>().is_some());
    assert!(any.downcast::<dyn Debug + Send + Sync>().is_ok());

    let here = AnyGc::from(unsize!(Gc::new_in(1, Biased) => dyn Debug));
    assert!(here.is::<dyn Debug>() && here.strong_count() == 1);
    send(here);
}

#[test]
fn local() {
    let any: AnyGc<Local> = AnyGc::from(unsize!(Gc::new(1) => dyn Debug));
    assert!(any.downcast_ref::<dyn Debug>().is_some() && any.downcast::<dyn Debug>().is_ok());
}
