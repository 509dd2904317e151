//! Every way in which a stream can end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use futures::{FutureExt, StreamExt, stream};
use llmobs_runtime::conventions::attr;
use llmobs_tests::Recorder;

use super::{Broken, Item, Piece, STOP, TEXT, USAGE, chat, endless, slowly};

#[tokio::test]
async fn exhausted() {
    let recorder = Recorder::new();
    let answer = chat().stream(slowly(vec![Ok(TEXT), Ok(TEXT), Ok(STOP), Ok(USAGE)]));
    assert_eq!(answer.count().await, 4);
    let span = recorder.ended(None);
    assert_eq!(span.text("gen_ai.response.finish_reasons").as_deref(), Some("[\"stop\"]"));
    assert_eq!(span.int("gen_ai.usage.output_tokens"), Some(7));
    assert_eq!(span.int("llmobs.response.chunk_count"), Some(4));
}

#[tokio::test]
async fn exhausted_without_a_reason_is_an_end_too() {
    let recorder = Recorder::new();
    assert_eq!(chat().stream(slowly(vec![Ok(TEXT)])).count().await, 1);
    let span = recorder.ended(None);
    assert_eq!(span.value("gen_ai.response.finish_reasons"), None);
    assert_eq!(span.value("gen_ai.usage.output_tokens"), None);
}

#[tokio::test]
async fn exhausted_before_the_first_chunk() {
    let recorder = Recorder::new();
    assert_eq!(chat().stream(slowly(Vec::new())).count().await, 0);
    let span = recorder.ended(None);
    assert_eq!(span.int("llmobs.response.chunk_count"), Some(0));
    assert_eq!(span.value("gen_ai.response.time_to_first_chunk"), None);
    assert!(recorder.points_of("gen_ai.client.operation.time_to_first_chunk").is_empty());
}

#[tokio::test]
async fn an_error_item_is_a_failure_whatever_comes_after() {
    for rest in [vec![], vec![Ok(STOP), Ok(USAGE)]] {
        let recorder = Recorder::new();
        let items = [Ok(TEXT), Err(Broken)].into_iter().chain(rest).collect();
        chat().stream(slowly(items)).for_each(|_| std::future::ready(())).await;
        let span = recorder.ended(Some("streams::Broken"));
        assert_eq!(span.text("gen_ai.response.model").as_deref(), Some("m-2026"));
    }
}

#[tokio::test]
async fn dropped_at_an_error_item_it_ended_there() {
    let recorder = Recorder::new();
    let before = Instant::now();
    let mut answer = chat().stream(endless(vec![Ok(TEXT), Err(Broken)]));
    assert!(answer.next().await.unwrap().is_ok());
    assert!(answer.next().await.unwrap().is_err());
    let seen = before.elapsed();
    std::thread::sleep(Duration::from_millis(20));
    drop(answer);
    let span = recorder.ended(Some("streams::Broken"));
    // By the clock that never jumps, the span began after `before` and ended before `seen`.
    let length = span.0.end_time.duration_since(span.0.start_time).unwrap();
    assert!(length <= seen, "{length:?} {seen:?}");
}

#[tokio::test]
async fn a_chunk_may_say_that_the_generation_failed() {
    let recorder = Recorder::new();
    let failed = Piece { failed: Some("server_error"), ..TEXT };
    let mut answer = chat().stream(endless(vec![Ok(TEXT), Ok(failed)]));
    while answer.next().await.is_some_and(|item| item.unwrap().failed.is_none()) {}
    drop(answer);
    recorder.ended(Some("server_error"));
}

#[tokio::test]
async fn abandoned_with_what_was_seen() {
    let recorder = Recorder::new();
    let mut answer = chat().stream(endless(vec![Ok(TEXT), Ok(TEXT)]));
    answer.next().await.unwrap().unwrap();
    answer.next().await.unwrap().unwrap();
    drop(answer);
    let span = recorder.ended(Some("abandoned"));
    assert_eq!(span.int("llmobs.response.chunk_count"), Some(2));
    assert_eq!(span.text("gen_ai.response.id").as_deref(), Some("answer-1"));
    assert!(span.value("gen_ai.response.time_to_first_chunk").is_some());
    assert_eq!(span.value("gen_ai.response.finish_reasons"), None);
}

