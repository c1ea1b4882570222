//! Arguments: of built-in functions, and how those of a call become the registers of a function.

use tricycle::Gc;

use super::{R, Vm};
use crate::heap::Runtime;
use crate::name::Name;
use crate::object::{Class, Dict, Function, List};
use crate::value::Value;

/// The arguments of a call.
pub struct Args<'a, H: Runtime> {
    pub positional: &'a [Value<H>],
    pub keywords: &'a [(Name, Value<H>)],
}

impl<H: Runtime> Clone for Args<'_, H> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<H: Runtime> Copy for Args<'_, H> {}

impl<'a, H: Runtime> Args<'a, H> {
    pub fn none() -> Self {
        Args { positional: &[], keywords: &[] }
    }

    pub fn of(positional: &'a [Value<H>]) -> Self {
        Args { positional, keywords: &[] }
    }

    pub fn len(&self) -> usize {
        self.positional.len()
    }

    /// All but the first: of a method, those after `self`.
    pub fn rest(self) -> Self {
        Args { positional: self.positional.get(1..).unwrap_or(&[]), keywords: self.keywords }
    }

    pub fn get(&self, at: usize) -> Option<&'a Value<H>> {
        self.positional.get(at)
    }

    pub fn keyword(&self, name: Name) -> Option<&'a Value<H>> {
        self.keywords.iter().find(|(keyword, _)| *keyword == name).map(|(_, value)| value)
    }

    /// The argument at a place, or with a name.
    pub fn get_or_keyword(&self, at: usize, name: Name) -> Option<&'a Value<H>> {
        self.get(at).or_else(|| self.keyword(name))
    }

    /// Exactly so many arguments.
    pub fn exactly<const N: usize>(self, vm: &Vm<H>, function: &str) -> R<&'a [Value<H>; N], H> {
        self.no_keywords(vm, function)?;
        self.positional.try_into().map_err(|_| {
            let count = self.len();
            vm.type_error(match N {
                0 => format!("{function}() takes no arguments ({count} given)"),
                1 => format!("{function}() takes exactly one argument ({count} given)"),
                _ => format!("{function} expected {N} arguments, got {count}"),
            })
        })
    }

    /// Between so many and so many arguments, without keywords.
    pub fn between(self, vm: &Vm<H>, function: &str, least: usize, most: usize) -> R<&'a [Value<H>], H> {
        self.no_keywords(vm, function)?;
        let count = self.len();
        let plural = |n: usize| if n == 1 { "" } else { "s" };
        if count < least {
            let message = format!("{function} expected at least {least} argument{}, got {count}", plural(least));
            return Err(vm.type_error(message));
        }
        if count > most {
            let message = format!("{function} expected at most {most} argument{}, got {count}", plural(most));
            return Err(vm.type_error(message));
        }
        Ok(self.positional)
    }

    pub fn no_keywords(&self, vm: &Vm<H>, function: &str) -> R<(), H> {
        if self.keywords.is_empty() {
            return Ok(());
        }
        Err(vm.type_error(format!("{function}() takes no keyword arguments")))
    }

    /// The list that a method was called on.
    pub fn this_list(&self, vm: &Vm<H>) -> R<Gc<List<H>, H>, H> {
        match self.get(0).map(Value::unwrap_payload) {
            Some(Value::List(list)) => Ok(list),
            _ => Err(vm.type_error("descriptor requires a 'list' object")),
        }
    }

    /// The dict that a method was called on.
    pub fn this_dict(&self, vm: &Vm<H>) -> R<Gc<Dict<H>, H>, H> {
        match self.get(0).map(Value::unwrap_payload) {
            Some(Value::Dict(dict)) => Ok(dict),
            _ => Err(vm.type_error("descriptor requires a 'dict' object")),
        }
    }

    pub fn class(&self, vm: &Vm<H>) -> R<&'a Gc<Class<H>, H>, H> {
        match self.get(0) {
            Some(Value::Class(class)) => Ok(class),
            _ => Err(vm.type_error("descriptor requires a 'type' object")),
        }
    }
}

impl<H: Runtime> Vm<H> {
    /// Works out the values of a function's parameters, in the order of their registers.
    pub(super) fn bind(&self, function: &Function<H>, args: Args<'_, H>) -> R<Vec<Value<H>>, H> {
        let code = &function.code;
        let parameters = &code.parameters;
        let given = args.len();
        let mut values = vec![Value::Unset; parameters.registers()];
        let direct = given.min(parameters.positional);
        values[..direct].clone_from_slice(&args.positional[..direct]);
        if parameters.star {
            values[parameters.names.len()] = Value::tuple(&args.positional[direct..]);
        } else if given > parameters.positional {
            return Err(self.too_many(function, given));
        }
        let mut extra = Vec::new();
        for (name, value) in args.keywords {
            let found = parameters.names.iter().skip(parameters.positional_only).position(|known| known == name);
            match found.map(|at| at + parameters.positional_only) {
                Some(at) if values[at].is_unset() => values[at] = value.clone(),
                Some(_) => {
                    let message = format!("{}() got multiple values for argument '{name}'", function.qualname);
                    return Err(self.type_error(message));
                }
                None if parameters.double_star => extra.push((*name, value.clone())),
                None => {
                    let message = format!("{}() got an unexpected keyword argument '{name}'", function.qualname);
                    return Err(self.type_error(message));
                }
            }
        }
        if parameters.double_star {
            let last = values.len() - 1;
            values[last] = Value::dict(self.keyword_dict(&extra));
        }
        let first_default = parameters.positional - function.defaults.len().min(parameters.positional);
        for (at, default) in (first_default..parameters.positional).zip(&function.defaults) {
            if values[at].is_unset() {
                values[at] = default.clone();
            }
        }
        let mut missing = Vec::new();
        for (at, name) in
            parameters.names.iter().enumerate().filter(|(at, _)| values[*at].is_unset()).collect::<Vec<_>>()
        {
            let default = function.keyword_defaults.iter().find(|(known, _)| known == name);
            match default {
                Some((_, value)) if at >= parameters.positional => values[at] = value.clone(),
                _ => missing.push((at, *name)),
            }
        }
        if missing.is_empty() { Ok(values) } else { Err(self.missing(function, &missing)) }
    }

    fn too_many(&self, function: &Function<H>, given: usize) -> super::Raise<H> {
        let most = function.code.parameters.positional;
        let least = most - function.defaults.len().min(most);
        let takes = if least == most { most.to_string() } else { format!("from {least} to {most}") };
        let plural = if most == 1 && least == most { "" } else { "s" };
        let were = if given == 1 { "was" } else { "were" };
        self.type_error(format!(
            "{}() takes {takes} positional argument{plural} but {given} {were} given",
            function.qualname
        ))
    }

    fn missing(&self, function: &Function<H>, missing: &[(usize, Name)]) -> super::Raise<H> {
        let positional = function.code.parameters.positional;
        let kind = if missing[0].0 < positional { "positional" } else { "keyword-only" };
        let of_kind = missing.iter().filter(|(at, _)| (*at < positional) == (kind == "positional"));
        let names: Vec<String> = of_kind.map(|(_, name)| format!("'{name}'")).collect();
        let list = match names.as_slice() {
            [one] => one.clone(),
            [one, two] => format!("{one} and {two}"),
            [rest @ .., last] => format!("{}, and {last}", rest.join(", ")),
            [] => String::new(),
        };
        let plural = if names.len() == 1 { "" } else { "s" };
        self.type_error(format!(
            "{}() missing {} required {kind} argument{plural}: {list}",
            function.qualname,
            names.len()
        ))
    }
}
