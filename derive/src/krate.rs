//! Finds the crate that the generated code refers to.

use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::Span;
use syn::{Ident, Path, parse_quote_spanned};

/// The path of `tricycle`: `::tricycle`, or `::` and the name by which the manifest of the crate that is being compiled
/// depends on it.
///
/// Without a manifest, or a dependency in it, nobody has renamed anything that we could know of.
pub(crate) fn find() -> Path {
    let span = Span::mixed_site();
    let name = match crate_name("tricycle") {
        Ok(FoundCrate::Name(name)) => name,
        // The crate itself calls itself by its name, and so do its tests and examples.
        Ok(FoundCrate::Itself) | Err(_) => "tricycle".to_owned(),
    };
    // Nothing keeps a dependency from being called `async`.
    let mut name = syn::parse_str(&name).unwrap_or_else(|_| Ident::new_raw(&name, span));
    name.set_span(span);
    parse_quote_spanned!(span=> ::#name)
}
