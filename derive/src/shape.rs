//! The fields of a type that are to be traced, variant by variant.

use proc_macro2::Span;
use quote::format_ident;
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Error, Fields, Ident, Member, Path, Result, Type};

use crate::attrs::{Errors, FieldAttrs, TypeAttrs};

/// A struct is one unnamed variant, an enum has any number of named ones, and a union has none.
pub(crate) struct Shape<'a> {
    /// In the order of their declaration.
    pub(crate) variants: Vec<Variant<'a>>,
}

/// The fields of one variant.
pub(crate) struct Variant<'a> {
    /// `None` for a struct.
    pub(crate) name: Option<&'a Ident>,
    /// Those that are traced.
    pub(crate) fields: Vec<Field<'a>>,
    /// The names or positions of the others.
    pub(crate) skipped: Vec<Member>,
}

/// A field that is traced.
pub(crate) struct Field<'a> {
    /// Its name or its position.
    pub(crate) member: Member,
    /// Its type, as written.
    pub(crate) ty: &'a Type,
    /// The function that traces it, if `Trace` does not, and where that was asked for.
    pub(crate) with: Option<(Path, Span)>,
    /// What the generated pattern calls it: a name that nobody else gives.
    pub(crate) binding: Ident,
}

impl Field<'_> {
    /// The name that tools print.
    pub(crate) fn label(&self) -> String {
        match &self.member {
            Member::Named(name) => name.unraw().to_string(),
            Member::Unnamed(index) => index.index.to_string(),
        }
    }
}

impl<'a> Shape<'a> {
    /// Lists the fields, checking the attributes that stand on them.
    pub(crate) fn new(input: &'a DeriveInput, attrs: &TypeAttrs) -> Result<Self> {
        let mut errors = Errors::default();
        let mut variants = Vec::new();
        match &input.data {
            Data::Struct(data) => {
                variants.push(variant(None, &data.fields, false, &mut errors));
            }
            Data::Enum(data) => {
                for one in &data.variants {
                    let skip = errors.note(FieldAttrs::of_variant(&one.attrs)).unwrap_or(false);
                    variants.push(variant(Some(&one.ident), &one.fields, skip, &mut errors));
                }
            }
            Data::Union(data) => {
                for field in &data.fields.named {
                    errors.note(FieldAttrs::parse(&field.attrs));
                }
                if attrs.acyclic.is_none() {
                    errors.note::<()>(Err(Error::new(
                        data.union_token.span,
                        "a union cannot be looked into: nothing says which of its fields is alive; use an enum, or write \
                         `#[trace(acyclic)]` if no cycle goes through it",
                    )));
                }
            }
        }
        let mut shape = Self { variants };
        if attrs.acyclic.is_some() {
            let with = shape.fields().find_map(|field| field.with.as_ref());
            if let Some((_, span)) = with {
                errors
                    .note::<()>(Err(Error::new(*span, "an `acyclic` type is not looked into: remove one of the two")));
            }
            shape.variants.clear();
        }
        errors.finish()?;
        Ok(shape)
    }

    /// All traced fields.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &Field<'a>> {
        self.variants.iter().flat_map(|variant| &variant.fields)
    }
}

/// Parts the fields into those that are traced, and those that are skipped or function pointers.
fn variant<'a>(name: Option<&'a Ident>, all: &'a Fields, skip_all: bool, errors: &mut Errors) -> Variant<'a> {
    let (mut fields, mut skipped) = (Vec::new(), Vec::new());
    for (member, field) in all.members().zip(all) {
        let attrs = errors.note(FieldAttrs::parse(&field.attrs)).unwrap_or_default();
        if attrs.skip.is_some() || skip_all || (is_fn_pointer(&field.ty) && attrs.unsafe_with.is_none()) {
            skipped.push(member);
        } else {
            let binding = format_ident!("__tricycle_field{}", fields.len(), span = Span::mixed_site());
            fields.push(Field { member, ty: &field.ty, with: attrs.unsafe_with, binding });
        }
    }
    Variant { name, fields, skipped }
}

/// Whether the type is written as `fn(…)`. Such a field owns nothing, and no implementation of `Trace` could match it if
/// it takes references: `for<'a> fn(&'a A)` is not an instance of `fn(A)`.
fn is_fn_pointer(ty: &Type) -> bool {
    match ty {
        Type::BareFn(_) => true,
        Type::Paren(ty) => is_fn_pointer(&ty.elem),
        Type::Group(ty) => is_fn_pointer(&ty.elem),
        _ => false,
    }
}
