//! Interned names: attributes, variables, keywords. A name is a number, so that comparing and hashing it is cheap, and
//! it means the same on every thread and every heap.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use rustc_hash::FxBuildHasher;
use tricycle::Trace;

/// An interned string.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Trace)]
pub struct Name(u32);

#[derive(Default)]
struct Names {
    numbers: HashMap<Arc<str>, u32, FxBuildHasher>,
    texts: Vec<Arc<str>>,
}

static NAMES: LazyLock<RwLock<Names>> = LazyLock::new(|| {
    let mut names = Names::default();
    for text in names::ALL {
        names.intern(text);
    }
    RwLock::new(names)
});

impl Names {
    fn intern(&mut self, text: &str) -> u32 {
        let text: Arc<str> = text.into();
        let number = self.texts.len() as u32;
        self.texts.push(text.clone());
        self.numbers.insert(text, number);
        number
    }
}

impl Name {
    /// The name with this text.
    pub fn of(text: &str) -> Self {
        let known = NAMES.read().unwrap_or_else(PoisonError::into_inner).numbers.get(text).copied();
        if let Some(number) = known {
            return Name(number);
        }
        let mut names = NAMES.write().unwrap_or_else(PoisonError::into_inner);
        let number = names.numbers.get(text).copied();
        Name(number.unwrap_or_else(|| names.intern(text)))
    }

    /// Its text.
    pub fn text(self) -> Arc<str> {
        NAMES.read().unwrap_or_else(PoisonError::into_inner).texts[self.0 as usize].clone()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Declares the names that the evaluator itself uses, numbered in order.
macro_rules! well_known {
    ($($name:ident = $text:literal,)+) => {
        /// Names that the evaluator itself uses.
        pub mod names {
            use super::Name;

            #[expect(clippy::upper_case_acronyms, non_camel_case_types, reason = "only their order is of interest")]
            enum Number { $($name,)+ }
            $(pub const $name: Name = Name(Number::$name as u32);)+
            pub(super) const ALL: &[&str] = &[$($text,)+];
        }
    };
}

well_known! {
INIT = "__init__", NEW = "__new__", DEL = "__del__", CALL = "__call__", REPR = "__repr__", STR = "__str__",
FORMAT = "__format__", LEN = "__len__", BOOL = "__bool__", HASH = "__hash__", EQ = "__eq__", NE = "__ne__",
LT = "__lt__", LE = "__le__", GT = "__gt__", GE = "__ge__", CONTAINS = "__contains__", ITER = "__iter__",
NEXT = "__next__", REVERSED = "__reversed__", GETITEM = "__getitem__", SETITEM = "__setitem__",
DELITEM = "__delitem__", GETATTR = "__getattr__", GETATTRIBUTE = "__getattribute__", SETATTR = "__setattr__",
DELATTR = "__delattr__", ENTER = "__enter__", EXIT = "__exit__", INDEX = "__index__", INT = "__int__",
FLOAT = "__float__", ADD = "__add__", RADD = "__radd__", IADD = "__iadd__", SUB = "__sub__", RSUB = "__rsub__",
ISUB = "__isub__", MUL = "__mul__", RMUL = "__rmul__", IMUL = "__imul__", TRUEDIV = "__truediv__",
RTRUEDIV = "__rtruediv__", ITRUEDIV = "__itruediv__", FLOORDIV = "__floordiv__", RFLOORDIV = "__rfloordiv__",
IFLOORDIV = "__ifloordiv__", MOD = "__mod__", RMOD = "__rmod__", IMOD = "__imod__", POW = "__pow__",
RPOW = "__rpow__", IPOW = "__ipow__", AND = "__and__", RAND = "__rand__", IAND = "__iand__", OR = "__or__",
ROR = "__ror__", IOR = "__ior__", XOR = "__xor__", RXOR = "__rxor__", IXOR = "__ixor__", LSHIFT = "__lshift__",
RLSHIFT = "__rlshift__", ILSHIFT = "__ilshift__", RSHIFT = "__rshift__", RRSHIFT = "__rrshift__",
IRSHIFT = "__irshift__", MATMUL = "__matmul__", RMATMUL = "__rmatmul__", IMATMUL = "__imatmul__",
NEG = "__neg__", POS = "__pos__", INVERT = "__invert__", ABS = "__abs__", ROUND = "__round__",
CLASS = "__class__", DICT = "__dict__", DOC = "__doc__", NAME = "__name__", QUALNAME = "__qualname__",
MODULE = "__module__", SLOTS = "__slots__", BASES = "__bases__", BASE = "__base__", MRO = "__mro__",
SELF = "__self__", FUNC = "__func__", MAIN = "__main__", BUILTINS = "builtins", MISSING = "__missing__",
ARGS = "args", TRACEBACK = "__traceback__", CAUSE = "__cause__", CONTEXT = "__context__",
SUPPRESS_CONTEXT = "__suppress_context__", VALUE = "value", PAYLOAD = "<payload>", SUPER = "super",
GET = "__get__", SET = "__set__", SET_NAME = "__set_name__",
INIT_SUBCLASS = "__init_subclass__", KEYS = "keys",
KEY = "key", REVERSE = "reverse", DEFAULT = "default", SEP = "sep", END = "end", FILE = "file", FLUSH = "flush",
WRITE = "write", CODE = "code", START = "start", STRICT = "strict", CLOSE = "close", SEND = "send", THROW = "throw", FROMKEYS = "fromkeys", }
