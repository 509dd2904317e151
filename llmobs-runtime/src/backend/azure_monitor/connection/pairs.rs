//! `key=value;key=value`, as connection strings and authentication strings are written.

use super::endpoint::looks_secret;

/// A part without a key or without `=`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct NotAPair {
    /// Which part, counted from 1.
    pub(in super::super) position: usize,
}

/// The parts one after the other, trimmed; empty parts are passed over, the first `=` of a part divides it.
pub(in super::super) fn pairs(text: &str) -> impl Iterator<Item = Result<(&str, &str), NotAPair>> {
    text.split(';').enumerate().filter(|(_, part)| !part.trim().is_empty()).map(|(index, part)| {
        part.split_once('=')
            .map(|(key, value)| (key.trim(), value.trim()))
            .filter(|(key, _)| !key.is_empty())
            .ok_or(NotAPair { position: index.saturating_add(1) })
    })
}

/// A key that nobody reads: named for who looks for a misspelling, unless it might be a secret out of place.
pub(in super::super) fn ignored(of: &'static str, key: &str) {
    if key.len() <= 40 && !looks_secret(key) {
        tracing::debug!(target: "llmobs", key, "{of} has a key that is not known and is ignored");
    }
}
