//! Whatever attributes hold, the page stays a page, and says what they hold.

use std::cell::Cell;
use std::collections::BTreeMap;

use llmobs_runtime::backend::prometheus::Prometheus;
use llmobs_tests::exposition::Exposition;
use llmobs_tests::{Recorder, Road};
use opentelemetry::KeyValue;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;
use proptest::prelude::*;

use super::{open_metrics, shown};

/// Text with much of what has a meaning on the page.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\\".to_owned()),
        Just("\"".to_owned()),
        Just("\n".to_owned()),
        Just("\r".to_owned()),
        Just("} 1 # {".to_owned()),
        Just("\\n".to_owned()),
        Just("# EOF\n".to_owned()),
        Just(",le=\"".to_owned()),
        any::<String>(),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

/// What one label has become of several attributes.
fn expected(attributes: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut labels: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (key, value) in attributes {
        let mut label = String::new();
        for char in key.chars() {
            let char = if char.is_ascii_alphanumeric() { char } else { '_' };
            if !(char == '_' && label.ends_with('_')) {
                label.push(char);
            }
        }
        if label.is_empty() || label.as_bytes()[0].is_ascii_digit() {
            label = format!("key_{label}");
        }
        if label == "le" {
            label.insert_str(0, "exported_");
        }
        labels.entry(label).or_default().push(value);
    }
    labels.into_iter().map(|(label, values)| (label, values.join(";"))).collect()
}

#[test]
fn labels_say_what_attributes_hold() {
    let (_recorder, page) = shown(Road::Ours, |builder| builder);
    let meter = opentelemetry::global::meter("the test");
    let numbers = Cell::new(0_u32);
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = prop::test_runner::TestRunner::new(config);
    let attributes = prop::collection::btree_map(text(), text(), 0..5);
    runner
        .run(&(attributes, text()), |(attributes, help)| {
            let number = numbers.get() + 1;
            numbers.set(number);
            let name = format!("metric_{number}");
            let histogram = meter
                .f64_histogram(name.clone())
                .with_description(help.clone())
                .with_boundaries(vec![0.5])
                .build();
            let pairs: Vec<_> = attributes
                .iter()
                .map(|(key, value)| KeyValue::new(key.clone(), value.clone()))
                .collect();
            histogram.record(1.0, &pairs);
            let newer = open_metrics(&page);
            let older = Exposition::text(&page.text().unwrap());
            for page in [newer, older] {
                let family = page.family(&name);
                if !help.is_empty() {
                    prop_assert_eq!(family.help.as_deref(), Some(help.as_str()));
                }
                let sample = family.samples.last().unwrap();
                let mut labels = sample.labels.clone();
                for scope in ["otel_scope_name", "otel_scope_version", "otel_scope_schema_url"] {
                    prop_assert!(labels.remove(scope).is_some());
                }
                prop_assert_eq!(labels, expected(&attributes));
            }
            Ok(())
        })
        .unwrap();
}

/// The Prometheus project's own crate writes labels and counters as we do.
#[test]
fn others_write_the_same() {
    let prometheus = Prometheus::new().without_server().scope_labels(false);
    let page = prometheus.page();
    let _recorder = Recorder::on(Road::Ours, |builder| builder.prometheus(prometheus));
    let meter = opentelemetry::global::meter("the test");
    let numbers = Cell::new(0_u32);
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = prop::test_runner::TestRunner::new(config);
    let attributes = prop::collection::btree_map("[a-z]{1,8}", text(), 1..5);
    runner
        .run(&(attributes, any::<u64>()), |(attributes, count)| {
            // A name that we change, and they do not.
            prop_assume!(!attributes.contains_key("le"));
            let number = numbers.get() + 1;
            numbers.set(number);
            let name = format!("jobs_{number}");
            let theirs = Family::<Vec<(String, String)>, Counter>::default();
            theirs.get_or_create(&attributes.clone().into_iter().collect()).inc_by(count);
            let mut registry = Registry::default();
            registry.register(name.clone(), "Jobs", theirs);
            let mut text = String::new();
            encode(&mut text, &registry).unwrap();

            let pairs: Vec<_> =
                attributes.into_iter().map(|(key, value)| KeyValue::new(key, value)).collect();
            meter.u64_counter(name.clone()).build().add(count, &pairs);
            let ours = page.open_metrics().unwrap();
            let start = format!("{name}_total{{");
            let sample = |page: &str| {
                page.split('\n').find(|line| line.starts_with(&start)).map(str::to_owned)
            };
            prop_assert!(sample(&text).is_some());
            prop_assert_eq!(sample(&ours), sample(&text));
            Ok(())
        })
        .unwrap();
}
