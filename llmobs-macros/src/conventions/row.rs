//! The shapes of the table's rows, and the short words that the table is written in.

/// What an attribute's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Text,
    Int,
    Double,
    Flag,
    Texts,
    /// A structured value: JSON text on a span.
    Json,
    /// Any number of attributes, each key being the row's key, a dot, and a name of the user's.
    TextMap,
}

/// One attribute.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attribute {
    /// The latest name, or the released one where latest has none.
    pub(crate) key: &'static str,
    pub(crate) latest: Option<&'static str>,
    pub(crate) released: Option<&'static str>,
    pub(crate) ty: Type,
    /// Set only where the released type is another.
    pub(crate) released_ty: Option<Type>,
    /// Too many different values to be a dimension of a metric.
    pub(crate) high_cardinality: bool,
    /// What people wrote or models answered: recorded only on request.
    pub(crate) content: bool,
    /// Well-known values. Others are allowed.
    pub(crate) values: &'static [&'static str],
    pub(crate) brief: &'static str,
}

impl Attribute {
    /// Whether `key` is one of the keys that this row, being a template, stands for.
    pub(crate) fn is_template_of(&self, key: &str) -> bool {
        self.ty == Type::TextMap
            && key
                .strip_prefix(self.key)
                .and_then(|rest| rest.strip_prefix('.'))
                .is_some_and(|name| !name.is_empty())
    }

    const fn new(ty: Type, key: &'static str, brief: &'static str) -> Self {
        Self {
            key,
            latest: Some(key),
            released: Some(key),
            ty,
            released_ty: None,
            high_cardinality: false,
            content: false,
            values: &[],
            brief,
        }
    }

    pub(super) const fn latest_only(mut self) -> Self {
        self.released = None;
        self
    }

    pub(super) const fn released_only(mut self) -> Self {
        self.latest = None;
        self
    }

    pub(super) const fn released_as(mut self, name: &'static str) -> Self {
        self.released = Some(name);
        self
    }

    pub(super) const fn released_ty(mut self, ty: Type) -> Self {
        self.released_ty = Some(ty);
        self
    }

    pub(super) const fn high(mut self) -> Self {
        self.high_cardinality = true;
        self
    }

    pub(super) const fn content(mut self) -> Self {
        self.content = true;
        self.high()
    }

    pub(super) const fn values(mut self, values: &'static [&'static str]) -> Self {
        self.values = values;
        self
    }
}

pub(super) const fn text(key: &'static str, brief: &'static str) -> Attribute {
    Attribute::new(Type::Text, key, brief)
}

pub(super) const fn int(key: &'static str, brief: &'static str) -> Attribute {
    Attribute::new(Type::Int, key, brief)
}

pub(super) const fn double(key: &'static str, brief: &'static str) -> Attribute {
    Attribute::new(Type::Double, key, brief)
}

pub(super) const fn flag(key: &'static str, brief: &'static str) -> Attribute {
    Attribute::new(Type::Flag, key, brief)
}

pub(super) const fn texts(key: &'static str, brief: &'static str) -> Attribute {
    Attribute::new(Type::Texts, key, brief)
}

pub(super) const fn json(key: &'static str, brief: &'static str) -> Attribute {
    Attribute::new(Type::Json, key, brief)
}

pub(super) const fn text_map(key: &'static str, brief: &'static str) -> Attribute {
    Attribute::new(Type::TextMap, key, brief)
}

/// How much the conventions want an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Required,
    Conditional,
    Recommended,
    OptIn,
}

/// An attribute on a span, a metric or an event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct On {
    pub(crate) key: &'static str,
    pub(crate) latest: Option<Level>,
    pub(crate) released: Option<Level>,
    /// A sampler may want it, so it is set when the span starts (in either dialect).
    pub(crate) sampling: bool,
}

impl On {
    pub(super) const fn at_start(mut self) -> Self {
        self.sampling = true;
        self
    }
}

/// The same level in both dialects.
pub(super) const fn both(key: &'static str, level: Level) -> On {
    each(key, level, level)
}

/// One level in latest, another in released.
pub(super) const fn each(key: &'static str, latest: Level, released: Level) -> On {
    On { key, latest: Some(latest), released: Some(released), sampling: false }
}

