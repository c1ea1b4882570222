//! Were a handle covariant, safe code could write a short-lived reference where introspection promises `'static`.

use tricycle::{Gc, Trace, Weak};

#[derive(Trace)]
struct Text<'a> {
    #[trace(skip)]
    text: &'a str,
    next: Option<Gc<u8>>,
}

fn strong<'a>(gc: Gc<Text<'static>>, text: &'a str) {
    let mut gc: Gc<Text<'a>> = gc;
    Gc::get_mut(&mut gc).unwrap().text = text;
}

fn weak<'a>(weak: Weak<Text<'static>>) -> Weak<Text<'a>> {
    weak
}

fn main() {}
