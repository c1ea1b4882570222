use tricycle::Gc;

fn main() {
    std::thread::spawn(|| println!("{}", Gc::new(1))).join().unwrap();
}
