//! Format specifications: `format(value, spec)`, f-strings, `str.format`.

use super::{R, Vm, float_repr};
use crate::heap::Runtime;
use crate::memory;
use crate::name::names;
use crate::value::Value;

/// `[[fill]align][sign][#][0][width][grouping][.precision][type]`
#[derive(Default, Clone)]
pub(super) struct Spec {
    pub fill: Option<char>,
    pub align: Option<char>,
    pub sign: Option<char>,
    pub alternate: bool,
    pub width: usize,
    pub grouping: Option<char>,
    pub precision: Option<usize>,
    pub kind: Option<char>,
}

/// What is wrong with a specification.
enum BadSpec {
    Invalid,
    /// A width or precision is beyond 64 bits.
    TooLarge,
}

impl Spec {
    fn parse(text: &str) -> Result<Self, BadSpec> {
        let mut spec = Spec::default();
        let chars: Vec<char> = text.chars().collect();
        let is_align = |c: Option<&char>| matches!(c, Some('<' | '>' | '^' | '='));
        let mut at = 0;
        if is_align(chars.get(1)) {
            spec.fill = Some(chars[0]);
            spec.align = Some(chars[1]);
            at = 2;
        } else if is_align(chars.first()) {
            spec.align = Some(chars[0]);
            at = 1;
        }
        if let Some(sign @ ('+' | '-' | ' ')) = chars.get(at) {
            spec.sign = Some(*sign);
            at += 1;
        }
        if chars.get(at) == Some(&'#') {
            spec.alternate = true;
            at += 1;
        }
        if chars.get(at) == Some(&'0') {
            spec.fill = spec.fill.or(Some('0'));
            spec.align = spec.align.or(Some('='));
            at += 1;
        }
        let number = |at: &mut usize| {
            let start = *at;
            while chars.get(*at).is_some_and(char::is_ascii_digit) {
                *at += 1;
            }
            let digits: String = chars[start..*at].iter().collect();
            if digits.is_empty() { Ok(None) } else { digits.parse().map(Some).map_err(|_| BadSpec::TooLarge) }
        };
        spec.width = number(&mut at)?.unwrap_or(0);
        if let Some(grouping @ (',' | '_')) = chars.get(at) {
            spec.grouping = Some(*grouping);
            at += 1;
        }
        if chars.get(at) == Some(&'.') {
            at += 1;
            spec.precision = Some(number(&mut at)?.ok_or(BadSpec::Invalid)?);
        }
        spec.kind = chars.get(at).copied();
        if chars.len() <= at + 1 { Ok(spec) } else { Err(BadSpec::Invalid) }
    }

    /// Fills up to the width.
    pub fn pad(&self, text: &str, default_align: char) -> String {
        let missing = self.width.saturating_sub(text.chars().count());
        let fill = self.fill.unwrap_or(' ');
        let fill = |count: usize| fill.to_string().repeat(count);
        match self.align.unwrap_or(default_align) {
            '<' => text.to_owned() + &fill(missing),
            '^' => fill(missing / 2) + text + &fill(missing - missing / 2),
            '=' => {
                let sign = text.find(|c: char| !matches!(c, '+' | '-' | ' ')).unwrap_or(0);
                format!("{}{}{}", &text[..sign], fill(missing), &text[sign..])
            }
            _ => fill(missing) + text,
        }
    }

    fn signed(&self, negative: bool, digits: String) -> String {
        match (negative, self.sign) {
            (true, _) => format!("-{digits}"),
            (false, Some(sign @ ('+' | ' '))) => format!("{sign}{digits}"),
            _ => digits,
        }
    }

