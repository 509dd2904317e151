//! The road of a call in a pipeline of our own: what it knew is handed over when it ends, and put together on
//! another thread.
//!
//! All that a call knows is one box with a few buffers in it, which goes round: a thread fills it while the call
//! runs, [`Lanes`] take it away, and it comes back empty.

use std::any::Any;
use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use opentelemetry::trace::SpanKind as OtelKind;
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::SpanData;

use super::end::{complete, lasted, record};
use super::{Draft, Live, Span, span};
use crate::content::Finished;
use crate::conventions::{Operation, attr, operation};
use crate::lanes::{Deliver, Lane, Lanes, Now};
use crate::pipeline::{self, Deferred, Extras, Own, OwnSpan, Pipeline, Starts, handed_back};
use crate::processor::of_span;

/// The span of a call on this road.
#[derive(Debug)]
pub(super) struct Ours {
    span: OwnSpan,
    /// What the application added to it, when it is over.
    extras: Option<Box<Extras>>,
    ended: Instant,
    handed_over: Instant,
}

/// A span of the SDK's that is over.
#[derive(Debug)]
pub(super) struct Passed {
    span: SpanData,
    at: Instant,
}

/// What a thread keeps of the pipeline.
struct Local {
    /// For as long as [`pipeline::changes`] says this.
    changes: u64,
    pipeline: Arc<Pipeline>,
    lane: Lane<Draft>,
}

thread_local! {
    static LOCAL: RefCell<Option<Local>> = const { RefCell::new(None) };
}

/// Does something with what this thread keeps; `None` where it keeps nothing of the pipeline as it is now, or no
/// longer, since the thread is ending.
#[inline]
fn with_local<R>(then: impl FnOnce(&mut Local) -> R) -> Option<R> {
    LOCAL
        .try_with(|local| {
            let mut local = local.try_borrow_mut().ok()?;
            let local = local.as_mut().filter(|local| local.changes == pipeline::changes())?;
            Some(then(local))
        })
        .ok()
        .flatten()
}

/// An empty draft that has gone round, where there is one.
#[inline]
pub(super) fn reused(operation: &'static Operation) -> Option<Box<Draft>> {
    if Context::is_current_telemetry_suppressed() {
        return None;
    }
    let mut draft = with_local(|local| local.lane.take()).flatten()?;
    draft.begin(operation);
    Some(draft)
}

/// Starts the span of a call on this road; `None` where the pipeline has another.
#[inline]
pub(super) fn start(draft: &Draft, parent: &Context, began: Instant) -> Option<(Context, Span)> {
    let (context, span) = draft.pipeline.own()?.start(parent, draft);
    Some((context, Span::Ours(Ours { span, extras: None, ended: began, handed_over: began })))
}

/// Hands over a call that ended on this road, at the latest now; gives back one of another.
#[inline]
pub(super) fn hand_over(
    mut draft: Box<Draft>,
    ended: Instant,
    now: Instant,
) -> Result<(), Box<Draft>> {
    let Some(Live { context, span: Span::Ours(ours), .. }) = &mut draft.live else {
        return Err(draft);
    };
    ours.ended = ended;
    ours.handed_over = now;
    ours.extras = handed_back(context);
    // Here, so that what the thread has allocated it also gives back.
    drop(std::mem::take(context));
    let weight = draft.weight();
    if let Err(draft) = given(draft, weight) {
        elsewhere(draft, weight);
    }
    Ok(())
}

/// Puts a draft into the ring of this thread, where it has one in the draft's pipeline.
#[inline]
fn given(draft: Box<Draft>, weight: usize) -> Result<(), Box<Draft>> {
    let mut draft = Some(draft);
    let _ = with_local(|local| {
        if let Some(it) = draft.take_if(|it| Arc::ptr_eq(&it.pipeline, &local.pipeline)) {
            draft = local.lane.give(it, weight).err();
        }
    });
    draft.map_or(Ok(()), Err)
}

/// The first call of a thread; one that ends after its pipeline, or when the thread does; one that finds no room.
#[cold]
fn elsewhere(mut draft: Box<Draft>, weight: usize) {
    open(&draft.pipeline);
    if let Err(back) = given(draft, weight) {
        draft = back;
        draft.deliver(&Now::read());
    }
}

