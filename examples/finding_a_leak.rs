//! Who keeps this object? From one that should have gone, back to what has a handle to it.

use tricycle::{AnyGc, Gc, GcCell, Local, Trace};

#[derive(Trace)]
struct Session {
    user: &'static str,
}

#[derive(Trace)]
struct Handler {
    session: Gc<Session>,
}

#[derive(Trace, Default)]
struct Events {
    handlers: GcCell<Vec<Gc<Handler>>>,
}

/// The names of the types on the way back from an object, as far as it has one referrer at each step.
fn keepers(object: &Gc<Session>) -> Vec<&'static str> {
    let mut path = Vec::new();
    let mut referrers: Vec<AnyGc> = Local.referrers(object);
    while let [referrer] = referrers.as_slice() {
        path.push(referrer.type_name().rsplit("::").next().unwrap());
        referrers = referrer.downcast_ref::<Handler>().map_or(Vec::new(), |handler| Local.referrers(handler));
    }
    path
}

fn main() {
    let events = Gc::new(Events::default());
    let session = Gc::new(Session { user: "ann" });
    events.handlers.borrow_mut().push(Gc::new(Handler { session: session.clone() })); // and never taken off
    Local.collect();
    assert_eq!(Gc::strong_count(&session), 2, "{} is in use elsewhere", session.user);
    assert_eq!(keepers(&session), ["Handler", "Events"]);
}
