//! Spans of Azure SDK clients inside ours.

use std::sync::Arc;
use std::time::Duration;

use azure_core::http::{
    ClientOptions, Context as AzureContext, InstrumentationOptions, Method, Pipeline,
    PipelineSendOptions, Request, RetryOptions,
};
use azure_core::tracing::{
    Attribute, AttributeArray, AttributeValue, PublicApiInstrumentationInformation,
    SpanKind as AzureKind, SpanStatus, TracerProvider as _,
};
use llmobs_runtime::azure_sdk::AzureSdkTracerProvider;
use llmobs_runtime::conventions::operation;
use llmobs_runtime::{call, instrument_llm};
use llmobs_tests::Recorder;
use llmobs_tests::ingestion::{Answer, Ingestion, Received};
use opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, Status, TraceContextExt, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{Array, Context, Value};
use opentelemetry_sdk::trace::{InMemorySpanExporter, Sampler, SdkTracerProvider, SpanData};

fn client(provider: AzureSdkTracerProvider) -> Pipeline {
    let options = ClientOptions {
        retry: RetryOptions::none(),
        instrumentation: InstrumentationOptions { tracer_provider: Some(Arc::new(provider)) },
        ..Default::default()
    };
    Pipeline::new(Some("azure_app"), Some("1.2.3"), options, Vec::new(), Vec::new(), None)
}

async fn send(
    client: &Pipeline,
    server: &Ingestion,
    context: &AzureContext<'_>,
) -> azure_core::Result<u16> {
    let url = format!("{}v2.1/track", server.endpoint()).parse().expect("an address");
    let mut request = Request::new(url, Method::Post);
    request.insert_header("content-type", "application/json");
    request.set_body(b"[]".to_vec());
    let options = PipelineSendOptions { skip_checks: true, ..Default::default() };
    let response = client.send(context, &mut request, Some(options)).await?;
    Ok(u16::from(response.status()))
}

fn traceparent(received: &Received) -> Vec<String> {
    received.header("traceparent").unwrap_or_default().split('-').map(str::to_owned).collect()
}

#[instrument_llm(operation = execute_tool)]
async fn tool(client: &Pipeline, server: &Ingestion) -> Result<u16, azure_core::Error> {
    tokio::task::yield_now().await;
    send(client, server, &AzureContext::new()).await
}

#[tokio::test]
async fn a_request_is_a_span_below_our_call_and_tells_the_server() {
    // A client that is made before there is any telemetry.
    let early = client(AzureSdkTracerProvider::new());
    let server = Ingestion::start();
    let recorder = Recorder::latest();
    assert_eq!(tool(&early, &server).await.unwrap(), 200);
    let spans = recorder.spans();
    let [http, ours] = &spans[..] else { panic!("two spans, not {}", spans.len()) };
    assert!(http.is_below(ours));
    assert_eq!((http.name(), &http.0.span_kind), ("POST", &SpanKind::Client));
    assert_eq!(http.text("http.request.method").as_deref(), Some("POST"));
    assert_eq!(http.int("http.response.status_code"), Some(200));
    assert_eq!(http.text("server.address").as_deref(), Some("127.0.0.1"));
    assert_eq!(http.value("az.namespace"), None);
    assert_eq!(http.0.status, Status::Unset);
    let scope = &http.0.instrumentation_scope;
    assert_eq!((scope.name(), scope.version()), ("azure_app", Some("1.2.3")));
    let received = server.received();
    let span = &http.0.span_context;
    let expected =
        ["00".to_owned(), span.trace_id().to_string(), span.span_id().to_string(), "01".to_owned()];
    assert_eq!((received.len(), traceparent(&received[0])), (1, expected.to_vec()));
    assert_eq!(received[0].header("tracestate"), None);
}

#[tokio::test]
async fn a_clients_operation_stands_between_our_call_and_the_request() {
    let server = Ingestion::start();
    let recorder = Recorder::latest();
    let provider = AzureSdkTracerProvider::new();
    let tracer = provider.get_tracer(Some("Microsoft.Test"), "azure_app", Some("1"));
    let client = client(provider);
    let attributes =
        vec![Attribute { key: "az.test".into(), value: AttributeValue::String("x".to_owned()) }];
    let operation = PublicApiInstrumentationInformation::new("Client.operation", attributes);
    let context = AzureContext::new().with_value(operation).with_value(tracer);
    let chat = call(&operation::CHAT).start();
    chat.run(send(&client, &server, &context)).await.unwrap();
    // After it as well: the context is as it was.
    chat.run(async { call(&operation::EXECUTE_TOOL).start().end() }).await;
    chat.end();
    let spans = recorder.spans();
    let [http, operation, after, chat] = &spans[..] else { panic!("{}", spans.len()) };
    assert!(http.is_below(operation) && operation.is_below(chat) && after.is_below(chat));
    assert_eq!(
        (operation.name(), &operation.0.span_kind),
        ("Client.operation", &SpanKind::Internal)
    );
    assert_eq!(operation.text("az.test").as_deref(), Some("x"));
    for span in [http, operation] {
        // `attributes` also holds that none stands twice.
        assert_eq!(
            span.attributes().get("az.namespace").map(String::as_str),
            Some("Microsoft.Test")
        );
    }
}