/// Gives this thread a ring in the pipeline, if that is the one of calls that begin now.
#[cold]
fn open(pipeline: &Arc<Pipeline>) {
    let _ = LOCAL.try_with(|local| {
        let Ok(mut local) = local.try_borrow_mut() else { return };
        let changes = pipeline::changes();
        if local.as_ref().is_none_or(|local| local.changes != changes)
            && pipeline::is_current(pipeline)
            && let Some(lanes) = lanes(pipeline)
        {
            let pipeline = Arc::clone(pipeline);
            *local = Some(Local { changes, pipeline, lane: lanes.lane() });
        }
    });
}

/// The rings of a pipeline.
fn lanes(pipeline: &Pipeline) -> Option<Arc<Lanes<Draft>>> {
    let deferred = pipeline.own()?.deferred(|| Lanes::<Draft>::start());
    Arc::clone(deferred).as_any().downcast().ok()
}

impl Deferred for Lanes<Draft> {
    fn drain(&self) {
        Lanes::drain(self);
    }

    fn drain_within(&self, limit: Duration) {
        Lanes::drain_within(self, limit);
    }

    fn close(&self) {
        Lanes::close(self);
    }

    fn pass(&self, span: SpanData) -> Option<SpanData> {
        let empty = |local: &mut Local| {
            if !local.lane.is_of(self) {
                return None;
            }
            let reused = local.lane.take();
            Some(reused.unwrap_or_else(|| {
                Box::new(Draft::new(&operation::CHAT, Arc::clone(&local.pipeline)))
            }))
        };
        let draft = with_local(empty).or_else(|| {
            open(&pipeline::current()?);
            with_local(empty)
        });
        let draft = draft.flatten();
        let Some(mut draft) = draft else { return Some(span) };
        let weight = of_span(&span);
        draft.passed = Some(Box::new(Passed { span, at: Instant::now() }));
        let mut back = given(draft, weight).err()?;
        back.passed.take().map(|passed| passed.span)
    }

    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

impl Starts for Draft {
    fn name(&self) -> Cow<'static, str> {
        span::name(self)
    }

    fn attributes(&self) -> Vec<KeyValue> {
        span::at_start(self)
    }

    fn kind(&self) -> OtelKind {
        span::kind(self)
    }

    fn names_agent(&self) -> bool {
        let named = [
            attr::GEN_AI_AGENT_NAME.id(),
            attr::GEN_AI_AGENT_ID.id(),
            attr::GEN_AI_AGENT_VERSION.id(),
        ];
        self.operation.name == operation::INVOKE_AGENT.name
            || named.into_iter().any(|id| self.fields.has(id))
            || self.fields.settled().1.next().is_some()
    }
}

impl Deliver for Draft {
    fn handed_over(&self) -> Option<Instant> {
        match &self.passed {
            Some(passed) => Some(passed.at),
            None => self.live.as_ref().and_then(Live::ours).map(|ours| ours.handed_over),
        }
    }

    fn deliver(&mut self, now: &Now) {
        if let Some(passed) = self.passed.take()
            && let Some(own) = self.pipeline.own()
        {
            return own.end(passed.span);
        }
        over(self, now);
        self.empty();
    }
}

impl Live {
    fn ours(&self) -> Option<&Ours> {
        match &self.span {
            Span::Ours(ours) => Some(ours),
            Span::Provided(_) => None,
        }
    }
}

/// Records a call that is over: its span, its metrics, its event.
fn over(draft: &mut Draft, now: &Now) {
    let captured = complete(draft);
    let extras = match &mut draft.live {
        Some(Live { span: Span::Ours(ours), .. }) => ours.extras.take(),
        _ => None,
    };
    let mut extras = extras.map(|extras| *extras).unwrap_or_default();
    let draft = &*draft;
    let Some(live) = &draft.live else { return };
    let (Some(ours), Some(own)) = (live.ours(), draft.pipeline.own()) else { return };
    let began_at = now.wall(live.began);
    let lasted = lasted(live.began, began_at, ours.ended);
    record(draft, live, &ours.span.context, lasted, captured.as_ref(), &mut |ended_at| {
        if ours.span.recording {
            let extras = std::mem::take(&mut extras);
            own.end(data(draft, ours, own, (began_at, ended_at), captured.as_ref(), extras));
        }
    });
}

