//! Writes the implementation.
//!
//! Everything is emitted with `mixed_site` spans, if need be relocated to the user's code by [`at`]. To the compiler that
//! is code of a foreign macro: lints of the user's crate (`#![forbid(unsafe_code)]`, `missing_docs`, clippy) pass it by,
//! and nothing has to be allowed explicitly. The one exception is `unsafe_drop`, which the lints are meant to see.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{DeriveInput, Generics, Ident, Path, Result, parse_quote_spanned};

use crate::attrs::TypeAttrs;
use crate::bounds::{all_sized, with_bounds};
use crate::recur::Cut;
use crate::shape::{Field, Shape};

/// The output of `#[derive(Trace)]`.
pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let attrs = TypeAttrs::parse(&input.attrs)?;
    let shape = Shape::new(input, &attrs)?;
    let krate = attrs.krate.clone().unwrap_or_else(|| parse_quote_spanned!(Span::mixed_site()=> ::tricycle));
    let fields: Vec<Cut> = shape.fields().map(|field| Cut::new(field.ty, input, &krate)).collect();
    let mut generics = with_bounds(input, &attrs, &fields, &krate);
    // Where the user wrote them, but not by the user: the type may be deprecated, and a lifetime used once.
    let mut name = input.ident.clone();
    name.set_span(at(name.span()));
    for param in generics.lifetimes_mut() {
        param.lifetime.set_span(at(param.lifetime.span()));
    }
    let target = Target { name, generics, attrs, krate };

    let drop_ban = target.drop_ban(&shape);
    let trace_impl = target.trace_impl(&target.consts(&fields), &target.body(&shape));
    Ok(quote_spanned! {Span::mixed_site()=>
        const _: () = {
            #drop_ban
            #trace_impl
        };
    })
}

/// The type that `Trace` is implemented for.
struct Target {
    name: Ident,
    generics: Generics,
    attrs: TypeAttrs,
    /// Where `tricycle` is.
    krate: Path,
}

impl Target {
    /// `unsafe impl Trace for …`.
    ///
    /// The implementation holds to the contract of `Trace`: clauses 1 to 3 because [`body`](Self::body) visits each field
    /// once and does nothing else, clause 4 by [`drop_ban`](Self::drop_ban), and clause 5 by the guard in the body.
    fn trace_impl(&self, consts: &TokenStream, body: &TokenStream) -> TokenStream {
        let Self { name, krate, .. } = self;
        let (impl_generics, ty_generics, where_clause) = self.generics.split_for_impl();
        let finalizer = self.attrs.finalize.map(|span| {
            quote_spanned! {at(span)=>
                const FINALIZER: bool = true;
                #[inline]
                fn run_finalizer(&self) {
                    <Self as #krate::Finalize>::finalize(self)
                }
            }
        });
        let items = quote_spanned! {Span::mixed_site()=>
            #consts
            #[inline]
            fn trace(&self, visitor: &mut impl #krate::Visitor) {
                #body
            }
            #finalizer
        };
        // With `unsafe_drop` the author makes the promise: the `unsafe` is theirs, and their lints see it.
        let whose = self.attrs.unsafe_drop.unwrap_or_else(Span::mixed_site);
        quote_spanned! {whose=>
            #[automatically_derived]
            unsafe impl #impl_generics #krate::Trace for #name #ty_generics #where_clause { #items }
        }
    }

