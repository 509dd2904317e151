//! The attributes that are set, one after the other.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

#[cfg(feature = "enable")]
use super::super::record::Seen;
use super::super::record::{Iter, Record};
use super::super::value::Value;
use super::Fields;
use crate::conventions::AttributeId;

/// Attributes of the conventions, in the order in which they were set first.
#[derive(Clone)]
pub(crate) struct Known<'a>(Iter<'a>);

impl<'a> Iterator for Known<'a> {
    type Item = (AttributeId, Value<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(of, value)| (AttributeId::new(of), value))
    }
}

#[cfg(feature = "enable")]
impl<'a> Known<'a> {
    /// The next one, to be looked at.
    #[inline]
    pub(crate) fn see(&mut self) -> Option<(AttributeId, Seen<'a>)> {
        self.0.see().map(|(of, seen)| (AttributeId::new(of), seen))
    }
}

/// Attributes of the user's own, likewise.
#[derive(Clone)]
pub(crate) struct Own<'a> {
    keys: &'a [Cow<'static, str>],
    values: Iter<'a>,
}

#[cfg(feature = "enable")]
impl Own<'_> {
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

impl<'a> Iterator for Own<'a> {
    type Item = (&'a Cow<'static, str>, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let (of, value) = self.values.next()?;
        Some((self.keys.get(usize::from(of))?, value))
    }
}

impl Fields {
    /// Those of the conventions that stand at these places.
    pub(super) fn known(&self, places: std::ops::Range<usize>) -> Known<'_> {
        Known(self.known.values(places, &self.pool))
    }

    /// Those of the user's own, in one of their records.
    pub(super) fn own<'a>(&'a self, record: &'a Record, places: std::ops::Range<usize>) -> Own<'a> {
        Own { keys: &self.keys, values: record.values(places, &self.pool) }
    }
}

/// The attributes by their names, with their values.
impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.iter().map(|(id, value)| (id.row().key, value));
        f.debug_struct("Fields")
            .field("known", &map(known))
            .field("custom", &map(self.own(&self.custom, 0..self.custom.len())))
            .field("metric", &map(self.own(&self.metric, 0..self.metric.len())))
            .field("settled", &self.settled)
            .finish_non_exhaustive()
    }
}

/// Shows pairs, once, as a map.
fn map<K: fmt::Debug, V: fmt::Debug>(pairs: impl Iterator<Item = (K, V)>) -> impl fmt::Debug {
    let pairs = Cell::new(Some(pairs));
    fmt::from_fn(move |f| f.debug_map().entries(pairs.take().into_iter().flatten()).finish())
}
