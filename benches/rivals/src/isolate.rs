//! One measurement in a process of its own.
//!
//! Some collectors adapt to what they have seen: thresholds grow and stay, counters drift, the allocator's free lists get
//! shuffled. With `--isolate` no measurement inherits any of it.

use std::env;
use std::process::{Command, Stdio};

use clap::ValueEnum;
use serde_json::Value;

use crate::options;
use crate::rows::{Row, Skip};

/// Runs this program again for one row, contestant and round, and reads what it prints.
pub fn run(row: Row, contestant: &str, quick: bool) -> Result<f64, Skip> {
    child(row, contestant, quick).unwrap_or(Err(Skip::Crashed))
}

/// `None` if the child did not print what it should.
fn child(row: Row, contestant: &str, quick: bool) -> Option<Result<f64, Skip>> {
    let mut command = Command::new(env::current_exe().ok()?);
    command.args(["--json", "--rounds", "1", "--row", &options::key(row), "--contestant", contestant]);
    if quick {
        command.arg("--quick");
    }
    let output = command.stderr(Stdio::null()).output().ok()?;
    let line: Value = serde_json::from_slice(&output.stdout).ok()?;
    if let Some(figure) = line["median"].as_f64() {
        return Some(Ok(figure));
    }
    let reason = line["skipped"].as_str()?;
    Skip::value_variants().iter().find(|skip| skip.reason() == reason).map(|&skip| Err(skip))
}
