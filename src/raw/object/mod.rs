//! One object: what it is, where it is tracked, how it is visited, and its end.
//!
//! | module | |
//! |---|---|
//! | [`type_info`] | what is known of its type |
//! | [`track`] | on which list it is |
//! | [`marks`] | what the collector notes down about it |
//! | [`visit`] | what happens at its edges, in each phase of a collection |
//! | [`destroy`] | its end, when the last handle has gone |
//! | [`leaf`] | that of an object without a table |
//! | [`put_off`] | what is destroyed later |
//! | [`release`] | … and that of its memory |

pub(crate) mod destroy;
mod leaf;
pub(crate) mod marks;
pub(crate) mod put_off;
pub(crate) mod release;
pub(crate) mod track;
pub(crate) mod type_info;
pub(crate) mod visit;
