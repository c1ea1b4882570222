//! [`Trace`]: how the collector finds the handles inside a value.
//!
//! A value tells the collector about its edges by calling the visitor once for each [`Gc`](crate::Gc) that it owns.
//! Nearly all types derive the trait. The derive keeps the contract below.
//!
//! This file holds the traits; `src/trace/impls/` holds one file per family of types that implement them. The visitors
//! themselves (what happens at an edge in each phase) are in `src/raw/object/visit.rs`.

mod ban;
mod impls;

pub use ban::{ByDerive, UseFinalizeInsteadOfDrop};

use crate::raw::heap::part::Parts;
use crate::{Gc, Heap, Weak};
use std::any::TypeId;

/// A type whose handles the collector can find.
///
/// Derive it:
///
/// ```
/// use tricycle::{Gc, GcCell, Trace};
///
/// #[derive(Trace)]
/// struct Node {
///     name: String,
///     next: GcCell<Option<Gc<Node>>>,
/// }
/// # let _ = Gc::new(Node { name: String::new(), next: GcCell::new(None) });
/// ```
///
/// The collector cannot see a handle behind an `Rc` or in a `Mutex`. The compiler refuses such a type, at the
/// latest where a value of it is put into a `Gc`:
///
/// ```compile_fail,E0080
/// # use std::rc::Rc;
/// # use tricycle::{Gc, Trace};
/// #[derive(Trace)]
/// struct Node {
///     value: Gc<u8>,
///     parent: Option<Rc<Node>>,
/// }
/// Gc::new(Node { value: Gc::new(1), parent: None });
/// ```
///
/// ```
/// # use tricycle::{Gc, Trace};
/// #[derive(Trace)]
/// struct Node {
///     value: Gc<u8>,
///     parent: Option<Gc<Node>>,
/// }
/// Gc::new(Node { value: Gc::new(1), parent: None });
/// ```
///
/// What is traced is `'static`: what goes into a `Gc` has to be, as the last handle may be anywhere. So `T: Trace` is all that
/// generic code has to ask for.
///
/// # Safety
///
/// An `unsafe impl Trace` promises:
///
/// 1. **No edge too many.** `trace` visits each handle that the value owns *at most once*. It visits no handle that the
///    value does not own: not one behind a reference, an `Rc`, or a raw pointer shared with others. Reporting an edge
///    twice can free a live object. Leaving an edge out is safe: it only leaks.
/// 2. **The same edges every time**, as long as the value is not changed: two calls with no code in between visit the
///    same handles. On a heap that threads share, other threads may have references to the value. Then its handles
///    change in [`GcCell`](crate::GcCell)s only, and not in a lock that `trace` takes.
/// 3. **Nothing else.** `trace` does not create, clone or drop handles. It does not change or read what a handle points
///    to. It may panic, if the panic hook does not use the heap. Then the collection is given up and nothing is freed
///    (unless it is certain by then what is garbage).
/// 4. **No `Drop` that looks.** If the type implements `Drop`, that does nothing with the handles that `trace` reports
///    but drop them, compare them (`ptr_eq`) and ask for their counts. Their objects may have been dropped already.
/// 5. **`CONTAINER` is true if `trace` can visit a handle.**
///
/// The derive visits every field once (1, 2, 3). It refuses types that implement `Drop` (4): use [`Finalize`], or
/// `#[trace(unsafe_drop)]` to make the promise yourself. It computes `CONTAINER` from the fields (5). For a field of a foreign type
/// that holds handles there is `#[trace(unsafe_with = function)]`: the function keeps to 1, 2 and 3, and you promise that it does.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored in a `Gc`: it does not implement `Trace`",
    label = "the collector cannot see inside this type",
    note = "is it a type of yours? add `#[derive(Trace)]` to it (or, if it is a trait object, `trace_dyn!`)",
    note = "is it a type parameter? add the bound `{Self}: Trace`",
    note = "is it a type of another crate that holds no `Gc`? wrap it: `tricycle::Leaf<{Self}>` (or switch on the feature of \
            `tricycle` with the name of that crate, if there is one)",
    note = "`#[trace(skip)]` on the field would hide all that the field holds: what is in a collection of handles leaks"
)]
#[expect(unsafe_code, reason = "a wrong implementation can free a live object")]
pub unsafe trait Trace: 'static {
    /// Whether a value of this type can own a [`Gc`](crate::Gc). Values that cannot are *leaves*: their objects
    /// have a smaller header, and the collector never looks at them.
    const CONTAINER: bool;

    /// Whether a value of this type can own a [`Weak`](crate::Weak). If it says no and one is visited, the callback of a weak
    /// handle that is garbage may be called.
    const WEAK: bool = false;

    /// Whether [`Trace::run_finalizer`] is to be called before the value is dropped. The derive sets it for types with
    /// `#[trace(finalize)]`.
    const FINALIZER: bool = false;

    /// Calls `visitor` for every handle that this value owns.
    fn trace(&self, visitor: &mut impl Visitor);

    /// Visits a field of a `Self`: what the derive calls for each of them.
    ///
    /// `T` is inferred, so it is what the field has become: the derive may have seen it before another macro changed it, and
    /// a type that was named would be a target for coercions (of a `&'static Gc<T>`, which owns nothing, to a `Gc<T>`). What
    /// the constants of `Self` do not tell of is left out, which keeps clause 5 whatever fields they were computed from.
    #[doc(hidden)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn trace_field<T: Trace + ?Sized>(field: &T, name: &'static str, visitor: &mut impl Visitor) {
        // (A constant, of which nothing is left where it is false.)
        if const { visits::<T>() && (Self::CONTAINER || !T::CONTAINER) && (Self::WEAK || !T::WEAK) } {
            visitor.field(name, field);
        }
    }

    /// Compiles for types of which the derive has made sure that they do not implement `Drop`.
    #[doc(hidden)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn without_drop()
    where
        Self: UseFinalizeInsteadOfDrop<By = ByDerive>,
    {
    }

    /// Whether all that is noticed of the drop of a value of this type is that handles go. Who says no is never wrong.
    #[doc(hidden)]
    const ONLY_HANDLES: bool = false;

    /// Whether [`Trace::divide`] may find anything.
    #[doc(hidden)]
    const DIVISIBLE: bool = false;

    /// Takes large containers of handles out of a value that is about to be dropped, so that they are dropped a part at a time:
    /// those of which nothing else is noticed ([`Trace::ONLY_HANDLES`]), as they may go later, and on another thread.
    #[doc(hidden)]
    fn divide(&mut self, parts: &mut Parts) {
        let _ = parts;
    }

    /// As [`Trace::divide`], of a value in a box.
    #[doc(hidden)]
    fn divide_boxed(this: &mut Box<Self>, parts: &mut Parts) {
        (**this).divide(parts);
    }

    /// Divides a field of a `Self`: what the derive calls for each of them, as [`Trace::trace_field`].
    #[doc(hidden)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn divide_field<T: Trace + ?Sized>(field: &mut T, parts: &mut Parts) {
        if T::DIVISIBLE {
            field.divide(parts);
        }
    }

    /// What the collector calls, once, if [`Trace::FINALIZER`] is true: as [`Finalize::finalize`], which the derive has it call.
    fn run_finalizer(&self) {}
}

