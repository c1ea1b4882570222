//! Writes the implementation.
//!
//! Everything is emitted with `mixed_site` spans, if need be relocated to the user's code by [`at`]. To the compiler that
//! is code of a foreign macro: lints of the user's crate (`#![forbid(unsafe_code)]`, `missing_docs`, clippy) pass it by,
//! and next to nothing has to be allowed explicitly. The exceptions are `unsafe_drop` and `unsafe_with`, which the lints are meant
//! to see.
//!
//! Two things are not to be trusted. *Names*: everything is named by its path from the crate. Only variables are hygienic, and
//! a plain name in a pattern is a variable only if no unit struct, unit variant or constant of the user's has it: else it
//! stands for that. So variables have names that nobody else gives, and a pattern that declares one is written `name @ _`,
//! which is an error where the name is something else. And *what the derive has seen*: another attribute macro may come
//! after it and write the definition anew. So the code takes the fields as they are, with their types inferred, and the
//! constants below are asked only whether to look at all.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{DeriveInput, GenericArgument, Generics, Ident, Path, PathArguments, Result, Type, TypePath};

use crate::attrs::TypeAttrs;
use crate::bounds::with_bounds;
use crate::krate;
use crate::name::Named;
use crate::recur::Cut;
use crate::shape::{Field, Shape, Variant};

/// The output of `#[derive(Trace)]`.
pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let attrs = TypeAttrs::parse(&input.attrs)?;
    let shape = Shape::new(input, &attrs)?;
    let krate = attrs.krate.clone().unwrap_or_else(krate::find);
    let fields: Vec<Cut> = shape.fields().map(|field| Cut::new(field.ty, input, &krate)).collect();
    let mut generics = with_bounds(input, &attrs, &fields, &krate);
    // Where the user wrote them, but not by the user: a lifetime may be used once.
    for param in generics.lifetimes_mut() {
        param.lifetime.set_span(at(param.lifetime.span()));
    }
    // What a function traces is not known.
    let told: Vec<Cut> =
        shape.fields().zip(fields).filter(|(field, _)| field.with.is_none()).map(|(_, cut)| cut).collect();
    let with = shape.fields().find_map(|field| field.with.as_ref());
    let promise = attrs.unsafe_drop.or(with.map(|(_, span)| *span));
    let target = Target { name: Named::new(input), generics, attrs, krate, promise };

    let alias = &target.name.alias;
    let drop_ban = target.drop_ban();
    let consts = target.consts(&told, with.is_some());
    let trace_impl = target.trace_impl(&consts, &target.body(&shape), &target.division(&shape, &told));
    Ok(quote_spanned! {Span::mixed_site()=>
        const _: () = {
            #alias
            #drop_ban
            #trace_impl
        };
    })
}

/// The type that `Trace` is implemented for.
struct Target {
    name: Named,
    generics: Generics,
    attrs: TypeAttrs,
    /// Where `tricycle` is.
    krate: Path,
    /// Where the author promises what the derive cannot see to.
    promise: Option<Span>,
}

impl Target {
    /// `unsafe impl Trace for …`.
    ///
    /// The implementation holds to the contract of `Trace`: clauses 1 to 3 because [`body`](Self::body) visits each field
    /// once and does nothing else, clause 4 by [`drop_ban`](Self::drop_ban), and clause 5 by `Trace::trace_field`.
    fn trace_impl(&self, consts: &TokenStream, body: &TokenStream, division: &TokenStream) -> TokenStream {
        let Self { name, krate, .. } = self;
        let ty = &name.ty;
        let (impl_generics, _, where_clause) = self.generics.split_for_impl();
        let visitor = visitor();
        let finalizer = self.attrs.finalize.map(|span| {
            let bool = self.bool();
            quote_spanned! {at(span)=>
                const FINALIZER: #bool = true;
                #[inline]
                fn run_finalizer(&self) {
                    <Self as #krate::Finalize>::finalize(self)
                }
            }
        });
        let items = quote_spanned! {Span::mixed_site()=>
            #consts
            #[inline]
            fn trace(&self, #visitor @ _: &mut impl #krate::Visitor) {
                #body
            }
            #division
            #finalizer
        };
        // If the author makes a promise the `unsafe` is theirs, and their lints see it.
        let whose = self.promise.unwrap_or_else(Span::mixed_site);
        quote_spanned! {whose=>
            #[automatically_derived]
            unsafe impl #impl_generics #krate::Trace for #ty #where_clause { #items }
        }
    }

