//! `str`.

use super::methods;
use crate::heap::Runtime;
use crate::memory;
use crate::name::Name;
use crate::value::Value;
use crate::vm::{Args, R, Vm};

pub fn install<H: Runtime>(vm: &Vm<H>) {
    let class = &vm.types.str;
    class.set_construct(|vm, args| match args.get(0) {
        None => Ok(Value::str("")),
        Some(text @ Value::Str(_)) => Ok(text.clone()),
        Some(value) => vm.str(value).map(Value::str),
    });
    methods(
        class,
        &[
            ("upper", |vm, args| map(vm, args, str::to_uppercase)),
            ("lower", |vm, args| map(vm, args, str::to_lowercase)),
            ("casefold", |vm, args| map(vm, args, str::to_lowercase)),
            ("capitalize", |vm, args| {
                map(vm, args, |text| {
                    let mut chars = text.chars();
                    let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
                    first + &chars.as_str().to_lowercase()
                })
            }),
            ("title", |vm, args| map(vm, args, title)),
            ("swapcase", |vm, args| {
                map(vm, args, |text| {
                    let swap = |c: char| -> String {
                        if c.is_uppercase() { c.to_lowercase().collect() } else { c.to_uppercase().collect() }
                    };
                    text.chars().map(swap).collect()
                })
            }),
            ("strip", |vm, args| strip(vm, args, true, true)),
            ("lstrip", |vm, args| strip(vm, args, true, false)),
            ("rstrip", |vm, args| strip(vm, args, false, true)),
            ("split", |vm, args| split(vm, args, false)),
            ("rsplit", |vm, args| split(vm, args, true)),
            ("splitlines", |vm, args| {
                let keep = args.get(1).map_or(Ok(false), |keep| vm.truth(keep))?;
                let lines = this(vm, args)?.split_inclusive('\n');
                let line = |line: &str| Value::str(if keep { line } else { line.trim_end_matches(['\n', '\r']) });
                Ok(Value::list(lines.map(line).collect()))
            }),
            ("partition", |vm, args| {
                let (text, separator) = (this(vm, args)?, text_arg(vm, args, 1)?);
                let (a, b, c) = text.split_once(separator).map_or((text, "", ""), |(a, c)| (a, separator, c));
                Ok(Value::tuple([a, b, c].map(Value::from)))
            }),
            ("rpartition", |vm, args| {
                let (text, separator) = (this(vm, args)?, text_arg(vm, args, 1)?);
                let (a, b, c) = text.rsplit_once(separator).map_or(("", "", text), |(a, c)| (a, separator, c));
                Ok(Value::tuple([a, b, c].map(Value::from)))
            }),
            ("join", |vm, args| {
                let separator = this(vm, args)?;
                let [_, items] = args.exactly::<2>(vm, "join")?;
                let (items, mut len) = (vm.collect(items)?, 0usize);
                for (at, item) in items.iter().enumerate() {
                    vm.checkpoint()?;
                    let Some(text) = item.text() else {
                        let name = vm.type_name(item);
                        let message = format!("sequence item {at}: expected str instance, {name} found");
                        return Err(vm.type_error(message));
                    };
                    len = len.saturating_add(text.len() + separator.len() * usize::from(at > 0));
                }
                let parts = items.iter().filter_map(Value::text).enumerate();
                let pieces = parts.flat_map(|(at, text)| [if at > 0 { separator } else { "" }, text]);
                memory::concat(Some(len), pieces).map(Value::str).map_err(|none| vm.no_memory(none))
            }),
            ("replace", |vm, args| {
                let (text, old, new) = (this(vm, args)?, text_arg(vm, args, 1)?, text_arg(vm, args, 2)?);
                let count = args.get(3).map_or(Ok(-1), |count| vm.to_index(count))?;
                let count = usize::try_from(count).unwrap_or(usize::MAX);
                let places = text.matches(old).take(count).count();
                let len =
                    places.checked_mul(new.len()).and_then(|len| len.checked_add(text.len() - places * old.len()));
                let result = memory::concat(len, []).map(|mut result| {
                    let mut done = 0;
                    for (at, _) in text.match_indices(old).take(places) {
                        result.push_str(&text[done..at]);
                        result.push_str(new);
                        done = at + old.len();
                    }
                    result.push_str(&text[done..]);
                    result
                });
                result.map(Value::str).map_err(|none| vm.no_memory(none))
            }),
            ("startswith", |vm, args| affix(vm, args, |text, part| text.starts_with(part))),
            ("endswith", |vm, args| affix(vm, args, |text, part| text.ends_with(part))),
            ("removeprefix", |vm, args| {
                let (text, part) = (this(vm, args)?, text_arg(vm, args, 1)?);
                Ok(Value::str(text.strip_prefix(part).unwrap_or(text)))
            }),
            ("removesuffix", |vm, args| {
                let (text, part) = (this(vm, args)?, text_arg(vm, args, 1)?);
                Ok(Value::str(text.strip_suffix(part).unwrap_or(text)))
            }),
            ("find", |vm, args| Ok(Value::Int(find(vm, args, false)?.map_or(-1, |at| at as i64)))),
            ("rfind", |vm, args| Ok(Value::Int(find(vm, args, true)?.map_or(-1, |at| at as i64)))),
            ("index", |vm, args| {
                find(vm, args, false)?.map(Value::from).ok_or_else(|| vm.value_error("substring not found"))
            }),
            ("rindex", |vm, args| {
                find(vm, args, true)?.map(Value::from).ok_or_else(|| vm.value_error("substring not found"))
            }),
            ("count", |vm, args| {
                let (text, part) = (this(vm, args)?, text_arg(vm, args, 1)?);
                Ok(Value::from(if part.is_empty() { text.chars().count() + 1 } else { text.matches(part).count() }))
            }),
            ("isdigit", |vm, args| every(vm, args, |c| c.is_numeric())),
            ("isdecimal", |vm, args| every(vm, args, |c| c.is_ascii_digit())),
            ("isnumeric", |vm, args| every(vm, args, char::is_numeric)),
            ("isalpha", |vm, args| every(vm, args, char::is_alphabetic)),
            ("isalnum", |vm, args| every(vm, args, char::is_alphanumeric)),
            ("isspace", |vm, args| every(vm, args, char::is_whitespace)),
            ("isupper", |vm, args| cased(vm, args, char::is_lowercase, char::is_uppercase)),
            ("islower", |vm, args| cased(vm, args, char::is_uppercase, char::is_lowercase)),
            ("isidentifier", |vm, args| {
                let text = this(vm, args)?;
                let first = text.starts_with(|c: char| c.is_alphabetic() || c == '_');
                Ok(Value::bool(first && text.chars().all(|c| c.is_alphanumeric() || c == '_')))
            }),
            ("ljust", |vm, args| justify(vm, args, |_| 0)),
            ("rjust", |vm, args| justify(vm, args, |missing| missing)),
            ("center", |vm, args| {
                let width = vm.to_index(args.get(1).unwrap_or(&Value::None))?;
                // CPython puts the odd one to the left if the width is odd.
                justify(vm, args, if width % 2 == 1 { |missing| missing.div_ceil(2) } else { |missing| missing / 2 })
            }),
            ("zfill", |vm, args| {
                let text = this(vm, args)?;
                let width = vm.to_index(&args.positional[1])?.max(0) as usize;
                let (sign, digits) = text.split_at(usize::from(text.starts_with(['-', '+'])));
                let zeros = vm.repeated("0", width.saturating_sub(text.chars().count()))?;
                Ok(Value::str(vm.concat(&[sign, &zeros, digits])?))
            }),
            ("expandtabs", |vm, args| {
                let size = args.get(1).map_or(Ok(8), |size| vm.to_index(size))?.max(0) as usize;
                let (mut result, mut column) = (String::new(), 0);
                for c in this(vm, args)?.chars() {
                    match c {
                        '\t' => {
                            let spaces = if size == 0 { 0 } else { size - column % size };
                            result.push_str(&vm.repeated(" ", spaces)?);
                            column += spaces;
                        }
                        c => {
                            result.push(c);
                            column = if c == '\n' { 0 } else { column + 1 };
                        }
                    }
                }
                Ok(Value::str(result))
            }),
            ("format", |vm, args| vm.format_method(this(vm, args)?, args.rest()).map(Value::str)),
            ("__len__", |vm, args| vm.len(&args.positional[0]).map(Value::from)),
            ("__contains__", |vm, args| {
                let [text, part] = args.exactly::<2>(vm, "__contains__")?;
                vm.contains(text, part).map(Value::bool)
            }),
        ],
    );
}

