//! The ban of `Drop` for types that derive [`Trace`](super::Trace): clause 4 of its contract.
//!
//! The derive implements [`UseFinalizeInsteadOfDrop`] for the type. Here it is implemented for everything that implements
//! `Drop`, so for a type that does, the two conflict, and the compiler's error names the trait. That the trait is *this* one,
//! and not another that somebody has put in its place (`#[trace(crate = …)]` is anybody's path), is asked by
//! [`Trace::without_drop`](super::Trace::without_drop), which the derive calls; and that the implementation is the derive's,
//! and not the one below, says [`By`](UseFinalizeInsteadOfDrop::By). Nothing of it depends on what the definition looked
//! like when the derive saw it.

/// What the compiler's error names.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "the derive of `Trace` for `{Self}` did not reach `tricycle`",
    note = "does the path in `#[trace(crate = …)]` lead to the crate?"
)]
pub trait UseFinalizeInsteadOfDrop {
    /// Who implements the trait for this type.
    type By;
}

/// The derive does.
#[doc(hidden)]
#[derive(Debug)]
pub struct ByDerive;

/// The implementation of `Drop` does.
#[doc(hidden)]
#[derive(Debug)]
pub struct ByDrop;

#[expect(
    drop_bounds,
    reason = "what is asked is whether there is an implementation, not whether there is something to drop"
)]
impl<T: Drop + ?Sized> UseFinalizeInsteadOfDrop for T {
    type By = ByDrop;
}
