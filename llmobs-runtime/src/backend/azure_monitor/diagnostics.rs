//! What this backend says of itself: seldom, and never what it carries.
//!
//! Numbers, statuses and the name of a host: no envelope, key, token or connection string, and nothing that an error of
//! others' code says, as that may quote any of them.

use std::sync::atomic::AtomicU64;

use super::storage::StoreError;
use super::transmission::{Answer, Verdict};
use crate::guard::seldom;

/// One line of its own kind, the 1st, 2nd, 4th, 8th, … time.
macro_rules! seldom {
    ($carried:expr, $times:ident => $($said:tt)*) => {{
        static COUNT: AtomicU64 = AtomicU64::new(0);
        seldom(&COUNT, $carried, |$times| {
            tracing::warn!(target: "llmobs", $times, $($said)*);
        });
    }};
}

/// Items found no room.
pub(super) fn buffer_full(items: usize) {
    seldom!((), times => items, "Azure Monitor: the buffer is full, items are dropped");
}

/// Items came after the end.
pub(super) fn closed(items: usize) {
    seldom!((), times => items, "Azure Monitor: items came after the shutdown, and are dropped");
}

/// There is no storage.
pub(super) fn no_storage(error: &StoreError) {
    seldom!((), times => %error, "Azure Monitor: no storage for what cannot be sent; it stays in memory");
}

/// Items could not be put into storage.
pub(super) fn not_stored(error: &StoreError) {
    seldom!((), times => %error, "Azure Monitor: storage failed");
}

/// Items are gone, at the end.
pub(super) fn lost(items: usize) {
    tracing::warn!(target: "llmobs", items, "Azure Monitor: items could neither be sent nor stored, and are lost");
}

/// The work ended in a panic, and begins again.
pub(super) fn panicked<T>(panic: T) {
    seldom!(panic, times => "Azure Monitor: the thread that sends panicked; it goes on");
}

/// What should be written was not.
pub(super) fn not_written(kind: std::io::ErrorKind) {
    seldom!((), times => %kind, "Azure Monitor: a batch could not be written, and is dropped");
}

/// What should be written was not, as the application's writer panicked.
pub(super) fn writer_panicked<T>(panic: T) {
    seldom!(panic, times => "Azure Monitor: the writer panicked, and the batch is dropped");
}

/// There was no answer.
pub(super) fn no_answer(host: &str, why: &'static str) {
    seldom!((), times => host, why, "Azure Monitor: a batch was not sent, and is kept");
}

/// A redirection leads somewhere else.
pub(super) fn not_followed(status: u16) {
    seldom!((), times => status, "Azure Monitor: a redirection to a host that is not trusted is not followed");
}

/// There was an answer.
pub(super) fn answered(answer: &Answer, verdict: &Verdict, items: usize) {
    let status = answer.status;
    match verdict {
        Verdict::Taken(marks) if marks.is_empty() => {
            tracing::debug!(target: "llmobs", status, items, "Azure Monitor: a batch was taken");
        }
        Verdict::Taken(marks) => {
            let failed = marks.len();
            seldom!((), times => status, items, failed, "Azure Monitor: a batch was taken in part");
        }
        Verdict::Unclear => {
            seldom!((), times => status, items, "Azure Monitor: a batch was taken in part, and the answer does not say which");
        }
        Verdict::Malformed(_) => {
            seldom!((), times => status, items, "Azure Monitor: a batch was refused as malformed");
        }
        Verdict::TooLarge => {
            tracing::debug!(target: "llmobs", status, items, "Azure Monitor: a batch was too large, and is halved");
        }
        Verdict::Unauthorized => {
            seldom!((), times => status, items,
                "Azure Monitor: not authorized, the batch is kept; a resource that takes Entra ID only needs a \
                 credential with the role Monitoring Metrics Publisher");
        }
        Verdict::Quota => {
            seldom!((), times => status, items, "Azure Monitor: the quota of the resource is spent, the batch is kept");
        }
        Verdict::Later => {
            seldom!((), times => status, items, "Azure Monitor: the service cannot take a batch now; it is kept");
        }
        Verdict::Elsewhere => {
            tracing::debug!(target: "llmobs", status, "Azure Monitor: a redirection");
        }
        Verdict::Refused => {
            seldom!((), times => status, items, "Azure Monitor: a batch was refused, and is dropped");
        }
    }
}