    /// `bool`: a type of the user's may have that name.
    fn bool(&self) -> TokenStream {
        let krate = &self.krate;
        quote_spanned!(Span::mixed_site()=> #krate::__private::std::primitive::bool)
    }

    /// A constant that is true if that of any field is, or `or`.
    ///
    /// `|` and not `||`: the constant of every field must be evaluated, because some refuse to be (`Rc<Gc<T>>`).
    fn any_of(&self, name: &TokenStream, fields: &[Cut], or: bool) -> TokenStream {
        let (krate, bool) = (&self.krate, self.bool());
        let fields = fields.iter().map(|Cut { ty, unknown }| {
            let unknown = unknown.then(|| quote_spanned!(Span::mixed_site()=> | true));
            quote_spanned!(at(ty.span())=> #unknown | <#ty as #krate::Trace>::#name)
        });
        quote_spanned!(Span::mixed_site()=> const #name: #bool = #or #(#fields)*;)
    }

    /// `CONTAINER` and `WEAK`: whether any field says so, or it is unknown.
    fn consts(&self, fields: &[Cut], unknown: bool) -> TokenStream {
        let bool = self.bool();
        match &self.attrs.container {
            None => [quote!(CONTAINER), quote!(WEAK)].iter().map(|name| self.any_of(name, fields, unknown)).collect(),
            Some(container) => quote_spanned! {Span::mixed_site()=>
                const CONTAINER: #bool = #container;
                const WEAK: #bool = #container;
            },
        }
    }

    /// The body of `trace`.
    ///
    /// The pattern names every field, so that one which another macro has added is an error, and no leak.
    fn body(&self, shape: &Shape<'_>) -> TokenStream {
        let visitor = visitor();
        let krate = &self.krate;
        let ban =
            self.is_banned().then(|| quote_spanned!(Span::mixed_site()=> <Self as #krate::Trace>::without_drop();));
        let arms: Vec<_> = shape.variants.iter().map(|variant| self.arm(variant)).collect();
        let fields = (!arms.is_empty()).then(|| {
            quote_spanned! {Span::mixed_site()=>
                if <Self as #krate::Trace>::CONTAINER | <Self as #krate::Trace>::WEAK {
                    match self { #(#arms)* }
                }
            }
        });
        quote_spanned!(Span::mixed_site()=> #ban let _ = &#visitor; #fields)
    }

    /// `divide`, if there may be anything to divide. Not for a type that may implement `Drop`, which would find its containers empty.
    fn division(&self, shape: &Shape<'_>, fields: &[Cut]) -> TokenStream {
        if !self.is_banned() || !shape.fields().any(is_divided) {
            return TokenStream::new();
        }
        let (krate, parts) = (&self.krate, parts());
        let divisible = match &self.attrs.container {
            None => self.any_of(&quote!(DIVISIBLE), fields, false),
            Some(container) => {
                let bool = self.bool();
                quote_spanned!(Span::mixed_site()=> const DIVISIBLE: #bool = #container;)
            }
        };
        let arms = shape.variants.iter().map(|variant| {
            let name = variant.name.map(|name| quote!(::#name));
            let fields = variant.fields.iter().filter(|field| is_divided(field));
            let members = fields.clone().map(|field| &field.member);
            let bindings = fields.clone().map(|field| &field.binding);
            let divides = fields.map(|field| {
                let (there, begin) = place(field, &quote!(&mut *));
                let (ty, binding) = (field.ty, &field.binding);
                // As in `visit`.
                quote_spanned! {at(ty.span())=>
                    <#ty as #krate::Trace>::CONTAINER;
                    let #there @ &mut _ = #binding;
                    <Self as #krate::Trace>::divide_field(#begin #there, #parts);
                }
            });
            quote_spanned! {Span::mixed_site()=>
                Self #name { #(#members: #bindings @ _,)* .. } => { #(#divides)* }
            }
        });
        quote_spanned! {Span::mixed_site()=>
            #divisible
            fn divide(&mut self, #parts @ _: &mut #krate::__private::Parts) {
                match self { #(#arms)* }
            }
        }
    }

    /// Visits the fields of one variant.
    fn arm(&self, variant: &Variant<'_>) -> TokenStream {
        let name = variant.name.map(|name| quote!(::#name));
        let members = variant.fields.iter().map(|field| &field.member);
        let bindings = variant.fields.iter().map(|field| &field.binding);
        let skipped = &variant.skipped;
        let visits = variant.fields.iter().map(|field| self.visit(field));
        quote_spanned! {Span::mixed_site()=>
            Self #name { #(#members: #bindings @ _,)* #(#skipped: _,)* } => { #(#visits)* }
        }
    }

    /// Visits one field.
    ///
    /// It is a function of `Trace`, of the very trait that is being implemented, so that no other crate's idea of a visitor
    /// can come between. A missing `Trace` is reported where the field's type stands, once: the constant is one of `consts`,
    /// whose report this repeats, and the argument, whose type comes from the field, stands where that type does, from its
    /// first token to its last, so that the compiler takes the second report for the first. (In a macro of the user's the
    /// variable's place may be taken for the user's code, and clippy does not like `@ _` there. To allow it would be an error
    /// where it is forbidden; `@ &_` says as much, of a reference.)
    fn visit(&self, field: &Field<'_>) -> TokenStream {
        let (label, ty, binding, krate, visitor) = (field.label(), field.ty, &field.binding, &self.krate, visitor());
        if let Some((function, _)) = &field.with {
            return quote_spanned!(Span::mixed_site()=> #krate::__private::trace_with(#binding, #function, #visitor););
        }
        let (there, begin) = place(field, &quote!(&*));
        quote_spanned! {at(ty.span())=>
            <#ty as #krate::Trace>::CONTAINER;
            let #there @ &_ = #binding;
            <Self as #krate::Trace>::trace_field(#begin #there, #label, #visitor);
        }
    }

    /// Whether the type may not implement `Drop`.
    fn is_banned(&self) -> bool {
        self.attrs.unsafe_drop.is_none() && self.attrs.acyclic.is_none()
    }

    /// Makes `impl Drop` for the type an error: it would be a second implementation of this trait.
    fn drop_ban(&self) -> TokenStream {
        if !self.is_banned() {
            return TokenStream::new();
        }
        let Self { name, krate, .. } = self;
        let ty = &name.ty;
        let (impl_generics, _, where_clause) = self.generics.split_for_impl();
        quote_spanned! {at(name.span)=>
            impl #impl_generics #krate::__private::UseFinalizeInsteadOfDrop for #ty #where_clause {
                type By = #krate::__private::ByDerive;
            }
        }
    }
}

/// A variable for a field at the place of its type: what stands for the last token of that, and what for the first, if there are
/// more.
fn place(field: &Field<'_>, reborrow: &TokenStream) -> (Ident, Option<TokenStream>) {
    let spans: Vec<_> = field.ty.to_token_stream().into_iter().map(|token| token.span()).collect();
    let mut there = field.binding.clone();
    there.set_span(spans.last().copied().unwrap_or_else(Span::mixed_site));
    let begin = (spans.len() > 1).then(|| {
        let tokens = reborrow.clone().into_iter().map(|mut token| {
            token.set_span(spans[0]);
            token
        });
        tokens.collect()
    });
    (there, begin)
}

/// What the generated code calls the visitor: a name that nobody else gives.
fn visitor() -> Ident {
    Ident::new("__tricycle_visitor", Span::mixed_site())
}

/// What it calls that which takes what is large in a value.
fn parts() -> Ident {
    Ident::new("__tricycle_parts", Span::mixed_site())
}

/// Whether a field is asked for what is large in it.
fn is_divided(field: &Field<'_>) -> bool {
    field.with.is_none() && !is_small(field.ty)
}

/// Whether a type is called as one in which nothing is large, for certain. Others are asked.
fn is_small(ty: &Type) -> bool {
    const LEAVES: [&str; 19] = [
        "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128",
        "usize", "String", "Gc", "Weak",
    ];
    const WRAPPERS: [&str; 4] = ["GcCell", "Cell", "RefCell", "Option"];
    let Type::Path(TypePath { path, .. }) = ty else { return false };
    let Some(last) = path.segments.last() else { return false };
    if LEAVES.iter().any(|name| last.ident == name) {
        return true;
    }
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return false };
    WRAPPERS.iter().any(|name| last.ident == name)
        && matches!(arguments.args.first(), Some(GenericArgument::Type(contents)) if is_small(contents))
}

/// The place of `span` with the identity of this macro: errors point there, lints do not.
pub(crate) fn at(span: Span) -> Span {
    span.resolved_at(Span::mixed_site())
}
