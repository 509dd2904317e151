//! Where content goes.

/// Where content goes. The strictest of what the environment and the builder say holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ContentCapture {
    /// Nowhere.
    #[default]
    NoContent,
    /// Onto spans.
    SpanOnly,
    /// Into events, which are log records.
    EventOnly,
    /// To both.
    SpanAndEvent,
}

impl ContentCapture {
    /// What both allow.
    #[must_use]
    pub fn strictest(self, other: Self) -> Self {
        Self::of(self.on_spans() && other.on_spans(), self.in_events() && other.in_events())
    }

    /// Whether content goes onto spans.
    pub fn on_spans(self) -> bool {
        matches!(self, Self::SpanOnly | Self::SpanAndEvent)
    }

    /// Whether content goes into events.
    pub fn in_events(self) -> bool {
        matches!(self, Self::EventOnly | Self::SpanAndEvent)
    }

    fn of(spans: bool, events: bool) -> Self {
        match (spans, events) {
            (false, false) => Self::NoContent,
            (true, false) => Self::SpanOnly,
            (false, true) => Self::EventOnly,
            (true, true) => Self::SpanAndEvent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ContentCapture::{EventOnly, NoContent, SpanAndEvent, SpanOnly};

    #[test]
    fn the_strictest_is_what_both_allow() {
        assert_eq!(SpanAndEvent.strictest(SpanOnly), SpanOnly);
        assert_eq!(EventOnly.strictest(SpanAndEvent), EventOnly);
        assert_eq!(SpanOnly.strictest(EventOnly), NoContent);
        assert_eq!(SpanAndEvent.strictest(NoContent), NoContent);
        assert_eq!(SpanAndEvent.strictest(SpanAndEvent), SpanAndEvent);
    }
}
