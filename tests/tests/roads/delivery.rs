//! Everything arrives, whichever way it is asked for.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::SystemTime;

use llmobs_runtime::conventions::{attr, operation};
use llmobs_runtime::{Telemetry, builder, call};
use llmobs_tests::{Recorder, Road};
use opentelemetry::KeyValue;
use opentelemetry::trace::TraceContextExt;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, PeriodicReader};
use opentelemetry_sdk::trace::{Sampler, SpanData, SpanExporter};

use super::both::{chat, plainly};

/// Keeps what it is given, also after its shutdown.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept(Arc<Mutex<Vec<SpanData>>>);

impl Kept {
    pub(crate) fn names(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().map(|span| span.name.to_string()).collect()
    }

    fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

impl SpanExporter for Kept {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().unwrap().extend(batch);
        Ok(())
    }
}

/// A pipeline of our own.
pub(crate) fn kept() -> (Kept, Telemetry) {
    let kept = Kept::default();
    let telemetry = builder().sampler(Sampler::AlwaysOn).span_exporter(kept.clone()).install();
    (kept, telemetry.expect("no other pipeline"))
}

#[test]
fn a_flush_a_shutdown_and_a_drop_deliver_all() {
    let _turn = Recorder::new().without_pipeline();
    for way in 0..3 {
        let (kept, telemetry) = kept();
        let running = chat().name("running").start();
        chat().name("first").start().end();
        thread::spawn(|| chat().name("second").start().end()).join().unwrap();
        match way {
            0 => telemetry.force_flush().unwrap(),
            1 => telemetry.shutdown().unwrap(),
            _ => drop(telemetry),
        }
        assert_eq!(kept.names(), ["first", "second"]);
        running.end();
    }
}

#[test]
fn a_burst_loses_nothing() {
    let recorder = Recorder::on(Road::Ours, |builder| builder);
    for number in 0..5_000_i64 {
        let mut call = chat().start();
        call.set(attr::GEN_AI_REQUEST_SEED, &number);
        call.end();
    }
    let spans = recorder.spans();
    let mut numbers: Vec<_> =
        spans.iter().filter_map(|span| span.int("gen_ai.request.seed")).collect();
    numbers.sort_unstable();
    assert!(numbers.into_iter().eq(0..5_000));
    assert_eq!(recorder.points_of("gen_ai.client.operation.duration")[0].count, 5_000);
}

#[test]
fn eight_threads_lose_nothing() {
    let seen = plainly(|| {
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..500 {
                        let call = chat().start();
                        call.context().unwrap().span().set_attribute(KeyValue::new("a", 1));
                        call.end();
                    }
                });
            }
        });
    });
    assert_eq!(seen.spans.len(), 4_000);
    assert_eq!(seen.points[0].count, 4_000);
}

#[test]
fn each_of_many_threads_that_end_right_after_their_call() {
    let recorder = Recorder::on(Road::Ours, |builder| builder);
    for number in 0..200 {
        thread::spawn(|| chat().start().end()).join().unwrap();
        if number % 50 == 0 {
            assert_eq!(recorder.spans().len(), number + 1);
        }
    }
    assert_eq!(recorder.spans().len(), 200);
}

#[test]
fn heavy_ones_lose_nothing_either() {
    let recorder = Recorder::on(Road::Ours, |builder| builder);
    let text = "x".repeat(1 << 16);
    for _ in 0..40 {
        let call = chat().start();
        let context = call.context().unwrap().clone();
        for _ in 0..10 {
            let attributes = vec![KeyValue::new("text", text.clone()); 2];
            context.span().add_event("event", attributes);
        }
        call.end();
    }
    let spans = recorder.spans();
    assert_eq!(spans.len(), 40);
    assert!(spans.iter().all(|span| span.0.events.len() == 10));
}

#[test]
fn it_comes_by_itself_within_seconds() {
    let _turn = Recorder::new().without_pipeline();
    let (kept, telemetry) = kept();
    for expected in 1..=2 {
        chat().start().end();
        for _ in 0..1_000 {
            if kept.len() == expected {
                break;
            }
            thread::sleep(std::time::Duration::from_millis(10));
        }
        assert_eq!(kept.len(), expected);
    }
    drop(telemetry);
}