    /// `CONTAINER` and `WEAK`: whether any field says so.
    ///
    /// `|` and not `||`: the constant of every field must be evaluated, because some refuse to be (`Rc<Gc<T>>`).
    fn consts(&self, fields: &[Cut]) -> TokenStream {
        let krate = &self.krate;
        let any_of = |name: TokenStream| {
            let fields = fields.iter().map(|Cut { ty, unknown }| {
                let unknown = unknown.then(|| quote_spanned!(Span::mixed_site()=> | true));
                quote_spanned!(at(ty.span())=> #unknown | <#ty as #krate::Trace>::#name)
            });
            quote_spanned!(Span::mixed_site()=> const #name: bool = false #(#fields)*;)
        };
        match &self.attrs.container {
            None => [any_of(quote!(CONTAINER)), any_of(quote!(WEAK))].into_iter().collect(),
            Some(container) => quote_spanned! {Span::mixed_site()=>
                const CONTAINER: bool = #container;
                const WEAK: bool = #container;
            },
        }
    }

    /// The body of `trace`.
    ///
    /// Its guard keeps clause 5 whatever the constants claim: what is not a container visits nothing.
    fn body(&self, shape: &Shape<'_>) -> TokenStream {
        if shape.fields().next().is_none() {
            return quote_spanned!(Span::mixed_site()=> let _ = visitor;);
        }
        let krate = &self.krate;
        let arms = shape.variants.iter().map(|variant| {
            let name = variant.name.map(|name| quote!(::#name));
            let members = variant.fields.iter().map(|field| &field.member);
            let bindings = variant.fields.iter().map(|field| &field.binding);
            let visits = variant.fields.iter().map(|field| self.visit(field));
            quote_spanned!(Span::mixed_site()=> Self #name { #(#members: #bindings,)* .. } => { #(#visits)* })
        });
        quote_spanned! {Span::mixed_site()=>
            if <Self as #krate::Trace>::CONTAINER | <Self as #krate::Trace>::WEAK {
                match self { #(#arms)* }
            }
        }
    }

    /// Visits one field.
    ///
    /// It is a method of `Trace`, of the very trait that is being implemented, so that no other crate's idea of a visitor
    /// can come between. The call stands where the field's type stands, so that a missing `Trace` is reported there. The `if` saves the
    /// compiler work, and the user a second report: its condition fails exactly as the constants do.
    fn visit(&self, field: &Field<'_>) -> TokenStream {
        let (label, ty, binding, krate) = (field.label(), field.ty, &field.binding, &self.krate);
        quote_spanned! {at(ty.span())=>
            if <#ty as #krate::Trace>::CONTAINER | <#ty as #krate::Trace>::WEAK {
                <#ty as #krate::Trace>::trace_field(#binding, #label, visitor);
            }
        }
    }

    /// Makes `impl Drop` for the type an error, whose text has to be the name of a trait.
    fn drop_ban(&self, shape: &Shape<'_>) -> TokenStream {
        if self.attrs.unsafe_drop.is_some() || self.attrs.acyclic.is_some() {
            return TokenStream::new();
        }
        let name = &self.name;
        let (impl_generics, ty_generics, where_clause) = self.generics.split_for_impl();
        let blanket = quote_spanned! {Span::mixed_site()=>
            trait UseFinalizeInsteadOfDrop {}
            impl<T: ::core::ops::Drop + ?::core::marker::Sized> UseFinalizeInsteadOfDrop for T {}
        };
        let own = quote_spanned! {at(name.span())=>
            impl #impl_generics UseFinalizeInsteadOfDrop for #name #ty_generics #where_clause {}
        };
        let moved = self.moved_apart(shape);
        quote!(#blanket #own #moved)
    }

    /// A function, never called, that moves the traced fields out of a value. That is an error for a type that implements
    /// `Drop`, under whatever name: the trait above can be fooled by a crate that calls itself `core`.
    ///
    /// Only what has a size can be moved, so the function asks for that of every parameter. No `Drop` slips through that
    /// way: its `impl` covers all instances of a type, those with a size too.
    fn moved_apart(&self, shape: &Shape<'_>) -> TokenStream {
        if shape.fields().next().is_none() {
            return TokenStream::new();
        }
        let name = &self.name;
        let generics = all_sized(&self.generics);
        let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
        let arms = shape.variants.iter().map(|variant| {
            let variant_name = variant.name.map(|name| quote!(::#name));
            let members = variant.fields.iter().map(|field| &field.member);
            let bindings: Vec<_> = variant.fields.iter().map(|field| &field.binding).collect();
            quote_spanned! {Span::mixed_site()=>
                #name #variant_name { #(#members: #bindings,)* .. } => { let _ = (#(#bindings,)*); }
            }
        });
        quote_spanned! {Span::mixed_site()=>
            trait TricycleMovedApart: ::core::marker::Sized {
                fn moved_apart(self);
            }
            impl #impl_generics TricycleMovedApart for #name #ty_generics #where_clause {
                fn moved_apart(self) {
                    match self { #(#arms)* }
                }
            }
        }
    }
}

/// The place of `span` with the identity of this macro: errors point there, lints do not.
fn at(span: Span) -> Span {
    span.resolved_at(Span::mixed_site())
}
