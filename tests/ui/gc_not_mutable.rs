use tricycle::Gc;

fn main() {
    let list = Gc::new(vec![1]);
    list.push(2);
}
