//! Metrics that are not ours are on the page as well, whatever they are.

use std::time::Duration;

use llmobs_runtime::backend::prometheus::Prometheus;
use llmobs_tests::exposition::Exposition;
use llmobs_tests::{Recorder, Road};
use opentelemetry::{InstrumentationScope, KeyValue, global};
use opentelemetry_sdk::metrics::{Aggregation, Stream};

use super::{chat, open_metrics, shown};

#[track_caller]
fn is(page: &Exposition, name: &str, labels: &[(&str, &str)], value: f64) {
    assert_eq!(page.value(name, labels).to_bits(), value.to_bits(), "{name}");
}

#[test]
fn every_kind_of_instrument() {
    let (_recorder, page) = shown(Road::Ours, |builder| builder);
    let meter = global::meter("shop");
    meter.f64_counter("paid").with_unit("EUR").build().add(1.5, &[]);
    meter.u64_counter("orders.total").build().add(u64::MAX, &[]);
    let open = meter.i64_up_down_counter("open").with_unit("{order}").build();
    open.add(-3, &[]);
    meter.f64_gauge("load").with_unit("1").build().record(0.25, &[]);
    meter.f64_gauge("temperature").with_unit("Cel").build().record(-0.5, &[]);
    meter.i64_gauge("balance").build().record(i64::MIN, &[]);
    let size = meter.u64_histogram("size").with_unit("By").with_boundaries(vec![]).build();
    size.record(u64::MAX, &[]);
    let change = meter.f64_histogram("change").with_boundaries(vec![-1.0, 0.5]).build();
    change.record(-2.0, &[]);
    change.record(0.25, &[]);
    let older = Exposition::text(&page.text().unwrap());
    for (newer, read) in [(true, open_metrics(&page)), (false, older)] {
        is(&read, "paid_EUR_total", &[], 1.5);
        assert_eq!(read.samples("orders_total").next().unwrap().value, "18446744073709551615");
        is(&read, "open", &[], -3.0);
        assert_eq!(read.family("open").kind, "gauge");
        is(&read, "load_ratio", &[], 0.25);
        is(&read, "temperature_celsius", &[], -0.5);
        assert_eq!(read.samples("balance").next().unwrap().value, "-9223372036854775808");
        is(&read, "size_bytes_bucket", &[("le", "+Inf")], 1.0);
        assert_eq!(read.samples("size_bytes_sum").next().unwrap().value, "18446744073709551615");
        is(&read, "change_bucket", &[("le", if newer { "-1.0" } else { "-1" })], 1.0);
        is(&read, "change_bucket", &[("le", "0.5")], 2.0);
        assert_eq!(read.samples("change_sum").count(), 0, "it may go down");
    }
}

#[test]
fn two_metrics_of_one_name() {
    let (_recorder, page) = shown(Road::Ours, |builder| builder);
    let shop = |name| {
        let scope = InstrumentationScope::builder(name).with_version("1");
        let attributes = [KeyValue::new("team.name", "a"), KeyValue::new("version", "no")];
        global::meter_with_scope(scope.with_attributes(attributes).build())
    };
    // Of two scopes: one family.
    shop("one").u64_counter("jobs").with_description("first").build().add(1, &[]);
    shop("two").u64_counter("jobs.total").with_description("second").build().add(2, &[]);
    // Of another type: what comes first counts.
    shop("three").u64_gauge("jobs").build().record(3, &[]);
    // The same labels in the end.
    let jobs = shop("one").u64_counter("tasks").build();
    jobs.add(4, &[KeyValue::new("a", 1)]);
    jobs.add(5, &[KeyValue::new("a", "1")]);
    let gauge = shop("one").u64_gauge("level").build();
    gauge.record(6, &[KeyValue::new("a", 1)]);
    gauge.record(6, &[KeyValue::new("a", "1")]);
    let sizes = shop("one").u64_histogram("sizes").with_boundaries(vec![10.0]).build();
    sizes.record(7, &[KeyValue::new("a", 1)]);
    sizes.record(70, &[KeyValue::new("a", "1")]);
    for read in [open_metrics(&page), Exposition::text(&page.text().unwrap())] {
        let team = ("otel_scope_team_name", "a");
        is(&read, "jobs_total", &[("otel_scope_name", "one"), team], 1.0);
        is(&read, "jobs_total", &[("otel_scope_name", "two"), ("otel_scope_version", "1")], 2.0);
        // `one`, `three`, `two`.
        assert_eq!(read.family("jobs").help.as_deref(), Some("first"));
        assert_eq!(read.family("jobs").samples.len(), 2);
        is(&read, "tasks_total", &[("a", "1")], 9.0);
        is(&read, "level", &[("a", "1")], 6.0);
        is(&read, "sizes_sum", &[("a", "1")], 77.0);
        is(&read, "sizes_count", &[("a", "1")], 2.0);
    }
}

