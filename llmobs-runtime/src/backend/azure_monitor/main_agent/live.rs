//! Which spans are in a run: those that have not ended, and the last that have.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use opentelemetry::trace::SpanId;

use super::values::Values;

/// Spans that have not ended.
const LIVE: usize = 100_000;
/// Spans that have: what is started or written after the end of its parent belongs to the run as well.
const ENDED: usize = 16_000;
/// Threads that start spans at the same time seldom meet in the same one.
const SHARDS: usize = 16;

/// The spans of all runs, each with the agent that its run began with.
#[derive(Debug)]
pub(super) struct Live {
    shards: [Mutex<Shard>; SHARDS],
}

#[derive(Debug)]
struct Shard {
    live: Recent,
    ended: Recent,
}

impl Default for Live {
    fn default() -> Self {
        Self::bounded(LIVE, ENDED)
    }
}

impl Live {
    fn bounded(live: usize, ended: usize) -> Self {
        let shard =
            || Shard { live: Recent::new(live / SHARDS), ended: Recent::new(ended / SHARDS) };
        Self { shards: std::array::from_fn(|_| Mutex::new(shard())) }
    }

    /// The agent of the run that a span is in.
    pub(super) fn get(&self, span: SpanId) -> Option<Arc<Values>> {
        let id = number(span);
        let shard = self.shard(id)?;
        shard.live.get(id).or_else(|| shard.ended.get(id)).cloned()
    }

    /// A span of a run has started.
    pub(super) fn start(&self, span: SpanId, values: Arc<Values>) {
        let id = number(span);
        let forgotten = self.shard(id).and_then(|mut shard| shard.live.insert(id, values));
        // Not before the lock is given back.
        drop(forgotten);
    }

    /// A span has ended, whether it is in a run or not.
    pub(super) fn end(&self, span: SpanId) {
        let id = number(span);
        let forgotten = self.shard(id).and_then(|mut shard| {
            let values = shard.live.remove(id)?;
            shard.ended.insert(id, values)
        });
        drop(forgotten);
    }

    fn shard(&self, id: u64) -> Option<MutexGuard<'_, Shard>> {
        let place = usize::try_from(mixed(id) % SHARDS as u64).ok()?;
        self.shards.get(place).map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

type Spans = HashMap<u64, Arc<Values>, BuildHasherDefault<Mixed>>;

/// A map that forgets its oldest half when the other half is full.
#[derive(Debug)]
struct Recent {
    half: usize,
    young: Spans,
    old: Spans,
}

impl Recent {
    fn new(most: usize) -> Self {
        Self { half: (most / 2).max(1), young: Spans::default(), old: Spans::default() }
    }

    fn get(&self, id: u64) -> Option<&Arc<Values>> {
        self.young.get(&id).or_else(|| self.old.get(&id))
    }

    /// Gives back what is forgotten for it.
    fn insert(&mut self, id: u64, values: Arc<Values>) -> Option<Spans> {
        let forgotten = (self.young.len() >= self.half)
            .then(|| std::mem::replace(&mut self.old, std::mem::take(&mut self.young)));
        self.young.insert(id, values);
        forgotten
    }

    fn remove(&mut self, id: u64) -> Option<Arc<Values>> {
        self.young.remove(&id).or_else(|| self.old.remove(&id))
    }
}

fn number(span: SpanId) -> u64 {
    u64::from_be_bytes(span.to_bytes())
}

/// Ids are random; who makes them otherwise still has them spread.
fn mixed(id: u64) -> u64 {
    let spread = id.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    spread ^ (spread >> 32)
}

#[derive(Debug, Default)]
struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, id: u64) {
        self.0 = mixed(self.0 ^ id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u64) -> SpanId {
        SpanId::from(number)
    }

    fn held(live: &Live) -> [usize; 2] {
        let mut sum = [0, 0];
        for shard in &live.shards {
            let shard = shard.lock().unwrap();
            sum[0] += shard.live.young.len() + shard.live.old.len();
            sum[1] += shard.ended.young.len() + shard.ended.old.len();
        }
        sum
    }

    #[test]
    fn spans_are_known_until_they_end_and_a_while_longer() {
        let live = Live::default();
        let values = Arc::new(Values::default());
        assert!(live.get(id(1)).is_none());
        live.start(id(1), Arc::clone(&values));
        assert!(Arc::ptr_eq(&live.get(id(1)).unwrap(), &values));
        assert!(live.get(id(2)).is_none());
        live.end(id(1));
        live.end(id(2));
        assert_eq!(held(&live), [0, 1]);
        assert!(Arc::ptr_eq(&live.get(id(1)).unwrap(), &values));
    }

    #[test]
    fn spans_that_never_end_cost_no_more_than_the_bound_and_newer_ones_are_known() {
        let live = Live::bounded(1_600, 160);
        let values = Arc::new(Values::default());
        for number in 1..=100_000 {
            live.start(id(number), Arc::clone(&values));
        }
        let [unended, ended] = held(&live);
        assert!((800..=1_600).contains(&unended), "{unended}");
        assert_eq!(ended, 0);
        assert!(live.get(id(1)).is_none() && live.get(id(100_000)).is_some());
        for number in 1..=100_000 {
            live.end(id(number));
        }
        let [unended, ended] = held(&live);
        assert_eq!(unended, 0);
        assert!((80..=160).contains(&ended), "{ended}");
        assert_eq!(Arc::strong_count(&values), 1 + ended);
    }

    #[test]
    fn many_that_end_do_not_displace_one_that_lives() {
        let live = Live::bounded(1_600, 160);
        let values = Arc::new(Values::default());
        live.start(id(u64::MAX), Arc::clone(&values));
        for number in 1..=100_000 {
            live.start(id(number), Arc::clone(&values));
            live.end(id(number));
        }
        assert!(live.get(id(u64::MAX)).is_some());
    }

    #[test]
    fn ids_in_a_row_are_spread() {
        let live = Live::default();
        let values = Arc::new(Values::default());
        for number in 1..=1_600 {
            live.start(id(number << 32), Arc::clone(&values));
            live.start(id(number), Arc::clone(&values));
        }
        for shard in &live.shards {
            let held = shard.lock().unwrap().live.young.len();
            assert!((100..300).contains(&held), "{held}");
        }
    }
}
