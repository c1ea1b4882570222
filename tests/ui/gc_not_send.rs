use tricycle::Gc;

fn spawn(task: impl FnOnce() + Send) {
    std::thread::scope(|scope| _ = scope.spawn(task));
}

fn main() {
    let gc = Gc::new(1);
    spawn(move || println!("{gc}"));
}
