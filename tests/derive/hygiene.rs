//! Names that mean something else where the derive is used.

#![expect(non_camel_case_types, non_upper_case_globals, dead_code, reason = "the names of other things")]
#![expect(clippy::builtin_type_shadow, clippy::upper_case_acronyms, reason = "as above")]

use crate::{edges, gc};

/// Everything that the generated code might name is somebody else's here.
mod all_at_once {
    use ::tricycle::{self as real, Gc, Weak};

    use crate::gc;

    mod core {}
    mod diagnostic {}
    mod std {}
    mod tricycle {}

    /// Traits that nothing implements.
    trait Sized {}
    trait Send {}
    trait Sync {}
    trait Drop {}
    trait Finalize {}
    trait Visitor {}
    trait UseFinalizeInsteadOfDrop {}

    struct bool;
    struct Option;
    struct Some(Gc<u32>);
    struct None;
    struct Result;
    struct Ok;
    struct Recur;
    struct ByDerive;
    struct Self_;

    struct visitor(u8);
    struct name;
    const field0: u8 = 0;
    const field: u8 = 0;
    static field1: u8 = 0;

    #[derive(real::Trace)]
    pub(super) struct Everything {
        pub(super) visitor: Gc<u32>,
        pub(super) field0: Gc<u32>,
        pub(super) field1: real::GcCell<Gc<u32>>,
        weak: Weak<u32>,
        #[trace(skip)]
        bool: bool,
    }

    #[derive(real::Trace)]
    #[trace(finalize)]
    pub(super) enum Trace {
        CONTAINER(Gc<u32>),
        WEAK { field0: Gc<u32> },
        FINALIZER,
    }

    impl real::Finalize for Trace {
        fn finalize(&self) {}
    }

    #[derive(real::Trace)]
    #[trace(container = true)]
    pub(super) struct T(pub(super) Gc<u32>);

    trait Shape: real::DynTrace {}
    real::trace_dyn!(dyn Shape);
    impl Shape for T {}

    real::heap! { pub(super) bool_: Local }
    /// The names of the macro's own parameters.
    mod heaps {
        use tricycle as real;
        mod diagnostic {}
        struct bool;
        trait Send {}
        trait Sync {}
        real::heap! { pub(super) F: Local }
        real::heap! { pub(super) T: Biased }
        real::heap! { pub(super) R: Locked }
        real::heap! { pub(super) SLOT: Atomic }
        real::heap! { pub(super) COMMONS: Atomic }
    }

    pub(super) fn everything() -> Everything {
        let target = gc(4);
        let everything = Everything {
            visitor: gc(1),
            field0: gc(2),
            field1: real::GcCell::new(gc(3)),
            weak: Gc::downgrade(&target),
            bool,
        };
        assert!(everything.weak.upgrade().is_some());
        everything
    }

    pub(super) fn shape() -> std_::Box<dyn real::DynTrace> {
        std_::Box::new(T(gc(1)))
    }

    mod std_ {
        pub(super) use ::std::boxed::Box;
    }

    pub(super) fn heaps() {
        assert_eq!(*Gc::new_in(1, heaps::F) + *Gc::new_in(2, heaps::T) + *Gc::new_in(3, heaps::R), 6);
        assert_eq!(*Gc::new_in(4, heaps::SLOT) + *Gc::new_in(5, heaps::COMMONS) + *Gc::new_in(6, bool_), 15);
    }
}

#[test]
fn names_of_the_prelude() {
    use all_at_once::{T, Trace};
    assert_eq!(edges(all_at_once::everything()), [1, 2, 3]);
    assert_eq!(edges(Trace::CONTAINER(gc(1))), [1]);
    assert_eq!(edges(Trace::WEAK { field0: gc(2) }), [2]);
    assert_eq!(edges(Trace::FINALIZER), []);
    assert_eq!(edges(T(gc(1))), [1]);
    all_at_once::heaps();
    drop(all_at_once::shape());
}

/// In a function, with a name that the generated code uses too.
#[test]
fn names_in_a_function() {
    trait Visitor {
        const NAME: &str;
    }
    #[derive(tricycle::Trace)]
    struct Trace {
        visitor: tricycle::Gc<u32>,
        field0: tricycle::Gc<u32>,
    }
    impl Visitor for Trace {
        const NAME: &str = "Trace";
    }
    assert_eq!(Trace::NAME, "Trace");
    assert_eq!(edges(Trace { visitor: gc(1), field0: gc(2) }), [1, 2]);
}