/// Code that runs once before an object is destroyed, while everything it points to is still intact.
///
/// A type that derives [`Trace`] cannot implement `Drop`, because its fields may point to objects that were dropped
/// before it. It can have a finalizer instead:
///
/// ```
/// use tricycle::{Finalize, Gc, Trace};
///
/// #[derive(Trace)]
/// #[trace(finalize)]
/// struct Temp { path: String }
///
/// impl Finalize for Temp {
///     fn finalize(&self) { println!("removing {}", self.path); }
/// }
/// drop(Gc::new(Temp { path: "/tmp/x".into() })); // prints
/// ```
///
/// As in [PEP 442](https://peps.python.org/pep-0442/), a finalizer runs at most once for each object. It may make
/// the object reachable again (*resurrection*), and it may do anything that safe code can do, also panic. Unlike
/// there, weak handles without callbacks still work while it runs, and survive a resurrection. The order is that of
/// CPython 3.15.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has `#[trace(finalize)]` but does not implement `Finalize`",
    label = "no finalizer",
    note = "write `impl Finalize for {Self}`, or take `#[trace(finalize)]` away"
)]
pub trait Finalize {
    /// Runs at most once, before the value is dropped.
    fn finalize(&self);
}

/// Receives what [`Trace::trace`] reports. The collector implements it; the trait is sealed.
pub trait Visitor: Sized + crate::raw::object::visit::Sealed {
    /// Visits one field. Tools that draw the graph keep the name. It costs nothing in a collection.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn field<T: Trace + ?Sized>(&mut self, name: &'static str, value: &T) {
        let _ = name;
        value.trace(self);
    }

    /// Visits a strong handle.
    #[doc(hidden)]
    fn edge<T: ?Sized + 'static, H: Heap>(&mut self, gc: &Gc<T, H>);

    /// Visits a weak handle.
    #[doc(hidden)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn weak<T: ?Sized + 'static, H: Heap>(&mut self, weak: &Weak<T, H>) {
        let _ = weak;
    }

    /// The heap whose objects are visited.
    #[doc(hidden)]
    fn heap(&self) -> TypeId;

    /// A view of this visitor with a type of its own, for traits that are made into trait objects: [`DynTrace`], or one of your
    /// own.
    ///
    /// ```
    /// use tricycle::{DynVisitor, Gc, GcCell, Trace, Visitor};
    ///
    /// /// An object of a program that has its own way to trace and to finalize.
    /// ///
    /// /// # Safety
    /// ///
    /// /// `visit` keeps to the contract of `Trace`, and so does the implementor's `Drop`.
    /// unsafe trait Object: 'static {
    ///     fn visit(&self, visitor: &mut DynVisitor<'_>);
    ///     fn close(&self) {}
    /// }
    ///
    /// struct Any(Box<dyn Object>);
    ///
    /// // SAFETY: passes on to what holds to the contract.
    /// unsafe impl Trace for Any {
    ///     const CONTAINER: bool = true;
    ///     const WEAK: bool = true;
    ///     const FINALIZER: bool = true;
    ///     fn trace(&self, visitor: &mut impl Visitor) { self.0.visit(&mut visitor.erase()); }
    ///     fn run_finalizer(&self) { self.0.close(); }
    /// }
    ///
    /// struct List(GcCell<Vec<Gc<Any>>>);
    /// // SAFETY: the one field is visited once.
    /// unsafe impl Object for List {
    ///     fn visit(&self, visitor: &mut DynVisitor<'_>) { self.0.trace(visitor); }
    /// }
    /// # let _ = Gc::new(Any(Box::new(List(GcCell::default()))));
    /// ```
    fn erase(&mut self) -> DynVisitor<'_>;
}

