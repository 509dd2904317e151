//! The content of a call: what of it is captured, and how it ends on the span.

use opentelemetry::KeyValue;

use super::guard::guarded;
use super::{Call, CallBuilder, Draft, event};
use crate::content::{Capture, Content, Finished, Kind, Kinds};
use crate::conventions::{Dialect, Operation, attr};
use crate::payload::Value;
use crate::pipeline::Pipeline;

/// Where content is captured: an empty collection for those kinds that the operation has and that are wanted.
pub(super) fn begun(
    operation: &Operation,
    pipeline: &Pipeline,
    wanted: Kinds,
) -> Option<Box<Content>> {
    let policy = pipeline.content();
    let in_events =
        policy.mode().in_events() && pipeline.has_logger() && event::describes(operation);
    let goes_somewhere = policy.mode().on_spans() || in_events;
    let has = |kind: &Kind| operation.span.has(kind.attribute(), pipeline.dialect());
    let kinds = if goes_somewhere {
        Kind::ALL.into_iter().filter(has).fold(Kinds::NONE, Kinds::with).both(wanted)
    } else {
        Kinds::NONE
    };
    #[cfg(feature = "token-estimates")]
    let counted = policy.estimates() && has(&Kind::Output);
    #[cfg(not(feature = "token-estimates"))]
    let counted = false;
    (counted || !kinds.is_empty()).then(|| Box::new(Content::new(kinds, policy)))
}

/// Whether content is of use where the span is not recorded.
pub(super) fn also_off_spans(operation: &Operation, pipeline: &Pipeline) -> bool {
    let policy = pipeline.content();
    #[cfg(feature = "token-estimates")]
    let counted = policy.estimates();
    #[cfg(not(feature = "token-estimates"))]
    let counted = false;
    counted || (policy.mode().in_events() && pipeline.has_logger() && event::describes(operation))
}

/// The content as it leaves the process: redacted and cut to size.
pub(super) fn finished(draft: &Draft, mut content: Content) -> Option<Finished> {
    let (policy, dialect) = (draft.pipeline.content(), draft.pipeline.dialect());
    if let Some(Value::Texts(reasons)) = draft.fields.get(attr::GEN_AI_RESPONSE_FINISH_REASONS) {
        content.ended_by(reasons);
    }
    let mut content = Some(content);
    guarded("captured content", &mut || {
        content.take().and_then(|content| content.finish(policy, dialect))
    })
    .flatten()
}

/// The attributes of the span that hold content, as JSON text, and the mark of what was cut.
pub(super) fn on_span(
    finished: &Finished,
    dialect: Dialect,
) -> impl Iterator<Item = KeyValue> + '_ {
    let contents = finished.values();
    let contents = contents.map(move |(id, value)| KeyValue::new(id.key(dialect), value.to_text()));
    contents.chain(truncated(finished, dialect))
}

/// Says which attributes do not hold the whole content.
fn truncated(finished: &Finished, dialect: Dialect) -> Option<KeyValue> {
    let keys: Vec<_> =
        finished.truncated().map(|id| opentelemetry::StringValue::from(id.key(dialect))).collect();
    let list = opentelemetry::Value::Array(opentelemetry::Array::String(keys.clone()));
    (!keys.is_empty()).then(|| KeyValue::new(TRUNCATED, list))
}

/// The attributes whose content was cut; the conventions ask for a mark and have no name for it.
pub(super) const TRUNCATED: &str = "llmobs.content.truncated";

impl Draft {
    /// Lets code of the user's hand over content, where some is captured.
    pub(super) fn captured(&mut self, what: &'static str, mut hand_over: impl FnMut(&mut Content)) {
        #[cfg(feature = "token-estimates")]
        self.tally();
        if let Some(content) = &mut self.content {
            guarded(what, &mut || hand_over(content));
        }
    }
}

impl CallBuilder {
    /// Captures these kinds of content and no others, where capturing is switched on; all kinds unless said.
    ///
    /// To be called before anything is handed over.
    pub fn capture_only(mut self, kinds: Kinds) -> Self {
        if let Some(draft) = &mut self.draft
            && draft.content.is_some()
        {
            draft.content = begun(draft.operation, &draft.pipeline, kinds);
        }
        self
    }

    /// Whether content of this kind is captured; where it is not, it need not be looked for.
    pub fn captures(&self, kind: Kind) -> bool {
        let content = self.draft.as_ref().and_then(|draft| draft.content.as_ref());
        content.is_some_and(|content| content.wants(kind))
    }

    /// Hands over content, of which what is captured is copied.
    ///
    /// ```
    /// use llmobs_runtime::content::Kind;
    /// use llmobs_runtime::conventions::operation;
    ///
    /// let question = "When is high water in Husum?";
    /// let call = llmobs_runtime::call(&operation::CHAT)
    ///     .provider("openai")
    ///     .capture(Kind::Input, question)
    ///     .start();
    /// call.end();
    /// ```
    pub fn capture<C: Capture + ?Sized>(mut self, kind: Kind, content: &C) -> Self {
        if let Some(draft) = &mut self.draft {
            draft.captured("content", |collected| collected.add(kind, content));
        }
        self
    }
}

impl Call {
    /// Whether content of this kind is captured; where it is not, it need not be looked for.
    pub fn captures(&self, kind: Kind) -> bool {
        let content = self.draft.as_ref().and_then(|draft| draft.content.as_ref());
        content.is_some_and(|content| content.wants(kind))
    }

    /// Hands over content, of which what is captured is copied.
    pub fn capture<C: Capture + ?Sized>(&mut self, kind: Kind, content: &C) {
        if let Some(draft) = &mut self.draft {
            draft.captured("content", |collected| collected.add(kind, content));
        }
    }
}
