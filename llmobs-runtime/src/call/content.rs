//! The content of a call: what of it is captured, and how it ends on the span.

use opentelemetry::KeyValue;

use super::{Call, CallBuilder, Draft, event};
use crate::content::{Capture, Content, Finished, Kind, Kinds};
use crate::conventions::{Dialect, Operation, attr};
use crate::guard::{guarded, guarded_once};
use crate::payload::Value;
use crate::pipeline::Pipeline;

/// Where content is captured: an empty collection for those kinds that the operation has and that are wanted.
pub(super) fn begun(
    operation: &Operation,
    pipeline: &Pipeline,
    wanted: Kinds,
) -> Option<Box<Content>> {
    let policy = pipeline.content();
    let has = |kind: &Kind| operation.span.has(kind.attribute(), pipeline.dialect());
    let kinds = if policy.mode().on_spans() || event::is_emitted(operation, pipeline) {
        Kind::ALL.into_iter().filter(has).fold(Kinds::NONE, Kinds::with).both(wanted)
    } else {
        Kinds::NONE
    };
    let counted = policy.estimates() && has(&Kind::Output);
    (counted || !kinds.is_empty()).then(|| Box::new(Content::new(kinds, policy)))
}

/// Whether content is of use where the span is not recorded.
pub(super) fn also_off_spans(operation: &Operation, pipeline: &Pipeline) -> bool {
    pipeline.content().estimates() || event::is_emitted(operation, pipeline)
}

/// The content as it leaves the process: redacted and cut to size.
pub(super) fn finished(draft: &Draft, mut content: Content) -> Option<Finished> {
    let (policy, dialect) = (draft.pipeline.content(), draft.pipeline.dialect());
    if let Some(Value::Texts(reasons)) = draft.fields.get(attr::GEN_AI_RESPONSE_FINISH_REASONS) {
        content.ended_by(reasons.iter().map(|reason| reason.to_text()).collect());
    }
    guarded_once("captured content", || content.finish(policy, dialect)).flatten()
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
    (!keys.is_empty()).then(|| {
        KeyValue::new(
            crate::content::TRUNCATED,
            opentelemetry::Value::Array(opentelemetry::Array::String(keys)),
        )
    })
}

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

/// Whether content of a kind is captured.
fn wants(draft: Option<&Draft>, kind: Kind) -> bool {
    draft.and_then(|draft| draft.content.as_ref()).is_some_and(|content| content.wants(kind))
}

/// Hands over content, where some is captured.
pub(super) fn hand_over<C: Capture + ?Sized>(draft: Option<&mut Draft>, kind: Kind, content: &C) {
    if let Some(draft) = draft {
        draft.captured("content", |collected| collected.add(kind, content));
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
        wants(self.draft.as_deref(), kind)
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
        hand_over(self.draft.as_deref_mut(), kind, content);
        self
    }
}

impl Call {
    /// Whether content of this kind is captured; where it is not, it need not be looked for.
    pub fn captures(&self, kind: Kind) -> bool {
        wants(self.draft.as_deref(), kind)
    }

    /// Hands over content, of which what is captured is copied.
    pub fn capture<C: Capture + ?Sized>(&mut self, kind: Kind, content: &C) {
        hand_over(self.draft.as_deref_mut(), kind, content);
    }
}