    fn group(&self, digits: &str, every: usize) -> String {
        let Some(separator) = self.grouping else { return digits.to_owned() };
        let (whole, rest) = digits.split_at(digits.find(['.', 'e']).unwrap_or(digits.len()));
        let mut grouped = String::new();
        for (at, c) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at).is_multiple_of(every) {
                grouped.push(separator);
            }
            grouped.push(c);
        }
        grouped + rest
    }

    pub fn int(&self, value: i64) -> String {
        self.pad(&self.int_of(value, 0), '>')
    }

    /// The same without the width, and with so many digits at least.
    pub fn int_of(&self, value: i64, least: usize) -> String {
        let magnitude = value.unsigned_abs();
        let (digits, prefix, every) = match self.kind {
            Some('x') => (format!("{magnitude:x}"), "0x", 4),
            Some('X') => (format!("{magnitude:X}"), "0X", 4),
            Some('o') => (format!("{magnitude:o}"), "0o", 4),
            Some('b') => (format!("{magnitude:b}"), "0b", 4),
            _ => (magnitude.to_string(), "", 3),
        };
        let prefix = if self.alternate { prefix } else { "" };
        let zeros = "0".repeat(least.saturating_sub(digits.len()));
        self.signed(value < 0, format!("{prefix}{zeros}{}", self.group(&digits, every)))
    }

    pub fn float(&self, value: f64) -> String {
        let magnitude = value.abs();
        let precision = self.precision.unwrap_or(6);
        let digits = if !magnitude.is_finite() {
            let text = if magnitude.is_nan() { "nan" } else { "inf" };
            if matches!(self.kind, Some('F' | 'E' | 'G')) { text.to_uppercase() } else { text.to_owned() }
        } else {
            match self.kind {
                Some('f' | 'F') => fixed(magnitude, precision),
                Some('%') => fixed(magnitude * 100.0, precision) + "%",
                Some('e') => exponent(&scientific(magnitude, precision)),
                Some('E') => exponent(&scientific(magnitude, precision)).to_uppercase(),
                Some('g') => general(magnitude, precision, self.alternate),
                Some('G') => general(magnitude, precision, self.alternate).to_uppercase(),
                _ => match self.precision {
                    Some(precision) => {
                        let text = general(magnitude, precision, false);
                        if text.contains(['.', 'e']) { text } else { text + ".0" }
                    }
                    None => float_repr(magnitude),
                },
            }
        };
        let negative = value.is_sign_negative() && !value.is_nan();
        let text = self.signed(negative, self.group(&digits, 3));
        self.pad(&text, '>')
    }

    pub fn text(&self, text: &str) -> String {
        let cut: String = match self.precision {
            Some(precision) => text.chars().take(precision).collect(),
            None => text.to_owned(),
        };
        self.pad(&cut, '<')
    }
}

/// No float has more digits than this: after the point, or in all. The rest are zeros.
const MOST_DIGITS: usize = 1100;

/// So many digits after the point. Rust's own limit is 65535.
fn fixed(value: f64, precision: usize) -> String {
    let digits = format!("{value:.*}", precision.min(MOST_DIGITS));
    digits + &"0".repeat(precision.saturating_sub(MOST_DIGITS))
}

/// The same, with an exponent.
fn scientific(value: f64, precision: usize) -> String {
    let text = format!("{value:.*e}", precision.min(MOST_DIGITS));
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    format!("{digits}{}e{exponent}", "0".repeat(precision.saturating_sub(MOST_DIGITS)))
}

/// Writes the exponent as C does: a sign, and two digits at least.
fn exponent(text: &str) -> String {
    let Some((digits, exponent)) = text.split_once('e') else { return text.to_owned() };
    let value: i32 = exponent.parse().unwrap_or(0);
    format!("{digits}e{}{:02}", if value < 0 { '-' } else { '+' }, value.abs())
}

