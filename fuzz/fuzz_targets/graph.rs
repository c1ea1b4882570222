//! Graphs: built, cut, collected, compared.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tricycle_model::fuzz::graph(bytes));
