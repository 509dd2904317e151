//! One envelope, encoded: what mapping makes, transmission sends and storage keeps.

/// What an envelope is, which decides how the service counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ItemKind {
    Request,
    Dependency,
    Message,
    Exception,
    Event,
    Availability,
    Metric,
}

/// One envelope as JSON, without a line break in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) kind: ItemKind,
    pub(super) json: Vec<u8>,
}
