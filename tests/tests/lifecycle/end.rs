//! Success, failure, panic, cancellation.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use futures::FutureExt;
use llmobs_runtime::conventions::{Dialect, attr, operation};
use llmobs_runtime::{LlmResponse, call, instrument_llm};
use llmobs_tests::{Recorded, Recorder};
use opentelemetry::trace::Status;
use opentelemetry_sdk::trace::{Sampler, Span, SpanData, SpanProcessor};

#[derive(Debug, LlmResponse)]
struct Answer {
    #[llm(usage.input_tokens)]
    tokens: u64,
}

/// How a function leaves.
#[derive(Clone, Copy)]
enum Way {
    Answer,
    Refuse,
    Panic,
    Never,
}

#[instrument_llm(provider = "openai", model = "m", conversation_id = "c")]
async fn ask(way: Way) -> Result<Answer, String> {
    tokio::task::yield_now().await;
    match way {
        Way::Answer => Ok(Answer { tokens: 5 }),
        Way::Refuse => Err("the secret".to_owned()),
        Way::Panic => panic!("on purpose"),
        Way::Never => std::future::pending().await,
    }
}

#[instrument_llm(provider = "openai", model = "m")]
fn ask_now(way: Way) -> Option<Answer> {
    match way {
        Way::Answer => Some(Answer { tokens: 5 }),
        Way::Refuse => None,
        Way::Panic => panic!("on purpose"),
        Way::Never => loop {
            std::thread::park();
        },
    }
}

/// One pipeline after the other.
fn both() -> impl Iterator<Item = Recorder> {
    [Recorder::new as fn() -> Recorder, Recorder::latest].into_iter().map(|recorder| recorder())
}

/// As [`Recorder::ended`], of the model that all these calls name.
#[track_caller]
fn assert_ended(recorder: &Recorder, error: Option<&str>) -> Recorded {
    let span = recorder.ended(error);
    assert_eq!(span.text("gen_ai.request.model").as_deref(), Some("m"));
    span
}

#[tokio::test]
async fn success_has_no_status_and_no_error() {
    for recorder in both() {
        assert_eq!(ask(Way::Answer).await.unwrap().tokens, 5);
        let span = assert_ended(&recorder, None);
        assert_eq!(span.int("gen_ai.usage.input_tokens"), Some(5));
    }
}

#[tokio::test]
async fn an_err_is_a_failure() {
    for recorder in both() {
        assert_eq!(ask(Way::Refuse).await.unwrap_err(), "the secret");
        let span = assert_ended(&recorder, Some("alloc::string::String"));
        assert_eq!(span.value("gen_ai.usage.input_tokens"), None);
    }
}

#[test]
fn none_is_a_success_without_a_response() {
    for recorder in both() {
        assert!(ask_now(Way::Refuse).is_none());
        let span = assert_ended(&recorder, None);
        assert_eq!(span.value("gen_ai.usage.input_tokens"), None);
        assert!(recorder.points().iter().all(|point| point.metric.ends_with(".duration")));
    }
    for recorder in both() {
        assert_eq!(ask_now(Way::Answer).map(|answer| answer.tokens), Some(5));
        assert_eq!(assert_ended(&recorder, None).int("gen_ai.usage.input_tokens"), Some(5));
    }
}

#[test]
fn a_panic_is_recorded_and_goes_on() {
    for recorder in both() {
        let panic = catch_unwind(|| ask_now(Way::Panic)).map(drop).unwrap_err();
        assert_eq!(panic.downcast_ref(), Some(&"on purpose"));
        assert_ended(&recorder, Some("panic"));
    }
}

#[tokio::test]
async fn a_panic_while_polled_is_recorded_and_goes_on() {
    for recorder in both() {
        let outcome = AssertUnwindSafe(ask(Way::Panic)).catch_unwind().await;
        assert_eq!(outcome.unwrap_err().downcast_ref(), Some(&"on purpose"));
        let span = assert_ended(&recorder, Some("panic"));
        assert_eq!(span.text("gen_ai.conversation.id").as_deref(), Some("c"));
    }
}

