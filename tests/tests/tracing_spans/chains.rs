//! Four levels in one task: whoever is inside whom is a child of it.

use futures::{StreamExt, stream};
use llmobs_runtime::conventions::operation;
use llmobs_runtime::{call, instrument_llm};
use llmobs_tests::{Recorder, Road};
use opentelemetry_sdk::trace::Sampler;
use serde_json::json;
use tracing::{Instrument, info_span};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::SubscriberExt;

use super::{assert_one_trace, on_many_threads, parents, pause, subscriber, traces};

#[instrument_llm(operation = execute_tool, name = "ours 2")]
fn ours_2() {
    info_span!("tracing 3").in_scope(ours_4);
}

#[instrument_llm(operation = execute_tool, name = "ours 4")]
fn ours_4() {}

#[instrument_llm(operation = execute_tool, name = "ours 1")]
fn ours_1() {
    info_span!("tracing 2").in_scope(ours_3);
}

#[instrument_llm(operation = execute_tool, name = "ours 3")]
fn ours_3() {
    info_span!("tracing 4").in_scope(|| ());
}

const FROM_TRACING: [&str; 4] =
    ["ours 2 <- tracing 1", "ours 4 <- tracing 3", "tracing 1", "tracing 3 <- ours 2"];
const FROM_OURS: [&str; 4] =
    ["ours 1", "ours 3 <- tracing 2", "tracing 2 <- ours 1", "tracing 4 <- ours 3"];

#[test]
fn in_synchronous_code_on_both_roads() {
    for road in [Road::Ours, Road::Sdk] {
        let recorder = Recorder::on(road, |builder| builder);
        tracing::dispatcher::with_default(&subscriber(&recorder), || {
            info_span!("tracing 1").in_scope(ours_2);
        });
        assert_one_trace(&recorder.spans(), &FROM_TRACING);
        drop(recorder);

        let recorder = Recorder::on(road, |builder| builder);
        tracing::dispatcher::with_default(&subscriber(&recorder), ours_1);
        assert_one_trace(&recorder.spans(), &FROM_OURS);
    }
}

mod asynchronous {
    use super::*;

    #[instrument_llm(operation = execute_tool, name = "ours 2")]
    pub(super) async fn ours_2() {
        pause().await;
        async {
            pause().await;
            ours_4().await;
            pause().await;
        }
        .instrument(info_span!("tracing 3"))
        .await;
        pause().await;
    }

    #[instrument_llm(operation = execute_tool, name = "ours 4")]
    async fn ours_4() {
        pause().await;
    }

    #[instrument_llm(operation = execute_tool, name = "ours 1")]
    pub(super) async fn ours_1() {
        pause().await;
        async {
            pause().await;
            ours_3().await;
        }
        .instrument(info_span!("tracing 2"))
        .await;
        pause().await;
    }

    #[instrument_llm(operation = execute_tool, name = "ours 3")]
    async fn ours_3() {
        pause().await;
        pause().instrument(info_span!("tracing 4")).await;
    }
}

#[test]
fn across_awaits_on_many_threads() {
    let recorder = Recorder::new();
    let subscriber = subscriber(&recorder);
    on_many_threads(&subscriber, async {
        asynchronous::ours_2().instrument(info_span!("tracing 1")).await;
    });
    assert_one_trace(&recorder.spans(), &FROM_TRACING);
    drop(recorder);

    let recorder = Recorder::new();
    on_many_threads(&super::subscriber(&recorder), asynchronous::ours_1());
    assert_one_trace(&recorder.spans(), &FROM_OURS);
}

#[tokio::test]
async fn side_by_side_in_one_task() {
    let recorder = Recorder::new();
    let _default = tracing::dispatcher::set_default(&subscriber(&recorder));
    futures::future::join(
        asynchronous::ours_2().instrument(info_span!("tracing 1")),
        asynchronous::ours_2().instrument(info_span!("tracing 1")),
    )
    .await;
    let spans = recorder.spans();
    assert_eq!((spans.len(), traces(&spans)), (8, 2));
    let trace = spans[0].0.span_context.trace_id();
    let (first, second): (Vec<_>, Vec<_>) =
        spans.into_iter().partition(|span| span.0.span_context.trace_id() == trace);
    assert_one_trace(&first, &FROM_TRACING);
    assert_one_trace(&second, &FROM_TRACING);
}

#[test]
fn what_is_made_before_a_call_is_not_below_it_and_what_is_filtered_is_skipped() {
    let recorder = Recorder::new();
    let layer = recorder.telemetry().tracing_layer();
    let filter = EnvFilter::new("info,quiet=warn,[skipped]=off");
    let subscriber = tracing_subscriber::registry().with(layer.with_filter(filter));
    tracing::subscriber::with_default(subscriber, || {
        let early = info_span!("made before");
        let ours = call(&operation::EXECUTE_TOOL).name("ours").start();
        ours.scope(|| early.in_scope(|| ()));
        ours.scope(|| {
            info_span!(target: "quiet", "not recorded").in_scope(|| {
                tracing::debug_span!("not recorded either")
                    .in_scope(|| info_span!("inside").in_scope(ours_4));
            });
        });
        ours.end();
        // Recorded as it was when it was entered first.
        let renamed = info_span!("as it was", otel.name = tracing::field::Empty);
        renamed.in_scope(|| ());
        renamed.record("otel.name", "too late");
    });
    let spans = recorder.spans();
    assert_eq!(
        parents(&spans),
        ["as it was", "inside <- ours", "made before", "ours", "ours 4 <- inside"]
    );
}

#[test]
fn a_stream_is_below_the_span_that_it_is_polled_in_or_else_made_in() {
    let recorder = Recorder::new();
    let chunks = || stream::iter([Ok::<_, std::io::Error>(json!({ "choices": [] }))]);
    tracing::dispatcher::with_default(&subscriber(&recorder), || {
        let asked = info_span!("asked");
        // The SDK's simple processor waits by the executor of `futures`, which cannot wait inside itself.
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let answer = |name| call(&operation::CHAT).name(name).stream(chunks());
        let (inside, outside) = asked.in_scope(|| (answer("inside"), answer("outside")));
        info_span!("read").in_scope(|| {
            let read = inside.map(|_| info_span!("a chunk").in_scope(|| ()));
            runtime.block_on(read.collect::<Vec<_>>())
        });
        runtime.block_on(outside.collect::<Vec<_>>());
    });
    let spans = recorder.spans();
    assert_eq!(
        parents(&spans),
        ["a chunk <- read", "asked", "inside <- read", "outside <- asked", "read"]
    );
}

#[test]
fn what_is_sampled_out_takes_all_below_with_it() {
    let recorder = Recorder::with(llmobs_runtime::conventions::Dialect::Latest, Sampler::AlwaysOff);
    tracing::dispatcher::with_default(&subscriber(&recorder), || {
        info_span!("tracing 1").in_scope(ours_2);
        ours_1();
    });
    assert_eq!(recorder.spans().len(), 0);
    let points = recorder.points();
    let durations = points.iter().filter(|point| point.metric.ends_with(".duration"));
    assert_eq!(durations.map(|point| point.count).sum::<u64>(), 4, "points are recorded");
}
