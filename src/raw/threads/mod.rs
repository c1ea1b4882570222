//! What threads that share a heap have in common: who they are, who may run, and what they leave for each other.
//!
//! | module | |
//! |---|---|
//! | [`seat`] | what is kept for each thread, and what a thread is called |
//! | [`guards`] | guards that keep a thread attached |
//! | [`presence`] | coming in, staying out, and the end of a thread |
//! | [`elsewhere`] | … of several heaps: waiting for one without keeping others waiting in another |
//! | [`stop_the_world`] | heaps that threads use in parallel: stopping all but one |
//! | [`gil`] | heaps that threads use in turns: the global lock |
//! | [`examiners`] | threads that examine their own objects while the others go on |
//! | [`inbox`] | what threads leave for another one |

pub(crate) mod elsewhere;
pub(crate) mod examiners;
pub(crate) mod gil;
pub(crate) mod guards;
pub(crate) mod inbox;
pub(crate) mod presence;
pub(crate) mod seat;
pub(crate) mod stop_the_world;
