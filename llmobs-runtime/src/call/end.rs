//! The end of an operation: its span, its metrics, its event.

use std::time::{Duration, Instant};

use super::{Draft, content, event, metrics, span};
use crate::conventions::attr;
use crate::guard::guarded;
use crate::payload::Value;

/// Ends the span and records the metrics, of which the duration is that of the span to the nanosecond.
pub(super) fn close(draft: &mut Draft, ended: Instant) {
    let Some(began) = draft.live.as_ref().map(|live| live.began) else { return };
    streamed(draft, began);
    #[cfg(feature = "token-estimates")]
    draft.estimate();
    let captured = draft.content.take().and_then(|content| content::finished(draft, *content));
    let draft = &*draft;
    let Some(live) = &draft.live else { return };
    // Counted from the start by a clock that never jumps; a span that the wall clock cannot hold has no length.
    let elapsed = ended.saturating_duration_since(began);
    let ended_at = live.began_at.checked_add(elapsed).unwrap_or(live.began_at);
    let elapsed = ended_at.duration_since(live.began_at).unwrap_or(Duration::ZERO);
    let error = draft.fields.get(attr::ERROR_TYPE).and_then(Value::as_text);
    // Span processors of the user's; a panic in one must not take the metrics with it.
    guarded("the end of a span", &mut || {
        span::end(draft, live, ended_at, error, captured.as_ref());
    });
    guarded("a metric", &mut || metrics::record(draft, live, elapsed));
    // A log processor of the user's.
    guarded("an event", &mut || event::details(draft, live, ended_at, captured.as_ref()));
}

/// What only the end of a stream tells.
fn streamed(draft: &mut Draft, began: Instant) {
    let Draft { fields, tempo: Some(tempo), .. } = draft else { return };
    fields.set(attr::GEN_AI_RESPONSE_FINISH_REASONS, &tempo.progress.finish_reasons());
    if let Some(first) = tempo.first() {
        let seconds = first.saturating_duration_since(began).as_secs_f64();
        fields.set(attr::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK, &seconds);
    }
    fields.attribute(CHUNK_COUNT, &tempo.chunks());
}

/// How many chunks a streamed answer had; the conventions have no name for it.
const CHUNK_COUNT: &str = "llmobs.response.chunk_count";
