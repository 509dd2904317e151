//! The end of an operation: its span, its metrics, its event.

use std::time::{Duration, Instant, SystemTime};

use opentelemetry::trace::{SpanContext, TraceContextExt};

use super::{Draft, Live, Span, content, event, metrics, span};
use crate::content::Finished;
use crate::conventions::attr;
use crate::guard::guarded;
use crate::pipeline::Origin;

/// The call ends now: its span ends, and what it was is recorded, here or on another thread.
pub(super) fn close(draft: Box<Draft>) {
    let now = Instant::now();
    close_late(draft, now, now);
}

/// The same of a call that ended a while ago.
pub(super) fn close_late(mut draft: Box<Draft>, ended: Instant, now: Instant) {
    #[cfg(not(feature = "sdk"))]
    let _ = now;
    if let Some(live) = &mut draft.live {
        // What starts below the agent from here on is no longer its own.
        live.counts = live.agent.take().and_then(|agent| agent.counts());
    }
    #[cfg(feature = "sdk")]
    let Err(mut draft) = super::own::hand_over(draft, ended, now) else { return };
    provided(&mut draft, ended);
    super::spare::keep(draft);
}

/// Ends a span of the provider's and records the rest.
fn provided(draft: &mut Draft, ended: Instant) {
    let captured = complete(draft);
    let draft = &*draft;
    let Some(live) = &draft.live else { return };
    let began_at = match &live.span {
        Span::Provided(began_at) => *began_at,
        #[cfg(feature = "sdk")]
        Span::Ours(_) => return,
    };
    let span = live.context.span();
    let lasted = lasted(live.began, began_at, ended);
    record(draft, live, span.span_context(), lasted, captured.as_ref(), &mut |ended_at| {
        span::end(draft, live, ended_at, captured.as_ref());
    });
}

/// Ends the span, and records the metrics, of which the duration is that of the span to the nanosecond, and the event.
/// Each for itself: the processors are the user's, and a panic in one must not take the others with it.
pub(super) fn record(
    draft: &Draft,
    live: &Live,
    span: &SpanContext,
    (ended_at, elapsed): (SystemTime, Duration),
    captured: Option<&Finished>,
    end: &mut dyn FnMut(SystemTime),
) {
    guarded("the end of a span", &mut || end(ended_at));
    let from = Origin::of(&draft.pipeline, span, ended_at);
    guarded("a metric", &mut || metrics::record(draft, live, elapsed, from));
    guarded("an event", &mut || event::details(draft, span, ended_at, captured));
}

/// Adds what only the end tells; the content as it leaves the process.
pub(super) fn complete(draft: &mut Draft) -> Option<Finished> {
    streamed(draft);
    #[cfg(feature = "token-estimates")]
    draft.estimate();
    draft.content.take().and_then(|content| content::finished(draft, *content))
}

/// When a call ended by the wall clock, and how long it was: counted from the start by a clock that never jumps. One
/// that the wall clock cannot hold has no length.
pub(super) fn lasted(
    began: Instant,
    began_at: SystemTime,
    ended: Instant,
) -> (SystemTime, Duration) {
    let elapsed = ended.saturating_duration_since(began);
    let ended_at = began_at.checked_add(elapsed).unwrap_or(began_at);
    (ended_at, ended_at.duration_since(began_at).unwrap_or(Duration::ZERO))
}

/// What only the end of a stream tells.
fn streamed(draft: &mut Draft) {
    let Draft { fields, tempo: Some(tempo), live: Some(live), .. } = draft else { return };
    fields.set(attr::GEN_AI_RESPONSE_FINISH_REASONS, &tempo.progress.finish_reasons());
    if let Some(first) = tempo.first() {
        let seconds = first.saturating_duration_since(live.began).as_secs_f64();
        fields.set(attr::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK, &seconds);
    }
    fields.attribute(CHUNK_COUNT, &tempo.chunks());
}

/// How many chunks a streamed answer had; the conventions have no name for it.
const CHUNK_COUNT: &str = "llmobs.response.chunk_count";
