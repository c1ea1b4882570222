//! `random`: CPython's generator, so that a seeded program prints the same.

use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use rand_mt::Mt;
use tricycle::Gc;

use crate::builtins::methods;
use crate::heap::Runtime;
use crate::name::Name;
use crate::object::{Misc, Module, NativeFn};
use crate::value::Value;
use crate::vm::{Args, R, Vm};

pub fn fill<H: Runtime>(vm: &Vm<H>, module: &Gc<Module<H>, H>) {
    let table: &[(&'static str, NativeFn<H>)] = &[
        ("seed", |vm, args| {
            let seed = args.get(1).filter(|seed| !seed.is_none()).map_or(Ok(from_clock()), |seed| seed_of(vm, seed))?;
            with(vm, args, |random| *random = seeded(seed)).map(|()| Value::None)
        }),
        ("random", |vm, args| with(vm, args, float).map(Value::float)),
        ("getrandbits", |vm, args| {
            let bits = vm.to_index(&args.exactly::<2>(vm, "getrandbits")?[1])?;
            if !(0..64).contains(&bits) {
                return Err(vm.overflow());
            }
            with(vm, args, |random| bits_of(random, bits as u32)).map(|bits| Value::Int(bits as i64))
        }),
        ("uniform", |vm, args| {
            let [_, a, b] = args.exactly::<3>(vm, "uniform")?;
            let (a, b) = (vm.to_float(a)?, vm.to_float(b)?);
            Ok(Value::float(a + (b - a) * with(vm, args, float)?))
        }),
        ("randrange", |vm, args| {
            let numbers = args.positional[1..].iter().map(|value| vm.to_index(value)).collect::<R<Vec<i64>, H>>()?;
            let (start, stop, step) = match numbers.as_slice() {
                [stop] => (0, *stop, 1),
                [start, stop] => (*start, *stop, 1),
                [start, stop, step] if *step != 0 => (*start, *stop, *step),
                _ => return Err(vm.value_error("zero step for randrange()")),
            };
            let len = vm.len(&Value::misc(Misc::Range { start, stop, step }))?;
            if len == 0 {
                return Err(vm.value_error("empty range for randrange()"));
            }
            let at = with(vm, args, |random| below(random, len))?;
            Ok(Value::Int((i128::from(start) + at as i128 * i128::from(step)) as i64))
        }),
        ("randint", |vm, args| {
            let [_, a, b] = args.exactly::<3>(vm, "randint")?;
            let (a, b) = (vm.to_index(a)?, vm.to_index(b)?);
            if b < a {
                return Err(vm.value_error("empty range for randrange()"));
            }
            let Ok(len) = usize::try_from(i128::from(b) - i128::from(a) + 1) else { return Err(vm.overflow()) };
            let at = with(vm, args, |random| below(random, len))?;
            Ok(Value::Int((i128::from(a) + at as i128) as i64))
        }),
        ("choice", |vm, args| {
            let [_, items] = args.exactly::<2>(vm, "choice")?;
            let len = vm.len(items)?;
            if len == 0 {
                return Err(vm.index_error("Cannot choose from an empty sequence"));
            }
            let at = with(vm, args, |random| below(random, len))?;
            vm.get_item(items, &Value::from(at))
        }),
        ("shuffle", |vm, args| {
            let [_, items] = args.exactly::<2>(vm, "shuffle")?;
            let Value::List(list) = items else { return Err(vm.type_error("minipy shuffles lists only")) };
            for at in (1..list.len()).rev() {
                vm.checkpoint()?;
                let other = with(vm, args, |random| below(random, at + 1))?;
                let there = {
                    let mut items = list.items.borrow_mut();
                    let there = at < items.len();
                    if there {
                        items.swap(at, other);
                    }
                    there
                };
                if !there {
                    return Err(vm.index_error("list index out of range"));
                }
            }
            Ok(Value::None)
        }),
    ];
    let class = &vm.types.random;
    methods(class, table);
    class.set_construct(|vm, args| {
        let seed = args.get(0).map_or(Ok(from_clock()), |seed| seed_of(vm, seed))?;
        Ok(Value::misc(Misc::Random(Box::new(Mutex::new(seeded(seed))))))
    });
    module.set(Name::of("Random"), Value::Class(class.clone()));
    // The functions of the module are the methods of a generator that it keeps.
    let shared = Value::misc(Misc::Random(Box::new(Mutex::new(seeded(from_clock())))));
    for (name, _) in table {
        if let Ok(method) = vm.get_attribute(&shared, Name::of(name)) {
            module.set(Name::of(name), method);
        }
    }
}

fn with<T, H: Runtime>(vm: &Vm<H>, args: Args<'_, H>, f: impl FnOnce(&mut Mt) -> T) -> R<T, H> {
    if let Some(Value::Misc(misc)) = args.get(0)
        && let Misc::Random(random) = &**misc
    {
        return Ok(f(&mut random.lock().unwrap_or_else(PoisonError::into_inner)));
    }
    Err(vm.type_error("descriptor requires a 'Random' object"))
}

fn from_clock() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_nanos() as u64)
}

fn seed_of<H: Runtime>(vm: &Vm<H>, value: &Value<H>) -> R<u64, H> {
    match value {
        Value::Int(seed) => Ok(seed.unsigned_abs()),
        value => vm.hash(value),
    }
}

fn seeded(seed: u64) -> Mt {
    let (low, high) = (seed as u32, (seed >> 32) as u32);
    if high == 0 { Mt::new_with_key([low]) } else { Mt::new_with_key([low, high]) }
}

fn float(random: &mut Mt) -> f64 {
    let (a, b) = (random.next_u32() >> 5, random.next_u32() >> 6);
    (f64::from(a) * 67_108_864.0 + f64::from(b)) / 9_007_199_254_740_992.0
}

fn bits_of(random: &mut Mt, bits: u32) -> u64 {
    match bits {
        0 => 0,
        1..=32 => u64::from(random.next_u32() >> (32 - bits)),
        bits => {
            let low = u64::from(random.next_u32());
            low | u64::from(random.next_u32() >> (64 - bits)) << 32
        }
    }
}

/// A number below `limit`, each as likely.
fn below(random: &mut Mt, limit: usize) -> usize {
    let bits = usize::BITS - limit.leading_zeros();
    loop {
        let number = bits_of(random, bits) as usize;
        if number < limit {
            return number;
        }
    }
}
