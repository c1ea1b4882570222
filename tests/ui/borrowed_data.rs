use tricycle::{Gc, Trace};

#[derive(Trace)]
struct Token<'a> {
    text: std::borrow::Cow<'a, str>,
}

fn main() {
    let source = String::from("x");
    Gc::new(Token { text: source.as_str().into() });
}
