use std::rc::Rc;
use std::sync::Mutex;

use tricycle::{Gc, Trace};

#[derive(Trace)]
struct Shared {
    gc: Gc<u8>,
    list: Rc<[Gc<u8>]>,
}

#[derive(Trace)]
enum Locked {
    Empty,
    Full(Mutex<Option<Gc<u8>>>),
}

fn main() {}
