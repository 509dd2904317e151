//! What became of the items of one processor, counted by both sides and read by whoever asks.

use std::any::type_name;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use opentelemetry_sdk::error::OTelSdkError;

use crate::guard::Rarely;

/// What is held at present, and what became of the rest.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// Reserved by who hands over, given back when the export is over.
    pub(super) items: AtomicUsize,
    pub(super) bytes: AtomicUsize,
    /// There was no room for them.
    pub(super) full: Rarely,
    /// They came after the shutdown, or there was no thread.
    pub(super) late: Rarely,
    /// Given to the exporter.
    pub(super) submitted: AtomicU64,
    pub(super) exports: Exports,
    /// The worker has ended: what is still held will not be exported.
    pub(super) gone: AtomicBool,
}

impl Counts {
    /// What no exporter has seen to its end.
    pub(super) fn lost(&self) -> u64 {
        let refused = self.full.count().saturating_add(self.late());
        refused.saturating_add(self.exports.failed(PANIC))
    }

    /// What came too late, or was left behind by a worker that ended.
    fn late(&self) -> u64 {
        let late = self.late.count();
        if self.gone.load(Ordering::Acquire) {
            let left = self.items.load(Ordering::Acquire);
            return late.saturating_add(u64::try_from(left).unwrap_or(u64::MAX));
        }
        late
    }
}

/// Kinds of failures that are told apart; what comes later is [`OTHER`].
const KINDS: usize = 32;
const OTHER: &str = "_OTHER";
/// The exporter panicked.
pub(crate) const PANIC: &str = "panic";

/// What came of exports.
#[derive(Debug, Default)]
pub(crate) struct Exports {
    done: AtomicU64,
    /// By kind of failure. Only who exports writes it, and only when it fails.
    failed: Mutex<BTreeMap<Cow<'static, str>, u64>>,
    /// For the line that says so.
    pub(super) lost: Rarely,
    /// Who knows more than results tell.
    rejections: OnceLock<Arc<dyn Rejections>>,
}

/// A way to a server that takes a part of what it is sent and rejects the rest, which is no failure of the export.
pub(crate) trait Rejections: Debug + Send + Sync {
    /// How many items were rejected since this was last asked.
    fn rejected(&self) -> u64;
}

/// A server rejected it.
const REJECTED: &str = "rejected";

impl Exports {
    /// An export of so many items is over; how many of them are lost, and why.
    pub(super) fn over(
        &self,
        items: u64,
        failed: Option<&'static str>,
    ) -> Option<(u64, &'static str)> {
        let rejected = self.rejections.get().map_or(0, |known| known.rejected()).min(items);
        let lost = match failed {
            Some(kind) => (items, kind),
            None => (rejected, REJECTED),
        };
        self.done.fetch_add(items.saturating_sub(lost.0), Ordering::AcqRel);
        if lost.0 == 0 {
            return None;
        }
        self.fail(lost.1.into(), lost.0);
        Some(lost)
    }

    #[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
    pub(super) fn ask(&self, rejections: Arc<dyn Rejections>) {
        let _ = self.rejections.set(rejections);
    }

    fn fail(&self, kind: Cow<'static, str>, items: u64) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let room = failed.len() < KINDS || failed.contains_key(&kind);
        let count = failed.entry(if room { kind } else { OTHER.into() }).or_default();
        *count = count.saturating_add(items);
    }

    fn failed(&self, kind: &str) -> u64 {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.get(kind).copied().unwrap_or(0)
    }

    fn by_kind(&self) -> Vec<(Option<Cow<'static, str>>, u64)> {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = failed.iter().map(|(kind, count)| (Some(kind.clone()), *count));
        std::iter::once((None, self.done.load(Ordering::Acquire))).chain(failed).collect()
    }
}

/// What kind of failure it is, in a word; what an exporter says of it may quote an address or a key.
pub(super) fn kind_of(error: &OTelSdkError) -> &'static str {
    match error {
        OTelSdkError::Timeout(_) => "timeout",
        OTelSdkError::AlreadyShutdown => "already_shutdown",
        OTelSdkError::InternalFailure(_) => OTHER,
    }
}

/// What items are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Items {
    Spans,
    Records,
    Points,
}

