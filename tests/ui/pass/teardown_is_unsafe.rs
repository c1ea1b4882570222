use tricycle::Local;

struct Early;

impl Drop for Early {
    fn drop(&mut self) {
        // SAFETY: not so; but nobody makes one of these.
        drop(unsafe { tricycle::__private::Teardown::<Local>::new() });
    }
}
