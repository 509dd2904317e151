//! The numbers of a point.

use super::super::json;

/// A number as the SDK aggregates it.
pub(super) trait Number: Copy {
    /// Whether JSON has it.
    fn is_finite(self) -> bool;
    /// Appends it; a float that is not finite is left out, so ask before.
    fn write(self, out: &mut Vec<u8>);
}

impl Number for f64 {
    fn is_finite(self) -> bool {
        f64::is_finite(self)
    }

    fn write(self, out: &mut Vec<u8>) {
        let _ = json::number(out, self);
    }
}

impl Number for u64 {
    fn is_finite(self) -> bool {
        true
    }

    fn write(self, out: &mut Vec<u8>) {
        json::unsigned(out, self);
    }
}

impl Number for i64 {
    fn is_finite(self) -> bool {
        true
    }

    fn write(self, out: &mut Vec<u8>) {
        json::integer(out, self);
    }
}

/// A value, and of how many measurements it is the sum.
pub(super) struct Point<T> {
    value: T,
    count: u64,
    least: Option<T>,
    greatest: Option<T>,
}

impl<T: Number> Point<T> {
    /// Of a counter or a gauge.
    pub(super) fn single(value: T) -> Self {
        Self { value, count: 1, least: None, greatest: None }
    }

    /// Of a histogram.
    pub(super) fn of_many(sum: T, count: u64, least: Option<T>, greatest: Option<T>) -> Self {
        let finite = |bound: Option<T>| bound.filter(|bound| bound.is_finite());
        Self { value: sum, count, least: finite(least), greatest: finite(greatest) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(super) fn is_finite(&self) -> bool {
        self.value.is_finite()
    }

    /// Appends the members of an object that has some.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b",\"value\":");
        self.value.write(out);
        out.extend_from_slice(b",\"count\":");
        json::unsigned(out, self.count);
        for (name, bound) in
            [(b",\"min\":".as_slice(), self.least), (b",\"max\":".as_slice(), self.greatest)]
        {
            if let Some(bound) = bound {
                out.extend_from_slice(name);
                bound.write(out);
            }
        }
    }
}
