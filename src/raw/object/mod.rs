//! One object: what it is, where it is tracked, how it is visited, and its end.
//!
//! | module | |
//! |---|---|
//! | [`type_info`] | what is known of its type |
//! | [`track`] | on which list it is |
//! | [`marks`] | what the collector notes down about it |
//! | [`visit`] | what happens at its edges, in each phase of a collection |
//! | [`destroy`] | its end, when the last handle has gone |
//! | [`release`] | … and that of its memory |

pub(crate) mod destroy;
pub(crate) mod marks;
pub(crate) mod release;
pub(crate) mod track;
pub(crate) mod type_info;
pub(crate) mod visit;
