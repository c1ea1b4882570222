//! Models of what threads do to each other in `src/raw`, each checked in every interleaving within a bound.
//!
//! The modules below `raw` are the library's own files, and the models are unit tests of the library, too, where they run
//! on real threads. `docs/INTERNALS.md`, "Orderings", lists which model fails when which ordering is weakened, and
//! `ci/loom.sh mutants` shows that it does.
#![cfg(test)]

mod raw;
