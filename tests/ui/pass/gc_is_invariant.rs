use tricycle::{Gc, Trace, Weak};

#[derive(Trace)]
struct Text<'a> {
    #[trace(skip)]
    text: &'a str,
    next: Option<Gc<u8>>,
}

fn strong(gc: Gc<Text<'static>>, text: &'static str) {
    let mut gc: Gc<Text<'static>> = gc;
    Gc::get_mut(&mut gc).unwrap().text = text;
}

fn weak<'a>(weak: Weak<Text<'a>>) -> Weak<Text<'a>> {
    weak
}

#[test]
fn passes() {
    let gc = Gc::new(Text { text: "a", next: None });
    drop(weak(Gc::downgrade(&gc)));
    strong(gc, "b");
}
