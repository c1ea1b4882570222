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

#[derive(Trace)]
struct Written(std::io::BufWriter<Sink>);

#[derive(Trace)]
struct Sink(Gc<u8>);

impl std::io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[derive(Trace)]
struct Persistent(rpds::Vector<Gc<u8>>);

#[derive(Trace)]
struct Lazy(std::cell::LazyCell<Gc<u8>>);

#[derive(Trace)]
struct Global(std::sync::LazyLock<Gc<u8>>);

#[derive(Trace)]
struct Once(std::sync::OnceLock<Gc<u8>>);

#[derive(Trace)]
struct Early(once_cell::sync::Lazy<Gc<u8>>);

#[derive(Trace)]
struct Cell(once_cell::sync::OnceCell<Gc<u8>>);

fn main() {}