#[test]
fn a_name_of_a_sample_is_on_the_page_once() {
    let (_recorder, page) = shown(Road::Ours, |builder| builder);
    let (one, two) = (global::meter("one"), global::meter("two"));
    // The counter is first by its scope, though it was recorded last.
    two.u64_gauge("jobs.total").build().record(1, &[]);
    one.u64_counter("jobs").build().add(2, &[]);
    // And here the gauge is.
    one.u64_gauge("tasks.total").build().record(3, &[]);
    two.u64_counter("tasks").build().add(4, &[]);
    let sizes = one.u64_histogram("sizes").with_boundaries(vec![10.0]).build();
    sizes.record(5, &[]);
    for part in ["sizes.count", "sizes.sum", "sizes.bucket", "sizes.most"] {
        two.u64_gauge(part).build().record(6, &[]);
    }
    two.u64_gauge("target.info").build().record(7, &[]);
    two.u64_gauge("jobs.created").build().record(8, &[]);
    for (newer, text) in [(true, page.open_metrics().unwrap()), (false, page.text().unwrap())] {
        let samples = |name: &str| -> Vec<_> {
            let is = |line: &&str| line.split(['{', ' ']).next() == Some(name);
            let value = |line: &str| line.rsplit(' ').next().unwrap_or_default().to_owned();
            text.lines().filter(is).map(value).collect()
        };
        for (name, values) in [
            ("jobs_total", &["2"][..]),
            ("tasks_total", &["3"]),
            ("sizes_bucket", &["1", "1"]),
            ("sizes_sum", &["5"]),
            ("sizes_count", &["1"]),
            ("sizes_most", &["6"]),
            ("target_info", &["1"]),
            // Only the newer format forbids it.
            ("jobs_created", if newer { &[] } else { &["8"] }),
        ] {
            assert_eq!(samples(name), values, "{name}\n{text}");
        }
        let types = |name: &str| text.matches(&format!("# TYPE {name} ")).count();
        let (counter, info) =
            if newer { ("jobs", "target") } else { ("jobs_total", "target_info") };
        assert_eq!(
            (types(counter), types("tasks_total"), types("sizes"), types(info)),
            (1, 1, 1, 1)
        );
        assert_eq!((types("tasks"), types("sizes_count")), (0, 0), "{text}");
        if newer {
            assert_eq!(types("jobs_total"), 0);
        }
    }
}

#[test]
fn without_labels_of_scopes_what_is_of_one_name_is_one() {
    let prometheus = Prometheus::new().without_server().scope_labels(false);
    let page = prometheus.page();
    let _recorder = Recorder::on(Road::Ours, |builder| builder.prometheus(prometheus));
    global::meter("one").u64_counter("jobs").build().add(1, &[]);
    global::meter("two").u64_counter("jobs").build().add(2, &[]);
    is(&open_metrics(&page), "jobs_total", &[], 3.0);
}

#[test]
fn views_change_what_is_on_the_page_and_nothing_else_fails() {
    let (_recorder, page) = shown(Road::Ours, |builder| {
        builder.meters(|meters| {
            meters.with_view(|instrument: &opentelemetry_sdk::metrics::Instrument| {
                let stream = Stream::builder();
                let stream = match instrument.name() {
                    "gen_ai.client.operation.duration" => {
                        stream.with_aggregation(Aggregation::Base2ExponentialHistogram {
                            max_size: 8,
                            max_scale: 8,
                            record_min_max: true,
                        })
                    }
                    "gen_ai.client.token.usage" => {
                        stream.with_aggregation(Aggregation::ExplicitBucketHistogram {
                            boundaries: vec![10.0],
                            record_min_max: false,
                        })
                    }
                    _ => return None,
                };
                stream.build().ok()
            })
        })
    });
    chat("m", 5, 50);
    chat("m", 6, 60);
    let read = open_metrics(&page);
    assert!(!read.0.keys().any(|name| name.contains("duration")), "there is no text for it");
    let buckets: Vec<_> = read.samples("gen_ai_client_token_usage_bucket").collect();
    assert_eq!(buckets.len(), 4, "{buckets:?}");
    // Exemplars are in the buckets that there are.
    let values: Vec<_> =
        buckets.iter().map(|one| one.exemplar.as_ref().map(|of| of.value.to_bits())).collect();
    let some = |value: f64| Some(value.to_bits());
    assert_eq!(values, [some(6.0), None, None, some(60.0)]);
    assert_eq!(read.samples("gen_ai_client_token_usage_sum").count(), 2);
}

#[test]
fn a_callback_that_panics_costs_no_more_than_the_page() {
    let (recorder, page) =
        shown(Road::Ours, |builder| builder.shutdown_deadline(Duration::from_secs(20)));
    let _gauge = global::meter("shop")
        .u64_observable_gauge("broken")
        .with_callback(|_| panic!("the application's"))
        .build();
    let response = page.response(None);
    assert!(response.status() >= 500, "{response:?}");
    assert!(page.text().is_none());
    drop(recorder);
}
