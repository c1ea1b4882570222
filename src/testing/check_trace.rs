//! [`check_trace`]: whether a `Trace` implementation reports what it should.

use std::collections::BTreeMap;
use std::fmt;

use crate::{AnyGc, Gc, Heap, Hosts, Local, Trace};

/// Compares the handles that `value` reports to the collector with those that it releases when it is dropped.
///
/// If a handle is reported but not owned, the collector can free a live object. If it is owned but not reported,
/// cycles through it leak. Use this function in the tests of every `unsafe impl Trace`:
///
/// ```
/// use tricycle::testing::check_trace;
/// use tricycle::{Gc, Trace, Visitor};
///
/// struct Pair(Gc<Vec<Gc<u8>>>, Gc<Vec<Gc<u8>>>);
///
/// unsafe impl Trace for Pair {
///     const CONTAINER: bool = true;
///     fn trace(&self, visitor: &mut impl Visitor) {
///         visitor.field("0", &self.0); // and `1`?
///     }
/// }
///
/// let error = check_trace(Pair(Gc::new(vec![]), Gc::new(vec![]))).unwrap_err();
/// assert!(error.to_string().contains("owns 1 handle to a `alloc::vec::Vec<"));
/// assert!(error.to_string().contains("but reports 0"));
/// ```
///
/// Only this value is checked: pass one with something in each field. Handles to leaves (objects that can hold no
/// handles) are checked only if they are reported; to leave one out does no harm. Frozen objects are not checked,
/// either.
///
/// # Errors
///
/// If the two differ. The error lists the targets by type.
pub fn check_trace<T: Trace>(value: T) -> Result<(), BrokenTrace> {
    check_trace_in(value, Local)
}

/// Checks values of any heap, like [`check_trace`].
///
/// # Errors
///
/// See [`check_trace`].
///
/// # Panics
///
/// If dropping the value panics.
pub fn check_trace_in<T: Trace, H: Hosts<T>>(value: T, heap: H) -> Result<(), BrokenTrace> {
    let automatic = Pause::new(heap);
    let gc = Gc::new_in(value, heap);
    let mut edges = Edges::default();
    let again = addresses(&heap.referents(&gc));
    // Whatever the value might refer to gets a handle more, so that nothing dies with it.
    let reported = heap.referents(&gc);
    edges.unstable = addresses(&reported) != again;
    let witnesses: Vec<AnyGc<H>> =
        heap.objects(None).into_iter().filter(|object| object.address() != Gc::as_ptr(&gc).addr()).collect();
    for target in &reported {
        edges.of(target).reported += 1;
    }
    let everything: Vec<&AnyGc<H>> = reported.iter().chain(&witnesses).collect();
    for target in &everything {
        edges.of(target).before = target.strong_count();
    }

    match Gc::try_unwrap(gc) {
        Ok(value) => drop(value),
        Err(_) => unreachable!("nobody else has the handle"),
    }

    for target in &everything {
        edges.of(target).after = target.strong_count();
    }
    drop(automatic);
    edges.judge(std::any::type_name::<T>(), T::CONTAINER)
}

/// Switches automatic collection off for a while.
struct Pause<H: Heap>(H, bool);

impl<H: Heap> Pause<H> {
    fn new(heap: H) -> Self {
        Pause(heap, heap.disable())
    }
}

impl<H: Heap> Drop for Pause<H> {
    fn drop(&mut self) {
        if self.1 {
            self.0.enable();
        }
    }
}

fn addresses<H: Heap>(objects: &[AnyGc<H>]) -> Vec<usize> {
    objects.iter().map(AnyGc::address).collect()
}

/// What is known of one target.
#[derive(Debug)]
struct Edge {
    name: &'static str,
    reported: usize,
    before: usize,
    after: usize,
}

/// Everything that is known of the targets, by address.
#[derive(Debug, Default)]
struct Edges {
    targets: BTreeMap<usize, Edge>,
    unstable: bool,
}

impl Edges {
    fn of<H: Heap>(&mut self, target: &AnyGc<H>) -> &mut Edge {
        let new = || Edge { name: target.type_name(), reported: 0, before: 0, after: 0 };
        self.targets.entry(target.address()).or_insert_with(new)
    }