pub use crate::raw::object::visit::DynVisitor;

/// The dyn-compatible companion of [`Trace`], implemented for every `T: Trace`.
///
/// Make it a supertrait, and declare the trait object with [`trace_dyn!`](crate::trace_dyn!). Then boxes of it can
/// be traced:
///
/// ```
/// use tricycle::{DynTrace, Gc, Trace, trace_dyn};
///
/// trait Shape: DynTrace { fn area(&self) -> f64; }
/// trace_dyn!(dyn Shape);
///
/// #[derive(Trace)]
/// struct Square(f64);
/// impl Shape for Square { fn area(&self) -> f64 { self.0 * self.0 } }
///
/// #[derive(Trace)]
/// struct Scene { shapes: Vec<Box<dyn Shape>> }
/// let scene = Gc::new(Scene { shapes: vec![Box::new(Square(2.0))] });
/// assert_eq!(scene.shapes[0].area(), 4.0);
/// ```
pub trait DynTrace: DynSealed + 'static {
    /// [`Trace::trace`] with a concrete visitor.
    fn dyn_trace(&self, visitor: &mut DynVisitor<'_>);

    /// The type behind the trait object.
    #[doc(hidden)]
    fn dyn_type_id(&self) -> TypeId {
        TypeId::of::<Self>()
    }

    /// Its name.
    #[doc(hidden)]
    fn dyn_type_name(&self) -> &'static str {
        std::any::type_name::<Self>()
    }
}

