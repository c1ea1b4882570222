//! Cuts recursion: replaces a type's mentions of itself by a leaf.
//!
//! `enum Expr { Neg(Box<Expr>), Number(i64) }` would define `Expr::CONTAINER` by `Box<Expr>::CONTAINER`, which is
//! `Expr::CONTAINER` again, and the compiler refuses constants that depend on themselves. What is wanted is the least
//! solution of the equation: *true if some field says so on its own account*. It is found by assuming *false* for the type
//! itself, that is, by computing `Box<Recur>::CONTAINER`, where `Recur` is a leaf.
//!
//! A generic type may contain itself with other arguments: `Node<u8>` may own a `Node<Gc<u8>>`. What that one holds is not
//! known here, and *true* is always a correct answer.

use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};
use syn::{DeriveInput, Expr, Path, QSelf, Type, parse_quote};

use crate::name::hides_itself;

/// The type of a field without the type that it belongs to.
pub(crate) struct Cut {
    /// The type, with every mention replaced by `krate::__private::Recur`.
    pub(crate) ty: Type,
    /// Whether a mention had other arguments, so that `ty` does not say what the field can hold.
    pub(crate) unknown: bool,
}

impl Cut {
    /// Cuts `ty`, the type of a field of `input`.
    pub(crate) fn new(ty: &Type, input: &DeriveInput, krate: &Path) -> Self {
        let (_, arguments, _) = input.generics.split_for_impl();
        let arguments = arguments.to_token_stream().to_string();
        let recur = parse_quote!(#krate::__private::Recur);
        let mut knife = Knife { input, named: !hides_itself(input), arguments, recur, unknown: false };
        let mut ty = ty.clone();
        knife.visit_type_mut(&mut ty);
        Self { ty, unknown: knife.unknown }
    }
}

/// The visitor that does it.
struct Knife<'a> {
    input: &'a DeriveInput,
    /// Whether the type's name means the type, and not one of its parameters.
    named: bool,
    /// The type's own arguments, as text: `< T , N >`.
    arguments: String,
    /// What to put in its place.
    recur: Type,
    /// As in [`Cut`].
    unknown: bool,
}

impl VisitMut for Knife<'_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Type::Path(path) = ty
            && path.qself.is_none()
            && let Some(name) = path.path.segments.first()
            && (path.path.segments.len() == 1 && path.path.leading_colon.is_none())
            && ((self.named && name.ident == self.input.ident) || name.ident == "Self")
        {
            self.unknown |= name.ident != "Self" && name.arguments.to_token_stream().to_string() != self.arguments;
            *ty = self.recur.clone();
        } else {
            visit_mut::visit_type_mut(self, ty);
        }
    }

    /// `<Self as Container>::Item` names another type: it stays as it is.
    fn visit_qself_mut(&mut self, _: &mut QSelf) {}

    /// So do array lengths such as `size_of::<Self>()`.
    fn visit_expr_mut(&mut self, _: &mut Expr) {}
}
