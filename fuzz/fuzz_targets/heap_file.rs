//! The replay example's reader.

#![no_main]

#[path = "../src/read_heap_file.rs"]
mod read_heap_file;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| read_heap_file::read(bytes));
