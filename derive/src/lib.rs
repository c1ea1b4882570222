//! `#[derive(Trace)]` for the [tricycle](https://docs.rs/tricycle) garbage collector.
//!
//! Use it through `tricycle`, which re-exports it. The pipeline is one file per step:
//!
//! | file | step |
//! |---|---|
//! | `attrs.rs` | reads `#[trace(…)]`, and reports attributes that it does not know |
//! | `shape.rs` | lists the fields that are traced, variant by variant |
//! | `recur.rs` | cuts a type's mentions of itself out of its fields' types |
//! | `bounds.rs` | decides what the type parameters have to implement |
//! | `name.rs` | decides what to call the type |
//! | `krate.rs` | finds `tricycle` |
//! | `expand.rs` | writes the code |

#![forbid(unsafe_code)]

mod attrs;
mod bounds;
mod expand;
mod krate;
mod name;
mod recur;
mod shape;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Implements `Trace`, so that the collector finds the handles in the fields of this type.
///
/// ```
/// use tricycle::{Gc, GcCell, Trace};
///
/// #[derive(Trace)]
/// struct Person {
///     name: String,
///     friends: GcCell<Vec<Gc<Person>>>,
/// }
///
/// #[derive(Trace)]
/// enum List<T> {
///     Nil,
///     Cons(T, Gc<List<T>>),
/// }
/// # let ann = Gc::new(Person { name: "Ann".into(), friends: GcCell::new(vec![]) });
/// # ann.friends.borrow_mut().push(Gc::clone(&ann));
/// # let _ = (&ann.name, Gc::new(List::Cons(1, Gc::new(List::Nil))));
/// ```
///
/// Every field must implement `Trace`, or be marked `#[trace(skip)]`. A field whose type is written as a function
/// pointer (`fn(&Vm) -> Value`) is skipped without the attribute.
///
/// The type must not implement `Drop`: when a cycle is destroyed, the objects that its fields point to may have
/// been dropped already. Use a finalizer instead, which runs while everything is still there.
///
/// The derived code compiles under `#![forbid(unsafe_code)]`.
///
/// # Attributes of the type
///
/// | `#[trace(…)]` | meaning |
/// |---|---|
/// | `finalize` | Call `Finalize::finalize` once before the value is dropped. The type has to implement `Finalize`. |
/// | `acyclic` | Never look inside: values of this type are leaves. Its fields need not implement `Trace`, and it may implement `Drop`. A cycle through such a value is never collected. |
/// | `unsafe_drop` | Permit `Drop`. You promise that it does nothing with the handles in the value but drop them, compare them and ask for their counts. Counts as unsafe code: `#![forbid(unsafe_code)]` refuses it. |
/// | `container = true` | Do not compute whether a value can hold a handle: assume that it can. Always correct, at worst a little slower. |
/// | `container = false` | Assume that it cannot, and do not look inside. The fields still have to implement `Trace`. If the assumption is wrong, cycles through the value leak. |
/// | `bound = "T: Trace"` | Require this of the type parameters, next to `'static`, in place of the generated `Trace` bounds. May be empty. |
/// | `crate = path` | Where to find `tricycle`. Without it, the crate is found under the name that `Cargo.toml` gives the dependency. |
///
/// # Attributes of a field or a variant
///
/// | `#[trace(…)]` | meaning |
/// |---|---|
/// | `skip` | Do not look inside. The type need not implement `Trace`. Any handle in it keeps its object alive. |
/// | `unsafe_with = function` | On a field. `function(&field, visitor)` visits the handles in the field, whose type need not implement `Trace`. You promise that it keeps the contract of `Trace`: that it visits handles which the field owns, each of them once, and does nothing else. Counts as unsafe code. |
///
/// # Type parameters
///
/// Each parameter must be `'static`, as `Trace` is, and each type parameter must be `Trace` if a traced field mentions it. (A
/// field that is a `Gc<T>`, a `Weak<T>` or a `Leaf<T>` is traced whatever `T` is.)
///
/// ```
/// # use tricycle::{Gc, Trace};
/// # use std::marker::PhantomData;
/// #[derive(Trace)]
/// struct Tagged<T, Tag> {      // where T: Trace, Tag: 'static
///     value: T,
///     parent: Option<Gc<Tagged<T, Tag>>>,
///     tag: PhantomData<Tag>,
/// }
/// # let _ = Gc::new(Tagged { value: 1, parent: None, tag: PhantomData::<std::thread::Thread> });
/// ```
///
/// # Recursive types
///
/// Whether a type can hold a handle is a constant, computed from the same constant of its fields. A field that
/// mentions the type itself adds nothing to the answer. So the type's mentions of itself are left out of the
/// computation, and recursive types need no attribute:
///
/// ```
/// # use tricycle::{Gc, Trace};
/// #[derive(Trace)]
/// enum Expr {
///     Add(Box<Expr>, Box<Expr>),
///     Number(i64),
/// }
/// assert!(!Expr::CONTAINER);
/// # let _ = Gc::new(Expr::Add(Box::new(Expr::Number(1)), Box::new(Expr::Number(2))));
/// ```
///
/// The type is recognised by its name: it has to be written `Expr` or `Self`, not `crate::ast::Expr` or an alias.
///
/// For two types that contain each other, the compiler reports a *cycle detected* in `CONTAINER` (E0391). Put
/// `container = …` on one of them:
///
/// ```
/// # use tricycle::{Gc, Trace};
/// #[derive(Trace)]
/// struct Block(Vec<Statement>);
///
/// #[derive(Trace)]
/// #[trace(container = false)] // a syntax tree holds no handles
/// enum Statement {
///     Print(String),
///     Nested(Block),
/// }
/// # let _ = Gc::new(Block(vec![Statement::Nested(Block(vec![])), Statement::Print(String::new())]));
/// ```
///
/// Links between *objects* never need this, because `CONTAINER` of a `Gc` does not depend on what it points to.
#[proc_macro_derive(Trace, attributes(trace))]
pub fn derive_trace(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::expand(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// The example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
