//! Stand-ins so that the call compiles; H1 replaces them with the real ones of the same names and signatures.

use super::{Content, ContentCapture, Json, Kinds};
use crate::conventions::{AttributeId, Dialect};

#[derive(Debug, Default)]
pub(crate) struct Policy {
    mode: ContentCapture,
}

#[derive(Debug, Default)]
pub struct ContentLimits;

#[derive(Debug)]
pub struct Redactor;

impl Policy {
    pub(crate) fn new(
        _: Option<ContentCapture>,
        _: ContentLimits,
        _: bool,
        _: Vec<Redactor>,
        _: impl Fn(&str) -> Option<String>,
    ) -> Self {
        Self::default()
    }
    pub(crate) fn from_env() -> Self {
        Self::default()
    }
    pub(crate) fn mode(&self) -> ContentCapture {
        self.mode
    }
}

#[derive(Debug)]
pub(crate) struct Finished {
    values: Vec<(AttributeId, Json)>,
    truncated: Vec<AttributeId>,
}

impl Finished {
    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty() && self.truncated.is_empty()
    }
    pub(crate) fn values(&self) -> impl Iterator<Item = (AttributeId, &Json)> {
        self.values.iter().map(|(id, value)| (*id, value))
    }
    pub(crate) fn truncated(&self) -> impl Iterator<Item = AttributeId> {
        self.truncated.iter().copied()
    }
}

impl Content {
    pub(crate) fn new(wanted: Kinds, _: &Policy) -> Self {
        let _ = wanted;
        unimplemented!()
    }
    pub(crate) fn finish(self, _: &Policy, _: Dialect) -> Finished {
        unimplemented!()
    }
}

impl Json {
    pub(crate) fn to_text(&self) -> String {
        String::new()
    }
    pub(crate) fn to_any_value(&self) -> opentelemetry::logs::AnyValue {
        opentelemetry::logs::AnyValue::Int(0)
    }
}
