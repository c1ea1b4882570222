//! Definitions that another macro changes after the derive has seen them: what is traced is what the value owns.

use std::cell::OnceCell;

use tricycle::{Gc, GcCell, Local, Trace, Weak};
use tricycle_test_macros::{becomes, turns};

use crate::{assert_leaf, edges, gc};

/// An object on a list, unlike the leaves that `gc` makes.
#[derive(Trace)]
struct Target {
    name: String,
    itself: OnceCell<Gc<Target>>,
}

fn target() -> Gc<Target> {
    Gc::new(Target { name: "alive".into(), itself: OnceCell::new() })
}

/// A handle that was leaked: its target lives for ever.
fn leaked() -> &'static Gc<Target> {
    Box::leak(Box::new(target()))
}

/// An owner that can be made garbage.
trait Owner: Trace + Sized + 'static {
    fn itself(&self) -> &OnceCell<Gc<Self>>;
    /// What it refers to without owning it.
    fn target(&self) -> &'static Gc<Target>;
}

/// Makes garbage of an owner, and asserts that what it does not own stays.
fn check_not_owned(owner: impl Owner) {
    let target = owner.target();
    let owner = Gc::new(owner);
    assert!(owner.itself().set(owner.clone()).is_ok());
    drop(owner);
    assert_eq!(Local.collect().collected, 1, "the owner, and nothing else");
    assert_eq!((Gc::strong_count(target), &*target.name, target.itself.get().is_none()), (1, "alive", true));
}

macro_rules! owner {
    ($name:ident, $value:ident => $target:expr) => {
        impl Owner for $name {
            fn itself(&self) -> &OnceCell<Gc<Self>> {
                &self.itself
            }
            fn target(&self) -> &'static Gc<Target> {
                let $value = self;
                $target
            }
        }
    };
}

#[derive(Trace)]
#[becomes {
    struct Struct {
        itself: OnceCell<Gc<Struct>>,
        target: &'static Gc<Target>,
    }
}]
struct Struct {
    itself: OnceCell<Gc<Struct>>,
    target: Gc<Target>,
}
owner!(Struct, this => this.target);

#[derive(Trace)]
#[becomes {
    struct Tuple {
        itself: OnceCell<Gc<Tuple>>,
        targets: &'static &'static Gc<Target>,
    }
}]
struct Tuple {
    itself: OnceCell<Gc<Tuple>>,
    targets: &'static Gc<Target>,
}
owner!(Tuple, this => this.targets);

#[derive(Trace)]
#[becomes {
    enum Kind { Refers(&'static Gc<Target>) }
}]
enum Kind {
    Refers(Gc<Target>),
}

#[derive(Trace)]
struct Enum {
    itself: OnceCell<Gc<Enum>>,
    kind: Kind,
}
owner!(Enum, this => match this.kind { Kind::Refers(target) => target });

#[test]
#[cfg_attr(miri, ignore = "leaks")]
fn a_reference_owns_nothing_whatever_the_derive_saw() {
    check_not_owned(Struct { itself: OnceCell::new(), target: leaked() });
    check_not_owned(Tuple { itself: OnceCell::new(), targets: Box::leak(Box::new(leaked())) });
    check_not_owned(Enum { itself: OnceCell::new(), kind: Kind::Refers(leaked()) });
}

/// A type that a macro names, each time as it likes.
mod turns {
    use super::{Gc, Local, OnceCell, Target, Trace, leaked, turns};

    trait Turn: 'static {
        /// Whether it is counted.
        const OWNED: bool;
        fn of(handle: &'static Gc<Target>) -> Self;
    }

    impl Turn for Gc<Target> {
        const OWNED: bool = true;
        fn of(handle: &'static Gc<Target>) -> Self {
            handle.clone()
        }
    }

