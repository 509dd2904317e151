//! Bodies that nobody has parsed yet.

use std::fmt;

use serde_json::Value;

use super::chunk;
use crate::content::Content;
use crate::payload::{Fields, LlmChunk, LlmRequest, LlmResponse, LlmUsage, Streamed, Usage};

/// A longer body is left alone: parsed, it could take many times its size.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// The bytes of a request, a response or a chunk of one in one of the [known formats](super).
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

    fn capture(&self, content: &mut Content) {
        LlmRequest::capture(&self.parse(), content);
    }
}

#[diagnostic::do_not_recommend]
impl LlmResponse for Body<'_> {
    fn record(&self, fields: &mut Fields) {
        LlmResponse::record(&self.parse(), fields);
    }

    fn capture(&self, content: &mut Content) {
        LlmResponse::capture(&self.parse(), content);
    }
}

/// The data of a server-sent event, or a line of JSON lines. `[DONE]` completes the answer.
#[diagnostic::do_not_recommend]
impl LlmChunk for Body<'_> {
    fn record(&self, answer: &mut Streamed<'_>) {
        if chunk::is_done(self.0) {
            answer.complete();
        } else {
            LlmChunk::record(&self.parse(), answer);
        }
    }
}

#[diagnostic::do_not_recommend]
impl LlmUsage for Body<'_> {
    fn usage(&self) -> Usage {
        self.parse().usage()
    }
}