/// `%g`: so many significant digits, in whichever notation is shorter.
fn general(value: f64, precision: usize, keep_zeros: bool) -> String {
    let precision = precision.max(1);
    if value == 0.0 {
        return "0".into();
    }
    let scientific = scientific(value, precision - 1);
    let power: i32 = scientific.split_once('e').and_then(|(_, power)| power.parse().ok()).unwrap_or(0);
    let trim = |text: &str| {
        if keep_zeros || !text.contains('.') {
            text.to_owned()
        } else {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
    };
    if power < -4 || i64::from(power) >= precision as i64 {
        let (digits, power) = scientific.split_once('e').unwrap_or((&scientific, "0"));
        exponent(&format!("{}e{power}", trim(digits)))
    } else {
        trim(&fixed(value, (precision as i64 - 1 - i64::from(power)).max(0) as usize))
    }
}

impl<H: Runtime> Vm<H> {
    /// Python's `format`.
    pub fn format(&self, value: &Value<H>, text: &str) -> R<String, H> {
        if value.object().is_some()
            && let Some(method) = self.special(value, names::FORMAT)
        {
            return match self.nested(|| self.call(&method, super::Args::of(&[value.clone(), Value::str(text)])))? {
                Value::Str(text) => Ok(text.to_string()),
                _ => Err(self.type_error("__format__ must return a str")),
            };
        }
        if text.is_empty() {
            return self.str(value);
        }
        let name = self.type_name(value);
        let spec = Spec::parse(text).map_err(|bad| match bad {
            BadSpec::Invalid => {
                self.value_error(format!("Invalid format specifier '{text}' for object of type '{name}'"))
            }
            BadSpec::TooLarge => self.value_error("Too many decimal digits in format string"),
        })?;
        let kind = spec.kind.unwrap_or('\0');
        self.room_for(&spec)?;
        let is_float = matches!(value, Value::Float(_)) || matches!(kind, 'f' | 'F' | 'e' | 'E' | 'g' | 'G' | '%');
        if is_float && spec.precision.is_some_and(|precision| precision > i32::MAX as usize) {
            return Err(self.value_error("precision too big"));
        }
        let unknown = || self.value_error(format!("Unknown format code '{kind}' for object of type '{name}'"));
        match value {
            Value::Int(_) | Value::Bool(_) if matches!(kind, 'f' | 'F' | 'e' | 'E' | 'g' | 'G' | '%') => {
                Ok(spec.float(self.to_float(value)?))
            }
            Value::Int(value) => match kind {
                '\0' | 'd' | 'n' | 'x' | 'X' | 'o' | 'b' => Ok(spec.int(*value)),
                'c' => {
                    Ok(spec.pad(&u32::try_from(*value).ok().and_then(char::from_u32).unwrap_or(' ').to_string(), '<'))
                }
                _ => Err(unknown()),
            },
            Value::Bool(value) if kind == 'd' => Ok(spec.int(i64::from(value.get()))),
            Value::Bool(value) if kind == '\0' => Ok(spec.pad(if value.get() { "True" } else { "False" }, '>')),
            Value::Float(value) => match kind {
                '\0' | 'f' | 'F' | 'e' | 'E' | 'g' | 'G' | '%' | 'n' => Ok(spec.float(value.get())),
                _ => Err(unknown()),
            },
            Value::Str(text) => match kind {
                '\0' | 's' => Ok(spec.text(text)),
                _ => Err(unknown()),
            },
            _ => Err(self.type_error(format!("unsupported format string passed to {name}.__format__"))),
        }
    }

    /// Whether there is memory for a text of the width and precision that a specification asks for.
    pub(super) fn room_for(&self, spec: &Spec) -> R<(), H> {
        let wide = if spec.kind == Some('s') { 0 } else { spec.precision.unwrap_or(0) };
        let len = spec.width.saturating_add(wide);
        if len < 1 << 16 {
            return Ok(());
        }
        // The text, what fills it up, and the two together.
        memory::probe(len.saturating_mul(3)).map_err(|none| self.no_memory(none))
    }

    /// `str.format`.
    pub fn format_method(&self, text: &str, args: super::Args<'_, H>) -> R<String, H> {
        let mut result = String::new();
        let mut chars = text.chars().peekable();
        let mut automatic = 0;
        while let Some(c) = chars.next() {
            match c {
                '{' if chars.peek() == Some(&'{') => result.push(chars.next().unwrap_or('{')),
                '}' if chars.peek() == Some(&'}') => result.push(chars.next().unwrap_or('}')),
                '}' => return Err(self.value_error("Single '}' encountered in format string")),
                '{' => {
                    let mut field = String::new();
                    let mut depth = 1;
                    for c in chars.by_ref() {
                        depth += match c {
                            '{' => 1,
                            '}' => -1,
                            _ => 0,
                        };
                        if depth == 0 {
                            break;
                        }
                        field.push(c);
                    }
                    if depth > 0 {
                        return Err(self.value_error("expected '}' before end of string"));
                    }
                    result.push_str(&self.format_field(&field, args, &mut automatic, false)?);
                }
                c => result.push(c),
            }
        }
        Ok(result)
    }

    fn format_field(&self, field: &str, args: super::Args<'_, H>, automatic: &mut usize, nested: bool) -> R<String, H> {
        let (target, spec) = field.split_once(':').unwrap_or((field, ""));
        let (target, conversion) = target.split_once('!').unwrap_or((target, ""));
        let end = target.find(['.', '[']).unwrap_or(target.len());
        let (first, mut path) = target.split_at(end);
        let mut value = if first.is_empty() {
            *automatic += 1;
            args.get(*automatic - 1).cloned()
        } else if let Ok(index) = first.parse::<usize>() {
            args.get(index).cloned()
        } else {
            let found = args.keyword(crate::name::Name::of(first)).cloned();
            Some(found.ok_or_else(|| self.key_error(&Value::str(first)))?)
        }
        .ok_or_else(|| self.index_error("Replacement index out of range for positional args tuple"))?;
        while !path.is_empty() {
            let skip = path.strip_prefix('.').map(|rest| rest.find(['.', '[']).unwrap_or(rest.len()));
            if let Some(len) = skip {
                value = self.get_attribute(&value, crate::name::Name::of(&path[1..=len]))?;
                path = &path[len + 1..];
            } else {
                let Some((key, rest)) = path[1..].split_once(']') else {
                    return Err(self.value_error("Missing ']' in format string"));
                };
                let key = key.parse::<i64>().map_or_else(|_| Value::str(key), Value::Int);
                value = self.get_item(&value, &key)?;
                path = rest;
            }
        }
        value = match conversion {
            "r" => Value::str(self.repr(&value)?),
            "s" => Value::str(self.str(&value)?),
            "a" => Value::str(self.ascii(&value)?),
            _ => value,
        };
        // A specification may have fields of its own.
        let spec = if spec.contains('{') {
            if nested {
                return Err(self.value_error("Max string recursion exceeded"));
            }
            let mut nested = String::new();
            let mut rest = spec;
            while let Some((before, after)) = rest.split_once('{') {
                let Some((inner, after)) = after.split_once('}') else { break };
                nested.push_str(before);
                nested.push_str(&self.format_field(inner, args, automatic, true)?);
                rest = after;
            }
            nested + rest
        } else {
            spec.to_owned()
        };
        self.format(&value, &spec)
    }
}