#[test]
fn metrics_that_the_application_collects_itself_hold_every_call_that_is_over() {
    let _turn = Recorder::new().without_pipeline();
    let metrics = InMemoryMetricExporter::default();
    let often = std::time::Duration::from_millis(5);
    let reader = PeriodicReader::builder(metrics.clone()).with_interval(often).build();
    let telemetry = builder()
        .span_exporter(Kept::default())
        .meters(|meters| meters.with_reader(reader))
        .install()
        .unwrap();
    for calls in 1..=20 {
        chat().start().end();
        thread::spawn(|| chat().start().end()).join().unwrap();
        // The next may have begun before.
        let before = collections(&metrics);
        while collections(&metrics) < before + 2 {
            thread::yield_now();
        }
        assert_eq!(durations(&metrics), calls * 2);
    }
    telemetry.shutdown().unwrap();
}

fn collections(metrics: &InMemoryMetricExporter) -> usize {
    metrics.get_finished_metrics().unwrap().len()
}

/// How many calls have a duration.
fn durations(metrics: &InMemoryMetricExporter) -> u64 {
    use opentelemetry_sdk::metrics::data::{
        AggregatedMetrics, HistogramDataPoint, MetricData, ScopeMetrics,
    };
    let collected = metrics.get_finished_metrics().unwrap();
    let mut found = 0;
    for metric in collected.last().unwrap().scope_metrics().flat_map(ScopeMetrics::metrics) {
        assert_ne!(metric.name(), "llmobs.calls");
        if metric.name() != "gen_ai.client.operation.duration" {
            continue;
        }
        if let AggregatedMetrics::F64(MetricData::Histogram(histogram)) = metric.data() {
            found += histogram.data_points().map(HistogramDataPoint::count).sum::<u64>();
        }
    }
    found
}

#[test]
fn times_are_those_of_the_clock() {
    for road in [Road::Ours, Road::Sdk] {
        let recorder = Recorder::on(road, |builder| builder);
        let before = SystemTime::now();
        let call = chat().start();
        let between = SystemTime::now();
        call.end();
        let after = SystemTime::now();
        let span = recorder.span().0;
        // Two clocks are read one after the other.
        let some = std::time::Duration::from_millis(50);
        assert!(before - some <= span.start_time && span.start_time <= between + some);
        assert!(between - some <= span.end_time && span.end_time <= after + some);
    }
}

#[test]
fn a_call_that_ends_after_its_pipeline_reaches_no_other() {
    let _turn = Recorder::new().without_pipeline();
    let (old, telemetry) = kept();
    chat().name("old").start().end();
    let (here, there) = (chat().name("late").start(), chat().name("late").start());
    telemetry.shutdown().unwrap();
    chat().name("of nobody").start().end();
    let elsewhere = thread::spawn(move || {
        there.context().unwrap().span().set_attribute(KeyValue::new("a", 1));
        there.end();
    });
    elsewhere.join().unwrap();
    let metrics = InMemoryMetricExporter::default();
    let new = Kept::default();
    let telemetry = builder()
        .span_exporter(new.clone())
        .meters(|meters| meters.with_reader(PeriodicReader::builder(metrics.clone()).build()))
        .install()
        .unwrap();
    chat().name("new").start().end();
    here.end();
    chat().name("new").start().end();
    telemetry.force_flush().unwrap();
    assert_eq!(old.names(), ["old"]);
    assert_eq!(new.names(), ["new", "new"]);
    assert_eq!(durations(&metrics), 2);
    drop(telemetry);
}

#[test]
fn agents_of_another_pipeline_are_counted_where_they_began() {
    let _turn = Recorder::new().without_pipeline();
    let (old, telemetry) = kept();
    let agent = call(&operation::INVOKE_AGENT).start();
    drop(telemetry);
    let (new, telemetry) = kept();
    agent.scope(|| chat().start().end());
    agent.end();
    drop(telemetry);
    assert_eq!((old.len(), new.names()), (0, vec!["chat m".to_owned()]));
}

#[test]
fn pipelines_come_and_go_while_calls_run() {
    let _turn = Recorder::new().without_pipeline();
    let ended = AtomicUsize::new(0);
    let over = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while over.load(Ordering::Relaxed) == 0 {
                    let outer = chat().start();
                    outer.scope(|| chat().start().end());
                    outer.end();
                    ended.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for _ in 0..30 {
            let (kept, telemetry) = kept();
            let before = ended.load(Ordering::Relaxed);
            while ended.load(Ordering::Relaxed) < before + 50 {
                thread::yield_now();
            }
            telemetry.shutdown().unwrap();
            assert!(kept.len() > 0);
        }
        over.store(1, Ordering::Relaxed);
    });
}