#[tokio::test]
async fn abandoned_while_a_choice_goes_on() {
    let recorder = Recorder::new();
    let second = Piece { choice: 1, ..TEXT };
    let mut answer = chat().stream(endless(vec![Ok(TEXT), Ok(second), Ok(STOP)]));
    for _ in 0..3 {
        answer.next().await.unwrap().unwrap();
    }
    drop(answer);
    let span = recorder.ended(Some("abandoned"));
    let reasons = span.text("gen_ai.response.finish_reasons");
    assert_eq!(reasons.as_deref(), Some("[\"stop\",\"error\"]"));
}

#[tokio::test]
async fn complete_after_the_last_chunk_also_without_the_none_behind_it() {
    let recorder = Recorder::new();
    let before = Instant::now();
    let mut answer = chat().stream(endless(vec![Ok(TEXT), Ok(STOP)]));
    answer.next().await.unwrap().unwrap();
    answer.next().await.unwrap().unwrap();
    let seen = before.elapsed();
    std::thread::sleep(Duration::from_millis(20));
    drop(answer);
    let span = recorder.ended(None);
    // By the clock that never jumps, the span began after `before` and ended before `seen`.
    let length = span.0.end_time.duration_since(span.0.start_time).unwrap();
    assert!(length <= seen, "{length:?} {seen:?}");
    assert_eq!(span.text("gen_ai.response.finish_reasons").as_deref(), Some("[\"stop\"]"));
}

#[tokio::test]
async fn a_producer_that_panics() {
    let recorder = Recorder::new();
    let items = stream::iter([Ok(TEXT)])
        .chain(stream::poll_fn(|_| -> std::task::Poll<Option<Item>> { panic!("on purpose") }));
    let mut answer = chat().stream(items);
    answer.next().await.unwrap().unwrap();
    AssertUnwindSafe(answer.next()).catch_unwind().await.unwrap_err();
    // Before it is dropped, and only once.
    let span = recorder.ended(Some("panic"));
    assert_eq!(span.int("llmobs.response.chunk_count"), Some(1));
    drop(answer);
    recorder.ended(Some("panic"));
}

#[tokio::test]
async fn a_consumer_that_panics_has_abandoned_the_stream() {
    let recorder = Recorder::new();
    let mut answer = chat().stream(endless(vec![Ok(TEXT)]));
    answer.next().await.unwrap().unwrap();
    catch_unwind(AssertUnwindSafe(move || {
        let _answer = answer;
        panic!("on purpose");
    }))
    .unwrap_err();
    recorder.ended(Some("abandoned"));
}

#[tokio::test]
async fn a_task_that_is_aborted_has_abandoned_the_stream() {
    let recorder = Recorder::new();
    let (seen, wait) = tokio::sync::oneshot::channel();
    let task = tokio::spawn(async move {
        let mut answer = chat().stream(endless(vec![Ok(TEXT)]));
        answer.next().await.unwrap().unwrap();
        seen.send(()).unwrap();
        answer.next().await
    });
    wait.await.unwrap();
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    recorder.ended(Some("abandoned"));
}

#[test]
fn a_runtime_that_is_shut_down_has_abandoned_the_stream() {
    let recorder = Recorder::new();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let (seen, wait) = std::sync::mpsc::channel();
    runtime.spawn(async move {
        let mut answer = chat().stream(endless(vec![Ok(TEXT)]));
        answer.next().await.unwrap().unwrap();
        seen.send(()).unwrap();
        answer.next().await
    });
    wait.recv().unwrap();
    drop(runtime);
    recorder.ended(Some("abandoned"));
}

#[tokio::test]
async fn a_stream_that_nobody_polls_never_was() {
    let recorder = Recorder::new();
    drop(chat().stream(slowly(vec![Ok(TEXT)])));
    assert!(recorder.spans().is_empty() && recorder.points().is_empty());
}

#[tokio::test]
async fn the_stream_of_a_call_that_runs_is_abandoned_unpolled() {
    let recorder = Recorder::new();
    drop(chat().start().stream(slowly(vec![Ok(TEXT)])));
    let span = recorder.ended(Some("abandoned"));
    assert_eq!(span.int("llmobs.response.chunk_count"), Some(0));
}

