//! The generated code passes the strictest lints: they are not for code that somebody else's macro wrote.

#![deny(warnings, missing_docs, missing_debug_implementations, let_underscore_drop, unused_qualifications)]
#![deny(
    elided_lifetimes_in_paths,
    single_use_lifetimes,
    unused_lifetimes,
    unused_results,
    trivial_casts,
    unsafe_op_in_unsafe_fn
)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery, clippy::undocumented_unsafe_blocks)]
#![deny(clippy::missing_trait_methods, clippy::missing_inline_in_public_items, clippy::pattern_type_mismatch)]
#![deny(clippy::let_underscore_untyped, clippy::let_underscore_must_use, clippy::wildcard_enum_match_arm)]

use tricycle::{Finalize, Gc, GcCell, Trace};

/// A struct with a bit of everything.
#[derive(Debug, Trace)]
#[trace(finalize)]
struct Node<T: ?Sized, const N: usize> {
    name: std::borrow::Cow<'static, str>,
    links: GcCell<[Option<Gc<Self>>; N]>,
    r#type: Vec<Box<T>>,
}

impl<T: ?Sized, const N: usize> Finalize for Node<T, N> {
    fn finalize(&self) {
        assert_eq!(self.name, "x");
    }
}

/// An enum with a bit of everything.
#[derive(Debug, Trace)]
enum Expr {
    Add(Box<Self>, Box<Self>),
    Unit,
    Named { text: String },
}

/// A lifetime.
#[derive(Debug, Trace)]
struct Token<'source> {
    text: std::borrow::Cow<'source, str>,
    kind: std::borrow::Cow<'source, str>,
}

/// A type that nobody should use, with a field that nobody should use.
#[derive(Trace)]
#[deprecated]
#[expect(dead_code, reason = "nobody does")]
struct Old {
    #[deprecated]
    _gc: Gc<u32>,
}

/// Nothing at all.
#[derive(Debug, Trace)]
struct Unit;

#[test]
fn compiles() {
    let node: Node<str, 1> = Node { name: "x".into(), links: GcCell::new([None]), r#type: vec!["y".into()] };
    assert_eq!(node.links.borrow().len() + node.r#type.len(), 2);
    assert!(crate::edges(node).is_empty());
    for expr in [Expr::Unit, Expr::Add(Box::new(Expr::Unit), Box::new(Expr::Named { text: "x".into() }))] {
        let size = match expr {
            Expr::Add(left, right) => size_of_val(&*left) + size_of_val(&*right),
            Expr::Named { text } => text.len(),
            Expr::Unit => 0,
        };
        assert!(size == 0 || size == 2 * size_of::<Expr>());
    }
    let token = Token { text: "x".into(), kind: "y".into() };
    assert_ne!(token.text, token.kind);
    assert!(crate::edges(token).is_empty());
    assert!(crate::edges(Unit).is_empty());
}
