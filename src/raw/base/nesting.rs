//! How deep destruction is nested, and how many more objects it may destroy before the rest is put off.
//!
//! Whoever destroys an object asks about both, so both are in one word, and one test answers: of the number of objects
//! destroyed the highest bit is set when there have been as many as there may be, and of the depth when it is too deep. One bit
//! says that there is a limit at all: then each object is asked whether it is to be destroyed in parts.
//!
//! ```text
//! [ destroyed: 23 bits | limited: 1 bit | depth: 8 bits ]
//! ```

use std::cell::Cell;

/// How deep destruction may nest on the stack.
const MAX_DEPTH: u32 = if cfg!(miri) { 4 } else { 48 };

const SPENT: u32 = 1 << 31;
const DEEP: u32 = 1 << 7;
const LIMITED: u32 = 1 << 8;
const OBJECT: u32 = 1 << 9;
/// The depth of a stack on which nothing is being destroyed.
const SHALLOW: u32 = DEEP - MAX_DEPTH;

/// As many objects as there are.
pub(crate) const NO_LIMIT: usize = (SPENT / OBJECT) as usize;

/// The word of a stack at that depth, when `limit` more objects may be destroyed, and one at least.
fn word(limit: usize, depth: u32) -> u32 {
    let limited = if limit < NO_LIMIT { LIMITED } else { 0 };
    SPENT - (limit.clamp(1, NO_LIMIT) as u32) * OBJECT + limited + depth
}

/// How deep destruction is nested on one stack.
#[derive(Debug)]
pub(crate) struct Nesting {
    word: Cell<u32>,
    /// The word when nothing is being destroyed: how many objects go when the last handle of one is dropped.
    rest: Cell<u32>,
}

impl Nesting {
    pub(crate) fn new() -> Self {
        let rest = word(NO_LIMIT, SHALLOW);
        Nesting { word: Cell::new(rest), rest: Cell::new(rest) }
    }

    /// Whether nothing is being destroyed.
    #[inline(always)]
    pub(crate) fn is_at_rest(&self) -> bool {
        depth(self.word.get()) == SHALLOW
    }

    /// One level more, and one object. False if there have been enough of either, or if there is a limit at all: then it is for
    /// [`Nesting::enter_limited`] to say.
    #[inline(always)]
    pub(crate) fn enter(&self) -> bool {
        self.enter_unless(SPENT | DEEP | LIMITED)
    }

    /// As [`Nesting::enter`], also where there is a limit.
    pub(crate) fn enter_limited(&self) -> bool {
        self.enter_unless(SPENT | DEEP)
    }

    #[inline(always)]
    fn enter_unless(&self, bits: u32) -> bool {
        let now = self.word.get();
        if now & bits != 0 {
            return false;
        }
        self.word.set(now + OBJECT + 1);
        true
    }

    /// One level less. If that was the outermost: how many objects might still have been destroyed.
    #[inline(always)]
    pub(crate) fn leave(&self) -> Option<u32> {
        let now = self.word.get() - 1;
        if depth(now) != SHALLOW {
            self.word.set(now);
            return None;
        }
        self.word.set(self.rest.get());
        Some(now)
    }

    /// From now on, until [`Nesting::restore`] is called with what this returns, this is a part of a destruction in which `limit`
    /// objects may be destroyed.
    pub(crate) fn restrict(&self, limit: usize) -> u32 {
        let before = self.word.get();
        self.word.set(word(limit, depth(before).max(SHALLOW + 1)));
        before
    }

    /// Ends what [`Nesting::restrict`] began.
    pub(crate) fn restore(&self, before: u32) {
        self.word.set(if depth(before) == SHALLOW { self.rest.get() } else { before });
    }

    /// How many objects may still be destroyed.
    pub(crate) fn left(&self) -> usize {
        left(self.word.get())
    }

    /// So many objects, on this level, or what takes as long.
    pub(crate) fn count(&self, objects: usize) {
        let most = left(self.word.get());
        self.word.set(self.word.get() + objects.min(most) as u32 * OBJECT);
    }

    /// Whether there is a limit to how many objects may be destroyed.
    pub(crate) fn is_limited(&self) -> bool {
        self.word.get() & LIMITED != 0
    }

    /// Whether the last handle of an object takes with it all that hangs on it.
    pub(crate) fn is_unlimited(&self) -> bool {
        left(self.rest.get()) == NO_LIMIT
    }

    /// Sets how many objects go when the last handle of one is dropped.
    pub(crate) fn set_limit(&self, limit: usize) {
        self.rest.set(word(limit, SHALLOW));
        if self.is_at_rest() {
            self.word.set(self.rest.get());
        }
    }

    /// The thread whose stack this was is gone.
    pub(crate) fn reset(&self) {
        self.word.set(self.rest.get());
    }
}

#[inline(always)]
fn depth(word: u32) -> u32 {
    word & (LIMITED - 1)
}

/// How many objects may still be destroyed, in a word.
pub(crate) fn left(word: u32) -> usize {
    (SPENT.saturating_sub(word & !(OBJECT - 1)) / OBJECT) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    /// It ends with the depth, or with the number of objects, whichever is first.
    #[test]
    fn limits() {
        let nesting = Nesting::new();
        assert!(nesting.is_at_rest() && nesting.is_unlimited());
        assert_eq!((0..).take_while(|_| nesting.enter()).count(), MAX_DEPTH as usize);
        for _ in 1..MAX_DEPTH {
            assert_eq!(nesting.leave(), None);
            assert!(!nesting.is_at_rest());
        }
        assert_eq!(nesting.leave().map(left), Some(NO_LIMIT - MAX_DEPTH as usize));
        assert!(nesting.is_at_rest());

        nesting.set_limit(3);
        for _ in 0..2 {
            assert!(!nesting.enter() && nesting.is_limited());
            assert_eq!((0..).take_while(|_| nesting.enter_limited()).count(), 3);
            assert_eq!(nesting.leave().or(nesting.leave()), None);
            assert!(!nesting.enter_limited(), "it is what goes with one handle that is limited");
            assert_eq!(nesting.leave().map(left), Some(0));
        }
        nesting.set_limit(0);
        assert!(nesting.enter_limited(), "one object at least");
        assert_eq!(nesting.leave().map(left), Some(0));
    }

    /// A destruction within a limit of its own, at rest and in the middle of another one.
    #[test]
    fn restricted() {
        let nesting = Nesting::new();
        for _ in 0..2 {
            let before = nesting.restrict(2);
            assert!(!nesting.enter() && nesting.enter_limited());
            assert_eq!((nesting.leave(), nesting.left()), (None, 1));
            nesting.count(5);
            assert_eq!((nesting.left(), nesting.enter_limited()), (0, false));
            nesting.restore(before);
            assert!(nesting.enter());
        }
        assert_eq!(nesting.leave(), None);
        assert_eq!(nesting.leave().map(left), Some(NO_LIMIT - 2));
    }
}
