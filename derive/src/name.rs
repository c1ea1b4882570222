//! What the generated code calls the type.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::{DeriveInput, GenericParam, Ident, Lifetime};

use crate::expand::at;

/// The type with its arguments, as the header of an `impl` names it.
pub(crate) struct Named {
    /// `Node<'a, T, { N }>`.
    pub(crate) ty: TokenStream,
    /// Where the user wrote the name.
    pub(crate) span: Span,
    /// What has to stand in front of the `impl`.
    pub(crate) alias: Option<TokenStream>,
}

impl Named {
    /// The name of `input`, spelled where the user wrote it, but not by the user: the type may be deprecated.
    pub(crate) fn new(input: &DeriveInput) -> Self {
        let span = input.ident.span();
        let mut name = input.ident.clone();
        name.set_span(at(span));
        let params = &input.generics.params;
        let own = params.iter().map(|param| match param {
            GenericParam::Lifetime(param) => {
                let mut lifetime = param.lifetime.clone();
                lifetime.set_span(at(lifetime.span()));
                Argument::Lifetime(lifetime)
            }
            GenericParam::Type(param) => Argument::Type(param.ident.clone()),
            GenericParam::Const(param) => Argument::Const(param.ident.clone()),
        });
        let own = arguments(own, at(span));
        if !hides_itself(input) {
            return Named { ty: quote_spanned!(at(span)=> #name #own), span, alias: None };
        }
        // In the scope of the parameters the name of the type means one of them. An alias has a scope of its own.
        let alias = Ident::new("__TricycleTarget", at(span));
        let (declared, passed): (Vec<_>, Vec<_>) = params.iter().enumerate().map(renamed).unzip();
        let passed = arguments(passed.into_iter(), at(span));
        Named {
            ty: quote_spanned!(at(span)=> #alias #own),
            span,
            alias: Some(quote_spanned!(at(span)=> type #alias<#(#declared),*> = #name #passed;)),
        }
    }
}

/// Whether a parameter has the name of the type, which then does not mean the type where the parameter is in scope.
pub(crate) fn hides_itself(input: &DeriveInput) -> bool {
    input.generics.type_params().any(|param| param.ident == input.ident)
}

/// An argument of a type.
enum Argument {
    Lifetime(Lifetime),
    Type(Ident),
    Const(Ident),
}

/// `<'a, T, { N }>`, at `span`. In braces, for an argument that might be a type is taken for one.
fn arguments(arguments: impl ExactSizeIterator<Item = Argument>, span: Span) -> Option<TokenStream> {
    let some = arguments.len() > 0;
    let arguments = arguments.map(|argument| match argument {
        Argument::Lifetime(lifetime) => quote_spanned!(span=> #lifetime),
        Argument::Type(name) => quote_spanned!(span=> #name),
        Argument::Const(name) => quote_spanned!(span=> { #name }),
    });
    some.then(|| quote_spanned!(span=> <#(#arguments),*>))
}

/// A parameter with a name that means nothing else, as it is declared, and as it is passed on.
fn renamed((index, param): (usize, &GenericParam)) -> (TokenStream, Argument) {
    let span = Span::mixed_site();
    match param {
        GenericParam::Lifetime(_) => {
            let lifetime = Lifetime::new(&format!("'__tricycle{index}"), span);
            (quote_spanned!(span=> #lifetime), Argument::Lifetime(lifetime))
        }
        GenericParam::Type(_) => {
            let name = format_ident!("__Tricycle{index}", span = span);
            (quote_spanned!(span=> #name), Argument::Type(name))
        }
        GenericParam::Const(param) => {
            let name = format_ident!("__TRICYCLE{index}", span = span);
            let ty = &param.ty;
            (quote_spanned!(span=> const #name: #ty), Argument::Const(name))
        }
    }
}
