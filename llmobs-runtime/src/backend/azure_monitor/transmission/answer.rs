//! What the service answered, and what that means for the batch: one decision for each kind of answer.
//!
//! | answer | decision | because |
//! |---|---|---|
//! | 200 and no `errors` | delivered | |
//! | 200, empty or not JSON | delivered | the status says that the service took it |
//! | 200 or 206 with `errors` | as below, by item; the others are delivered | |
//! | 206 that cannot be read, or names fewer failures than it counts | sent once more, then delivered | which items failed is unknown; once more bounds the duplicates |
//! | 201 to 205 | delivered | a gateway that takes for the service |
//! | 400 that names items | as below, by item; the others are sent again | nothing of the batch was taken |
//! | 400 that names none | items over 64 KiB are cut, then the batch is halved until the bad item is alone and dropped | one bad item costs itself only |
//! | 413 | the batch is halved; an item alone is cut to 64 KiB, then dropped | |
//! | 401, 403, 407 | kept; a new token, then back-off | mended by a token or by whoever gives rights |
//! | 402, 439 | kept until the stated time, or ten minutes | the quota is spent: asking again spends more |
//! | 408, 425, 429, 5xx but 501 and 505 | kept; `Retry-After`, or back-off | passes |
//! | 307, 308 | sent there, where that is trusted; else kept, and back-off | the service has not taken it |
//! | other 3xx and 4xx, 501, 505 | dropped | the same request will have the same answer |
//! | no answer, or one that breaks off | kept; back-off | it may have been taken: duplicates are possible here |
//!
//! By item: 401, 402, 403, 407, 408, 425, 429, 439, and 5xx but 501 and 505 are kept; one that is too long is cut to
//! the length that the message names; one that the service left out of its sample is counted as that; any other is
//! dropped.

use std::ops::RangeInclusive;
use std::time::Duration;

use serde_json::Value;

/// The length of an item that the service is known to accept.
pub(super) const ITEM: usize = 65_536;
/// What the service says of an item that it leaves out of its sample.
const SAMPLED_OUT: &str = "telemetry sampled out";
/// How the service begins to say that an item is too long; the length that it accepts follows.
const TOO_LONG: [&str; 2] = ["item length must not exceed", "item length must be less than"];
/// What it says is believed within these bounds.
const ITEMS: RangeInclusive<usize> = (16 << 10)..=(16 << 20);

/// An answer as it came.
#[derive(Clone, Debug, Default)]
pub(in crate::backend::azure_monitor) struct Answer {
    pub(in crate::backend::azure_monitor) status: u16,
    /// How long the service asks to be left alone.
    pub(super) retry_after: Option<Duration>,
    pub(super) location: Option<String>,
    /// How long a redirection may be remembered.
    pub(super) max_age: Option<Duration>,
    /// As much of it as is read; `None` where it broke off.
    pub(super) body: Option<Vec<u8>>,
}

/// What to do with one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::backend::azure_monitor) enum Mark {
    /// Keep it; whether the service is overloaded, and not only this item unlucky.
    Keep { throttled: bool },
    /// Drop it.
    Reject,
    /// It is counted as left out of the sample.
    SampledOut,
    /// Cut it to this length.
    Cut(usize),
}

/// What to do with the batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::backend::azure_monitor) enum Verdict {
    /// Delivered, except these.
    Taken(Vec<(usize, Mark)>),
    /// Partly delivered, and nobody knows what.
    Unclear,
    /// Nothing was delivered, because of these; or of one of them, where none is named.
    Malformed(Vec<(usize, Mark)>),
    TooLarge,
    /// Keep it, and ask for a new token.
    Unauthorized,
    /// Keep it until the quota is renewed.
    Quota,
    /// Keep it.
    Later,
    /// Send it elsewhere.
    Elsewhere,
    /// Drop it.
    Refused,
}

