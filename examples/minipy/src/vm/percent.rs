//! `"…" % arguments`.

use super::format::Spec;
use super::{R, Vm};
use crate::heap::Runtime;
use crate::value::Value;

impl<H: Runtime> Vm<H> {
    pub(super) fn percent_format(&self, format: &str, argument: &Value<H>) -> R<String, H> {
        let arguments: Vec<Value<H>> = match argument {
            Value::Tuple(tuple) => tuple.items.to_vec(),
            other => vec![other.clone()],
        };
        let mut next = 0;
        let mut result = String::new();
        let mut chars = format.chars().peekable();
        while let Some(c) = chars.next() {
            if c != '%' {
                result.push(c);
                continue;
            }
            let mut key = None;
            if chars.peek() == Some(&'(') {
                chars.next();
                key = Some(chars.by_ref().take_while(|c| *c != ')').collect::<String>());
            }
            let mut spec = Spec::default();
            let mut left = false;
            while let Some(flag @ ('-' | '+' | ' ' | '0' | '#')) = chars.peek().copied() {
                chars.next();
                match flag {
                    '-' => left = true,
                    '0' => {
                        spec.fill = Some('0');
                        spec.align = Some('=');
                    }
                    '#' => spec.alternate = true,
                    sign => spec.sign = Some(sign),
                }
            }
            let mut take = || -> R<Value<H>, H> {
                next += 1;
                arguments
                    .get(next - 1)
                    .cloned()
                    .ok_or_else(|| self.type_error("not enough arguments for format string"))
            };
            let mut number = |chars: &mut std::iter::Peekable<std::str::Chars<'_>>| -> R<Result<i64, ()>, H> {
                if chars.peek() == Some(&'*') {
                    chars.next();
                    return Ok(Ok(self.to_index(&take()?)?));
                }
                let mut digits = String::new();
                while let Some(digit) = chars.next_if(char::is_ascii_digit) {
                    digits.push(digit);
                }
                Ok(if digits.is_empty() { Ok(0) } else { digits.parse().map_err(drop) })
            };
            let width = number(&mut chars)?.map_err(|()| self.value_error("width too big"))?;
            left |= width < 0;
            spec.width = width.unsigned_abs() as usize;
            if chars.peek() == Some(&'.') {
                chars.next();
                let precision = number(&mut chars)?.ok().filter(|precision| *precision <= i64::from(i32::MAX));
                let precision = precision.ok_or_else(|| self.value_error("precision too big"))?;
                spec.precision = Some(precision.max(0) as usize);
            }
            let Some(kind) = chars.next() else { return Err(self.value_error("incomplete format")) };
            if left {
                spec.align = Some('<');
                spec.fill = None;
            }
            if kind == '%' {
                result.push('%');
                continue;
            }
            let value = match key {
                Some(key) => self.get_item(argument, &Value::str(key))?,
                None => take()?,
            };
            result.push_str(&self.percent_one(kind, spec, &value)?);
        }
        if next < arguments.len() && matches!(argument, Value::Tuple(_)) {
            return Err(self.type_error("not all arguments converted during string formatting"));
        }
        if next == 0
            && !matches!(argument, Value::Tuple(_) | Value::Dict(_))
            && argument.object().is_none()
            && !format.contains("%(")
        {
            return Err(self.type_error("not all arguments converted during string formatting"));
        }
        Ok(result)
    }

    fn percent_one(&self, kind: char, mut spec: Spec, value: &Value<H>) -> R<String, H> {
        let right = |mut spec: Spec, text: &str| {
            spec.align = spec.align.filter(|align| *align != '=').or(Some('>'));
            spec.fill = None;
            spec.text(text)
        };
        spec.kind = Some(kind);
        self.room_for(&spec)?;
        Ok(match kind {
            's' => right(spec, &self.str(value)?),
            'r' => right(spec, &self.repr(value)?),
            'a' => right(spec, &self.ascii(value)?),
            'd' | 'i' | 'u' | 'x' | 'X' | 'o' => {
                let number = match value {
                    Value::Float(value) if matches!(kind, 'd' | 'i' | 'u') => value.get() as i64,
                    value => self.as_index(value).ok_or_else(|| {
                        let name = self.type_name(value);
                        let what = if matches!(kind, 'd' | 'i' | 'u') { "a real number" } else { "an integer" };
                        self.type_error(format!("%{kind} format: {what} is required, not {name}"))
                    })?,
                };
                if let Some(precision) = spec.precision.take() {
                    return Ok(right(spec.clone(), &spec.int_of(number, precision)));
                }
                spec.int(number)
            }
            'f' | 'F' | 'e' | 'E' | 'g' | 'G' => spec.float(self.to_float(value)?),
            'c' => match value {
                Value::Str(text) => right(spec, text),
                value => {
                    let c = u32::try_from(self.to_index(value)?).ok().and_then(char::from_u32);
                    right(spec, &c.unwrap_or(' ').to_string())
                }
            },
            other => {
                let code = other as u32;
                return Err(self.value_error(format!("unsupported format character '{other}' ({code:#x}) at index 0")));
            }
        })
    }
}
