//! A stack on which the crates that recurse once per object get through.
//!
//! A thread with a large stack would do, but with a second thread glibc's allocator takes locks and a slower arena, which
//! would burden everybody but us. So the process starts itself again under a larger limit and stays single-threaded.

use std::env;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// In KiB: 4 GiB of address space, of which a run touches a few hundred MiB.
const LIMIT: u32 = 4 << 20;
const MARK: &str = "TRICYCLE_RIVALS_STACK";

/// Restarts the process with a larger stack limit if it has not been. Returns whether the stack is large.
pub fn enlarge() -> bool {
    if let Some(result) = env::var_os(MARK) {
        return result == "large";
    }
    let Ok(program) = env::current_exe() else {
        return false;
    };
    let script = format!(
        "if ulimit -s {LIMIT} 2>/dev/null; then {MARK}=large; else {MARK}=small; fi; export {MARK}; exec \"$0\" \"$@\""
    );
    // Returns only if the shell cannot be started.
    let error = Command::new("/bin/sh").arg("-c").arg(script).arg(program).args(env::args_os().skip(1)).exec();
    eprintln!("the stack limit stays as it is: {error}");
    false
}