    impl Turn for &'static Gc<Target> {
        const OWNED: bool = false;
        fn of(handle: &'static Gc<Target>) -> Self {
            handle
        }
    }

    /// Who asks first, the compiler or the code of the derive, and how often that asks, is not ours to know.
    macro_rules! check_turns {
        ($($times:tt)*) => {$({
            #[derive(Trace)]
            struct Turns {
                itself: OnceCell<Gc<Turns>>,
                target: turns!(Gc<Target>; $times; &'static Gc<Target>),
            }
            check(|target| Turns { itself: OnceCell::new(), target }, |turns| &turns.itself);
        })*};
    }

    fn check<T: Trace + 'static, R: Turn>(make: fn(R) -> T, itself: fn(&T) -> &OnceCell<Gc<T>>) {
        let target = leaked();
        let owner = Gc::new(make(R::of(target)));
        assert!(itself(&owner).set(owner.clone()).is_ok());
        assert_eq!(Gc::strong_count(target), 1 + usize::from(R::OWNED));
        drop(owner);
        assert_eq!(Local.collect().collected, 1, "the owner, and nothing else");
        assert_eq!((Gc::strong_count(target), &*target.name), (1, "alive"));
    }

    #[test]
    #[cfg_attr(miri, ignore = "leaks")]
    fn the_type_of_the_field_decides() {
        check_turns!(0 1 2 3 4 5 6 7 8);
    }
}

#[derive(Trace)]
#[becomes {
    struct FromLeaf(Gc<u32>, u8);
}]
struct FromLeaf(u8, u8);

#[derive(Trace)]
#[becomes {
    struct FromWeak(Gc<u32>, Weak<u32>);
}]
struct FromWeak(Weak<u32>, Weak<u32>);

#[derive(Trace)]
#[becomes {
    struct ToWeak(Weak<u32>, Gc<u32>);
}]
struct ToWeak(Gc<u32>, Gc<u32>);

#[derive(Trace)]
#[becomes {
    struct ToLeaf(&'static str, Gc<u32>);
}]
struct ToLeaf(Gc<u32>, Gc<u32>);

/// What the constants say holds, whatever they were computed from: an edge too few, and none too many.
#[test]
fn the_constants_are_kept() {
    assert_leaf::<FromLeaf>();
    assert_eq!(edges(FromLeaf(gc(1), 0)), []);
    assert_eq!(edges((gc(1), FromLeaf(gc(2), 0))), [1]);

    const { assert!(!FromWeak::CONTAINER && FromWeak::WEAK) };
    let target = gc(3);
    assert_eq!(edges(FromWeak(gc(1), Gc::downgrade(&target))), []);
    assert_eq!(edges((gc(1), FromWeak(gc(2), Gc::downgrade(&target)))), [1]);

    const { assert!(ToWeak::CONTAINER && !ToWeak::WEAK) };
    assert_eq!(edges(ToWeak(Gc::downgrade(&target), gc(1))), [1]);
    assert_eq!(edges(ToLeaf("", gc(1))), [1]);
}

#[derive(Trace)]
#[becomes {
    struct Wrapped { a: GcCell<Option<Gc<u32>>>, b: Box<[Gc<u32>]> }
}]
struct Wrapped {
    b: Gc<u32>,
    a: Gc<u32>,
}

/// Another number of parameters: the implementation is for the instance with their defaults.
#[derive(Trace)]
#[becomes {
    struct Generic<T = Gc<u32>> { a: T }
}]
struct Generic {
    a: Gc<u32>,
}

/// Another type under the name.
#[derive(Trace)]
#[becomes {
    struct Other { a: Gc<u32> }
    type Alias = Other;
}]
struct Alias {
    a: Gc<u32>,
}

/// A macro that changes a definition for a good reason does no harm.
#[test]
fn fields_are_traced_as_they_are() {
    let wrapped = Wrapped { a: GcCell::new(Some(gc(1))), b: [gc(2), gc(3)].into() };
    assert_eq!(edges(wrapped), [2, 3, 1]);
    assert_eq!(edges(Generic { a: gc(1) }), [1]);
    assert_eq!(edges(Alias { a: gc(1) }), [1]);
}
