//! A page as text: <https://prometheus.io/docs/specs/om/open_metrics_spec/> and the older
//! <https://prometheus.io/docs/instrumenting/exposition_formats/>.
//!
//! The Prometheus project's own crate (`prometheus-client` 0.25) writes the first only, and lets nobody else make the
//! exemplars of a histogram that was counted elsewhere; so this is written here.
//!
//! Samples of `_created`, which the first may have, are left out: to most servers they are one more series each.

use std::fmt::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use super::accept::Format;
use super::exemplars::Exemplar;
use super::family::{Distribution, Families, Family, Kind, Number, Sample, Value};
use super::labels::{escape, float};

/// All families, and the end.
pub(super) fn page(families: &Families, format: Format) -> String {
    let mut writer = Writer { text: String::new(), format };
    for (name, family) in families {
        writer.family(name, family);
    }
    if format == Format::OpenMetrics {
        writer.text.push_str("# EOF\n");
    }
    writer.text
}

struct Writer {
    text: String,
    format: Format,
}

impl Writer {
    fn family(&mut self, name: &str, family: &Family) {
        if family.series.is_empty() {
            return;
        }
        // Counters and infos have a suffix, which only the older format counts as a part of the name.
        let suffix = match family.kind {
            Kind::Counter => "_total",
            Kind::Info => "_info",
            Kind::Gauge | Kind::Histogram => "",
        };
        let described = match self.format {
            Format::Text => format!("{name}{suffix}"),
            Format::OpenMetrics => name.to_owned(),
        };
        let kind = match (family.kind, self.format) {
            (Kind::Counter, _) => "counter",
            (Kind::Histogram, _) => "histogram",
            (Kind::Info, Format::OpenMetrics) => "info",
            (Kind::Gauge | Kind::Info, _) => "gauge",
        };
        if !family.help.is_empty() {
            self.line(&["# HELP ", &described, " "]);
            escape(&family.help, self.format == Format::OpenMetrics, &mut self.text);
            self.text.push('\n');
        }
        self.line(&["# TYPE ", &described, " ", kind, "\n"]);
        if self.format == Format::OpenMetrics && !family.unit.is_empty() {
            self.line(&["# UNIT ", &described, " ", &family.unit, "\n"]);
        }
        for (labels, sample) in &family.series {
            match &sample.value {
                Value::Number(value) => {
                    self.name(name, suffix, labels, None);
                    self.number(*value);
                    self.exemplar(sample, 0);
                    self.text.push('\n');
                }
                Value::Histogram(distribution) => {
                    self.histogram(name, labels, sample, distribution);
                }
            }
        }
    }

    fn histogram(&mut self, name: &str, labels: &str, sample: &Sample, of: &Distribution) {
        let mut below = 0_u64;
        for (at, (bound, count)) in of.bounds.iter().zip(&of.counts).enumerate() {
            below = below.saturating_add(*count);
            self.name(name, "_bucket", labels, Some(*bound));
            self.number(Number::Natural(below));
            self.exemplar(sample, at);
            self.text.push('\n');
        }
        self.name(name, "_bucket", labels, Some(f64::INFINITY));
        self.number(Number::Natural(of.count));
        self.exemplar(sample, of.bounds.len());
        self.text.push('\n');
        if let Some(sum) = of.sum {
            self.name(name, "_sum", labels, None);
            self.number(sum);
            self.text.push('\n');
        }
        self.name(name, "_count", labels, None);
        self.number(Number::Natural(of.count));
        self.text.push('\n');
    }

    fn line(&mut self, parts: &[&str]) {
        for part in parts {
            self.text.push_str(part);
        }
    }

    /// The name of a sample, its labels and a space.
    fn name(&mut self, name: &str, suffix: &str, labels: &str, bound: Option<f64>) {
        self.line(&[name, suffix]);
        if !labels.is_empty() || bound.is_some() {
            self.line(&["{", labels]);
            if let Some(bound) = bound {
                self.line(&[if labels.is_empty() { "" } else { "," }, "le=\""]);
                self.bound(bound);
                self.text.push('"');
            }
            self.text.push('}');
        }
        self.text.push(' ');
    }

    /// A bound is the value of a label, so that it has to be written as others write it: `1`, and `1.0` in the newer
    /// format.
    fn bound(&mut self, bound: f64) {
        float(bound, &mut self.text);
        if self.format == Format::OpenMetrics && bound.is_finite() && bound.fract() == 0.0 {
            self.text.push_str(".0");
        }
    }

    fn number(&mut self, number: Number) {
        // Writing to a string does not fail.
        let _ = match number {
            Number::Natural(value) => write!(self.text, "{value}"),
            Number::Integer(value) => write!(self.text, "{value}"),
            Number::Float(value) => {
                float(value, &mut self.text);
                Ok(())
            }
        };
    }

    fn exemplar(&mut self, sample: &Sample, bucket: usize) {
        if self.format != Format::OpenMetrics {
            return;
        }
        let Some((_, exemplar)) = sample.exemplars.iter().find(|(of, _)| *of == bucket) else {
            return;
        };
        // 63 characters of the 128 that names and values may have.
        let (trace, span) = (exemplar.trace(), exemplar.span());
        let _ = write!(self.text, " # {{span_id=\"{span}\",trace_id=\"{trace}\"}} ");
        float(exemplar.value, &mut self.text);
        self.time(exemplar);
    }

    fn time(&mut self, exemplar: &Exemplar) {
        let at: SystemTime = exemplar.at();
        if let Ok(since) = at.duration_since(UNIX_EPOCH) {
            let _ = write!(self.text, " {}.{:03}", since.as_secs(), since.subsec_millis());
        }
    }
}