#[tokio::test]
async fn a_panicking_task_is_recorded() {
    for recorder in both() {
        assert!(tokio::spawn(ask(Way::Panic)).await.unwrap_err().is_panic());
        assert_ended(&recorder, Some("panic"));
    }
}

#[tokio::test]
async fn a_future_that_is_never_polled_records_nothing() {
    for recorder in both() {
        drop(ask(Way::Answer));
        assert!(recorder.spans().is_empty());
        assert!(recorder.points().is_empty());
    }
}

#[tokio::test]
async fn a_future_dropped_half_way_was_cancelled() {
    for recorder in both() {
        let mut future = Box::pin(ask(Way::Never));
        for _ in 0..3 {
            assert!(future.as_mut().now_or_never().is_none());
        }
        assert!(recorder.spans().is_empty());
        drop(future);
        let span = assert_ended(&recorder, Some("cancelled"));
        // With what the request said.
        assert_eq!(span.text("gen_ai.conversation.id").as_deref(), Some("c"));
        assert_eq!(span.text("gen_ai.provider.name").as_deref(), Some("openai"));
    }
}

#[tokio::test]
async fn an_aborted_task_was_cancelled() {
    for recorder in both() {
        let task = tokio::spawn(ask(Way::Never));
        tokio::task::yield_now().await;
        tokio::task::yield_now().await;
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        assert_ended(&recorder, Some("cancelled"));
    }
}

#[tokio::test]
async fn the_loser_of_a_select_was_cancelled() {
    for recorder in both() {
        tokio::select! {
            biased;
            _ = ask(Way::Never) => unreachable!("it never ends"),
            () = async {} => {}
        }
        assert_ended(&recorder, Some("cancelled"));
    }
}

#[tokio::test]
async fn what_runs_into_a_timeout_was_cancelled() {
    for recorder in both() {
        tokio::time::timeout(Duration::from_millis(1), ask(Way::Never)).await.unwrap_err();
        assert_ended(&recorder, Some("cancelled"));
    }
}

#[test]
fn a_future_dropped_by_a_panic_elsewhere_has_not_panicked_itself_but_says_so() {
    // The two cannot be told apart from inside a destructor; it is recorded as what ended it.
    for recorder in both() {
        let panic = catch_unwind(|| {
            let mut future = Box::pin(ask(Way::Never));
            assert!(future.as_mut().now_or_never().is_none());
            panic!("elsewhere");
        });
        panic.unwrap_err();
        assert_ended(&recorder, Some("panic"));
    }
}

/// Makes a call while it is dropped.
struct Last;

impl Drop for Last {
    fn drop(&mut self) {
        let mut finished = call(&operation::CHAT).model("m").start();
        finished.end_on_drop();
    }
}

#[test]
fn a_call_that_succeeds_while_its_thread_panics_has_succeeded() {
    for recorder in both() {
        catch_unwind(|| {
            let _last = Last;
            panic!("around it");
        })
        .unwrap_err();
        assert_ended(&recorder, None);
    }
}

#[test]
fn a_failure_that_is_known_outlives_a_drop_and_a_panic() {
    for recorder in both() {
        let mut failed = call(&operation::CHAT).model("m").start();
        failed.fail_as("429");
        drop(failed);
        assert_ended(&recorder, Some("429"));
    }
    for recorder in both() {
        catch_unwind(|| {
            let mut failed = call(&operation::CHAT).model("m").start();
            failed.fail_as("429");
            panic!("on top");
        })
        .unwrap_err();
        assert_ended(&recorder, Some("429"));
    }
}

#[test]
fn an_error_that_the_response_reports_is_a_failure() {
    struct Refused;
    impl LlmResponse for Refused {
        fn record(&self, fields: &mut llmobs_runtime::Fields) {
            fields.set(attr::ERROR_TYPE, "content_filter");
            fields.set(attr::GEN_AI_RESPONSE_ID, "r");
        }
    }
    for recorder in both() {
        let mut refused = call(&operation::CHAT).model("m").start();
        refused.response(&Refused);
        refused.end();
        let span = assert_ended(&recorder, Some("content_filter"));
        assert_eq!(span.text("gen_ai.response.id").as_deref(), Some("r"));
    }
}

