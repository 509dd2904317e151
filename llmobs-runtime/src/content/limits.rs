//! How much content may be recorded.

/// How much content may be recorded, in bytes of JSON text.
///
/// What is more is cut: inside a string, which then ends with `…`, or whole parts, messages and elements are left
/// out from the end. OpenTelemetry's own limits on attribute values (`OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT`,
/// `OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT`, `OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT`) hold as well; they
/// count characters and are taken as bytes, which are never fewer. What goes on spans and on events is cut once, so
/// that the smaller limit holds for both.
///
/// ```
/// use llmobs_runtime::content::ContentLimits;
///
/// let limits = ContentLimits::new().attribute_bytes(16 * 1024).span_bytes(32 * 1024);
/// # let _ = limits;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "limits hold where they are given to the builder"]
pub struct ContentLimits {
    attribute_bytes: usize,
    span_bytes: usize,
}

impl ContentLimits {
    /// 64 KiB for each attribute, 256 KiB for all of one span.
    pub const fn new() -> Self {
        Self { attribute_bytes: 64 * 1024, span_bytes: 256 * 1024 }
    }

    /// How long each attribute that holds content may be.
    pub const fn attribute_bytes(mut self, bytes: usize) -> Self {
        self.attribute_bytes = bytes;
        self
    }

    /// How long all of them on one span may be together, and all of them in one event.
    pub const fn span_bytes(mut self, bytes: usize) -> Self {
        self.span_bytes = bytes;
        self
    }
}

#[cfg(feature = "enable")]
impl ContentLimits {
    /// The room of one attribute: never more than that of the span.
    pub(super) fn of_attribute(self) -> usize {
        self.attribute_bytes.min(self.span_bytes)
    }

    pub(super) fn of_span(self) -> usize {
        self.span_bytes
    }

    /// These, or what OpenTelemetry allows an attribute, whichever is less.
    pub(super) fn within(self, attribute: Option<usize>) -> Self {
        Self { attribute_bytes: self.attribute_bytes.min(attribute.unwrap_or(usize::MAX)), ..self }
    }
}

impl Default for ContentLimits {
    fn default() -> Self {
        Self::new()
    }
}