fn this<'a, H: Runtime>(vm: &Vm<H>, args: Args<'a, H>) -> R<&'a str, H> {
    args.get(0).and_then(Value::text).ok_or_else(|| vm.type_error("descriptor requires a 'str' object"))
}

fn text_arg<'a, H: Runtime>(vm: &Vm<H>, args: Args<'a, H>, at: usize) -> R<&'a str, H> {
    match args.get(at) {
        Some(Value::Str(text)) => Ok(text),
        Some(other) => Err(vm.type_error(format!("must be str, not {}", vm.type_name(other)))),
        None => Err(vm.type_error(format!("expected at least {at} argument, got {}", args.len() - 1))),
    }
}

fn map<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>, f: fn(&str) -> String) -> R<Value<H>, H> {
    Ok(Value::str(f(this(vm, args)?)))
}

fn title(text: &str) -> String {
    let mut inside = false;
    let mut result = String::new();
    for c in text.chars() {
        if inside {
            result.extend(c.to_lowercase());
        } else {
            result.extend(c.to_uppercase());
        }
        inside = c.is_alphabetic();
    }
    result
}

fn strip<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>, left: bool, right: bool) -> R<Value<H>, H> {
    let text = this(vm, args)?;
    let chars = match args.get(1) {
        None | Some(Value::None) => None,
        Some(_) => Some(text_arg(vm, args, 1)?),
    };
    let goes = |c: char| chars.map_or(c.is_whitespace(), |chars| chars.contains(c));
    let text = if left { text.trim_start_matches(goes) } else { text };
    Ok(Value::str(if right { text.trim_end_matches(goes) } else { text }))
}

