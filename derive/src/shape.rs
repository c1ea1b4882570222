//! The fields of a type that are to be traced, variant by variant.

use proc_macro2::Span;
use quote::format_ident;
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Error, Fields, Ident, Member, Result, Type};

use crate::attrs::{Errors, TypeAttrs, is_skipped};

/// A struct is one unnamed variant; an enum has any number of named ones.
pub(crate) struct Shape<'a> {
    /// In the order of their declaration.
    pub(crate) variants: Vec<Variant<'a>>,
}

/// The traced fields of one variant.
pub(crate) struct Variant<'a> {
    /// `None` for a struct.
    pub(crate) name: Option<&'a Ident>,
    /// Without those that are skipped.
    pub(crate) fields: Vec<Field<'a>>,
}

/// A field that is traced.
pub(crate) struct Field<'a> {
    /// Its name or its position.
    pub(crate) member: Member,
    /// Its type, as written.
    pub(crate) ty: &'a Type,
    /// What the generated pattern calls it.
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
                let fields = traced(&data.fields, false, &mut errors);
                variants.push(Variant { name: None, fields });
            }
            Data::Enum(data) => {
                for variant in &data.variants {
                    let skip = errors.note(is_skipped(&variant.attrs)).unwrap_or(false);
                    let fields = traced(&variant.fields, skip, &mut errors);
                    variants.push(Variant { name: Some(&variant.ident), fields });
                }
            }
            Data::Union(data) => errors
                .note(Err(Error::new(
                    data.union_token.span,
                    "`Trace` cannot be derived for a union: nothing says which of its fields is alive; \
                 use an enum, or put the union in a struct and mark that field `#[trace(skip)]`",
                )))
                .unwrap_or(()),
        }
        errors.finish()?;
        if attrs.acyclic.is_some() {
            for variant in &mut variants {
                variant.fields.clear();
            }
        }
        Ok(Self { variants })
    }

    /// All traced fields.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &Field<'a>> {
        self.variants.iter().flat_map(|variant| &variant.fields)
    }
}

/// The fields that are neither skipped nor function pointers.
fn traced<'a>(fields: &'a Fields, skip_all: bool, errors: &mut Errors) -> Vec<Field<'a>> {
    let mut traced = Vec::new();
    for (member, field) in fields.members().zip(fields) {
        let skip = errors.note(is_skipped(&field.attrs)).unwrap_or(false);
        if !(skip || skip_all || is_fn_pointer(&field.ty)) {
            let binding = format_ident!("field{}", traced.len(), span = Span::mixed_site());
            traced.push(Field { member, ty: &field.ty, binding });
        }
    }
    traced
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
