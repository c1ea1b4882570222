//! Function pointers of up to twelve arguments.
//!
//! Signatures with references are not among them: `for<'a> fn(&'a A)` is not an instance of `fn(A)`, and the language
//! offers no way to say "any function pointer". The derive skips fields that are written as one.

#![expect(unsafe_code, reason = "`Trace` is an unsafe trait")]

/// Leaf implementations for one list of argument types, and for each shorter list.
macro_rules! fn_pointers {
    ($($first:ident $($rest:ident)*)?) => {
        leaves! {
            [R: 'static $(, $first: 'static $(, $rest: 'static)*)?] fn($($first $(, $rest)*)?) -> R,
            [R: 'static $(, $first: 'static $(, $rest: 'static)*)?] unsafe fn($($first $(, $rest)*)?) -> R,
            [R: 'static $(, $first: 'static $(, $rest: 'static)*)?] extern "C" fn($($first $(, $rest)*)?) -> R,
            [R: 'static $(, $first: 'static $(, $rest: 'static)*)?] unsafe extern "C" fn($($first $(, $rest)*)?) -> R,
        }
        $(fn_pointers!($($rest)*);)?
    };
}

fn_pointers!(A B C D E F G H I J K L);
