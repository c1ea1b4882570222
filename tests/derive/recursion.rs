//! Types that contain themselves, and types that contain each other.

use std::collections::HashMap;
use std::rc::Rc;

use tricycle::{Gc, GcCell, Trace};

use crate::{assert_leaf, edges, gc};

#[derive(Trace)]
enum Expr {
    Add(Box<Expr>, Box<Self>),
    Call { name: String, arguments: Vec<Expr> },
    Number(i64),
}

#[test]
fn a_recursive_type_without_handles_is_a_leaf() {
    assert_leaf::<Expr>();
    let call = Expr::Call { name: "f".into(), arguments: vec![Expr::Number(1)] };
    let sum = Expr::Add(Box::new(call), Box::new(Expr::Number(2)));
    assert_eq!(count(&sum), 3);
    assert_eq!(edges(sum), []);
}

fn count(expr: &Expr) -> i64 {
    match expr {
        Expr::Add(a, b) => count(a) + count(b),
        Expr::Call { name, arguments } => name.len() as i64 - 1 + arguments.iter().map(count).sum::<i64>(),
        Expr::Number(n) => *n,
    }
}

#[derive(Trace)]
enum Value {
    Int(i64),
    Object(Gc<u32>),
    List(Vec<Value>),
    Dict(HashMap<u8, Self>),
    Shared(GcCell<Option<Box<Value>>>),
}

#[test]
fn a_recursive_type_with_handles_is_a_container() {
    const { assert!(Value::CONTAINER) };
    let dict = HashMap::from([(1, Value::Object(gc(3)))]);
    let shared = GcCell::new(Some(Box::new(Value::Object(gc(4)))));
    let list = vec![Value::Object(gc(1)), Value::Int(0), Value::List(vec![Value::Object(gc(2))]), Value::Dict(dict)];
    assert_eq!(edges(Value::List(list)), [1, 2, 3]);
    assert_eq!(edges(Value::Shared(shared)), [4]);
}

/// A key that contains itself: the placeholder can be hashed, too.
#[derive(Trace, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Key(std::collections::BTreeMap<Key, u8>);

#[derive(Trace)]
struct Keyed(HashMap<Key, Gc<u32>>);

#[test]
fn keys() {
    assert_leaf::<Key>();
    assert_eq!(edges(Keyed(HashMap::from([(Key(Default::default()), gc(1))]))), [1]);
}

/// An `Rc` of leaves may contain itself.
#[derive(Trace)]
enum Json {
    Number(f64),
    Array(Rc<[Json]>),
}

#[test]
fn rc_of_itself() {
    assert_leaf::<Json>();
    let Json::Array(array) = Json::Array([Json::Number(1.0)].into()) else { panic!() };
    let Json::Number(n) = array[0] else { panic!() };
    assert_eq!(n, 1.0);
    assert_eq!(edges(Json::Array(array)), []);
}

/// Types that contain each other: one of them has to say what they are.
#[derive(Trace)]
struct Block(Vec<Statement>);

#[derive(Trace)]
#[trace(container = true)]
enum Statement {
    Constant(Gc<u32>),
    Nested(Block),
}

#[test]
fn mutual_recursion() {
    const { assert!(Block::CONTAINER) };
    let inner = Statement::Nested(Block(vec![Statement::Constant(gc(2))]));
    assert_eq!(edges(Block(vec![Statement::Constant(gc(1)), inner])), [1, 2]);
}

/// Through a `Gc` no help is needed: it can always hold a handle.
#[derive(Trace)]
struct Ping(Option<Gc<Pong>>);

#[derive(Trace)]
struct Pong(Option<Gc<Ping>>);

#[test]
fn mutual_recursion_through_handles() {
    const { assert!(Ping::CONTAINER && Pong::CONTAINER) };
    let pong = Gc::new(Pong(Some(Gc::new(Ping(None)))));
    assert!(pong.0.as_ref().is_some_and(|ping| ping.0.is_none()));
    assert_eq!(tricycle::Local.referents(&pong).len(), 1);
}

/// Another type of the same name is not the type itself.
mod other {
    use super::{Gc, Trace};

    #[derive(Trace)]
    pub(super) struct Homonym(pub(super) Gc<u32>);
}

#[derive(Trace)]
struct Homonym(other::Homonym, Option<Box<Homonym>>);

#[test]
fn homonyms() {
    const { assert!(Homonym::CONTAINER) };
    let inner = Homonym(other::Homonym(gc(2)), None);
    assert_eq!(edges(Homonym(other::Homonym(gc(1)), Some(Box::new(inner)))), [1, 2]);
}
