//! What keeps calls and spans of `tracing` from nesting is found out.

use std::sync::{Arc, Mutex};

use llmobs_runtime::instrument_llm;
use llmobs_runtime::tracing_layers::{Nesting, nesting};
use llmobs_tests::Recorder;
use opentelemetry::global;
use tracing::field::{Field, Visit};
use tracing::{Dispatch, Event, Subscriber, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::{Layer, reload};

use super::{parents, subscriber, traces};

/// The messages of events of target `llmobs`.
#[derive(Clone, Default)]
struct Warnings(Arc<Mutex<Vec<String>>>);

struct Message<'a>(&'a mut Vec<String>);

impl Visit for Message<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.0.push(format!("{value:?}"));
        }
    }
}

impl<S: Subscriber> Layer<S> for Warnings {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "llmobs" {
            event.record(&mut Message(&mut self.0.lock().unwrap()));
        }
    }
}

#[instrument_llm(operation = execute_tool, name = "ours 2")]
fn ours_2() {
    info_span!("tracing 3").in_scope(ours_4);
}

#[instrument_llm(operation = execute_tool, name = "ours 4")]
fn ours_4() {}

/// `tracing-opentelemetry` as it is, into the pipeline's tracer provider.
fn plain(activation: bool) -> impl Layer<tracing_subscriber::Registry> + Send + Sync {
    tracing_opentelemetry::layer()
        .with_tracer(global::tracer("plain"))
        .with_context_activation(activation)
}

#[test]
fn without_activation_calls_are_lost_and_one_warning_says_so() {
    // Alone: the warning is rare.
    llmobs_tests::alone(
        "detected::without_activation_calls_are_lost_and_one_warning_says_so",
        &[],
        || {
            let recorder = Recorder::new();
            let warnings = Warnings::default();
            let subscriber =
                tracing_subscriber::registry().with(plain(false)).with(warnings.clone());
            tracing::subscriber::with_default(subscriber, || {
                // No span of `tracing`, and one that is not below a call.
                ours_4();
                let _root = info_span!("alone");
                assert_eq!(warnings.0.lock().unwrap().len(), 0);
                info_span!("tracing 1").in_scope(ours_2);
                info_span!("tracing 1").in_scope(|| ());
            });
            let spans = recorder.spans();
            let lost = [
                "alone",
                "ours 2",
                "ours 4",
                "ours 4 <- ours 2",
                "tracing 1",
                "tracing 1",
                "tracing 3 <- tracing 1",
            ];
            assert_eq!(parents(&spans), lost);
            assert_eq!(traces(&spans), 5);
            let warnings = warnings.0.lock().unwrap();
            assert_eq!(warnings.len(), 1, "{warnings:?}");
            assert!(warnings[0].contains("with_context_activation(true)"), "{warnings:?}");
        },
    );
}

#[test]
fn with_activation_there_is_no_warning() {
    let recorder = Recorder::new();
    let warnings = Warnings::default();
    let layer = recorder.telemetry().tracing_layer();
    let subscriber = tracing_subscriber::registry().with(layer).with(warnings.clone());
    tracing::subscriber::with_default(subscriber, || {
        ours_4();
        info_span!("tracing 1").in_scope(ours_2);
    });
    assert_eq!(*warnings.0.lock().unwrap(), Vec::<String>::new());
}

#[test]
fn each_way_to_set_the_layer_up_is_told_from_the_others() {
    let recorder = Recorder::new();
    let found = |subscriber: Dispatch| tracing::dispatcher::with_default(&subscriber, nesting);
    assert_eq!(found(subscriber(&recorder)), Nesting::Full);
    assert_eq!(found(tracing_subscriber::registry().with(plain(true)).into()), Nesting::Full);
    assert_eq!(
        found(tracing_subscriber::registry().with(plain(false)).into()),
        Nesting::ActivationOff
    );
    let (reloadable, _handle) = reload::Layer::new(plain(true));
    assert_eq!(found(tracing_subscriber::registry().with(reloadable).into()), Nesting::Unreachable);
    assert_eq!(found(tracing_subscriber::registry().into()), Nesting::NoLayer);
    assert_eq!(found(Dispatch::none()), Nesting::NoLayer);
    // Also where a span is current, and nothing comes of it.
    let inside = tracing::dispatcher::with_default(
        &tracing_subscriber::registry().with(plain(false)).into(),
        || info_span!("outer").in_scope(nesting),
    );
    assert_eq!(inside, Nesting::ActivationOff);
    assert_eq!(parents(&recorder.spans()), ["outer"]);
}

#[test]
fn behind_reload_parents_are_right_and_attributes_lost() {
    let recorder = Recorder::new();
    let (reloadable, _handle) = reload::Layer::new(plain(true));
    let subscriber = tracing_subscriber::registry().with(reloadable);
    tracing::subscriber::with_default(subscriber, || {
        let outer = info_span!("tracing 1");
        outer.set_attribute("shop.tenant", "north");
        outer.in_scope(ours_2);
    });
    let spans = recorder.spans();
    assert_eq!(
        parents(&spans),
        ["ours 2 <- tracing 1", "ours 4 <- tracing 3", "tracing 1", "tracing 3 <- ours 2"]
    );
    assert!(spans.iter().all(|span| span.text("shop.tenant").is_none()));
}
