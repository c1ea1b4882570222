use tricycle::{Gc, closure};

fn main() {
    let a = Gc::new(1);
    let function = closure!([
        a, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8, i = 9, j = 10, k = 11, l = 12, m = 13
    ] || -> i32 { **a + *b + *c + *d + *e + *f + *g + *h + *i + *j + *k + *l + *m });
    let _ = Gc::new(function);
}
