//! Strings.

use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};

use tricycle::Trace;

/// An immutable string, which knows its length in characters and remembers its hash.
#[derive(Trace)]
#[trace(acyclic)]
pub struct Text {
    text: Box<str>,
    chars: usize,
    /// Zero until it is computed.
    hash: AtomicU64,
}

impl Text {
    pub fn new(text: Box<str>) -> Self {
        let chars = if text.is_ascii() { text.len() } else { text.chars().count() };
        Text { text, chars, hash: AtomicU64::new(0) }
    }

    /// The length that Python sees.
    pub fn chars_len(&self) -> usize {
        self.chars
    }

    /// Whether characters can be indexed as bytes.
    pub fn is_bytes(&self) -> bool {
        self.chars == self.text.len()
    }

    pub fn hash(&self) -> u64 {
        let known = self.hash.load(Ordering::Relaxed);
        if known != 0 {
            return known;
        }
        let hash = std::hash::BuildHasher::hash_one(&rustc_hash::FxBuildHasher, &*self.text) | 1 << 63;
        self.hash.store(hash, Ordering::Relaxed);
        hash
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}
