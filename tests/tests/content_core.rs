//! What of content leaves the process: in the schemas, within the limits, redacted.

#[path = "content_core/cutting.rs"]
mod cutting;
#[path = "content_core/patterns.rs"]
mod patterns;
#[path = "content_core/redaction.rs"]
mod redaction;
#[path = "content_core/schemas.rs"]
mod schemas;
#[path = "content_core/streaming.rs"]
mod streaming;

use llmobs_runtime::content::{__finished, Content, ContentLimits, Kind, Redactor};
use llmobs_runtime::conventions::Dialect;
use serde_json::Value;

/// What comes out of one kind of content.
struct Out {
    text: Option<String>,
    cut: bool,
}

impl Out {
    fn json(&self) -> Value {
        let text = self.text.as_deref().expect("content of this kind");
        serde_json::from_str(text).expect("valid JSON")
    }
}

/// How content is finished in a test.
struct Finish {
    limits: ContentLimits,
    redactors: Vec<Redactor>,
    inline_blobs: bool,
    dialect: Dialect,
}

impl Default for Finish {
    fn default() -> Self {
        Self {
            limits: ContentLimits::new(),
            redactors: Vec::new(),
            inline_blobs: false,
            dialect: Dialect::Latest,
        }
    }
}

impl Finish {
    fn within(bytes: usize) -> Self {
        Self { limits: ContentLimits::new().attribute_bytes(bytes), ..Self::default() }
    }

    fn released(self) -> Self {
        Self { dialect: Dialect::Released, ..self }
    }

    fn redacted(mut self, redactor: impl Into<Redactor>) -> Self {
        self.redactors.push(redactor.into());
        self
    }

    /// What comes of every kind that has something, or had.
    fn all(self, fill: impl FnOnce(&mut Content)) -> Vec<(Kind, Out)> {
        let Self { limits, redactors, inline_blobs, dialect } = self;
        let finished = __finished(limits, redactors, inline_blobs, dialect, fill);
        let kind = |id| Kind::ALL.into_iter().find(|kind| kind.attribute() == id);
        finished
            .into_iter()
            .map(|(id, text, cut)| (kind(id).expect("a kind"), Out { text, cut }))
            .collect()
    }

    fn one(self, kind: Kind, fill: impl FnOnce(&mut Content)) -> Out {
        let all = self.all(fill);
        let one = all.into_iter().find(|(its, _)| *its == kind).map(|(_, out)| out);
        one.unwrap_or(Out { text: None, cut: false })
    }
}
