#![warn(unsafe_code)]

use tricycle::Trace;

#[expect(unsafe_code)]
mod guard {
    #[derive(super::Trace)]
    #[trace(unsafe_drop)]
    pub struct Guard(pub u8);

    impl Drop for Guard {
        fn drop(&mut self) {}
    }
}

#[test]
fn passes() {
    guard::Guard(1);
}
