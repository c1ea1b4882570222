//! [`closure!`](crate::closure!): functions with captures that the collector can see.

use std::fmt;

use crate::raw::heap::part::Parts;
use crate::{DynTrace, Trace, Visitor};

/// A value that can be called, with its arguments in a tuple. [`Closure`] implements it, and your types may.
///
/// Use it as a trait object: `Gc<dyn Call<(u32,), u32>>`. Arguments may be references:
/// `Gc<dyn for<'a> Call<(&'a mut Vm, &'a [Value]), Value>>`. On a heap that threads share the object has to be `Send + Sync`, so the
/// trait object says so, too.
///
/// ```
/// use tricycle::{Call, Gc, Trace, unsize};
///
/// #[derive(Trace)]
/// struct Adder(u32);
/// impl Call<(u32,), u32> for Adder {
///     fn call(&self, (n,): (u32,)) -> u32 { self.0 + n }
/// }
///
/// let function: Gc<dyn Call<(u32,), u32>> = unsize!(Gc::new(Adder(2)) => _);
/// assert_eq!(function.call((40,)), 42);
/// ```
pub trait Call<A, R = ()>: DynTrace {
    /// Calls the function with these arguments.
    fn call(&self, arguments: A) -> R;
}

/// A function with captures that the collector can see. Make it with [`closure!`](crate::closure!), and call it with [`Call::call`].
pub struct Closure<C, F> {
    captures: C,
    function: F,
}

impl<C, F> Closure<C, F> {
    /// What the macro expands to.
    #[doc(hidden)]
    pub fn new(captures: C, function: F) -> Self {
        Closure { captures, function }
    }
}

impl<C: Trace, F: Fn(&C, A) -> R + 'static, A, R> Call<A, R> for Closure<C, F> {
    fn call(&self, arguments: A) -> R {
        (self.function)(&self.captures, arguments)
    }
}

// SAFETY: clauses 1-3: the captures are visited, and the function, which owns nothing if the macro made it, is not; 4: no `Drop`; 5.
#[expect(unsafe_code, reason = "an implementation of `Trace`")]
unsafe impl<C: Trace, F: 'static> Trace for Closure<C, F> {
    const CONTAINER: bool = C::CONTAINER;
    const WEAK: bool = C::WEAK;
    const DIVISIBLE: bool = C::DIVISIBLE;

    #[inline]
    fn trace(&self, visitor: &mut impl Visitor) {
        visitor.field("captures", &self.captures);
    }

    fn divide(&mut self, parts: &mut Parts) {
        self.captures.divide(parts);
    }
}

impl<C, F> fmt::Debug for Closure<C, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Closure")
    }
}

/// Gives the captures' type to the function's, of which it is a part.
#[doc(hidden)]
pub fn captures_of<C, A, R>(_: &C, _: &Option<fn(&C, A) -> R>) {}

/// The function, as what the other one would be.
#[doc(hidden)]
pub fn captures_must_be_in_the_brackets<F>(_: Option<F>, function: F) -> F {
    function
}

/// Makes a function whose captures the collector can see. Use it for listeners, callbacks and native functions.
///
/// List the captures in brackets: `name`, or `name = value`. In the body they are references. Arguments need types. (A closure of Rust
/// itself cannot implement `Trace`, because there is no way to list its captures.)
///
/// The macro makes a value. Put it into an object of the heap of your choice, and make a trait object with
/// [`unsize!`](crate::unsize!). It is called `f.call((a, b))`, because only the `Fn` traits have the syntax `f(a, b)`, and a type
/// of one's own cannot implement those.
///
/// ```
/// use tricycle::{Call, Gc, GcCell, Local, Trace, closure, unsize};
///
/// #[derive(Trace)]
/// struct Button {
///     name: &'static str,
///     listeners: GcCell<Vec<Gc<dyn Call<(u32,), String>>>>,
/// }
///
/// let button = Gc::new(Button { name: "OK", listeners: GcCell::default() });
/// let listener = closure!([me = button.clone()] |times: u32| -> String { format!("{} {times}", me.name) });
/// button.listeners.borrow_mut().push(unsize!(Gc::new(listener) => _));
///
/// assert_eq!(button.listeners.borrow()[0].call((2,)), "OK 2");
/// drop(button); // the listener captures the button, and the button has the listener
/// assert_eq!(Local.collect().collected, 2);
/// ```
///
/// The body may also use its arguments and global items. It is an error if it captures a variable that is not in the brackets.
///
/// ```compile_fail,E0308
/// let gc = tricycle::Gc::new(1);
/// tricycle::closure!([] || { drop(gc.clone()); });
/// ```
///
/// ```
/// let gc = tricycle::Gc::new(1);
/// tricycle::closure!([gc] || { drop(gc.clone()); });
/// ```
///
/// # Limits
///
/// * An argument is a name with a type, and no other pattern: no `_`, `mut n` or `(a, b)`. Take it apart in the body.
/// * There are at most twelve captures, as they are traced in a tuple. If there are more, put some into a tuple or a type of your own.
#[macro_export]
macro_rules! closure {
    ([$($captures:tt)*] || $(-> $ret:ty)? $body:block) => {
        $crate::closure! { @captures [] [] [$($captures)*] [] [$($ret)?] $body }
    };
    ([$($captures:tt)*] |$($arg:ident: $ty:ty),* $(,)?| $(-> $ret:ty)? $body:block) => {
        $crate::closure! { @captures [] [] [$($captures)*] [$($arg: $ty,)*] [$($ret)?] $body }
    };
    (@captures [$($name:ident)*] [$($value:expr,)*] [$next:ident = $init:expr $(, $($rest:tt)*)?] $args:tt $ret:tt $body:block) => {
        $crate::closure! { @captures [$($name)* $next] [$($value,)* $init,] [$($($rest)*)?] $args $ret $body }
    };
    (@captures [$($name:ident)*] [$($value:expr,)*] [$next:ident $(, $($rest:tt)*)?] $args:tt $ret:tt $body:block) => {
        $crate::closure! { @captures [$($name)* $next] [$($value,)* $next,] [$($($rest)*)?] $args $ret $body }
    };
    (@captures $names:tt $values:tt [] $args:tt [] $body:block) => {
        $crate::closure! { @make $names $values $args [_] $body }
    };
    (@captures $names:tt $values:tt [] $args:tt [$ret:ty] $body:block) => {
        $crate::closure! { @make $names $values $args [$ret] $body }
    };
    (@make [$($name:ident)*] [$($value:expr,)*] [$($arg:ident: $ty:ty,)*] [$ret:ty] $body:block) => {
        match ($($value,)*) {
            __tricycle_captures @ _ => {
                // A pointer to a function, and so one that captures nothing; and of any lifetimes, if the arguments have some.
                let __tricycle_none @ _ = $crate::__private::std::option::Option::None::<fn(&_, ($($ty,)*)) -> $ret>;
                $crate::__private::captures_of(&__tricycle_captures, &__tricycle_none);
                let __tricycle_function @ _ =
                    $crate::__private::captures_must_be_in_the_brackets(__tricycle_none, |&($(ref $name,)*), ($($arg,)*)| $body);
                $crate::Closure::new(__tricycle_captures, __tricycle_function)
            }
        }
    };
}
