//! A value for each thread that stays as long as the thread runs, also while thread-locals are destroyed.
//!
//! Where the compiler knows thread-locals of the target's own, a `thread_local!` without destructor is one. On other targets (Windows
//! with the GNU tools, Android, OpenBSD, …) the standard library keeps each thread-local behind a key of the system's, and frees it
//! when the thread ends, whether it has a destructor or not: what is destroyed later would find a new, empty one. There we use such
//! a key ourselves, without a destructor, and free the value when nothing is left of the heap. If something is left, the value
//! (some hundred bytes) leaks.
//!
//! What is no more than a reference (`ThreadRef`) is the key's own value, and there is nothing to free.
//!
//! `cfg(gc_thread_keys)` has keys used on every Unix, for tests.

// The targets that have `cfg(target_thread_local)`, which is not stable: there `native.rs` takes the place of `keys.rs`. One that is
// missing here is slower, and no worse.
#[cfg_attr(
    all(
        not(all(unix, gc_thread_keys)),
        any(
            target_vendor = "apple",
            all(
                target_os = "linux",
                not(target_env = "ohos"),
                not(all(target_arch = "x86_64", target_pointer_width = "32"))
            ),
            target_os = "freebsd",
            target_os = "netbsd",
            target_os = "dragonfly",
            all(windows, any(not(target_env = "gnu"), target_abi = "llvm")),
            not(any(unix, windows)),
        ),
    ),
    path = "thread_slot/native.rs"
)]
mod keys;

pub use keys::*;
pub(crate) use keys::{ThreadRef, ending, thread_ref};
