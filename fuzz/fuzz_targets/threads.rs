//! Programs of heap operations, on threads that take turns, against the oracle.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tricycle_model::fuzz::threads(bytes));
