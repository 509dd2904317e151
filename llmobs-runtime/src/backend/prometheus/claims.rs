//! Names of samples, each of which belongs to one family.
//!
//! Names of families may differ and those of their samples be the same: a counter `jobs` has samples `jobs_total`, and so
//! has a gauge `jobs.total`. A scraper refuses a page with both.

use std::collections::BTreeMap;

use super::accept::Format;
use super::family::Kind;

/// Who has which name.
#[derive(Debug)]
pub(super) struct Claims {
    format: Format,
    /// The names of families by those of their samples.
    samples: BTreeMap<String, String>,
}

impl Claims {
    pub(super) fn new(format: Format) -> Self {
        Self { format, samples: BTreeMap::new() }
    }

    /// Takes the names that the samples of a family have; `false`, and nothing is taken, where another family has one of
    /// them.
    pub(super) fn take(&mut self, family: &str, kind: Kind) -> bool {
        let names = suffixes(kind, self.format).iter().map(|suffix| format!("{family}{suffix}"));
        let names: Vec<String> = names.collect();
        if names.iter().any(|name| self.samples.get(name).is_some_and(|owner| owner != family)) {
            return false;
        }
        self.samples.extend(names.into_iter().map(|name| (name, family.to_owned())));
        true
    }
}

/// What the names of samples may have behind that of their family. `OpenMetrics` forbids names that could be those of
/// samples which are not written here as well.
fn suffixes(kind: Kind, format: Format) -> &'static [&'static str] {
    match (kind, format) {
        (Kind::Gauge, _) => &[""],
        (Kind::Info, _) => &["_info"],
        (Kind::Counter, Format::Text) => &["_total"],
        (Kind::Counter, Format::OpenMetrics) => &["_total", "_created"],
        // Its own name is that of no sample, and still none may be called so.
        (Kind::Histogram, Format::Text) => &["", "_bucket", "_sum", "_count"],
        (Kind::Histogram, Format::OpenMetrics) => &["", "_bucket", "_sum", "_count", "_created"],
    }
}

#[cfg(test)]
mod tests {
    use super::Kind::{Counter, Gauge, Histogram, Info};
    use super::*;

    /// Whether the second has a place beside the first, in the older and in the newer format.
    fn both(first: (&str, Kind), second: (&str, Kind)) -> [bool; 2] {
        [Format::Text, Format::OpenMetrics].map(|format| {
            let mut claims = Claims::new(format);
            assert!(claims.take(first.0, first.1));
            claims.take(second.0, second.1)
        })
    }

    #[test]
    fn a_name_of_a_sample_is_of_one_family() {
        for (first, second, fits) in [
            (("a", Counter), ("a_total", Gauge), [false; 2]),
            (("a_total", Gauge), ("a", Counter), [false; 2]),
            (("a", Counter), ("a_total", Counter), [true; 2]),
            (("a", Counter), ("a_total", Histogram), [false; 2]),
            (("a", Counter), ("a", Counter), [true; 2]),
            (("a", Histogram), ("a_count", Gauge), [false; 2]),
            (("a", Histogram), ("a_sum", Gauge), [false; 2]),
            (("a_bucket", Gauge), ("a", Histogram), [false; 2]),
            (("a", Histogram), ("a_count", Counter), [true; 2]),
            (("target", Info), ("target_info", Gauge), [false; 2]),
            (("a", Counter), ("a_created", Gauge), [true, false]),
            (("a", Gauge), ("a_total", Gauge), [true; 2]),
        ] {
            assert_eq!(both(first, second), fits, "{first:?} {second:?}");
        }
    }

    #[test]
    fn what_is_left_out_takes_nothing() {
        let mut claims = Claims::new(Format::Text);
        assert!(claims.take("a_count", Gauge));
        assert!(!claims.take("a", Histogram));
        assert!(claims.take("a_sum", Gauge));
    }
}
