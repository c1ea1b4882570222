use tricycle::Gc;

fn spawn(task: impl FnOnce() + Send) {
    std::thread::scope(|scope| _ = scope.spawn(task));
}

#[test]
fn passes() {
    spawn(|| println!("{}", Gc::new(1)));
}
