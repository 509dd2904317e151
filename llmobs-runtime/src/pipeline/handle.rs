//! A point ready to be recorded again.
//!
//! With the feature `bound-instruments` the SDK's own: an instrument bound to the attributes, which looks nothing up.
//! Such a handle keeps its attribute set alive in the SDK, and one that was made when the SDK had no room for
//! another set stays with the overflow. So they are few, and whoever keeps them gives them up whenever metrics are
//! collected.

use std::sync::Arc;

use opentelemetry::KeyValue;

/// The attributes of a point, or an instrument bound to them.
#[derive(Debug)]
pub(crate) struct Handle(Known);

/// What a handle knows.
#[derive(Debug)]
pub(super) enum Known {
    Attributes(Arc<[KeyValue]>),
    #[cfg(feature = "bound-instruments")]
    Bound(bound::Bound),
}

impl Handle {
    /// The attributes themselves.
    pub(crate) fn of(attributes: Arc<[KeyValue]>) -> Self {
        Self(Known::Attributes(attributes))
    }

    /// A bound instrument.
    #[cfg(feature = "bound-instruments")]
    pub(super) fn bound(bound: bound::Bound) -> Self {
        Self(Known::Bound(bound))
    }

    pub(super) fn known(&self) -> &Known {
        &self.0
    }

    /// The attributes, where these are kept.
    pub(crate) fn attributes(&self) -> Option<Arc<[KeyValue]>> {
        match &self.0 {
            Known::Attributes(attributes) => Some(Arc::clone(attributes)),
            #[cfg(feature = "bound-instruments")]
            Known::Bound(_) => None,
        }
    }
}

#[cfg(feature = "bound-instruments")]
pub(super) mod bound {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use opentelemetry::metrics::{BoundCounter, BoundHistogram};

    use crate::pipeline::Measured;

    /// An instrument bound to attributes.
    #[derive(Debug)]
    pub(in crate::pipeline) struct Bound {
        instrument: To,
        _place: Place,
    }

    #[derive(Debug)]
    pub(in crate::pipeline) enum To {
        Counts(BoundCounter<u64>),
        CountHistogram(BoundHistogram<u64>),
        SecondsHistogram(BoundHistogram<f64>),
    }

    impl Bound {
        pub(in crate::pipeline) fn new(instrument: To, place: Place) -> Self {
            Self { instrument, _place: place }
        }

        pub(in crate::pipeline) fn record(&self, measured: Measured) {
            match (&self.instrument, measured) {
                (To::Counts(counter), Measured::Count(count)) => counter.add(count),
                (To::CountHistogram(histogram), Measured::Count(count)) => histogram.record(count),
                (To::SecondsHistogram(histogram), Measured::Seconds(seconds)) => {
                    histogram.record(seconds);
                }
                _ => {}
            }
        }
    }

    /// How many handles there may be of one instrument, over all threads: half as many as the SDK has attribute
    /// sets, as none of theirs makes room for another while a thread sleeps on it.
    const LIMIT: usize = 1_000;

    /// The handles that there are of one instrument.
    #[derive(Clone, Debug, Default)]
    pub(in crate::pipeline) struct Places(Arc<AtomicUsize>);

    impl Places {
        /// One more, if there may be.
        pub(in crate::pipeline) fn take(&self) -> Option<Place> {
            if self.0.fetch_add(1, Ordering::Relaxed) < LIMIT {
                return Some(Place(Arc::clone(&self.0)));
            }
            self.0.fetch_sub(1, Ordering::Relaxed);
            None
        }
    }

    /// One of them.
    #[derive(Debug)]
    pub(in crate::pipeline) struct Place(Arc<AtomicUsize>);

    impl Drop for Place {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::Relaxed);
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn there_are_so_many_places_and_one_that_is_left_is_free() {
            let places = Places::default();
            let mut taken: Vec<_> = std::iter::from_fn(|| places.take()).collect();
            assert_eq!(taken.len(), LIMIT);
            taken.truncate(LIMIT - 2);
            assert!(places.take().is_some());
            assert_eq!(places.0.load(Ordering::Relaxed), LIMIT - 2);
        }
    }
}
