//! Programs of heap operations against the oracle.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tricycle_model::fuzz::ops(bytes));
