#![warn(unsafe_code)]

use tricycle::{Trace, Visitor};

#[expect(unsafe_code)]
mod field {
    #[derive(super::Trace)]
    pub struct Field(#[trace(unsafe_with = super::function)] pub super::Foreign);
}

pub struct Foreign;

fn function(_: &Foreign, _: &mut impl Visitor) {}

#[test]
fn passes() {
    field::Field(Foreign);
}
