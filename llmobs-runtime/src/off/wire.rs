//! Raw JSON in the wire formats of the providers, compiled out: nothing is read.

use crate::payload::{Fields, LlmChunk, LlmRequest, LlmResponse, LlmUsage, Streamed, Usage};

/// The raw bytes of a request, a response or a chunk of one.
#[derive(Clone, Copy)]
pub struct Body<'a>(pub &'a [u8]);

impl std::fmt::Debug for Body<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Body({} bytes)", self.0.len())
    }
}

impl LlmRequest for Body<'_> {
    fn record(&self, _: &mut Fields) {}
}

impl LlmResponse for Body<'_> {
    fn record(&self, _: &mut Fields) {}
}

impl LlmChunk for Body<'_> {
    fn record(&self, _: &mut Streamed<'_>) {}
}

impl LlmUsage for Body<'_> {
    fn usage(&self) -> Usage {
        Usage::default()
    }
}

/// Code that names [`serde_json::Value`] as a payload compiles either way.
#[cfg(feature = "json")]
mod value {
    use serde_json::Value;

    use crate::content::{Capture, Captured, Json, Room};
    use crate::payload::{Fields, LlmChunk, LlmRequest, LlmResponse, LlmUsage, Streamed, Usage};

    impl LlmRequest for Value {
        fn record(&self, _: &mut Fields) {}
    }

    impl LlmResponse for Value {
        fn record(&self, _: &mut Fields) {}
    }

    impl LlmChunk for Value {
        fn record(&self, _: &mut Streamed<'_>) {}
    }

    impl LlmUsage for Value {
        fn usage(&self) -> Usage {
            Usage::default()
        }
    }

    impl Capture for Value {
        fn capture(&self, _: &mut Room) -> Captured {
            Captured::Nothing
        }
    }

    impl Room {
        /// Nothing is copied.
        pub fn json(&mut self, _: &Value) -> Json {
            Json::Null
        }
    }
}