#[tokio::test]
async fn requests_side_by_side_are_siblings() {
    let server = Ingestion::start();
    let recorder = Recorder::latest();
    let client = client(AzureSdkTracerProvider::new());
    let context = AzureContext::new();
    let agents: Vec<_> = (0..4).map(|_| call(&operation::INVOKE_AGENT).start()).collect();
    let runs = agents.iter().map(|agent| {
        agent.run(futures::future::join(
            send(&client, &server, &context),
            send(&client, &server, &context),
        ))
    });
    futures::future::join_all(runs).await;
    assert!(!Context::current().span().span_context().is_valid());
    drop(agents);
    let spans = recorder.spans();
    assert_eq!(spans.len(), 12);
    for agent in spans.iter().filter(|span| span.name() != "POST") {
        assert_eq!(spans.iter().filter(|span| span.is_below(agent)).count(), 2);
    }
}

#[tokio::test]
async fn statuses_and_broken_connections_are_errors_and_a_dropped_future_ends_its_span() {
    let hang = Answer::Hang(Duration::from_mins(1));
    let server =
        Ingestion::scripted([Answer::status(500), Answer::status(404), Answer::Reset, hang]);
    let exporter = InMemorySpanExporter::default();
    let tracers = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let client = client(AzureSdkTracerProvider::with_provider(tracers));
    let context = AzureContext::new();
    assert_eq!(send(&client, &server, &context).await.unwrap(), 500);
    assert_eq!(send(&client, &server, &context).await.unwrap(), 404);
    assert!(send(&client, &server, &context).await.is_err());
    {
        let mut waiting = Box::pin(send(&client, &server, &context));
        let arrived = async {
            while server.received().len() < 4 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let arrived = std::pin::pin!(arrived);
        let _ = futures::future::select(&mut waiting, arrived).await;
        assert_eq!(exporter.get_finished_spans().unwrap().len(), 3);
    }
    let spans = exporter.get_finished_spans().unwrap();
    let value = |span: &SpanData, key: &str| {
        let found = span.attributes.iter().find(|attribute| attribute.key.as_str() == key);
        found.map(|attribute| attribute.value.as_str().into_owned())
    };
    let statuses: Vec<_> = spans.iter().map(|span| span.status.clone()).collect();
    let error = Status::error("");
    assert_eq!(statuses, [error.clone(), error, Status::Unset, Status::Unset]);
    let codes: Vec<_> = spans.iter().map(|span| value(span, "http.response.status_code")).collect();
    assert_eq!(codes, [Some("500".to_owned()), Some("404".to_owned()), None, None]);
    let errors: Vec<_> = spans.iter().map(|span| value(span, "error.type")).collect();
    assert_eq!(errors[..2], [Some("500".to_owned()), Some("404".to_owned())]);
    assert!(errors[2].is_some() && errors[3].is_none(), "{errors:?}");
    for span in &spans {
        assert_eq!((&*span.name, span.parent_span_id), ("POST", SpanId::INVALID));
    }
}

#[tokio::test]
async fn what_is_not_sampled_says_so_and_what_is_suppressed_says_nothing() {
    let server = Ingestion::start();
    let exporter = InMemorySpanExporter::default();
    let tracers = SdkTracerProvider::builder()
        .with_sampler(Sampler::ParentBased(Box::new(Sampler::AlwaysOn)))
        .with_simple_exporter(exporter.clone())
        .build();
    let client = client(AzureSdkTracerProvider::with_provider(tracers));
    let state = TraceState::from_key_value([("vendor", "1")]).unwrap();
    let parent =
        SpanContext::new(TraceId::from(7), SpanId::from(8), TraceFlags::NOT_SAMPLED, true, state);
    let not_sampled = Context::new().with_remote_span_context(parent);
    for context in [not_sampled, Context::new().with_telemetry_suppressed()] {
        use opentelemetry::trace::FutureExt;
        send(&client, &server, &AzureContext::new()).with_context(context).await.unwrap();
    }
    let received = server.received();
    let said = traceparent(&received[0]);
    assert_eq!((&*said[1], &*said[3]), ("00000000000000000000000000000007", "00"));
    assert_ne!(said[2], "0000000000000008");
    assert_eq!(received[0].header("tracestate"), Some("vendor=1"));
    assert_eq!(received[1].header("traceparent"), None);
    assert!(exporter.get_finished_spans().unwrap().is_empty());
}

#[test]
fn a_span_by_hand_has_all_that_is_said_of_it() {
    let exporter = InMemorySpanExporter::default();
    let tracers = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let provider = AzureSdkTracerProvider::with_provider(tracers);
    let tracer = provider.get_tracer(Some("Microsoft.Test"), "azure_app", None);
    assert_eq!(tracer.namespace(), Some("Microsoft.Test"));
    let attribute = |key: &'static str, value| Attribute { key: key.into(), value };
    let attributes = vec![
        attribute("flag", AttributeValue::Bool(true)),
        attribute("int", AttributeValue::I64(3)),
        attribute("double", AttributeValue::F64(0.5)),
        attribute("texts", AttributeValue::Array(AttributeArray::String(vec!["a".to_owned()]))),
        attribute("flags", AttributeValue::Array(AttributeArray::Bool(vec![true]))),
        attribute("ints", AttributeValue::Array(AttributeArray::I64(vec![1, 2]))),
        attribute("doubles", AttributeValue::Array(AttributeArray::F64(vec![0.5]))),
    ];
    let outer = tracer.start_span("outer".into(), AzureKind::Producer, attributes);
    assert!(outer.is_recording());
    outer.set_attribute("text", "later".into());
    outer.record_error(&std::io::Error::other("broken"));
    outer.set_status(SpanStatus::Error { description: "because".to_owned() });
    let before = Context::current().span().span_context().clone();
    let current = {
        let _entered = outer.set_current(&AzureContext::new());
        tracer.start_span("current".into(), AzureKind::Consumer, Vec::new()).end();
        Context::current().span().span_context().clone()
    };
    assert_eq!(current.span_id().to_bytes(), outer.span_id());
    assert_eq!(*Context::current().span().span_context(), before);
    assert!(outer.is_recording(), "leaving the scope does not end the span");
    let child = tracer.start_span_with_parent(
        "child".into(),
        AzureKind::Server,
        Vec::new(),
        Arc::clone(&outer),
    );
    drop(child);
    outer.end();
    assert!(!outer.is_recording());
    outer.end();
    let spans = exporter.get_finished_spans().unwrap();
    let [current, child, outer] = &spans[..] else { panic!("{}", spans.len()) };
    for (span, name, kind) in
        [(current, "current", SpanKind::Consumer), (child, "child", SpanKind::Server)]
    {
        assert_eq!((&*span.name, &span.span_kind), (name, &kind));
        assert_eq!(span.parent_span_id, outer.span_context.span_id());
    }
    assert_eq!(outer.status, Status::error("because"));
    assert_eq!((outer.events.len(), &*outer.events[0].name), (1, "exception"));
    let found: Vec<_> =
        outer.attributes.iter().map(|known| (known.key.as_str(), known.value.clone())).collect();
    let expected = [
        ("flag", Value::Bool(true)),
        ("int", Value::I64(3)),
        ("double", Value::F64(0.5)),
        ("texts", Value::Array(Array::String(vec!["a".into()]))),
        ("flags", Value::Array(Array::Bool(vec![true]))),
        ("ints", Value::Array(Array::I64(vec![1, 2]))),
        ("doubles", Value::Array(Array::F64(vec![0.5]))),
        ("az.namespace", Value::String("Microsoft.Test".into())),
        ("text", Value::String("later".into())),
    ];
    assert_eq!(found, expected);
}

#[test]
fn the_applications_propagator_is_used_where_there_is_one() {
    llmobs_tests::alone("the_applications_propagator_is_used_where_there_is_one", &[], || {
        use opentelemetry::propagation::{
            Injector, TextMapPropagator, text_map_propagator::FieldIter,
        };
        #[derive(Debug)]
        struct Own([String; 1]);
        impl TextMapPropagator for Own {
            fn inject_context(&self, context: &Context, injector: &mut dyn Injector) {
                injector.set("X-Own", context.span().span_context().span_id().to_string());
            }
            fn extract_with_context(
                &self,
                context: &Context,
                _: &dyn opentelemetry::propagation::Extractor,
            ) -> Context {
                context.clone()
            }
            fn fields(&self) -> FieldIter<'_> {
                FieldIter::new(&self.0)
            }
        }
        opentelemetry::global::set_text_map_propagator(Own(["X-Own".to_owned()]));
        let tracers = SdkTracerProvider::builder().build();
        let provider = AzureSdkTracerProvider::with_provider(tracers);
        let span = provider.get_tracer(None, "app", None).start_span(
            "s".into(),
            AzureKind::Client,
            Vec::new(),
        );
        let mut request = Request::new("http://127.0.0.1/".parse().unwrap(), Method::Get);
        span.propagate_headers(&mut request);
        let headers: Vec<_> = request
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.as_str().to_owned()))
            .collect();
        let id = SpanId::from_bytes(span.span_id());
        assert_eq!(headers, [("x-own".to_owned(), id.to_string())]);
    });
}
