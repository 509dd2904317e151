//! Contexts in requests: to named destinations only, and baggage only where that was named as well.

use std::collections::{BTreeMap, HashMap};

use llmobs_runtime::conventions::operation;
use llmobs_runtime::propagation::{self, Destinations};
use llmobs_runtime::{call, instrument_llm, scope};
use llmobs_tests::{Recorder, alone};
use opentelemetry::baggage::BaggageExt;
use opentelemetry::propagation::TextMapCompositePropagator;
use opentelemetry::trace::TraceContextExt;
use opentelemetry::{Context, KeyValue, global};
use opentelemetry_sdk::propagation::{BaggagePropagator, TraceContextPropagator};
use reqwest::header::HeaderMap;

/// What the specification's default is.
fn w3c() {
    global::set_text_map_propagator(TextMapCompositePropagator::new(vec![
        Box::new(TraceContextPropagator::new()),
        Box::new(BaggagePropagator::new()),
    ]));
}

fn destinations() -> Destinations {
    Destinations::of(["gateway.internal", "*.models.example"])
        .and_then(|some| some.with_baggage(["https://billing.internal"]))
        .unwrap()
}

const GATEWAY: &str = "http://gateway.internal:4000/v1/chat/completions";
const BILLING: &str = "https://billing.internal/";
const OPENAI: &str = "https://api.openai.com/v1/chat/completions";

fn headers(url: &str) -> BTreeMap<String, String> {
    propagation::headers(&destinations(), url).collect()
}

/// The baggage of a header, in order.
fn entries(header: &str) -> Vec<String> {
    let mut entries: Vec<_> = header.split(',').map(str::to_owned).collect();
    entries.sort();
    entries
}

#[instrument_llm(provider = "openai", model = "m", response = none)]
async fn ask(url: &str) -> BTreeMap<String, String> {
    headers(url)
}

#[test]
fn a_provider_learns_nothing_unless_it_is_named() {
    alone("a_provider_learns_nothing_unless_it_is_named", &[], || {
        let recorder = Recorder::new();
        w3c();
        let scope = scope().conversation_id("c-17").user_id("u-3").in_baggage(true);
        let (to_openai, to_gateway, to_billing) = futures::executor::block_on(
            scope.run(async { (ask(OPENAI).await, ask(GATEWAY).await, ask(BILLING).await) }),
        );
        assert_eq!(to_openai, BTreeMap::new());
        let spans = recorder.spans();
        let parent = |number: usize| {
            let span = &spans[number].0.span_context;
            format!("00-{}-{}-01", span.trace_id(), span.span_id())
        };
        let found = |headers: &BTreeMap<String, String>, key: &str| headers.get(key).cloned();
        // The span of the call itself, and no baggage.
        assert_eq!(found(&to_gateway, "traceparent"), Some(parent(1)));
        assert_eq!(found(&to_gateway, "baggage"), None);
        assert_eq!(found(&to_billing, "traceparent"), Some(parent(2)));
        let to_be_set = scope.in_scope(|| propagation::headers(&destinations(), BILLING));
        assert_eq!(format!("{to_be_set:?}"), "[\"baggage\"]", "and not of whom");
        let baggage = found(&to_billing, "baggage").unwrap();
        assert_eq!(entries(&baggage), ["gen_ai.conversation.id=c-17", "user.id=u-3"]);
    });
}

