//! The span of a call as the application meets it: the current one while the call runs.

use std::borrow::Cow;
use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::time::SystemTime;

use opentelemetry::trace::{Event, Link, Span, SpanContext, Status};
use opentelemetry::{Context, KeyValue, trace::TraceContextExt};
use opentelemetry_sdk::trace::{SpanEvents, SpanLimits, SpanLinks};

use crate::processor::of_attributes;

/// A span that stands in the context and holds what the application adds to it.
#[derive(Debug)]
pub(super) struct CallSpan {
    context: SpanContext,
    /// `None` where nothing is recorded, or no longer.
    limits: Option<SpanLimits>,
    /// Most calls have none.
    extras: Option<Box<Extras>>,
}

/// What the application added to the span of a call.
#[derive(Debug, Default)]
pub(crate) struct Extras {
    pub(crate) name: Option<Cow<'static, str>>,
    pub(crate) attributes: Vec<KeyValue>,
    pub(crate) dropped_attributes: u32,
    pub(crate) events: SpanEvents,
    pub(crate) links: SpanLinks,
    pub(crate) status: Status,
    /// The application has ended the span itself: what comes later is not on it.
    pub(crate) ended: Option<SystemTime>,
}

impl Extras {
    /// About how many bytes this holds, for a rough bound.
    pub(crate) fn weight(&self) -> usize {
        let inside = self.events.iter().map(|event| of_attributes(&event.attributes));
        let linked = self.links.iter().map(|link| of_attributes(&link.attributes));
        let each = inside.chain(linked).map(|attributes| attributes.saturating_add(BESIDE));
        each.fold(of_attributes(&self.attributes), usize::saturating_add)
            .saturating_add(size_of::<Self>())
    }
}

/// What an event or a link is taken to hold beside its attributes.
const BESIDE: usize = 128;

thread_local! {
    /// What a span gives back to the call that ends it on this thread. Nothing stays here, so there is nothing to
    /// drop: without a destructor it is there for calls that end while the thread does.
    static HANDED_BACK: Cell<ManuallyDrop<HandedBack>> =
        const { Cell::new(ManuallyDrop::new(HandedBack::Unasked)) };
}

/// Puts another in the place of what is there.
fn swapped(by: HandedBack) -> HandedBack {
    ManuallyDrop::into_inner(HANDED_BACK.replace(ManuallyDrop::new(by)))
}

enum HandedBack {
    Unasked,
    Asked,
    Given(Option<Box<Extras>>),
}

/// Ends the span of a call that stands in `context`; what the application has added to it.
///
/// The API lets nobody look into a span that is in a context, so the span puts it where it is found.
pub(crate) fn handed_back(context: &Context) -> Option<Box<Extras>> {
    drop(swapped(HandedBack::Asked));
    context.span().end_with_timestamp(SystemTime::UNIX_EPOCH);
    match swapped(HandedBack::Unasked) {
        HandedBack::Given(extras) => extras,
        HandedBack::Unasked | HandedBack::Asked => None,
    }
}

impl CallSpan {
    pub(super) fn new(context: SpanContext, recording: bool, limits: SpanLimits) -> Self {
        Self { context, limits: recording.then_some(limits), extras: None }
    }

    /// What to add to, and up to which limits; nothing once the span is over.
    fn open(&mut self) -> Option<(&mut Extras, SpanLimits)> {
        let limits = self.limits?;
        Some((self.extras.get_or_insert_default(), limits))
    }
}

/// The most that a limit allows.
fn most(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

/// Cuts attributes to a limit; how many are gone.
fn cut(attributes: &mut Vec<KeyValue>, limit: u32) -> u32 {
    let gone = attributes.len().saturating_sub(most(limit));
    attributes.truncate(most(limit));
    u32::try_from(gone).unwrap_or(u32::MAX)
}

impl Span for CallSpan {
    fn add_event_with_timestamp<T>(
        &mut self,
        name: T,
        timestamp: SystemTime,
        mut attributes: Vec<KeyValue>,
    ) where
        T: Into<Cow<'static, str>>,
    {
        let Some((Extras { events, .. }, limits)) = self.open() else { return };
        if events.events.len() < most(limits.max_events_per_span) {
            let gone = cut(&mut attributes, limits.max_attributes_per_event);
            events.events.push(Event::new(name, timestamp, attributes, gone));
        } else {
            events.dropped_count = events.dropped_count.saturating_add(1);
        }
    }

    fn span_context(&self) -> &SpanContext {
        &self.context
    }

    fn is_recording(&self) -> bool {
        self.limits.is_some()
    }

    fn set_attribute(&mut self, attribute: KeyValue) {
        let Some((extras, limits)) = self.open() else { return };
        // Together with those of the call they are cut once more when it is over.
        if extras.attributes.len() < most(limits.max_attributes_per_span) {
            extras.attributes.push(attribute);
        } else {
            extras.dropped_attributes = extras.dropped_attributes.saturating_add(1);
        }
    }

    fn set_status(&mut self, status: Status) {
        if let Some((extras, _)) = self.open()
            && status > extras.status
        {
            extras.status = status;
        }
    }

    fn update_name<T>(&mut self, name: T)
    where
        T: Into<Cow<'static, str>>,
    {
        if let Some((extras, _)) = self.open() {
            extras.name = Some(name.into());
        }
    }

    fn add_link(&mut self, span: SpanContext, mut attributes: Vec<KeyValue>) {
        let Some((Extras { links, .. }, limits)) = self.open() else { return };
        if links.links.len() < most(limits.max_links_per_span) {
            let gone = cut(&mut attributes, limits.max_attributes_per_link);
            links.links.push(Link::new(span, attributes, gone));
        } else {
            links.dropped_count = links.dropped_count.saturating_add(1);
        }
    }

    fn end_with_timestamp(&mut self, timestamp: SystemTime) {
        if let HandedBack::Asked = swapped(HandedBack::Unasked) {
            self.limits = None;
            drop(swapped(HandedBack::Given(self.extras.take())));
        } else if let Some((extras, _)) = self.open() {
            extras.ended = Some(timestamp);
            self.limits = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_weighs_what_it_is_long_wherever_it_was_added() {
        let text = "x".repeat(100_000);
        let attributes = || vec![KeyValue::new("text", text.clone()); 2];
        let mut span = CallSpan::new(SpanContext::empty_context(), true, SpanLimits::default());
        span.set_attributes(attributes());
        span.add_event("event", attributes());
        span.add_link(SpanContext::empty_context(), attributes());
        let weight = span.extras.map_or(0, |extras| extras.weight());
        assert!((600_000..610_000).contains(&weight), "{weight}");
    }
}