    fn judge(self, type_name: &'static str, container: bool) -> Result<(), BrokenTrace> {
        let mut faults: Vec<Fault> = Vec::new();
        for edge in self.targets.into_values() {
            let owned = edge.before.saturating_sub(edge.after);
            if owned != edge.reported {
                faults.push(Fault { target: edge.name, owned, reported: edge.reported });
            }
        }
        if faults.is_empty() && !self.unstable {
            return Ok(());
        }
        Err(BrokenTrace { type_name, container, unstable: self.unstable, faults })
    }
}

/// An object to which a value reports another number of handles than it owns.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// The type of the object.
    pub target: &'static str,
    /// How many handles to it the drop of the value released.
    pub owned: usize,
    /// How many handles were reported. More than `owned` is unsound, less is a leak.
    pub reported: usize,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let &Fault { target, owned, reported } = self;
        let plural = if owned == 1 { "" } else { "s" };
        let so = if reported > owned { "this can free live objects" } else { "cycles through it leak" };
        write!(f, "it owns {owned} handle{plural} to a `{target}`, but reports {reported}: {so}")
    }
}

/// A [`Trace`](trait@Trace) implementation reports what it should not, or not all that it should.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BrokenTrace {
    /// The type.
    pub type_name: &'static str,
    /// Its `Trace::CONTAINER`.
    pub container: bool,
    /// Whether it reported other handles the second time.
    pub unstable: bool,
    /// What is wrong.
    pub faults: Vec<Fault>,
}

impl BrokenTrace {
    /// Returns whether the collector may free live objects because of this error.
    pub fn is_unsound(&self) -> bool {
        self.unstable || self.faults.iter().any(|fault| fault.reported > fault.owned)
    }
}

impl fmt::Display for BrokenTrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "broken `Trace` for `{}`", self.type_name)?;
        if !self.container {
            f.write_str("\n  `CONTAINER` is false, so the collector does not look at it at all")?;
        }
        if self.unstable {
            f.write_str("\n  it reports other handles each time")?;
        }
        self.faults.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl std::error::Error for BrokenTrace {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Visitor;

    type Target = Gc<Option<Gc<u8>>>;

    /// Reports its handle as often as it says.
    struct Reporter(Target, usize);

    // SAFETY: none: this is what is looked for. No collection runs while one exists.
    #[expect(unsafe_code, reason = "broken on purpose")]
    unsafe impl Trace for Reporter {
        const CONTAINER: bool = true;

        fn trace(&self, visitor: &mut impl Visitor) {
            (0..self.1).for_each(|_| self.0.trace(visitor));
        }
    }

    fn check(times: usize) -> Result<(), BrokenTrace> {
        check_trace(Reporter(Gc::new(None), times))
    }

    #[test]
    fn honest() {
        assert_eq!(check(1), Ok(()));
        let shared: Target = Gc::new(Some(Gc::new(1)));
        assert_eq!(check_trace((shared.clone(), vec![shared.clone(), shared], Gc::new(1))), Ok(()));
        assert_eq!(check_trace(1), Ok(()));
    }

    #[test]
    fn leaks() {
        let error = check(0).unwrap_err();
        assert!(!error.is_unsound());
        assert_eq!((error.faults[0].owned, error.faults[0].reported), (1, 0));
        assert!(error.to_string().contains("leak"), "{error}");
    }

    #[test]
    fn unsound() {
        let error = check(2).unwrap_err();
        assert!(error.is_unsound());
        assert!(error.to_string().contains("can free live objects"), "{error}");
    }

    #[test]
    fn wrong_constant() {
        struct Closed(#[expect(dead_code, reason = "dropped")] Target);
        // SAFETY: none: it denies that it is a container.
        #[expect(unsafe_code, reason = "broken on purpose")]
        unsafe impl Trace for Closed {
            const CONTAINER: bool = false;

            fn trace(&self, _: &mut impl Visitor) {}
        }
        let error = check_trace(Closed(Gc::new(None))).unwrap_err();
        assert!(error.to_string().contains("`CONTAINER` is false"), "{error}");
    }

    #[test]
    fn automatic_collection_is_as_before() {
        let was = Local.disable();
        check(1).unwrap();
        assert!(!Local.is_enabled());
        Local.enable();
        check(1).unwrap();
        assert!(Local.is_enabled() && was);
    }
}
