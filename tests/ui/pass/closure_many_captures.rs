use tricycle::{Call, Gc, closure};

#[test]
fn passes() {
    let a = Gc::new(1);
    let function = closure!([
        a, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8, i = 9, j = 10, k = 11, rest = (12, 13)
    ] || -> i32 { **a + *b + *c + *d + *e + *f + *g + *h + *i + *j + *k + rest.0 + rest.1 });
    let function = Gc::new(function);
    assert_eq!(Call::<(), i32>::call(&*function, ()), 91);
}