impl Answer {
    /// What to do with a batch of so many items.
    pub(super) fn verdict(&self, items: usize) -> Verdict {
        match self.status {
            200 => match &self.body {
                None => Verdict::Later,
                Some(body) => Verdict::Taken(Report::read(body, items).unwrap_or_default().marks),
            },
            206 => match self.body.as_deref().map(|body| Report::read(body, items)) {
                None => Verdict::Later,
                Some(Some(report)) if report.is_complete(items) => Verdict::Taken(report.marks),
                Some(_) => Verdict::Unclear,
            },
            201..=205 | 207..=299 => Verdict::Taken(Vec::new()),
            307 | 308 => Verdict::Elsewhere,
            400 => {
                let report = self.body.as_deref().and_then(|body| Report::read(body, items));
                Verdict::Malformed(report.unwrap_or_default().marks)
            }
            401 | 403 | 407 => Verdict::Unauthorized,
            402 | 439 => Verdict::Quota,
            413 => Verdict::TooLarge,
            status if passes(status) => Verdict::Later,
            _ => Verdict::Refused,
        }
    }
}

/// Whether the same request may be taken later.
fn passes(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500 | 502..=504 | 506..=599)
}

/// What the service reports of the items.
#[derive(Debug, Default)]
struct Report {
    accepted: Option<u64>,
    /// Each item at most once, in their order.
    marks: Vec<(usize, Mark)>,
}

impl Report {
    /// `None`: not a report.
    fn read(body: &[u8], items: usize) -> Option<Self> {
        let Value::Object(report) = serde_json::from_slice(body).ok()? else { return None };
        let accepted = report.get("itemsAccepted").and_then(Value::as_u64);
        let errors = report.get("errors").and_then(Value::as_array);
        if accepted.is_none() && errors.is_none() {
            return None;
        }
        let mut marks: Vec<(usize, Mark)> = Vec::new();
        for error in errors.into_iter().flatten() {
            let index = error.get("index").and_then(Value::as_u64);
            let Some(index) = index.and_then(|index| usize::try_from(index).ok()) else { continue };
            let status = error.get("statusCode").and_then(Value::as_u64).unwrap_or(0);
            // An index of no item says nothing of any item.
            if index < items
                && let Some(mark) =
                    mark(status, error.get("message").and_then(Value::as_str).unwrap_or_default())
            {
                marks.push((index, mark));
            }
        }
        // Of an item that is named twice, what keeps it counts.
        marks.sort_by_key(|(index, mark)| {
            (
                *index,
                match mark {
                    Mark::Keep { .. } => 0,
                    Mark::Cut(_) => 1,
                    Mark::SampledOut => 2,
                    Mark::Reject => 3,
                },
            )
        });
        marks.dedup_by_key(|(index, _)| *index);
        Some(Self { accepted, marks })
    }

    /// Whether every item that was not accepted is named.
    fn is_complete(&self, items: usize) -> bool {
        let missing = self
            .accepted
            .and_then(|accepted| usize::try_from(accepted).ok())
            .map_or(0, |accepted| items.saturating_sub(accepted));
        self.marks.len() >= missing
    }
}

/// `None`: it was taken after all.
fn mark(status: u64, message: &str) -> Option<Mark> {
    let message = message.to_ascii_lowercase();
    if message.contains(SAMPLED_OUT) {
        return Some(Mark::SampledOut);
    }
    Some(match status {
        200..=299 => return None,
        400 | 413 => match longest(&message) {
            Some(longest) => Mark::Cut(longest),
            None if status == 413 => Mark::Cut(ITEM),
            None => Mark::Reject,
        },
        401 | 402 | 403 | 407 | 429 | 439 => Mark::Keep { throttled: true },
        status if u16::try_from(status).is_ok_and(passes) => Mark::Keep { throttled: false },
        _ => Mark::Reject,
    })
}

/// The length of an item that a message says is accepted.
fn longest(message: &str) -> Option<usize> {
    let (_, after) = TOO_LONG.iter().find_map(|said| message.split_once(said))?;
    let after = after.trim_start_matches(|c: char| !c.is_ascii_digit());
    let digits = after.split(|c: char| !c.is_ascii_digit()).next()?;
    Some(digits.parse::<usize>().unwrap_or(ITEM).clamp(*ITEMS.start(), *ITEMS.end()))
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
