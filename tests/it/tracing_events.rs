//! What is told to `tracing`: a span for each collection and each of its phases, events with its figures.

use std::fmt::{Debug, Write};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::objects::*;
use crate::support::injected;

/// Writes spans, indented, and events to a log.
struct Recorder {
    log: Log,
    names: std::sync::Mutex<Vec<&'static str>>,
    depth: std::sync::Mutex<usize>,
}

/// Writes down some of the fields.
struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if matches!(field.name(), "generation" | "collected" | "candidates" | "objects" | "message" | "type") {
            let _ = write!(self.0, " {}={value:?}", field.name());
        }
        if field.name() == "heap" {
            let _ = write!(self.0, " heap");
        }
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("tricycle")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut line = "  ".repeat(*self.depth.lock().unwrap()) + span.metadata().name();
        span.record(&mut Fields(&mut line));
        self.log.add(line);
        let mut names = self.names.lock().unwrap();
        names.push(span.metadata().name());
        Id::from_u64(names.len() as u64)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = "  ".repeat(*self.depth.lock().unwrap()) + "event";
        event.record(&mut Fields(&mut line));
        self.log.add(line);
    }

    fn enter(&self, _: &Id) {
        *self.depth.lock().unwrap() += 1;
    }

    fn exit(&self, _: &Id) {
        *self.depth.lock().unwrap() -= 1;
    }
}

/// What `f` tells.
pub(super) fn told(f: impl FnOnce()) -> Vec<String> {
    fn recorder(log: &Log) -> Recorder {
        Recorder { log: log.clone(), names: Default::default(), depth: Default::default() }
    }
    // While there is one subscriber only, a thread that comes to a place first asks its own whether to tell of it, finds
    // that it has none, and notes so for all threads. So there is always another one.
    static ANOTHER: std::sync::OnceLock<tracing::Dispatch> = std::sync::OnceLock::new();
    ANOTHER.get_or_init(|| tracing::Dispatch::new(recorder(&Log::new())));
    let log = Log::new();
    let recorder = recorder(&log);
    tracing::subscriber::with_default(recorder, f);
    log.take()
}

/// `test_gc.test_gc_debug_stats`, translated: the generation, how many objects were looked at, how many went.
#[test]
fn phases_of_a_collection() {
    let _gate = Gate::open_for(phases_of_a_collection);
    let objects = [Obj::new("a", &Log::new()), Obj::new("b", &Log::new())];
    circle(&objects);
    let live = Node::new();
    drop(live.clone());
    drop(objects);
    let lines = told(|| _ = HEAP.collect());
    let message = lines.last().unwrap().clone();
    assert!(message.contains("collected=2") && message.contains("candidates=3"), "{message}");
    assert_eq!(
        lines[..lines.len() - 1],
        ["gc.collect heap generation=Old", "  subtract objects=3", "  scan", "  finalize", "  clear"]
    );
    drop(live);
}

/// Without finalizers nobody is asked.
#[test]
fn phases_without_finalizers() {
    let _gate = Gate::open_for(phases_without_finalizers);
    drop(Node::ring(2, &Log::new()));
    let lines = told(|| _ = HEAP.collect_generation(tricycle::Generation::Young));
    assert_eq!(
        lines[..lines.len() - 1],
        ["gc.collect heap generation=Young", "  subtract objects=2", "  scan", "  clear"]
    );
    // Nothing to do, nothing done.
    let lines = told(|| _ = HEAP.collect_generation(tricycle::Generation::Young));
    assert_eq!(lines.len(), 2, "{lines:?}");
}

/// A panic closes the spans that it passes.
#[test]
fn spans_and_panics() {
    let _gate = Gate::open_for(spans_and_panics);
    let obj = Obj::with("a", &Log::new(), |_| crate::support::inject("finalizer"));
    self_link(&obj);
    drop(obj);
    let lines = told(|| {
        assert!(injected(collect).is_err());
        tracing::info!(target: "tricycle", "outermost");
    });
    assert!(lines.last().unwrap().starts_with("event"), "{lines:#?}");
}

/// A broken `Trace` is an error, with the name of the type.
#[test]
fn errors() {
    struct Liar(GcCell<Option<Gc<Liar>>>);
    // SAFETY: none: an edge is reported twice. The test looks at what is said of it.
    unsafe impl tricycle::Trace for Liar {
        const CONTAINER: bool = true;
        fn trace(&self, visitor: &mut impl tricycle::Visitor) {
            self.0.trace(visitor);
            self.0.trace(visitor);
        }
    }
    let _gate = Gate::open_for(errors);
    let liar = gc(Liar(GcCell::default()));
    liar.0.set(Some(liar.clone()));
    let weak = Gc::downgrade(&liar);
    drop(liar);
    let lines = told(|| assert!(std::panic::catch_unwind(|| HEAP.collect()).is_err()));
    assert!(lines.iter().any(|line| line.contains("type=") && line.contains("Liar")), "{lines:#?}");
    weak.upgrade().unwrap().0.take();
}