/// Keeps [`DynTrace`] closed: it is safe, so only what [`Trace`] vouches for may implement it.
#[doc(hidden)]
pub trait DynSealed {}
impl<T: Trace> DynSealed for T {}

impl<T: Trace> DynTrace for T {
    fn dyn_trace(&self, visitor: &mut DynVisitor<'_>) {
        self.trace(visitor);
    }
}

/// Implements [`Trace`] for a trait object whose trait has [`DynTrace`] as a supertrait.
///
/// A generic one has its parameters in front, and what they have to be behind it:
///
/// ```
/// use tricycle::{DynTrace, Trace, trace_dyn};
///
/// trait Listener<E, R>: DynTrace { fn hear(&self, event: &E) -> R; }
/// trace_dyn!(<E: Trace, R> dyn Listener<E, R> where R: Copy + 'static);
///
/// #[derive(Trace)]
/// struct Source<E> { listeners: Vec<Box<dyn Listener<E, bool>>> }
/// # let source = tricycle::Gc::new(Source::<u8> { listeners: vec![] });
/// # assert!(source.listeners.iter().all(|listener| listener.hear(&1)));
/// ```
///
/// With `acyclic` the values behind the trait object are leaves, for traits whose implementors hold no handles: they need no
/// supertrait, and may be shared (`Rc<dyn Clock>`). A handle in one of them keeps its object, as in a [`Leaf`](crate::Leaf).
///
/// ```
/// use std::rc::Rc;
/// use tricycle::{Gc, Trace, trace_dyn};
///
/// trait Clock { fn now(&self) -> u64; }
/// trace_dyn!(dyn Clock, acyclic);
///
/// #[derive(Trace)]
/// struct Timer { clock: Rc<dyn Clock>, next: Option<Gc<Timer>> }
/// # struct Stopped;
/// # impl Clock for Stopped { fn now(&self) -> u64 { 0 } }
/// # let timer = Gc::new(Timer { clock: Rc::new(Stopped), next: None });
/// # assert!(timer.clock.now() == 0 && timer.next.is_none());
/// ```
///
/// For a type that has a size, derive [`Trace`](macro@crate::Trace): this does not compile.
///
/// ```compile_fail,E0080
/// struct Square(f64);
/// tricycle::trace_dyn!(Square);
/// ```
#[macro_export]
macro_rules! trace_dyn {
    // A `<` begins a type, too, of which the compiler would not come back.
    (<$($param:ident $(: $bound:path)?),+ $(,)?> $ty:ty, acyclic $(where $($predicates:tt)*)?) => {
        $crate::__trace_dyn! { @where [@acyclic [<$($param $(: $bound)?),+>]] [] [$($($predicates)*)?] $ty }
    };
    (<$($param:ident $(: $bound:path)?),+ $(,)?> $ty:ty $(where $($predicates:tt)*)?) => {
        $crate::__trace_dyn! { @where [[<$($param $(: $bound)?),+>]] [] [$($($predicates)*)?] $ty }
    };
    ($ty:ty $(,)?) => {
        $crate::__trace_dyn! { [] [] $ty }
        // At once, and not where the first object is made.
        const _: $crate::__private::std::primitive::bool = <$ty as $crate::Trace>::CONTAINER;
    };
    ($ty:ty, acyclic $(,)?) => {
        $crate::__trace_dyn! { @acyclic [] [] $ty }
        const _: $crate::__private::std::primitive::bool = <$ty as $crate::Trace>::CONTAINER;
    };
}

