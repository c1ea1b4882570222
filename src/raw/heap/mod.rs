//! What a heap keeps.
//!
//! | module | |
//! |---|---|
//! | [`sharing`] | whether threads use it together, and how |
//! | [`slot`] | what a thread has of it, in a `base::thread_slot`: the way to its state, and its seat |
//! | [`state`] | the state: of one thread, or of all that take turns |
//! | [`world`], [`stack`] | … what all threads have in common, and what belongs to the stack of each |
//! | [`generations`] | the lists of the generations, and those of the collector |
//! | [`progress`], [`pace`] | how far a collection in steps is, and what collections are paced by |
//! | [`rest`] | where threads wait for the one that collects |
//! | [`backlog`], [`loose`], [`part`] | destruction that was put off |
//! | [`side_table`], [`ephemerons`] | what few objects have: weak callbacks, external bytes, and entries of weak maps |
//! | [`commons`] | what the threads that share it have in common, and how they get in |
//! | [`stop`] | one thread has it to itself, and puts together what the others have |
//! | [`merge_queue`] | objects whose counts only their owner can merge |
//! | [`deferred_drop`] | handles that were dropped outside |
//! | [`slow`] | waits that take long, and who is waited for |
//!
//! A heap that is used in turns has one [`State`](state::State), and so is to a collector what a heap of one thread is: what other
//! threads do while the lock is given away happens in the middle of user code. On a heap that is used in parallel each seat has
//! a state of its own, with a young list and a pool; the rest is the [`World`](world::World)'s.

pub(crate) mod backlog;
pub(crate) mod commons;
pub(crate) mod deferred_drop;
pub(crate) mod ephemerons;
pub(crate) mod generations;
pub(crate) mod loose;
pub(crate) mod merge_queue;
pub(crate) mod pace;
pub(crate) mod part;
pub(crate) mod progress;
pub(crate) mod rest;
pub(crate) mod sharing;
pub(crate) mod side_table;
pub(crate) mod slot;
pub(crate) mod slow;
pub(crate) mod stack;
pub(crate) mod state;
pub(crate) mod stop;
pub(crate) mod suspects;
pub(crate) mod world;
