//! One envelope, encoded: what mapping makes, transmission sends and storage keeps.

use std::fmt;

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
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) kind: ItemKind,
    pub(super) json: Vec<u8>,
}

/// Without the envelope, in which are content and the instrumentation key.
impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Item")
            .field("kind", &self.kind)
            .field("length", &self.json.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_shows_nothing_of_its_envelope() {
        let item = Item { kind: ItemKind::Event, json: b"[7]".to_vec() };
        assert_eq!(format!("{item:?}"), "Item { kind: Event, length: 3, .. }");
    }
}
