//! Small programs in which threads use the concurrent parts of the library. Under loom every interleaving of each is tried,
//! elsewhere some.

mod count;
mod elsewhere;
mod ends;
mod examiners;
mod gil;
mod inbox;
mod latch;
mod remote;
mod rest;
mod solo;
mod stop;
#[cfg(not(loom))]
mod stress;
mod support;
mod tenancy;
mod turn_latch;
