//! `object`, `type`, `super`, and the wrappers that make methods special.

use tricycle::Gc;

use super::methods;
use crate::heap::Runtime;
use crate::name::{Name, names};
use crate::object::{Misc, NativeFn};
use crate::value::Value;
use crate::vm::{Args, Vm};

pub fn install<H: Runtime>(vm: &Vm<H>) {
    let types = &vm.types;
    types.object.set_construct(|_, _| Ok(Value::misc(Misc::Bare)));
    // The methods of `object` that programs call by name. Those that every value would find by looking are left out:
    // their absence means the default.
    super::methods(
        &types.type_,
        &[
            ("mro", |vm, args| {
                let mro = vm.get_attribute(&Value::Class(args.class(vm)?.clone()), names::MRO)?;
                vm.collect(&mro).map(Value::list)
            }),
            ("__subclasses__", |vm, args| {
                Ok(Value::list(args.class(vm)?.subclasses().into_iter().map(Value::Class).collect()))
            }),
        ],
    );
    types.type_.set_construct(|vm, args| match args.positional {
        [value] => Ok(Value::Class(vm.class_of(value))),
        [name, bases, namespace] => {
            let name = vm.attribute_name(name)?;
            let base = match vm.collect(bases)?.as_slice() {
                [] => vm.types.object.clone(),
                [Value::Class(base)] => base.clone(),
                _ => return Err(vm.type_error("minipy has single inheritance only")),
            };
            let mut own = indexmap::IndexMap::default();
            own.insert(names::MODULE, Value::str("__main__"));
            if let Value::Dict(dict) = namespace {
                let pairs: Vec<_> = dict.table.borrow().iter().map(|(k, v)| (k.clone(), v.clone())).collect();
                for (key, value) in pairs {
                    own.insert(vm.attribute_name(&key)?, value);
                }
            }
            vm.new_class(name, name, base, own).map(Value::Class)
        }
        _ => Err(vm.type_error("type() takes 1 or 3 arguments")),
    });
    types.super_.set_construct(|vm, args| match args.positional {
        [Value::Class(class), receiver] => {
            let fits = match receiver {
                Value::Class(receiver) => receiver.is_subclass_of(class),
                receiver => vm.is_instance(receiver, class),
            };
            if !fits {
                return Err(vm.type_error("super(type, obj): obj must be an instance or subtype of type"));
            }
            Ok(Value::misc(Misc::Super { class: class.clone(), receiver: receiver.clone() }))
        }
        [] => Err(vm.error("RuntimeError", "super(): no arguments")),
        _ => Err(vm.type_error("super() argument 1 must be a type")),
    });
    types.static_method.set_construct(|vm, args| {
        let [function] = args.exactly::<1>(vm, "staticmethod")?;
        Ok(Value::misc(Misc::StaticMethod(function.clone())))
    });
    types.class_method.set_construct(|vm, args| {
        let [function] = args.exactly::<1>(vm, "classmethod")?;
        Ok(Value::misc(Misc::ClassMethod(function.clone())))
    });
    types.property.set_construct(|_, args| {
        let part = |at, name| args.get_or_keyword(at, Name::of(name)).cloned().unwrap_or(Value::None);
        Ok(Value::misc(Misc::Property {
            get: part(0, "fget"),
            set: part(1, "fset"),
            delete: part(2, "fdel"),
            doc: part(3, "doc"),
        }))
    });
    methods(
        &types.property,
        &[
            ("getter", |vm, args| change(vm, args, |parts, function| parts[0] = function)),
            ("setter", |vm, args| change(vm, args, |parts, function| parts[1] = function)),
            ("deleter", |vm, args| change(vm, args, |parts, function| parts[2] = function)),
        ],
    );
    types.slice.set_construct(|vm, args| {
        let (start, stop, step) = match args.between(vm, "slice", 1, 3)? {
            [stop] => (Value::None, stop.clone(), Value::None),
            [start, stop] => (start.clone(), stop.clone(), Value::None),
            [start, stop, step] => (start.clone(), stop.clone(), step.clone()),
            _ => unreachable!("one to three"),
        };
        Ok(Value::misc(Misc::Slice { start, stop, step }))
    });
    methods(
        &types.slice,
        &[("indices", |vm, args| {
            let [slice, len] = args.exactly::<2>(vm, "indices")?;
            vm.slice_indices(slice, vm.to_index(len)?.max(0) as usize)
        })],
    );
    types.bool.set_construct(|vm, args| match args.between(vm, "bool", 0, 1)? {
        [] => Ok(Value::bool(false)),
        args => vm.truth(&args[0]).map(Value::bool),
    });
    object_methods(vm);
}

