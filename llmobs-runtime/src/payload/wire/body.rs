//! Bodies that nobody has parsed yet.

use std::fmt;

use serde_json::Value;

use crate::payload::{Fields, LlmRequest, LlmResponse, LlmUsage, Usage};

/// A longer body is left alone: parsed, it could take many times its size.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// The bytes of a request or a response in one of the [known formats](super).
///
/// They are parsed when something is recorded, once per recording. Bytes that are not JSON (a stream of
/// events, a page of a proxy, nothing at all), that nest deeper than 128 levels or are more than 16 MiB
/// record nothing.
#[derive(Clone, Copy)]
pub struct Body<'a>(pub &'a [u8]);

impl Body<'_> {
    fn parse(self) -> Option<Value> {
        if self.0.len() > BODY_LIMIT {
            return None;
        }
        serde_json::from_slice(self.0).ok()
    }
}

/// Only the length: a body holds prompts and answers.
impl fmt::Debug for Body<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.0.len())
    }
}

#[diagnostic::do_not_recommend]
impl LlmRequest for Body<'_> {
    fn record(&self, fields: &mut Fields) {
        LlmRequest::record(&self.parse(), fields);
    }
}

#[diagnostic::do_not_recommend]
impl LlmResponse for Body<'_> {
    fn record(&self, fields: &mut Fields) {
        LlmResponse::record(&self.parse(), fields);
    }
}

#[diagnostic::do_not_recommend]
impl LlmUsage for Body<'_> {
    fn usage(&self) -> Usage {
        self.parse().usage()
    }
}
