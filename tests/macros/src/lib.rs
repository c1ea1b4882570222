//! Macros that change what the derive has seen. A real one of the kind adds a field, wraps a type or implements a trait;
//! these do whatever the test asks for.

#![forbid(unsafe_code)]

use std::collections::HashMap;
use std::sync::Mutex;

use proc_macro::{TokenStream, TokenTree};

/// As an attribute that stands below a derive: the derive sees the definition that was written, and the compiler that of the
/// arguments.
#[proc_macro_attribute]
pub fn becomes(definition: TokenStream, _: TokenStream) -> TokenStream {
    definition
}

/// How often each text has been expanded.
static EXPANDED: Mutex<Option<HashMap<String, usize>>> = Mutex::new(None);

/// `turns!(A; 2; B)` in the place of a type: `A` the first two times the macro is expanded, and `B` from then on.
///
/// # Panics
///
/// If that is not what its argument looks like.
#[proc_macro]
pub fn turns(input: TokenStream) -> TokenStream {
    let mut expanded = EXPANDED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let count = expanded.get_or_insert_default().entry(input.to_string()).or_default();
    let is_semicolon = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';');
    let tokens: Vec<TokenTree> = input.into_iter().collect();
    let parts: Vec<_> = tokens.split(is_semicolon).collect();
    let [first, times, then] = parts[..] else { panic!("expected `turns!(A; 2; B)`") };
    let times: usize = times[0].to_string().parse().expect("a number");
    *count += 1;
    let turn = if *count <= times { first } else { then };
    turn.iter().cloned().collect()
}
