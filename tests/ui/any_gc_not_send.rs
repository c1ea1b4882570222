//! An `AnyGc` may be on another thread than the handle that it was made from could be. It does not give that out.

use std::fmt::Debug;

use tricycle::{AnyGc, Biased, Gc, unsize};

fn send(_: impl Send + Sync) {}

fn shared() {
    let here: Gc<dyn Debug, Biased> = unsize!(Gc::new_in(1, Biased) => dyn Debug);
    let any = AnyGc::from(here);
    send(&any);
    let _ = any.downcast_ref::<dyn Debug>();
    let _ = any.downcast::<dyn Debug>();
}

fn local() {
    let any = AnyGc::from(Gc::new(1));
    send(any);
}

fn main() {}
