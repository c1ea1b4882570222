use tricycle::{Atomic, Gc, GcCell};

fn main() {
    let gc = Gc::new_in(GcCell::new(1), Atomic);
    std::thread::spawn(move || gc.set(2)).join().unwrap();
}