type Parts<H> = [Value<H>; 3];

/// A property with one of its functions exchanged.
fn change<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>, f: fn(&mut Parts<H>, Value<H>)) -> crate::vm::R<Value<H>, H> {
    let [Value::Misc(misc), function] = args.exactly::<2>(vm, "property")? else {
        return Err(vm.type_error("descriptor requires a 'property' object"));
    };
    let Misc::Property { get, set, delete, doc } = &**misc else {
        return Err(vm.type_error("descriptor requires a 'property' object"));
    };
    let mut parts = [get.clone(), set.clone(), delete.clone()];
    f(&mut parts, function.clone());
    let [get, set, delete] = parts;
    Ok(Value::misc(Misc::Property { get, set, delete, doc: doc.clone() }))
}

/// What `object.__setattr__(self, …)` and `super().__init__()` find: attributes of `super` and of the class `object`, but
/// not of its instances, for which their absence is what makes the common case quick.
fn object_methods<H: Runtime>(vm: &Vm<H>) {
    let module = Gc::new_in(crate::object::Module::new(Name::of("object")), H::default());
    super::functions(
        &module,
        &[
            ("__init_subclass__", |_, _| Ok(Value::None)),
            ("__new__", |vm, args| Ok(vm.new_instance(args.class(vm)?, args.rest()))),
        ],
    );
    let bound: &[(&'static str, NativeFn<H>)] = &[
        ("__init__", |_, _| Ok(Value::None)),
        ("__repr__", |vm, args| Ok(Value::str(vm.default_repr(&args.positional[0])))),
        ("__str__", |vm, args| vm.repr(&args.positional[0]).map(Value::str)),
        ("__eq__", |vm, args| {
            let [a, b] = args.exactly::<2>(vm, "__eq__")?;
            Ok(if a.is(b) { Value::bool(true) } else { Value::NotImplemented })
        }),
        ("__hash__", |_, args| Ok(Value::Int((args.positional[0].address() >> 4) as i64))),
        ("__getattribute__", |vm, args| {
            let [object, name] = args.exactly::<2>(vm, "__getattribute__")?;
            vm.plain_attribute(object, vm.attribute_name(name)?)
        }),
        ("__setattr__", |vm, args| {
            let [object, name, value] = args.exactly::<3>(vm, "__setattr__")?;
            vm.plain_set_attribute(object, vm.attribute_name(name)?, value.clone()).map(|()| Value::None)
        }),
        ("__delattr__", |vm, args| {
            let [object, name] = args.exactly::<2>(vm, "__delattr__")?;
            vm.plain_delete_attribute(object, vm.attribute_name(name)?).map(|()| Value::None)
        }),
        ("__format__", |vm, args| vm.str(&args.positional[0]).map(Value::str)),
    ];
    for &(name, function) in bound {
        module.set(Name::of(name), super::native(name, function, true));
    }
    vm.modules.borrow_mut().push((Name::of("<object>"), Value::Module(module)));
}

impl<H: Runtime> Vm<H> {
    /// A method of `object`, for those who ask for it explicitly.
    pub fn object_method(&self, name: Name) -> Option<Value<H>> {
        let modules = self.modules.borrow();
        let (_, Value::Module(methods)) = modules.iter().find(|(known, _)| &*known.text() == "<object>")? else {
            return None;
        };
        methods.get(name)
    }
}
