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

#[derive(Trace)]
struct Written(std::io::BufWriter<Sink>);

#[derive(Trace)]
struct Sink(u8);

impl std::io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[derive(Trace)]
struct Persistent(rpds::Vector<u8>);

#[derive(Trace)]
struct Lazy(tricycle::GcLazy<Gc<u8>>);

#[derive(Trace)]
struct Global(std::sync::LazyLock<u8>);

#[derive(Trace)]
struct Once(tricycle::GcOnce<Gc<u8>>);

#[derive(Trace)]
struct Early(once_cell::sync::Lazy<u8>);

#[derive(Trace)]
struct Cell(once_cell::unsync::OnceCell<Gc<u8>>);