/// What [`trace_dyn!`](crate::trace_dyn) expands to.
#[doc(hidden)]
#[macro_export]
macro_rules! __trace_dyn {
    // Braces would be the body of the implementation, and what follows the beginning of another one.
    (@where $kind:tt $done:tt [{ $($body:tt)* } $($rest:tt)*] $ty:ty) => {
        $crate::__private::std::compile_error! { "`trace_dyn!` takes no braces in its `where` clause" }
    };
    (@where $kind:tt [$($done:tt)*] [$next:tt $($rest:tt)*] $ty:ty) => {
        $crate::__trace_dyn! { @where $kind [$($done)* $next] [$($rest)*] $ty }
    };
    (@where [$($kind:tt)*] [$($done:tt)*] [] $ty:ty) => {
        $crate::__trace_dyn! { $($kind)* [where $($done)*] $ty }
    };
    (@acyclic [$($generics:tt)*] [$($bounds:tt)*] $ty:ty) => {
        // SAFETY: nothing is visited.
        unsafe impl $($generics)* $crate::Trace for $ty $($bounds)* {
            const CONTAINER: $crate::__private::std::primitive::bool = $crate::__private::is_leaf_object::<Self>();
            #[inline]
            fn trace(&self, _: &mut impl $crate::Visitor) {}
        }
    };
    ([$($generics:tt)*] [$($bounds:tt)*] $ty:ty) => {
        // SAFETY: forwards to the `Trace` implementation of the concrete type, which holds to the contract. It is another
        // one, for `CONTAINER` has no value unless this is a trait object; those do not implement `Drop`. The type is named
        // once: a macro in its place might not say the same twice.
        unsafe impl $($generics)* $crate::Trace for $ty $($bounds)* {
            const CONTAINER: $crate::__private::std::primitive::bool = $crate::__private::is_trait_object::<Self>();
            const WEAK: $crate::__private::std::primitive::bool = true;
            #[inline]
            fn trace(&self, __tricycle_visitor @ _: &mut impl $crate::Visitor) {
                <Self as $crate::DynTrace>::dyn_trace(self, &mut $crate::Visitor::erase(__tricycle_visitor));
            }
        }
    };
}

/// True; for a type that has a size, the compilation stops.
///
/// What has no size and implements [`DynTrace`] is a trait object: the trait is sealed, and implemented for types with a size
/// only.
#[doc(hidden)]
#[track_caller]
pub const fn is_trait_object<T: DynTrace + ?Sized>() -> bool {
    assert!(
        size_of::<&T>() > size_of::<&()>(),
        "`trace_dyn!` is for trait objects: `trace_dyn!(dyn Shape)`. For a type that has a size, use `#[derive(Trace)]`"
    );
    true
}

/// False: a leaf holds no handles. For a type that has a size, the compilation stops.
#[doc(hidden)]
#[track_caller]
pub const fn is_leaf_object<T: ?Sized>() -> bool {
    assert!(
        size_of::<&T>() > size_of::<&()>(),
        "`trace_dyn!` is for trait objects: `trace_dyn!(dyn Clock, acyclic)`. For a type that has a size, use \
        `#[derive(Trace)]` with `#[trace(acyclic)]`"
    );
    false
}

/// Calls the function of `#[trace(unsafe_with = …)]`. The type is that of the field: if the function takes another, that is an error,
/// and no coercion.
#[doc(hidden)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn trace_with<T: ?Sized, V: Visitor>(field: &T, function: impl FnOnce(&T, &mut V), visitor: &mut V) {
    function(field, visitor);
}

/// Stops the compilation if something is wrong; `advice` is the error. (It is said where the caller is, and not in the standard
/// library's macro.)
#[track_caller]
pub(crate) const fn refuse_if(wrong: bool, advice: &'static str) {
    if wrong {
        panic!("{}", advice);
    }
}

/// Whether tracing a `T` can reach the visitor at all: collections skip their elements when it cannot.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) const fn visits<T: Trace + ?Sized>() -> bool {
    T::CONTAINER || T::WEAK
}

/// Stands for a type in its own definition, where the derive computes what the type contains.
#[doc(hidden)]
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Recur;

// SAFETY: clauses 1-5: there is nothing in it.
#[expect(unsafe_code, reason = "an implementation of `Trace`")]
unsafe impl Trace for Recur {
    const CONTAINER: bool = false;

    fn trace(&self, _: &mut impl Visitor) {}
}