#[tokio::test]
async fn polled_after_its_end_it_is_recorded_once() {
    let recorder = Recorder::new();
    let mut answer = chat().stream(stream::iter([Ok::<_, Broken>(STOP)]).fuse());
    while answer.next().await.is_some() {}
    assert!(answer.next().await.is_none());
    drop(answer);
    recorder.ended(None);
}

#[tokio::test]
async fn by_hand_chunk_for_chunk() {
    let recorder = Recorder::new();
    let mut finished = chat().start();
    finished.chunk(&TEXT);
    finished.chunk(&STOP);
    drop(finished);
    let mut left = chat().start();
    left.chunk(&TEXT);
    drop(left);
    for span in recorder.spans() {
        assert_eq!(span.text("gen_ai.request.stream").as_deref(), Some("true"));
    }
    let errors: Vec<_> = recorder.spans().iter().map(|span| span.text("error.type")).collect();
    assert_eq!(errors, [None, Some("abandoned".to_owned())]);
}

#[tokio::test]
async fn a_pipeline_that_goes_away_takes_nothing_with_it() {
    let recorder = Recorder::new();
    let mut answer = chat().stream(slowly(vec![Ok(TEXT), Ok(STOP)]));
    answer.next().await.unwrap().unwrap();
    let recorder = recorder.without_pipeline();
    assert!(answer.next().await.unwrap().is_ok());
    assert!(answer.next().await.is_none());
    drop(recorder);
}

#[tokio::test]
async fn a_choice_that_was_asked_for_and_never_came_is_missing() {
    let recorder = Recorder::new();
    let mut answer =
        chat().set(attr::GEN_AI_REQUEST_CHOICE_COUNT, &2).stream(endless(vec![Ok(TEXT), Ok(STOP)]));
    answer.next().await.unwrap().unwrap();
    answer.next().await.unwrap().unwrap();
    drop(answer);
    recorder.ended(Some("abandoned"));
}

#[tokio::test]
async fn a_choice_that_nothing_was_heard_of_has_no_reason() {
    let recorder = Recorder::new();
    let second = Piece { choice: 1, reason: Some("length"), ..TEXT };
    assert_eq!(chat().stream(slowly(vec![Ok(second)])).count().await, 1);
    let reasons = recorder.ended(None).text("gen_ai.response.finish_reasons");
    assert_eq!(reasons.as_deref(), Some("[\"length\"]"));
}

/// What is recorded of a stream that ends together with the pipeline, by providers of ours or the application's.
#[tokio::test]
async fn all_points_are_there_at_the_end_of_the_pipeline() {
    use opentelemetry_sdk::metrics::data::ScopeMetrics;
    use opentelemetry_sdk::metrics::{InMemoryMetricExporter, PeriodicReader, SdkMeterProvider};
    use opentelemetry_sdk::trace::SdkTracerProvider;

    let turn = Recorder::new().without_pipeline();
    let names = |exporter: &InMemoryMetricExporter| {
        let finished = exporter.get_finished_metrics().unwrap();
        let scopes = finished.last().unwrap().scope_metrics();
        let mut names: Vec<_> =
            scopes.flat_map(ScopeMetrics::metrics).map(|it| it.name().to_owned()).collect();
        names.sort();
        names
    };
    let expected = [
        "gen_ai.client.operation.duration",
        "gen_ai.client.operation.time_per_output_chunk",
        "gen_ai.client.operation.time_to_first_chunk",
    ];
    for ours in [true, false] {
        let exporter = InMemoryMetricExporter::default();
        let reader = PeriodicReader::builder(exporter.clone()).build();
        let meters = SdkMeterProvider::builder().with_reader(reader.clone()).build();
        let telemetry = if ours {
            llmobs_runtime::builder().meters(|meters| meters.with_reader(reader)).install()
        } else {
            llmobs_runtime::builder().providers(&SdkTracerProvider::default(), &meters).install()
        };
        assert_eq!(chat().stream(slowly(vec![Ok(TEXT), Ok(STOP)])).count().await, 2);
        telemetry.unwrap().shutdown().unwrap();
        if !ours {
            meters.force_flush().unwrap();
        }
        assert_eq!(names(&exporter), expected, "{ours}");
    }
    drop(turn);
}
