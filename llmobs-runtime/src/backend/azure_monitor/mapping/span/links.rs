//! Links to other spans.

use std::fmt::Write as _;

use opentelemetry::Value;
use opentelemetry::trace::Link;
use opentelemetry_sdk::trace::{SpanData, SpanLinks};

use super::super::limits;

/// The property that the service reads links from, a JSON array.
pub(super) const LINKS: &str = "_MS.links";
/// How many links are not in it.
pub(super) const DROPPED: &str = "otel.dropped_links_count";
/// How long the messages of a batch waited on the average, in milliseconds.
pub(super) const SINCE_ENQUEUED: &str = "timeSinceEnqueued";

/// When a message was sent, in milliseconds since 1970.
const ENQUEUED: &str = "enqueuedTime";
/// `{"operation_Id": "…", "id": "…"}` and what parts it from the next, or the brackets around all.
const ONE: usize = 80;

/// The links as far as whole ones fit, and how many are left out, here or before; `None` when there are none.
pub(super) fn text(links: &SpanLinks) -> Option<(String, u32)> {
    let fit = links.len().min(limits::PROPERTY_VALUE / ONE);
    let left_out = u32::try_from(links.len().saturating_sub(fit)).unwrap_or(u32::MAX);
    let left_out = left_out.saturating_add(links.dropped_count);
    if fit == 0 && left_out == 0 {
        return None;
    }
    let mut text = String::with_capacity(fit.saturating_mul(ONE).saturating_add(2));
    text.push('[');
    for (at, link) in links.iter().take(fit).enumerate() {
        let (trace, span) = (link.span_context.trace_id(), link.span_context.span_id());
        let comma = if at > 0 { ", " } else { "" };
        // Writing to a string cannot fail.
        let _ = write!(text, "{comma}{{\"operation_Id\": \"{trace}\", \"id\": \"{span}\"}}");
    }
    text.push(']');
    Some((text, left_out))
}

/// The mean time from the sending of the linked messages to the start of `span`; `None` when no link says when that
/// was. Clocks may differ: it is never below nothing.
pub(super) fn since_enqueued(span: &SpanData) -> Option<f64> {
    let start = super::nanoseconds(span.start_time) / 1e6;
    let waits = span.links.iter().filter_map(|link| Some(start - enqueued(link)?));
    let (sum, count) = waits.fold((0.0, 0.0), |(sum, count), wait| (sum + wait, count + 1.0));
    (count > 0.0).then(|| f64::max(sum / count, 0.0))
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are far below 2^53")]
fn enqueued(link: &Link) -> Option<f64> {
    let attribute = link.attributes.iter().find(|attribute| attribute.key.as_str() == ENQUEUED)?;
    match &attribute.value {
        Value::I64(millis) => Some(*millis as f64),
        Value::F64(millis) => Some(millis.trunc()).filter(|millis| millis.is_finite()),
        Value::String(text) => text.as_str().trim().parse::<i64>().ok().map(|millis| millis as f64),
        _ => None,
    }
}
