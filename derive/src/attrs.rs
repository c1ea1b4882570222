//! The `#[trace(…)]` attributes: what they are, where they may stand, and which exclude each other.

use proc_macro2::Span;
use quote::ToTokens;
use syn::meta::ParseNestedMeta;
use syn::parse::{Parse, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Error, LitBool, LitStr, Path, Result, Token, WherePredicate, token};

/// The `where` predicates of `bound = "…"`.
pub(crate) type Predicates = Punctuated<WherePredicate, Token![,]>;

/// What the attributes on the type ask for. Flags carry the place where they were written, for later errors.
#[derive(Default)]
pub(crate) struct TypeAttrs {
    /// Call `Finalize::finalize` before the value is dropped.
    pub(crate) finalize: Option<Span>,
    /// Never look inside.
    pub(crate) acyclic: Option<Span>,
    /// The author vouches for the type's `Drop`.
    pub(crate) unsafe_drop: Option<Span>,
    /// The value of `Trace::CONTAINER`, in place of the computed one.
    pub(crate) container: Option<LitBool>,
    /// Where `tricycle` is, if not where the manifest says.
    pub(crate) krate: Option<Path>,
    /// What to require of the type parameters, in place of the generated bounds.
    pub(crate) bound: Option<Predicates>,
}

impl TypeAttrs {
    /// Reads the attributes that stand on the type.
    pub(crate) fn parse(attrs: &[Attribute]) -> Result<Self> {
        let mut found = Self::default();
        for_each_entry(attrs, |meta| match name(&meta).as_str() {
            "finalize" => flag(&mut found.finalize, &meta),
            "acyclic" => flag(&mut found.acyclic, &meta),
            "unsafe_drop" => flag(&mut found.unsafe_drop, &meta),
            "container" => {
                let value = value(&meta, "container = true` or `container = false")?;
                once(&mut found.container, &meta, value)
            }
            "crate" => {
                let value = value(&meta, "crate = path::to::tricycle")?;
                once(&mut found.krate, &meta, value)
            }
            "bound" => {
                let text: LitStr = value(&meta, "bound = \"T: Trace\"")?;
                let predicates = text.parse_with(Predicates::parse_terminated)?;
                once(&mut found.bound, &meta, predicates)
            }
            "skip" => Err(meta.error(
                "`skip` belongs on a field or a variant; to keep the collector out of the whole type, \
                 write `#[trace(acyclic)]`",
            )),
            other => Err(meta.error(format!(
                "unknown attribute `{other}`; on a type, `#[trace(…)]` takes `finalize`, `acyclic`, `unsafe_drop`, \
                 `container = true|false`, `bound = \"…\"` and `crate = path`",
            ))),
        })?;
        found.check()?;
        Ok(found)
    }

    /// Refuses attributes that contradict each other.
    fn check(&self) -> Result<()> {
        let Some(acyclic) = self.acyclic else { return Ok(()) };
        if self.unsafe_drop.is_some() {
            return Err(Error::new(acyclic, "an `acyclic` type may implement `Drop` anyway: remove `unsafe_drop`"));
        }
        if self.container.is_some() {
            return Err(Error::new(acyclic, "an `acyclic` type is never a container: remove one of the two"));
        }
        Ok(())
    }
}

/// What the attributes on a field or a variant ask for.
#[derive(Default)]
pub(crate) struct FieldAttrs {
    /// Do not look inside.
    pub(crate) skip: Option<Span>,
    /// The function that traces the field, and where it was promised that it does so rightly.
    pub(crate) unsafe_with: Option<(Path, Span)>,
}

impl FieldAttrs {
    /// Reads the attributes that stand on a field.
    pub(crate) fn parse(attrs: &[Attribute]) -> Result<Self> {
        let mut found = Self::default();
        for_each_entry(attrs, |meta| {
            match name(&meta).as_str() {
            "skip" => flag(&mut found.skip, &meta),
            "unsafe_with" => {
                let function = value(&meta, "unsafe_with = path::to::function")?;
                once(&mut found.unsafe_with, &meta, (function, meta.path.span()))
            }
            "with" => Err(meta.error(
                "a function that traces what the field does not own would free live objects: promise that it does not, and write \
                 `unsafe_with = function`",
            )),
            other @ ("finalize" | "acyclic" | "unsafe_drop" | "container" | "crate" | "bound") => {
                Err(meta.error(format!("`{other}` belongs on the type, not on a field or a variant")))
            }
            other => Err(meta.error(format!(
                "unknown attribute `{other}`; on a field, `#[trace(…)]` takes `skip` or `unsafe_with = function`, and on a \
                 variant only `skip`",
            ))),
        }
        })?;
        match (&found.skip, &found.unsafe_with) {
            (Some(_), Some((_, span))) => {
                Err(Error::new(*span, "a field that is skipped is not traced: remove one of the two"))
            }
            _ => Ok(found),
        }
    }

    /// Whether a variant is skipped.
    pub(crate) fn of_variant(attrs: &[Attribute]) -> Result<bool> {
        let found = Self::parse(attrs)?;
        match found.unsafe_with {
            Some((_, span)) => Err(Error::new(span, "`unsafe_with` belongs on a field, not on a variant")),
            None => Ok(found.skip.is_some()),
        }
    }
}

/// Calls `entry` for each comma-separated item of every `#[trace(…)]`.
fn for_each_entry(attrs: &[Attribute], mut entry: impl FnMut(ParseNestedMeta<'_>) -> Result<()>) -> Result<()> {
    let mut errors = Errors::default();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("trace")) {
        errors.note(match attr.meta.require_list() {
            Ok(list) => syn::meta::parser(&mut entry).parse2(list.tokens.clone()),
            Err(_) => Err(Error::new(attr.meta.span(), "expected a list, as in `#[trace(skip)]`")),
        });
    }
    errors.finish()
}

/// The name of an entry as it was written.
fn name(meta: &ParseNestedMeta<'_>) -> String {
    meta.path.to_token_stream().to_string().replace(' ', "")
}

/// Records a flag.
fn flag(slot: &mut Option<Span>, meta: &ParseNestedMeta<'_>) -> Result<()> {
    if meta.input.peek(Token![=]) || meta.input.peek(token::Paren) {
        return Err(meta.error(format!("`{}` takes no value", name(meta))));
    }
    once(slot, meta, meta.path.span())
}

/// Reads what follows `=`; `usage` says what should have been written.
fn value<T: Parse>(meta: &ParseNestedMeta<'_>, usage: &str) -> Result<T> {
    if !meta.input.peek(Token![=]) {
        return Err(meta.error(format!("expected `{usage}`")));
    }
    meta.value()?.parse().map_err(|error| Error::new(error.span(), format!("expected `{usage}`")))
}

/// Fills a slot that may be filled once.
fn once<T>(slot: &mut Option<T>, meta: &ParseNestedMeta<'_>, value: T) -> Result<()> {
    if slot.replace(value).is_some() {
        return Err(Error::new(meta.path.span(), format!("`{}` is given twice: remove one", name(meta))));
    }
    Ok(())
}

/// Collects errors, so that one compilation reports all of them.
#[derive(Default)]
pub(crate) struct Errors(Option<Error>);

impl Errors {
    /// Keeps the error of a failed result, and returns the value of the other kind.
    pub(crate) fn note<T>(&mut self, result: Result<T>) -> Option<T> {
        let error = match result {
            Ok(value) => return Some(value),
            Err(error) => error,
        };
        match &mut self.0 {
            Some(first) => first.combine(error),
            none => *none = Some(error),
        }
        None
    }

    /// Fails if anything was noted.
    pub(crate) fn finish(self) -> Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}
