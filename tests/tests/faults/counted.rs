//! What becomes of everything, by OpenTelemetry's names.

use std::collections::BTreeMap;
use std::time::Duration;

use llmobs_runtime::processor::{BatchLogProcessor, BatchSpanProcessor, Batching};
use llmobs_runtime::{Telemetry, builder};
use llmobs_tests::alone;
use opentelemetry::KeyValue;
use opentelemetry::logs::{LogRecord, Logger, LoggerProvider};
use opentelemetry_sdk::metrics::InMemoryMetricExporter;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData, ScopeMetrics};

use llmobs_tests::sinks::{Does, Sink, chat};

/// Value and unit by metric, component and error.
type Told = BTreeMap<(String, String, String), (i64, String)>;

/// What the pipeline told of itself when metrics were collected last.
fn told(metrics: &InMemoryMetricExporter) -> Told {
    let mut told = Told::new();
    let collected = metrics.get_finished_metrics().unwrap();
    let last = collected.last().expect("metrics were collected");
    for metric in last.scope_metrics().flat_map(ScopeMetrics::metrics) {
        let mut add = |attributes: Vec<&KeyValue>, value: i64| {
            let of = |key: &str| {
                let found = attributes.iter().find(|attribute| attribute.key.as_str() == key);
                found.map(|found| found.value.to_string()).unwrap_or_default()
            };
            let name = of("otel.component.name");
            assert!(name.starts_with(&format!("{}/", of("otel.component.type"))), "{attributes:?}");
            let key = (metric.name().to_owned(), name, of("error.type"));
            assert!(told.insert(key, (value, metric.unit().to_owned())).is_none());
        };
        if !metric.name().starts_with("otel.sdk.") {
            continue;
        }
        match metric.data() {
            AggregatedMetrics::U64(MetricData::Sum(sum)) => {
                assert!(sum.is_monotonic());
                for point in sum.data_points() {
                    add(point.attributes().collect(), i64::try_from(point.value()).unwrap());
                }
            }
            AggregatedMetrics::I64(MetricData::Sum(sum)) => {
                assert!(!sum.is_monotonic());
                sum.data_points().for_each(|it| add(it.attributes().collect(), it.value()));
            }
            other => panic!("{}: {other:?}", metric.name()),
        }
    }
    told
}

fn told_of(told: &Told, metric: &str, component: &str, error: &str) -> Option<i64> {
    let key = (format!("otel.sdk.{metric}"), component.to_owned(), error.to_owned());
    told.get(&key).map(|(value, _)| *value)
}

fn emit(telemetry: &Telemetry) {
    let logger = telemetry.logger_provider().unwrap().logger("app");
    let mut record = logger.create_log_record();
    record.set_body("text".into());
    logger.emit(record);
}

/// Of ten items, five are an export, and nothing is exported on its own account.
fn few() -> Batching {
    let never = Duration::from_hours(1);
    Batching::new().max_queue_size(10).max_export_batch_size(5).interval(never)
}

const SPANS: &str = "batching_span_processor/0";
const LOGS: &str = "batching_log_processor/0";
/// The exporter's type.
const SINK: &str = "llmobs_tests::sinks::Sink/0";