/// Only in latest.
pub(super) const fn latest(key: &'static str, level: Level) -> On {
    On { key, latest: Some(level), released: None, sampling: false }
}

/// Only in released.
pub(super) const fn released(key: &'static str, level: Level) -> On {
    On { key, latest: None, released: Some(level), sampling: false }
}

/// The kind of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Client,
    Internal,
    Server,
}

/// One span type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) id: &'static str,
    pub(crate) in_released: bool,
    /// Values of the operation attribute; none for MCP spans.
    pub(crate) operations: &'static [&'static str],
    pub(crate) kind: Kind,
    /// Kinds that are also right, in the order of preference.
    pub(crate) also_kinds: &'static [Kind],
    /// The attribute whose value begins the span's name.
    pub(crate) head: &'static str,
    /// The attribute whose value follows in the span's name.
    pub(crate) target: Option<&'static str>,
    /// Stands in where `target` is not known.
    pub(crate) second_target: Option<&'static str>,
    pub(crate) attributes: &'static [On],
    pub(crate) metrics: &'static [Recorded],
}

impl Span {
    /// Whether the span carries `key` in either dialect.
    pub(crate) fn has(&self, key: &str) -> bool {
        super::attribute(key).is_some_and(|row| self.attributes.iter().any(|on| on.key == row.key))
    }
}

/// A metric that a span type records, and in which dialect.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recorded {
    pub(crate) metric: &'static str,
    pub(crate) latest: bool,
    pub(crate) released: bool,
}

pub(super) const fn on_both(metric: &'static str) -> Recorded {
    Recorded { metric, latest: true, released: true }
}

pub(super) const fn on_latest(metric: &'static str) -> Recorded {
    Recorded { metric, latest: true, released: false }
}

pub(super) const fn on_released(metric: &'static str) -> Recorded {
    Recorded { metric, latest: false, released: true }
}

/// What a metric is recorded with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Instrument {
    Histogram,
    Counter,
}

/// One metric.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Metric {
    pub(crate) name: &'static str,
    pub(crate) latest: bool,
    pub(crate) released: bool,
    pub(crate) instrument: Instrument,
    pub(crate) unit: &'static str,
    /// [`Type::Int`] or [`Type::Double`].
    pub(crate) ty: Type,
    /// Upper bounds of the histogram's buckets; none for a counter.
    pub(crate) buckets: &'static [f64],
    /// Levels of a dialect that lacks the metric mean nothing.
    pub(crate) attributes: &'static [On],
    pub(crate) brief: &'static str,
}

impl Metric {
    pub(super) const fn latest_only(mut self) -> Self {
        self.released = false;
        self
    }

    pub(super) const fn released_only(mut self) -> Self {
        self.latest = false;
        self
    }
}

/// A histogram of durations in seconds.
pub(super) const fn seconds(
    name: &'static str,
    buckets: &'static [f64],
    attributes: &'static [On],
    brief: &'static str,
) -> Metric {
    let ty = Type::Double;
    Metric { ty, ..counts(name, "s", buckets, attributes, brief) }
}

/// A histogram of whole numbers.
pub(super) const fn counts(
    name: &'static str,
    unit: &'static str,
    buckets: &'static [f64],
    attributes: &'static [On],
    brief: &'static str,
) -> Metric {
    Metric {
        name,
        latest: true,
        released: true,
        instrument: Instrument::Histogram,
        unit,
        ty: Type::Int,
        buckets,
        attributes,
        brief,
    }
}

/// A counter of tokens.
pub(super) const fn tokens(
    name: &'static str,
    attributes: &'static [On],
    brief: &'static str,
) -> Metric {
    let instrument = Instrument::Counter;
    Metric { instrument, ..counts(name, "{token}", &[], attributes, brief) }
}

/// One event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event {
    pub(crate) name: &'static str,
    /// Severity number of the log record, where the conventions name one.
    pub(crate) severity: Option<u8>,
    /// How much the conventions want the event itself.
    pub(crate) level: Level,
    pub(crate) attributes: &'static [On],
    pub(crate) brief: &'static str,
}
