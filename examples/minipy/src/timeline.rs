//! `--trace`: the collections as a timeline for Chrome's trace viewer or Perfetto.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Instant;

use serde_json::{Value, json};
use tricycle::{CollectionEvent, Phase};

static START: LazyLock<Instant> = LazyLock::new(Instant::now);
static EVENTS: Mutex<Vec<Value>> = Mutex::new(Vec::new());

/// Keeps what is told at the end of a collection.
pub fn record(event: &CollectionEvent) {
    let now = START.elapsed();
    if event.phase != Phase::Stop {
        return;
    }
    let begin = now.saturating_sub(event.duration);
    EVENTS.lock().unwrap_or_else(PoisonError::into_inner).push(json!({
        "name": format!("{:?} collection", event.generation),
        "cat": "gc",
        "ph": "X",
        "pid": 1,
        "tid": 1,
        "ts": begin.as_secs_f64() * 1e6,
        "dur": event.duration.as_secs_f64() * 1e6,
        "args": { "collected": event.collected, "candidates": event.candidates },
    }));
}

pub fn write(path: &Path) -> std::io::Result<()> {
    let events = std::mem::take(&mut *EVENTS.lock().unwrap_or_else(PoisonError::into_inner));
    serde_json::to_writer(BufWriter::new(File::create(path)?), &json!({ "traceEvents": events }))?;
    Ok(())
}