#[test]
fn a_scope_is_in_the_baggage_only_when_asked_and_only_as_long() {
    alone("a_scope_is_in_the_baggage_only_when_asked_and_only_as_long", &[], || {
        w3c();
        let baggage = || headers(BILLING).get("baggage").map(|it| entries(it)).unwrap_or_default();
        let plain = scope().user_id("u-3").tags(["a b", "c"]).attribute("shop.desk", 7);
        assert_eq!(plain.in_scope(baggage), [""; 0]);
        let carried = plain.clone().in_baggage(true);
        let app = Context::current_with_baggage(vec![KeyValue::new("app", "shop")]).attach();
        let all = ["app=shop", "llmobs.tags=a%20b%2Cc", "shop.desk=7", "user.id=u-3"];
        assert_eq!(carried.in_scope(baggage), all);
        carried.in_scope(|| {
            assert_eq!(scope().user_id("u-4").in_scope(baggage)[3], "user.id=u-4");
            assert_eq!(scope().in_baggage(false).in_scope(baggage), ["app=shop"]);
            assert_eq!(baggage(), all);
        });
        assert_eq!(baggage(), ["app=shop"]);
        drop(app);
        // Wherever it goes.
        let mut request = HashMap::new();
        carried.in_scope(|| propagation::inject_into(&mut request));
        assert_eq!(entries(&request["baggage"]), all[1..]);
    });
}

#[test]
fn a_scope_within_another_adds_to_a_baggage_that_is_more_than_half_full() {
    alone("a_scope_within_another_adds_to_a_baggage_that_is_more_than_half_full", &[], || {
        w3c();
        let outer = ["a", "b", "c", "d", "e"]
            .into_iter()
            .fold(scope(), |scope, key| scope.attribute(key, "x".repeat(1_000)));
        let inner = scope().attribute("f", 1);
        let sent = || headers(BILLING).get("baggage").map(|it| entries(it)).unwrap_or_default();
        let sent = outer.in_baggage(true).in_scope(|| inner.in_scope(sent));
        assert_eq!(sent.len(), 6, "{:?}", sent.iter().map(|it| &it[..1]).collect::<Vec<_>>());
    });
}

#[test]
fn baggage_arrives_as_it_was_sent() {
    alone("baggage_arrives_as_it_was_sent", &[], || {
        let exporter = opentelemetry_sdk::trace::InMemorySpanExporter::default();
        let builder = llmobs_runtime::builder().span_exporter(exporter);
        let _telemetry = builder.install().unwrap();
        let said = ("100%25 of it", "a=b");
        let scope = scope().user_id(said.0).attribute("shop.query", said.1).in_baggage(true);
        let request = scope.in_scope(|| headers(BILLING));
        let received = |request: &BTreeMap<String, String>| {
            let incoming = propagation::extract_with(|name| request.get(name).map(String::as_str));
            let context = incoming.context();
            let of = |key| context.baggage().get(key).map(ToString::to_string).unwrap_or_default();
            (of("user.id"), of("shop.query"))
        };
        assert_eq!(received(&request), (said.0.to_owned(), said.1.to_owned()));
        // As other SDKs write it.
        let header = "user.id=100%2525%20of%20it,shop.query=a=b".to_owned();
        let request = BTreeMap::from([("baggage".to_owned(), header)]);
        assert_eq!(received(&request), (said.0.to_owned(), said.1.to_owned()));
        // Each byte of such text becomes three, and no service need take more than 8 KiB.
        let text = "\u{fc}".repeat(300);
        let many = (0..6).fold(llmobs_runtime::scope(), |scope, number| {
            scope.attribute(format!("n{number}"), text.as_str())
        });
        let request = many.in_baggage(true).in_scope(|| headers(BILLING));
        assert!(
            (4_000..=8_192).contains(&request["baggage"].len()),
            "{}",
            request["baggage"].len()
        );
    });
}