#[test]
fn every_item_is_told_of_where_it_is() {
    alone("counted::every_item_is_told_of_where_it_is", &[], || {
        let (hung, metrics) = (Sink::new(Does::Hang), InMemoryMetricExporter::default());
        let telemetry = builder()
            .shutdown_deadline(Duration::from_millis(300))
            .span_processor(BatchSpanProcessor::with(hung.clone(), few()))
            .log_processor(BatchLogProcessor::with(hung.clone(), few()))
            .metric_exporter(metrics.clone())
            .install()
            .unwrap();
        for _ in 0..25 {
            chat();
            emit(&telemetry);
        }
        telemetry.force_flush().unwrap_err();
        // All signals are flushed at the same time: metrics of what the others come to are read off the next time.
        telemetry.force_flush().unwrap_err();
        let during = told(&metrics);
        for (items, component) in [("span", SPANS), ("log", LOGS)] {
            let of = |metric: &str, component: &str, error: &str| {
                told_of(&during, &metric.replace("ITEM", items), component, error)
            };
            assert_eq!(of("processor.ITEM.processed", component, "queue_full"), Some(15));
            assert_eq!(of("processor.ITEM.processed", component, ""), Some(5), "of one export");
            assert_eq!(of("processor.ITEM.queue.size", component, ""), Some(10));
            assert_eq!(of("processor.ITEM.queue.capacity", component, ""), Some(10));
            assert_eq!(of("exporter.ITEM.exported", SINK, ""), Some(0));
            assert_eq!(of("exporter.ITEM.exported", SINK, "_OTHER"), None, "none has failed");
        }
        hung.open();
        telemetry.force_flush().unwrap();
        telemetry.force_flush().unwrap();
        let after = told(&metrics);
        for (items, component) in [("span", SPANS), ("log", LOGS)] {
            let of = |metric: &str, component: &str, error: &str| {
                told_of(&after, &metric.replace("ITEM", items), component, error)
            };
            assert_eq!(of("processor.ITEM.processed", component, "queue_full"), Some(15));
            assert_eq!(of("processor.ITEM.processed", component, ""), Some(10));
            assert_eq!(of("processor.ITEM.queue.size", component, ""), Some(0));
            assert_eq!(of("exporter.ITEM.exported", SINK, ""), Some(10));
        }
        let in_memory = "opentelemetry_sdk::metrics::in_memory_exporter::InMemoryMetricExporter/0";
        let points = told_of(&after, "exporter.metric_data_point.exported", in_memory, "");
        assert!(points.is_some_and(|points| points > 10), "{points:?}");
        let units: BTreeMap<&str, &str> = after
            .iter()
            .map(|((metric, ..), (_, unit))| (metric.as_str(), unit.as_str()))
            .collect();
        let expected = BTreeMap::from([
            ("otel.sdk.exporter.log.exported", "{log_record}"),
            ("otel.sdk.exporter.metric_data_point.exported", "{data_point}"),
            ("otel.sdk.exporter.span.exported", "{span}"),
            ("otel.sdk.processor.log.processed", "{log_record}"),
            ("otel.sdk.processor.log.queue.capacity", "{log_record}"),
            ("otel.sdk.processor.log.queue.size", "{log_record}"),
            ("otel.sdk.processor.span.processed", "{span}"),
            ("otel.sdk.processor.span.queue.capacity", "{span}"),
            ("otel.sdk.processor.span.queue.size", "{span}"),
        ]);
        assert_eq!(units, expected);
    });
}

#[test]
fn exports_that_fail_are_told_apart_by_how_and_by_whose() {
    alone("counted::exports_that_fail_are_told_apart_by_how_and_by_whose", &[], || {
        let metrics = InMemoryMetricExporter::default();
        let [fails, panics, keeps] = [Does::Fail, Does::Panic, Does::Keep].map(Sink::new);
        let all = keeps.beside(panics.beside(fails.builder()));
        let telemetry = all.metric_exporter(metrics.clone()).install().unwrap();
        for _ in 0..3 {
            chat();
        }
        emit(&telemetry);
        telemetry.force_flush().unwrap_err();
        telemetry.force_flush().unwrap_err();
        let told = told(&metrics);
        let component = |number: u32| format!("llmobs_tests::sinks::Sink/{number}");
        for (metric, items) in [("exporter.span.exported", 3), ("exporter.log.exported", 1)] {
            for (number, outcomes) in [
                (0, [Some(0), Some(items), None]),
                (1, [Some(0), None, Some(items)]),
                (2, [Some(items), None, None]),
            ] {
                let of = |error| told_of(&told, metric, &component(number), error);
                assert_eq!(["", "_OTHER", "panic"].map(of), outcomes, "{metric} {number}");
            }
        }
        // Points of metrics, which are collected for one exporter after the other.
        let of = |number, error| {
            told_of(&told, "exporter.metric_data_point.exported", &component(number), error)
        };
        for (number, error) in [(0, "_OTHER"), (1, "panic"), (2, "")] {
            assert!(of(number, error).is_some_and(|points| points > 10), "{number}");
        }
        assert_eq!(
            [of(0, ""), of(1, ""), of(1, "_OTHER"), of(2, "_OTHER")],
            [Some(0), Some(0), None, None]
        );
        for number in 0..3 {
            let name = format!("batching_span_processor/{number}");
            assert_eq!(told_of(&told, "processor.span.processed", &name, ""), Some(3));
        }
    });
}

#[test]
fn it_can_be_left_out() {
    alone("counted::it_can_be_left_out", &[], || {
        let metrics = InMemoryMetricExporter::default();
        let silent = Sink::keeping().builder().self_metrics(false).metric_exporter(metrics.clone());
        let telemetry = silent.install().unwrap();
        chat();
        telemetry.force_flush().unwrap();
        assert_eq!(told(&metrics), Told::new());
        assert_eq!(metrics.get_finished_metrics().unwrap().len(), 1);
    });
}