#[test]
fn a_call_ends_on_another_thread_than_it_began() {
    for recorder in both() {
        let running = call(&operation::CHAT).model("m").start();
        std::thread::spawn(move || running.end()).join().unwrap();
        assert_ended(&recorder, None);
    }
}

#[test]
fn a_span_that_the_application_ended_stays_as_it_was_and_the_metrics_are_recorded() {
    use opentelemetry::trace::TraceContextExt;
    let recorder = Recorder::new();
    let mut running = call(&operation::CHAT).model("m").start();
    running.context().unwrap().span().end();
    running.set(attr::GEN_AI_RESPONSE_ID, "late");
    running.fail_as("late");
    running.end();
    let span = recorder.span();
    assert_eq!(span.value("gen_ai.response.id"), None);
    assert_eq!(span.0.status, Status::Unset);
    let durations = recorder.points_of("gen_ai.client.operation.duration");
    assert_eq!((durations.len(), durations[0].attribute("error.type")), (1, Some("late")));
}

#[test]
fn telemetry_that_is_suppressed_is_not_recorded() {
    for recorder in both() {
        {
            let _suppressed = opentelemetry::Context::enter_telemetry_suppressed_scope();
            let quiet = call(&operation::CHAT);
            assert!(!quiet.is_recording());
            let quiet = quiet.start();
            assert!(!quiet.is_recording());
            assert!(quiet.context().is_none());
            assert!(quiet.enter().is_none());
            assert_eq!(quiet.scope(|| 3), 3);
            quiet.end();
            assert_eq!(ask_now(Way::Answer).map(|answer| answer.tokens), Some(5));
        }
        assert!(recorder.spans().is_empty());
        assert!(recorder.points().is_empty());
    }
}

/// A span processor of the application's that is broken.
#[derive(Debug)]
struct Broken {
    at_start: bool,
}

impl SpanProcessor for Broken {
    fn on_start(&self, _: &mut Span, _: &opentelemetry::Context) {
        assert!(!self.at_start, "on purpose");
    }

    fn on_end(&self, _: SpanData) {
        assert!(self.at_start, "on purpose");
    }

    fn force_flush(&self) -> opentelemetry_sdk::error::OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> opentelemetry_sdk::error::OTelSdkResult {
        Ok(())
    }
}

#[test]
fn a_span_processor_that_panics_does_not_reach_the_application() {
    // The turn of a recorder keeps other tests away; its pipeline makes room for the broken one.
    let recorder = Recorder::with(Dialect::Released, Sampler::AlwaysOn).without_pipeline();
    for at_start in [true, false] {
        let telemetry =
            llmobs_runtime::builder().span_processor(Broken { at_start }).install().unwrap();
        assert_eq!(ask_now(Way::Answer).map(|answer| answer.tokens), Some(5));
        // Nor while the thread unwinds, where it would abort the process.
        catch_unwind(|| ask_now(Way::Panic)).map(drop).unwrap_err();
        telemetry.shutdown().unwrap();
    }
    drop(recorder);
}

#[test]
fn fetching_a_failed_response_is_no_failure() {
    let recorder = Recorder::new();
    let fetched = serde_json::json!({
        "object": "response",
        "id": "resp_1",
        "status": "failed",
        "error": { "code": "server_error", "message": "secret" },
    });
    for operation in [&operation::FETCH_RESPONSE, &operation::CHAT] {
        let mut call = llmobs_runtime::call(operation).provider("openai").start();
        call.response(&fetched);
        call.end();
    }
    let errors: Vec<_> = recorder.spans().iter().map(|span| span.text("error.type")).collect();
    assert_eq!(errors, [None, Some("server_error".to_owned())]);
}