/// An exporter and what is in front of it, as it can be looked at from outside; clones look at the same.
#[derive(Clone, Debug)]
pub(crate) struct Watched {
    pub(crate) items: Items,
    /// The exporter, as the conventions call it, or its type.
    pub(crate) exporter: &'static str,
    counted: Counted,
}

#[derive(Clone, Debug)]
enum Counted {
    Queue(Arc<Counts>, usize),
    Exports(Arc<Exports>),
}

/// Why something is counted, or no reason where all went well, and how often.
pub(crate) type Outcomes = Vec<(Option<Cow<'static, str>>, u64)>;

impl Watched {
    pub(super) fn queue(
        items: Items,
        exporter: &'static str,
        counts: Arc<Counts>,
        most: usize,
    ) -> Self {
        Self { items, exporter, counted: Counted::Queue(counts, most) }
    }

    pub(super) fn exports(items: Items, exporter: &'static str, exports: Arc<Exports>) -> Self {
        Self { items, exporter, counted: Counted::Exports(exports) }
    }

    /// How many items are held, and how many may be; `None` without a queue.
    pub(crate) fn held(&self) -> Option<(usize, usize)> {
        match &self.counted {
            Counted::Queue(counts, most) => Some((counts.items.load(Ordering::Acquire), *most)),
            Counted::Exports(_) => None,
        }
    }

    /// What went through the queue, and what did not; failures that have not happened are not there.
    pub(crate) fn processed(&self) -> Outcomes {
        let Counted::Queue(counts, _) = &self.counted else { return Vec::new() };
        let failed = [("queue_full", counts.full.count()), ("already_shutdown", counts.late())];
        let failed = failed.into_iter().filter(|(_, count)| *count > 0);
        std::iter::once((None, counts.submitted.load(Ordering::Acquire)))
            .chain(failed.map(|(kind, count)| (Some(kind.into()), count)))
            .collect()
    }

    /// What came of exports; failures that have not happened are not there.
    pub(crate) fn exported(&self) -> Outcomes {
        match &self.counted {
            Counted::Queue(counts, _) => counts.exports.by_kind(),
            Counted::Exports(exports) => exports.by_kind(),
        }
    }

    /// What [`Counts::lost`] tells.
    #[cfg(feature = "azure-monitor")]
    pub(crate) fn lost(&self) -> u64 {
        match &self.counted {
            Counted::Queue(counts, _) => counts.lost(),
            Counted::Exports(exports) => exports.failed(PANIC),
        }
    }
}

/// The path of a type, without what it is generic over.
pub(super) fn path_of<T: ?Sized>() -> &'static str {
    let name = type_name::<T>();
    name.split_once('<').map_or(name, |(path, _)| path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_an_end_to_kinds_and_none_to_counts() {
        let exports = Exports::default();
        for number in 0..100 {
            exports.fail(format!("{number}").into(), 1);
        }
        assert_eq!(exports.over(5, None), None);
        exports.fail("1".into(), u64::MAX);
        let kinds = exports.by_kind();
        assert_eq!(kinds.len(), KINDS + 2);
        assert_eq!(kinds.iter().find(|(kind, _)| kind.is_none()).map(|it| it.1), Some(5));
        let of = |wanted: &str| {
            kinds.iter().find(|(kind, _)| kind.as_deref() == Some(wanted)).map(|it| it.1)
        };
        assert_eq!((of(OTHER), of("1"), of("99")), (Some(68), Some(u64::MAX), None));
    }

    #[derive(Debug)]
    struct Two;

    impl Rejections for Two {
        fn rejected(&self) -> u64 {
            2
        }
    }

    #[test]
    fn what_a_server_rejects_is_no_success_and_nothing_counts_twice() {
        let exports = Exports::default();
        let _ = exports.rejections.set(Arc::new(Two));
        assert_eq!(exports.over(10, None), Some((2, "rejected")));
        assert_eq!(exports.over(10, Some("timeout")), Some((10, "timeout")));
        assert_eq!(exports.over(1, None), Some((1, "rejected")), "no more than there were");
        let counts: Vec<_> = exports.by_kind().into_iter().map(|(_, count)| count).collect();
        assert_eq!(counts, [8, 3, 10]);
    }

    #[test]
    fn a_type_is_called_by_its_path() {
        assert_eq!(path_of::<Option<Vec<u8>>>(), "core::option::Option");
        assert_eq!(path_of::<Exports>(), "llmobs_runtime::processor::counts::Exports");
    }
}
