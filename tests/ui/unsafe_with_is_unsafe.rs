#![forbid(unsafe_code)]

use tricycle::{Trace, Visitor};

#[derive(Trace)]
struct Field(#[trace(unsafe_with = function)] Foreign);

struct Foreign;

fn function(_: &Foreign, _: &mut impl Visitor) {}

fn main() {}
