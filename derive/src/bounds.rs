//! What the generated `impl` requires of the type parameters.

use std::collections::HashSet;

use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{
    DeriveInput, Expr, GenericArgument, Generics, Ident, Path, PathArguments, PathSegment, Type, TypePath, WhereClause,
    parse_quote,
};

use crate::attrs::TypeAttrs;
use crate::expand::at;
use crate::recur::Cut;

/// The generics of the type with the bounds added that its fields call for.
///
/// The fields come without their mentions of the type itself: those call for nothing that the other fields do not.
pub(crate) fn with_bounds(input: &DeriveInput, attrs: &TypeAttrs, fields: &[Cut], krate: &Path) -> Generics {
    let mut generics = input.generics.clone();
    let own = generics.make_where_clause();
    outlives(own, &input.generics);
    match &attrs.bound {
        Some(bound) => own.predicates.extend(bound.clone()),
        None if attrs.acyclic.is_some() => {}
        None => add_bounds(own, &input.generics, fields, krate),
    }
    generics
}

/// `'static` for each parameter: `Trace` asks for it.
fn outlives(to: &mut WhereClause, generics: &Generics) {
    for param in generics.type_params().map(|param| &param.ident) {
        to.predicates.push(parse_quote!(#param: 'static));
    }
    for param in generics.lifetimes().map(|param| &param.lifetime) {
        let mut param = param.clone();
        param.set_span(at(param.span()));
        to.predicates.push(parse_quote!(#param: 'static));
    }
}

/// `Trace` for what the fields mention.
fn add_bounds(to: &mut WhereClause, generics: &Generics, fields: &[Cut], krate: &Path) {
    let mut mentions =
        Mentions { params: generics.type_params().map(|param| &param.ident).collect(), found: Vec::new() };
    for field in fields {
        mentions.visit_type(&field.ty);
    }
    let mut seen = HashSet::new();
    for ty in mentions.found {
        if seen.insert(ty.to_token_stream().to_string()) {
            to.predicates.push(parse_quote!(#ty: #krate::Trace));
        }
    }
}

/// Finds the type parameters, and the associated types of them, that a type mentions and may hold.
struct Mentions<'a> {
    /// The type parameters.
    params: Vec<&'a Ident>,
    /// `T`, `T::Item`, `<T as Iterator>::Item`, and what asks less of a `T` than that it be `Trace`: `Gc<T>`, `Leaf<T>`.
    found: Vec<TypePath>,
}

impl Visit<'_> for Mentions<'_> {
    fn visit_type_path(&mut self, ty: &TypePath) {
        let projected_from = ty.qself.as_ref().map(|qself| &*qself.ty);
        if projected_from.is_some_and(|ty| self.mentioned_by(ty)) || self.params.contains(&&ty.path.segments[0].ident) {
            self.found.push(ty.clone());
        } else if let Some(contents) = contents_of_any(&ty.path) {
            if self.mentioned_by(contents) {
                self.found.push(ty.clone());
            }
        } else {
            visit::visit_type_path(self, ty);
        }
    }

    fn visit_path_segment(&mut self, segment: &PathSegment) {
        match (segment.ident.to_string().as_str(), &segment.arguments) {
            ("PhantomData", _) => {}
            // The second argument is a heap, which holds nothing.
            ("GcCell", PathArguments::AngleBracketed(arguments)) => {
                arguments.args.iter().take(1).for_each(|contents| self.visit_generic_argument(contents));
            }
            _ => visit::visit_path_segment(self, segment),
        }
    }

    /// An array length does not hold anything.
    fn visit_expr(&mut self, _: &Expr) {}
}

/// The contents of a type that is called as one of those that implement `Trace` whatever they contain. The bound is then on the
/// type as a whole, which is right for any other of that name, too.
fn contents_of_any(path: &Path) -> Option<&Type> {
    let last = path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(contents) if ["Gc", "Weak", "Leaf"].iter().any(|name| last.ident == name) => {
            Some(contents)
        }
        _ => None,
    }
}

impl Mentions<'_> {
    /// Whether `ty` mentions any parameter.
    fn mentioned_by(&self, ty: &Type) -> bool {
        let mut inner = Mentions { params: self.params.clone(), found: Vec::new() };
        inner.visit_type(ty);
        !inner.found.is_empty()
    }
}
