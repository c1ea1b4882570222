//! What tests of cyclic graphs need.
