use tricycle::{Gc, Trace};

#[derive(Trace)]
struct Token<'a> {
    text: std::borrow::Cow<'a, str>,
}

#[test]
fn passes() {
    let source = String::from("x");
    Gc::new(Token { text: source.into() });
}
