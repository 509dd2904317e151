//! How much may wait, and for how long.

use std::time::Duration;

use crate::environment::names::Batches;
use crate::environment::whole;

const ITEMS: usize = 65_536;
const BYTES: usize = 64 * 1024 * 1024;
const BATCH: usize = 512;
const INTERVAL: Duration = Duration::from_secs(1);

/// How a batch processor gathers: what is not said comes from the environment, then from the defaults of the
/// [module](super).
#[derive(Clone, Debug, Default)]
#[must_use = "settings do nothing before they are given to a processor"]
pub struct Batching {
    items: Option<usize>,
    bytes: Option<usize>,
    batch: Option<usize>,
    interval: Option<Duration>,
}

impl Batching {
    /// Nothing said yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The most items that may be held; 0 counts as 1.
    pub fn max_queue_size(mut self, items: usize) -> Self {
        self.items = Some(items);
        self
    }

    /// The most bytes that may be held, estimated from the lengths of names and attributes. A single item that is
    /// larger is taken when nothing else is held.
    pub fn max_queue_bytes(mut self, bytes: usize) -> Self {
        self.bytes = Some(bytes);
        self
    }

    /// The most items that are exported at once; 0 counts as 1, and more than may be held as that.
    pub fn max_export_batch_size(mut self, items: usize) -> Self {
        self.batch = Some(items);
        self
    }

    /// How long an item waits at most for its batch to become full; at least 1 ms.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = Some(interval);
        self
    }

    /// What is not said, by these variables.
    pub(super) fn resolve(self, names: &Batches, env: impl Fn(&str) -> Option<String>) -> Limits {
        let number = |name: &str, least: u64| {
            let said = env(name).filter(|said| !said.trim().is_empty())?;
            let number = whole(&said).filter(|number| *number >= least);
            if number.is_none() {
                tracing::warn!(
                    target: "llmobs",
                    "{name} is {said:?}, which is no whole number from {least}, and is ignored"
                );
            }
            number
        };
        let size =
            |name: &str| number(name, 1).map(|size| usize::try_from(size).unwrap_or(usize::MAX));
        let items = self.items.or_else(|| size(names.queue)).unwrap_or(ITEMS).max(1);
        let bytes = self.bytes.unwrap_or(BYTES);
        let batch = self.batch.or_else(|| size(names.batch)).unwrap_or(BATCH);
        let interval = self
            .interval
            .or_else(|| number(names.delay, 0).map(Duration::from_millis))
            .unwrap_or(INTERVAL);
        Limits {
            items,
            bytes,
            batch: batch.clamp(1, items),
            // Long before the queue is full, so that few large items do not wait for their number.
            batch_bytes: (bytes / 8).max(1),
            interval: interval.max(Duration::from_millis(1)),
        }
    }
}

/// What [`Batching`] comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) items: usize,
    pub(super) bytes: usize,
    /// A batch is complete with so many items …
    pub(super) batch: usize,
    /// … or so many bytes.
    pub(super) batch_bytes: usize,
    pub(super) interval: Duration,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::names::{BLRP, BSP};

    fn resolved(batching: Batching, variables: &[(&str, &str)]) -> Limits {
        batching.resolve(&BSP, |name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn what_is_said_wins_then_the_environment_then_the_defaults() {
        let defaults = Limits {
            items: 65_536,
            bytes: 67_108_864,
            batch: 512,
            batch_bytes: 8_388_608,
            interval: Duration::from_secs(1),
        };
        assert_eq!(resolved(Batching::new(), &[]), defaults);
        let variables =
            [(BSP.queue, " 100 "), (BSP.batch, "10"), (BSP.delay, "250"), (BLRP.queue, "7")];
        let of_environment =
            Limits { items: 100, batch: 10, interval: Duration::from_millis(250), ..defaults };
        assert_eq!(resolved(Batching::new(), &variables), of_environment);
        let said = Batching::new()
            .max_queue_size(20)
            .max_queue_bytes(800)
            .max_export_batch_size(5)
            .interval(Duration::from_secs(9));
        let of_code = Limits {
            items: 20,
            bytes: 800,
            batch: 5,
            batch_bytes: 100,
            interval: Duration::from_secs(9),
        };
        assert_eq!(resolved(said, &variables), of_code);
    }

    #[test]
    fn what_makes_no_sense_is_ignored_or_brought_within_bounds() {
        let defaults = resolved(Batching::new(), &[]);
        for nonsense in ["", " ", "-1", "many", "1.5"] {
            let variables = [(BSP.queue, nonsense), (BSP.batch, nonsense), (BSP.delay, nonsense)];
            assert_eq!(resolved(Batching::new(), &variables), defaults, "{nonsense:?}");
        }
        assert_eq!(resolved(Batching::new(), &[(BSP.queue, "0"), (BSP.batch, "0")]), defaults);
        // Of the delay alone the specification has it: at once.
        let at_once = resolved(Batching::new(), &[(BSP.delay, "0")]);
        assert_eq!(at_once.interval, Duration::from_millis(1));
        let large = resolved(Batching::new(), &[(BSP.queue, "99999999999999999999999")]);
        assert_eq!(large.items, usize::MAX);
        let nothing = Batching::new()
            .max_queue_size(0)
            .max_queue_bytes(0)
            .max_export_batch_size(0)
            .interval(Duration::ZERO);
        let least = Limits {
            items: 1,
            bytes: 0,
            batch: 1,
            batch_bytes: 1,
            interval: Duration::from_millis(1),
        };
        assert_eq!(resolved(nothing, &[]), least);
        assert_eq!(resolved(Batching::new().max_queue_size(3), &[]).batch, 3);
    }
}