#[test]
fn without_a_propagator_nothing_is_injected_or_extracted() {
    alone("without_a_propagator_nothing_is_injected_or_extracted", &[], || {
        let recorder = Recorder::new();
        global::set_text_map_propagator(TextMapCompositePropagator::new(vec![]));
        let running = call(&operation::CHAT).start();
        assert!(running.context().unwrap().span().span_context().is_valid());
        assert_eq!(running.scope(|| headers(GATEWAY)), BTreeMap::new());
        let incoming = propagation::extract_with(|_| Some(PARENT));
        assert!(!incoming.context().has_active_span());
        drop(recorder);
    });
}

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[test]
fn what_came_is_the_parent_and_of_its_baggage_what_is_expected_is_said() {
    alone("what_came_is_the_parent_and_of_its_baggage_what_is_expected_is_said", &[], || {
        let recorder = Recorder::new();
        w3c();
        let mut request = HeaderMap::new();
        request.insert("traceparent", PARENT.parse().unwrap());
        let baggage = "user.id=u-3,gen_ai.conversation.id=c-17,llmobs.tags=beta%2Ceu,shop.tenant=north,evil=1";
        request.insert("baggage", baggage.parse().unwrap());
        let incoming = propagation::extract_with(|name| request.get(name)?.to_str().ok());
        let expected = ["gen_ai.conversation.id", "llmobs.tags", "shop.tenant", "shop.absent"];
        let scope = incoming.scope(expected);
        futures::executor::block_on(incoming.run(scope.run(ask(OPENAI))));
        incoming.in_scope(|| call(&operation::CHAT).start().end());
        let spans = recorder.spans();
        for span in &spans {
            assert_eq!(
                span.0.span_context.trace_id().to_string(),
                "0af7651916cd43dd8448eb211c80319c"
            );
            assert_eq!(span.0.parent_span_id.to_string(), "b7ad6b7169203331");
            assert!(span.0.parent_span_is_remote);
            assert_eq!(span.text("user.id"), None, "not expected");
            assert_eq!(span.text("evil"), None);
        }
        let told =
            ["gen_ai.conversation.id", "llmobs.tags", "shop.tenant"].map(|key| spans[0].text(key));
        assert_eq!(told.map(Option::unwrap), ["c-17", "[\"beta\",\"eu\"]", "north"]);
        assert_eq!(spans[1].text("shop.tenant"), None, "nothing by itself");
        // What came goes on to where it may.
        let onward = incoming.in_scope(|| headers(BILLING));
        assert_eq!(onward["traceparent"], PARENT);
        assert_eq!(entries(&onward["baggage"]).len(), 5);
        assert!(!incoming.in_scope(|| headers(GATEWAY)).contains_key("baggage"));
        assert_eq!(incoming.in_scope(|| headers(OPENAI)), BTreeMap::new());
        assert!(!format!("{incoming:?}{scope:?}").contains("u-3"));
    });
}

#[test]
fn headers_that_are_malformed_leave_what_is_current() {
    alone("headers_that_are_malformed_leave_what_is_current", &[], || {
        let recorder = Recorder::new();
        w3c();
        let around = call(&operation::INVOKE_AGENT).start();
        let long = format!("user.id={}", "x".repeat(20_000));
        for (parent, baggage) in [
            ("", ""),
            ("00-0-0-00", "=;=,,"),
            ("zz", "\u{1f980}"),
            ("00-00000000000000000000000000000000-0000000000000000-01", &long),
            ("00-1-2-01", ""),
            ("0-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", ""),
            ("00-+af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", ""),
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1", ""),
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x", ""),
            ("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", ""),
            ("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", ""),
        ] {
            let carrier = HashMap::from([
                ("traceparent".to_owned(), parent.to_owned()),
                ("baggage".to_owned(), baggage.to_owned()),
            ]);
            around.scope(|| {
                let incoming = propagation::extract(&carrier);
                assert_eq!(incoming.context().baggage().len(), 0, "{parent}");
                incoming.in_scope(|| {
                    incoming.scope(["user.id"]).in_scope(|| call(&operation::CHAT).start().end());
                });
            });
        }
        around.end();
        let spans = recorder.spans();
        let (agent, calls) = spans.split_last().unwrap();
        assert_eq!(calls.len(), 11);
        for span in calls {
            let agent = agent.0.span_context.span_id();
            assert_eq!((span.0.parent_span_id, span.text("user.id")), (agent, None));
        }
        // A version that nobody knows yet may have more.
        let later = format!(" cc{}-more", &PARENT[2..]);
        let incoming = propagation::extract_with(|name| (name == "traceparent").then_some(&*later));
        let came = incoming.context().span().span_context().span_id();
        assert_eq!(came.to_string(), "b7ad6b7169203331");
    });
}
