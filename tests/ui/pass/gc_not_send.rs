use tricycle::Gc;

#[test]
fn passes() {
    std::thread::spawn(|| println!("{}", Gc::new(1))).join().unwrap();
}
