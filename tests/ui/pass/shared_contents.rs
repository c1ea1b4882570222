use std::cell::RefCell;
use std::rc::Rc;

use tricycle::{Gc, Trace};

#[derive(Trace)]
struct Shared {
    gc: Gc<u8>,
    list: Gc<Vec<Gc<u8>>>,
    name: Rc<str>,
}

#[derive(Trace)]
enum Locked {
    Empty,
    Full(RefCell<Option<Gc<u8>>>),
}
