//! A point ready to be recorded again.
//!
//! Where the meter provider is known to be able, the SDK's own: an instrument bound to the attributes, which looks
//! nothing up. Ours is; of another the application says so by the feature `bound-instruments`, since one that is not
//! able drops what is measured.
//!
//! While one is held, the SDK keeps its attribute set, measured or not; and one that is made when the SDK has no room
//! for another set stays with the overflow. So all of them are given up whenever metrics are collected, those of
//! threads that sleep as well: threads hold them weakly.

use std::sync::Arc;

use opentelemetry::KeyValue;

#[cfg(feature = "prometheus")]
use crate::backend::prometheus::Slot;

/// The attributes of a point, or an instrument bound to them.
#[derive(Debug)]
pub(crate) struct Handle {
    known: Known,
    /// Where exemplars of these attributes go.
    #[cfg(feature = "prometheus")]
    slot: Option<Arc<Slot>>,
}

/// What a handle knows.
#[derive(Debug)]
pub(super) enum Known {
    Attributes(Arc<[KeyValue]>),
    Bound(std::sync::Weak<bound::Bound>),
}

impl Handle {
    fn new(known: Known) -> Self {
        Self {
            known,
            #[cfg(feature = "prometheus")]
            slot: None,
        }
    }

    /// The same handle with a place for exemplars.
    #[cfg(feature = "prometheus")]
    pub(super) fn with_slot(self, slot: Option<Arc<Slot>>) -> Self {
        Self { slot, ..self }
    }

    #[cfg(feature = "prometheus")]
    pub(super) fn slot(&self) -> Option<&Slot> {
        self.slot.as_deref()
    }

    /// The attributes themselves.
    pub(crate) fn of(attributes: Arc<[KeyValue]>) -> Self {
        Self::new(Known::Attributes(attributes))
    }

    /// A bound instrument.
    pub(super) fn bound(bound: std::sync::Weak<bound::Bound>) -> Self {
        Self::new(Known::Bound(bound))
    }

    pub(super) fn known(&self) -> &Known {
        &self.known
    }

    /// The attributes, where these are kept.
    pub(crate) fn attributes(&self) -> Option<Arc<[KeyValue]>> {
        match &self.known {
            Known::Attributes(attributes) => Some(Arc::clone(attributes)),
            Known::Bound(_) => None,
        }
    }
}

pub(super) mod bound {
    use std::sync::{Arc, Mutex, PoisonError, Weak};

    use opentelemetry::metrics::{BoundCounter, BoundHistogram};

    use crate::pipeline::Measured;

    /// An instrument bound to attributes.
    #[derive(Debug)]
    pub(in crate::pipeline) enum Bound {
        Counts(BoundCounter<u64>),
        CountHistogram(BoundHistogram<u64>),
        SecondsHistogram(BoundHistogram<f64>),
    }

    impl Bound {
        pub(in crate::pipeline) fn record(&self, measured: Measured) {
            match (self, measured) {
                (Self::Counts(counter), Measured::Count(count)) => counter.add(count),
                (Self::CountHistogram(histogram), Measured::Count(count)) => {
                    histogram.record(count);
                }
                (Self::SecondsHistogram(histogram), Measured::Seconds(seconds)) => {
                    histogram.record(seconds);
                }
                _ => {}
            }
        }
    }

    /// So many there may be between one collection and the next: some 2 MB.
    const LIMIT: usize = 8_192;

    /// All that have been bound since metrics were last collected.
    #[derive(Debug, Default)]
    pub(in crate::pipeline) struct Bindings(Mutex<Vec<Arc<Bound>>>);

    impl Bindings {
        /// Holds one more; `None` where there are too many, or another thread is at it.
        pub(in crate::pipeline) fn hold(
            &self,
            bind: impl FnOnce() -> Bound,
        ) -> Option<Weak<Bound>> {
            if self.0.try_lock().ok()?.len() >= LIMIT {
                return None;
            }
            // Not under the lock: the SDK has its own.
            let bound = Arc::new(bind());
            let weak = Arc::downgrade(&bound);
            self.0.try_lock().ok()?.push(bound);
            Some(weak)
        }

        /// Gives all up.
        pub(in crate::pipeline) fn release(&self) {
            let held = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
            drop(held);
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn so_many_are_held_until_all_are_given_up() {
            let meter = opentelemetry::global::meter("nobody");
            let counter = meter.u64_counter("counter").build();
            let bindings = Bindings::default();
            let bind = || bindings.hold(|| Bound::Counts(counter.bind(&[])));
            let handles: Vec<_> = std::iter::from_fn(bind).collect();
            assert_eq!(handles.len(), LIMIT);
            assert!(handles.iter().all(|handle| handle.upgrade().is_some()));
            bindings.release();
            assert!(handles.iter().all(|handle| handle.upgrade().is_none()));
            assert!(bind().is_some(), "there is room again");
        }
    }
}