/// What the SDK's tracer would have made of it, in the same order.
fn data(
    draft: &Draft,
    ours: &Ours,
    own: &Own,
    (start_time, ended_at): (SystemTime, SystemTime),
    captured: Option<&Finished>,
    extras: Extras,
) -> SpanData {
    let Extras { name, attributes: added, dropped_attributes, events, links, mut status, ended } =
        extras;
    let mut attributes = span::at_start(draft);
    attributes.extend_from_slice(&ours.span.added);
    attributes.extend(added);
    // Where the application has ended the span, what came later is not on it.
    if ended.is_none() {
        span::learnt(draft, captured, &mut |attribute| attributes.push(attribute));
        if let Some(failed) = span::status(draft)
            && failed > status
        {
            status = failed;
        }
    }
    let most = usize::try_from(own.limits().max_attributes_per_span).unwrap_or(usize::MAX);
    let beyond = u32::try_from(attributes.len().saturating_sub(most)).unwrap_or(u32::MAX);
    attributes.truncate(most);
    SpanData {
        span_context: ours.span.context.clone(),
        parent_span_id: ours.span.parent,
        parent_span_is_remote: ours.span.parent_is_remote,
        span_kind: span::kind(draft),
        name: name.unwrap_or_else(|| span::name(draft)),
        start_time,
        end_time: end_of(start_time, ended, ended_at),
        attributes,
        dropped_attributes_count: dropped_attributes.saturating_add(beyond),
        events,
        links,
        status,
        instrumentation_scope: own.scope().clone(),
    }
}

/// When a span ended: as the application says where it ended it, by the wall clock as that was then. The start is
/// reckoned from the wall clock as it is now: where it was set in between, no span ends before it starts.
fn end_of(start: SystemTime, said: Option<SystemTime>, ended: SystemTime) -> SystemTime {
    said.map_or(ended, |said| said.max(start))
}

impl Draft {
    /// About how many bytes it holds beside its own.
    fn weight(&self) -> usize {
        let policy = self.pipeline.content();
        let content = self.content.as_ref().map_or(0, |content| content.held(policy));
        let extras = self.live.as_ref().and_then(Live::ours).and_then(|ours| ours.extras.as_ref());
        let extras = extras.map_or(0, |extras| extras.weight());
        content.saturating_add(extras).saturating_add(self.fields.unusual())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);
    const CALL: Duration = Duration::from_millis(300);

    #[test]
    fn a_clock_that_is_set_while_a_call_runs_or_waits_changes_neither_its_length_nor_its_order() {
        let (began, wall) = (Instant::now(), SystemTime::now());
        let ended = began + CALL;
        for set_to in [wall - HOUR, wall, wall + HOUR, SystemTime::UNIX_EPOCH] {
            // Read when the call is put together, a while after it ended.
            let now = Now::of(ended + CALL, set_to);
            let start = now.wall(began);
            let (end, length) = lasted(began, start, ended);
            assert_eq!(length, CALL, "{set_to:?}");
            assert_eq!(end.duration_since(start).ok(), Some(CALL), "{set_to:?}");
            // One inside the other stays inside it.
            let (inner_began, inner_ended) = (began + CALL / 3, began + CALL / 2);
            let inner = now.wall(inner_began);
            let (inner_end, _) = lasted(inner_began, inner, inner_ended);
            assert!(start < inner && inner < inner_end && inner_end < end, "{set_to:?}");
            // The application ended the span itself, by the clock as it was before.
            assert!(end_of(start, Some(wall + CALL), end) >= start, "{set_to:?}");
        }
        assert_eq!(end_of(wall, Some(wall + CALL), wall + HOUR), wall + CALL);
        assert_eq!(end_of(wall, None, wall + HOUR), wall + HOUR);
    }
}