/// Names that are keywords.
#[test]
fn raw_identifiers() {
    #[derive(tricycle::Trace)]
    enum r#enum<'r#fn, r#type: Clone, const r#const: usize> {
        r#struct { r#fn: tricycle::Gc<u32>, r#in: [r#type; r#const], r#as: std::borrow::Cow<'r#fn, r#type> },
    }
    let value = r#enum::r#struct { r#fn: gc(1), r#in: [gc(2)], r#as: std::borrow::Cow::Owned(gc(3)) };
    assert_eq!(edges(value), [1, 2, 3]);
}

/// Traits in scope whose methods have the names of those that the macro calls, and take `self` by value: they come before
/// inherent methods that take `&self`. (They would run in the middle of each operation.)
mod methods {
    use std::cell::Cell;
    use std::thread::LocalKey;

    trait HostileKey<T>: Sized {
        fn with<R>(self, _: impl FnOnce(&T) -> R) -> R {
            panic!("a method of the user's is called")
        }

        fn try_with<R>(self, _: impl FnOnce(&T) -> R) -> Result<R, ()> {
            panic!("a method of the user's is called")
        }
    }
    impl<T> HostileKey<T> for LocalKey<T> {}

    #[expect(clippy::wrong_self_convention, reason = "what is tested")]
    trait Hostile: Sized {
        fn is_ok(self) -> bool {
            panic!("a method of the user's is called")
        }
    }
    impl<T, E> Hostile for Result<T, E> {}

    /// Of everything there is.
    trait Everything: Sized {
        fn of(self) -> Self {
            panic!("a method of the user's is called")
        }

        fn pointer(&self) -> *mut u8 {
            panic!("a method of the user's is called")
        }

        fn coerce(self, _: *mut dyn std::fmt::Debug) -> tricycle::Gc<dyn std::fmt::Debug> {
            panic!("a method of the user's is called")
        }
    }
    impl<T> Everything for T {}

    tricycle::heap! { pub Vm: Local }
    tricycle::heap! { pub Shared: Atomic }

    thread_local! {
        static LAST: Cell<Option<tricycle::Gc<u8, Vm>>> = const { Cell::new(None) };
    }

    #[test]
    fn of_the_user() {
        let gc = tricycle::Gc::new_in(1, Vm);
        drop(gc.clone());
        LAST.set(Some(gc));
        drop(tricycle::Gc::new_in(2, Shared));
    }

    #[test]
    fn of_everything() {
        let named = tricycle::unsize!(tricycle::Gc::new(1) => dyn std::fmt::Debug);
        let known: tricycle::Gc<dyn std::fmt::Debug> = tricycle::unsize!(tricycle::Gc::new(2) => _);
        assert_eq!(format!("{named:?} {known:?}"), "1 2");
    }
}

mod parameters {
    use std::marker::PhantomData;

    use tricycle::{Gc, Trace};

    use crate::{assert_leaf, edges, gc};

    /// In here, `T` is the parameter, and only `Self` the type.
    #[derive(Trace)]
    struct T<T>(T, Option<Box<Self>>);

    #[derive(Trace)]
    struct All<'a, const N: usize, All: ?Sized, Other>
    where
        Other: Clone,
    {
        text: std::borrow::Cow<'a, str>,
        numbers: [Other; N],
        all: Box<All>,
    }

    #[derive(Trace)]
    struct N<const N: usize>([Gc<u32>; N]);

    #[derive(Trace)]
    struct Bool<bool, Trace, Visitor, Self_>(bool, Trace, Visitor, PhantomData<Self_>);

    #[test]
    fn named_like_the_type() {
        assert_leaf::<T<u8>>();
        assert_eq!(edges(T(gc(1), Some(Box::new(T(gc(2), None))))), [1, 2]);
        let all: All<'static, 1, [Gc<u32>], Gc<u32>> = All { text: "".into(), numbers: [gc(1)], all: [gc(2)].into() };
        assert_eq!(all.text, "");
        assert_eq!(edges(all), [1, 2]);
        assert_eq!(edges(N([gc(1), gc(2)])), [1, 2]);
        assert_eq!(edges(Bool(gc(1), gc(2), gc(3), PhantomData::<u8>)), [1, 2, 3]);
    }
}
