//! Numbers as text.

/// As `repr(float)`: the shortest digits that mean the same number.
pub fn float_repr(value: f64) -> String {
    if value.is_nan() {
        return "nan".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf".into() } else { "-inf".into() };
    }
    if value == 0.0 {
        return if value.is_sign_negative() { "-0.0".into() } else { "0.0".into() };
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').expect("`e` formats with an exponent");
    let exponent: i32 = exponent.parse().expect("it is a number");
    if (-4..16).contains(&exponent) {
        let plain = format!("{value}");
        if plain.contains('.') { plain } else { plain + ".0" }
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{digits}e{sign}{:02}", exponent.abs())
    }
}

/// As `int(text, base)`. Outer `Err` if it is not a number, inner one if it does not fit.
pub fn parse_int(text: &str, base: u32) -> Result<Result<i64, ()>, ()> {
    let text = text.trim();
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let lower = digits.to_ascii_lowercase();
    let (base, digits) = match (base, lower.get(..2)) {
        (0 | 16, Some("0x")) => (16, &digits[2..]),
        (0 | 8, Some("0o")) => (8, &digits[2..]),
        (0 | 2, Some("0b")) => (2, &digits[2..]),
        (0, _) => (10, digits),
        (base, _) => (base, digits),
    };
    let bytes = digits.as_bytes();
    let well_placed =
        bytes.first().is_some_and(|&c| c != b'_') && bytes.last() != Some(&b'_') && !digits.contains("__");
    if !well_placed || !digits.chars().all(|c| c == '_' || c.is_digit(base)) {
        return Err(());
    }
    let mut value = 0i128;
    for digit in digits.chars().filter_map(|c| c.to_digit(base)) {
        value = value.saturating_mul(i128::from(base)).saturating_add(i128::from(digit));
    }
    Ok(i64::try_from(if negative { -value } else { value }).map_err(drop))
}

/// As `float(text)`.
pub fn parse_float(text: &str) -> Option<f64> {
    let text = text.trim();
    let bare = text.trim_start_matches(['+', '-']).to_ascii_lowercase();
    match bare.as_str() {
        "inf" | "infinity" | "nan" => {}
        _ if bare.starts_with(|c: char| c.is_ascii_digit() || c == '.') => {}
        _ => return None,
    }
    if text.ends_with('_') || text.contains("__") {
        return None;
    }
    text.replace('_', "").parse().ok()
}
