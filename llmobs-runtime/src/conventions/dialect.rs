//! Which version of the conventions is written.

use super::{LATEST_SCHEMA_URL, RELEASED_SCHEMA_URL};

/// A version of the conventions. Both are instrumented by the same code; the dialect decides which
/// names, types and metrics come out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// The core conventions 1.41.1, the last release that had a `GenAI` part. What dashboards and
    /// backends read.
    #[default]
    Released,
    /// The unreleased conventions of the `GenAI` repository, whose names may still change.
    Latest,
}

impl Dialect {
    /// The schema URL that an instrumentation scope of this dialect carries.
    #[must_use]
    pub const fn schema_url(self) -> &'static str {
        match self {
            Self::Released => RELEASED_SCHEMA_URL,
            Self::Latest => LATEST_SCHEMA_URL,
        }
    }
}
