#![forbid(unsafe_code)]

use tricycle::Trace;

#[derive(Trace)]
#[trace(unsafe_drop)]
struct Guard(u8);

impl Drop for Guard {
    fn drop(&mut self) {}
}

fn main() {}
