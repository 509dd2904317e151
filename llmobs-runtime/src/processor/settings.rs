//! How much may wait, and for how long.

use std::time::Duration;

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

    /// `prefix`: that of the variables, as `OTEL_BSP`.
    pub(super) fn resolve(self, prefix: &str, env: impl Fn(&str) -> Option<String>) -> Limits {
        let number = |name: &str| {
            let name = format!("{prefix}_{name}");
            let said = env(&name)?;
            let said = said.trim();
            if said.is_empty() {
                return None;
            }
            match said.parse::<u64>() {
                Ok(number) if number > 0 => Some(number),
                _ => {
                    tracing::warn!(
                        target: "llmobs",
                        "{name} is {said:?}, which is no positive number, and is ignored"
                    );
                    None
                }
            }
        };
        let size =
            |name: &str| number(name).map(|size| usize::try_from(size).unwrap_or(usize::MAX));
        let items = self.items.or_else(|| size("MAX_QUEUE_SIZE")).unwrap_or(ITEMS).max(1);
        let bytes = self.bytes.unwrap_or(BYTES);
        let batch = self.batch.or_else(|| size("MAX_EXPORT_BATCH_SIZE")).unwrap_or(BATCH);
        let interval = self
            .interval
            .or_else(|| number("SCHEDULE_DELAY").map(Duration::from_millis))
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

    fn resolved(batching: Batching, variables: &[(&str, &str)]) -> Limits {
        batching.resolve("OTEL_BSP", |name| {
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
        let variables = [
            ("OTEL_BSP_MAX_QUEUE_SIZE", " 100 "),
            ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "10"),
            ("OTEL_BSP_SCHEDULE_DELAY", "250"),
            ("OTEL_BLRP_MAX_QUEUE_SIZE", "7"),
        ];
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
        for nonsense in ["", " ", "0", "-1", "many", "1.5", "99999999999999999999999"] {
            let variables = [
                ("OTEL_BSP_MAX_QUEUE_SIZE", nonsense),
                ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", nonsense),
                ("OTEL_BSP_SCHEDULE_DELAY", nonsense),
            ];
            assert_eq!(resolved(Batching::new(), &variables), defaults, "{nonsense:?}");
        }
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
