//! Literals: strings, numbers, f-strings.

use ruff_python_ast::{self as ast, Number};

use super::SyntaxError;
use super::compile::{Compiler, Done};
use crate::code::{NOWHERE, Op, Reg};
use crate::heap::Runtime;
use crate::value::Value;

impl<'a, H: Runtime> Compiler<'a, H> {
    pub fn load_string(&mut self, text: &str, dst: Reg) {
        self.load_constant(&format!("s{text}"), || Value::str(text), dst);
    }

    pub(super) fn number(&mut self, number: &ast::ExprNumberLiteral, dst: Reg) -> Done {
        match &number.value {
            Number::Int(int) => match int.as_i64() {
                Some(value) => self.load_int(value, dst),
                None => return self.error("minipy has 64-bit integers", number.range),
            },
            &Number::Float(value) => {
                self.load_constant(&format!("f{}", value.to_bits()), || Value::float(value), dst);
            }
            Number::Complex { .. } => return self.error("minipy has no complex numbers", number.range),
        }
        Ok(())
    }

    pub(super) fn load_int(&mut self, value: i64, dst: Reg) {
        match i32::try_from(value) {
            Ok(value) => self.unit.emit(Op::Int { dst, value }),
            Err(_) => self.load_constant(&format!("i{value}"), || Value::Int(value), dst),
        }
    }

    pub(super) fn fstring(&mut self, string: &'a ast::ExprFString, dst: Reg) -> Done {
        let base = self.unit.temp;
        let mut count = 0;
        for part in string.value.as_slice() {
            match part {
                ast::FStringPart::Literal(literal) => {
                    let reg = self.unit.alloc();
                    self.load_string(literal, reg);
                    count += 1;
                }
                ast::FStringPart::FString(fstring) => count += self.fstring_elements(&fstring.elements)?,
            }
        }
        self.unit.emit(Op::BuildString { dst, base, count });
        Ok(())
    }

    /// The parts of an f-string in consecutive registers; returns how many.
    fn fstring_elements(&mut self, elements: &'a ast::InterpolatedStringElements) -> Result<u32, SyntaxError> {
        let mut count = 0;
        for element in elements.iter() {
            match element {
                ast::InterpolatedStringElement::Literal(literal) => {
                    let reg = self.unit.alloc();
                    self.load_string(&literal.value, reg);
                    count += 1;
                }
                ast::InterpolatedStringElement::Interpolation(element) => {
                    let mut conversion = element.conversion.to_byte().unwrap_or(0);
                    if let Some(debug) = &element.debug_text {
                        let reg = self.unit.alloc();
                        self.load_string(debug.as_str(), reg);
                        count += 1;
                        if conversion == 0 && element.format_spec.is_none() {
                            conversion = b'r';
                        }
                    }
                    let dst = self.unit.alloc();
                    self.scratch(|c| {
                        c.expr(&element.expression, dst)?;
                        let spec = match &element.format_spec {
                            None => NOWHERE,
                            Some(spec) => {
                                let base = c.unit.temp;
                                let count = c.fstring_elements(&spec.elements)?;
                                if count == 0 {
                                    c.unit.alloc();
                                }
                                c.unit.emit(Op::BuildString { dst: base, base, count });
                                base
                            }
                        };
                        c.unit.emit(Op::Format { conversion, dst, src: dst, spec });
                        Ok(())
                    })?;
                    count += 1;
                }
            }
        }
        Ok(count)
    }
}