fn split<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>, from_right: bool) -> R<Value<H>, H> {
    let text = this(vm, args)?;
    let limit = args.get_or_keyword(2, Name::of("maxsplit")).map_or(Ok(-1), |limit| vm.to_index(limit))?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX - 1);
    let parts: Vec<&str> = match args.get_or_keyword(1, Name::of("sep")) {
        None | Some(Value::None) => split_whitespace(text, limit, from_right),
        Some(separator) => {
            let Some(separator) = separator.text() else {
                return Err(vm.type_error(format!("must be str or None, not {}", vm.type_name(separator))));
            };
            if separator.is_empty() {
                return Err(vm.value_error("empty separator"));
            }
            if from_right {
                let mut parts: Vec<&str> = text.rsplitn(limit + 1, separator).collect();
                parts.reverse();
                parts
            } else {
                text.splitn(limit + 1, separator).collect()
            }
        }
    };
    Ok(Value::list(parts.into_iter().map(Value::from).collect()))
}

fn split_whitespace(text: &str, limit: usize, from_right: bool) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let at = if from_right { rest.rfind(char::is_whitespace) } else { rest.find(char::is_whitespace) };
        let Some(at) = at.filter(|_| parts.len() < limit) else {
            parts.push(rest);
            break;
        };
        let (before, after) = rest.split_at(at);
        if from_right {
            parts.push(after.trim_start());
            rest = before.trim_end();
        } else {
            parts.push(before);
            rest = after.trim_start();
        }
    }
    if from_right {
        parts.reverse();
    }
    parts
}

fn affix<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>, f: fn(&str, &str) -> bool) -> R<Value<H>, H> {
    let text = this(vm, args)?;
    let skip = args.get(2).map_or(Ok(0), |start| vm.to_index(start))?.max(0) as usize;
    let text = text.char_indices().nth(skip).map_or("", |(at, _)| &text[at..]);
    match args.get(1) {
        Some(Value::Str(part)) => Ok(Value::bool(f(text, part))),
        Some(Value::Tuple(parts)) => {
            Ok(Value::bool(parts.items.iter().filter_map(Value::text).any(|part| f(text, part))))
        }
        _ => Err(vm.type_error("startswith first arg must be str or a tuple of str")),
    }
}

/// Where a part is, in characters.
fn find<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>, last: bool) -> R<Option<usize>, H> {
    let (text, part) = (this(vm, args)?, text_arg(vm, args, 1)?);
    let len = text.chars().count() as i64;
    let bound = |at: usize, default: i64| {
        let value = args.get(at).filter(|value| !value.is_none()).map_or(Ok(default), |value| vm.to_index(value))?;
        Ok(if value < 0 { (value + len).max(0) } else { value.min(len) } as usize)
    };
    let (from, to) = (bound(2, 0)?, bound(3, len)?);
    if from > to {
        return Ok(None);
    }
    let offset = |at: usize| text.char_indices().nth(at).map_or(text.len(), |(offset, _)| offset);
    let within = &text[offset(from)..offset(to)];
    let found = if last { within.rfind(part) } else { within.find(part) };
    Ok(found.map(|at| from + within[..at].chars().count()))
}

fn every<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>, f: fn(char) -> bool) -> R<Value<H>, H> {
    let text = this(vm, args)?;
    Ok(Value::bool(!text.is_empty() && text.chars().all(f)))
}

fn cased<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>, not: fn(char) -> bool, yes: fn(char) -> bool) -> R<Value<H>, H> {
    let text = this(vm, args)?;
    Ok(Value::bool(text.chars().any(yes) && !text.chars().any(not)))
}

/// Fills up to a width; `left` says how much of what is missing goes to the left.
fn justify<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>, left: fn(usize) -> usize) -> R<Value<H>, H> {
    let text = this(vm, args)?;
    let width = vm.to_index(args.get(1).unwrap_or(&Value::None))?.max(0) as usize;
    let fill = args.get(2).map_or(Ok(" "), |_| text_arg(vm, args, 2))?;
    let missing = width.saturating_sub(text.chars().count());
    let before = left(missing);
    let (left, right) = (vm.repeated(fill, before)?, vm.repeated(fill, missing - before)?);
    Ok(Value::str(vm.concat(&[&left, text, &right])?))
}
