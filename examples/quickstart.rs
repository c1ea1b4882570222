//! Two people who know each other, and nobody else does: the smallest thing that `Rc` leaks.

use tricycle::{Gc, GcCell, Local, Trace};

#[derive(Trace)]
struct Person {
    name: &'static str,
    friend: GcCell<Option<Gc<Person>>>,
}

fn main() {
    let ann = Gc::new(Person { name: "Ann", friend: GcCell::new(None) });
    let bob = Gc::new(Person { name: "Bob", friend: GcCell::new(Some(ann.clone())) });
    ann.friend.set(Some(bob.clone()));

    println!("{} and {} know each other", bob.friend.get().unwrap().name, ann.friend.get().unwrap().name);
    drop((ann, bob));
    assert_eq!(Local.collect().collected, 2);
}
