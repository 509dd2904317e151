//! The public API by hand: what takes part in a call is never asked, and nothing comes of anything.

use std::alloc::{GlobalAlloc, Layout, System};
use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use llmobs_runtime::content::{
    Capture, Captured, Content, ContentCapture, ContentLimits, Json, Kind, Kinds, Message, Part,
    Redactable, Redactor, Room, redaction_failures,
};
use llmobs_runtime::conventions::{Dialect, SpanKind, attr, operation};
use llmobs_runtime::payload::wire::Body;
use llmobs_runtime::payload::{Progress, Value};
use llmobs_runtime::propagation::{self, DestinationError, Destinations, Headers, Incoming};
use llmobs_runtime::scope::Scoped;
use llmobs_runtime::{
    Builder, Call, CallBuilder, ConfigureError, DeliveryError, Fields, LlmChunk, LlmError,
    LlmRequest, LlmResponse, LlmUsage, Modality, Recorded, Scope, ServerEndpoint, Streamed,
    Telemetry, Usage, builder, call, configure, configure_azure_monitor, dialect_from_env,
    instrument_llm, recorded, scope,
};

/// How often memory was allocated.
static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

struct Counting;

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// A value that can take part in a call in any way, and must not be asked to.
#[derive(Debug)]
struct Asked;

impl LlmRequest for Asked {
    fn record(&self, _: &mut Fields) {
        panic!("asked for the request");
    }

    fn capture(&self, _: &mut Content) {
        panic!("asked for the question");
    }
}

impl LlmResponse for Asked {
    fn record(&self, _: &mut Fields) {
        panic!("asked for the response");
    }

    fn capture(&self, _: &mut Content) {
        panic!("asked for the answer");
    }
}

impl LlmChunk for Asked {
    fn record(&self, _: &mut Streamed<'_>) {
        panic!("asked for the chunk");
    }
}

impl LlmUsage for Asked {
    fn usage(&self) -> Usage {
        panic!("asked for the usage");
    }
}

impl LlmError for Asked {
    fn error_type(&self) -> Option<Cow<'static, str>> {
        panic!("asked for the error");
    }
}

impl ServerEndpoint for Asked {
    fn endpoint(&self, _: &mut dyn FnMut(&str, Option<u16>)) {
        panic!("asked for the server");
    }
}

impl Capture for Asked {
    fn capture(&self, _: &mut Room) -> Captured {
        panic!("asked for the content");
    }
}

impl std::fmt::Display for Asked {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("asked for the message");
    }
}

impl std::error::Error for Asked {}

/// Evaluates an expression as an argument of the attribute, which must not happen.
#[expect(dead_code, reason = "arguments alone name it")]
fn never() -> &'static str {
    panic!("an argument was evaluated")
}

#[instrument_llm(provider = never(), model = never(), request = Asked, response = |_| Asked, usage = |_| Asked,
    server = Asked, conversation_id = never(), name = never(), attributes(app.key = never()),
    metric_attributes(app.other = never()), capture(input = Asked, output = |_| Asked))]
async fn annotated(x: u32) -> Result<u32, Asked> {
    if x == 3 { Ok(x) } else { Err(Asked) }
}

fn set_up() -> Result<(), ConfigureError> {
    let one: Telemetry = configure()?;
    // A second one is no error, as there was no first.
    let other = configure_azure_monitor()?;
    let prepared: Builder = builder()
        .dialect(Dialect::Latest)
        .shutdown_deadline(Duration::from_secs(1))
        .providers(&Asked, &Asked)
        .global_providers()
        .loggers(&Asked)
        .capture_content(ContentCapture::SpanAndEvent)
        .content_limits(ContentLimits::new().attribute_bytes(3).span_bytes(4))
        .inline_blobs(true)
        .redact_with(|_, _: Redactable<'_>| panic!("asked to redact"));
    let telemetry = prepared.install()?;
    let delivered: Result<(), DeliveryError> = telemetry.force_flush();
    assert!(delivered.is_ok());
    assert!(one.shutdown().is_ok() && other.shutdown().is_ok() && telemetry.shutdown().is_ok());
    assert_eq!(dialect_from_env(), Dialect::default());
    Ok(())
}

fn prepare() -> CallBuilder {
    call(&operation::CHAT)
        .provider("openai")
        .model("m")
        .request(&Asked)
        .conversation_id("c")
        .server(Asked)
        .set(attr::GEN_AI_REQUEST_SEED, &3)
        .attribute("a", 1)
        .metric_attribute("b", 2)
        .name("name")
        .kind(SpanKind::Internal)
        .capture_only(Kinds::ALL)
        .capture(Kind::Input, &Asked)
}

fn calls() {
    let mut prepared = prepare();
    assert!(!prepared.is_recording() && !prepared.captures(Kind::Input));
    assert!(prepared.fields().is_none());
    let mut call: Call = prepared.start();
    assert!(!call.is_recording() && !call.captures(Kind::Output) && call.fields().is_none());
    assert!(call.enter().is_none());
    assert_eq!(call.scope(|| 3), 3);
    let ready = call.run(std::future::ready(4));
    assert_eq!(size_of_val(&ready), size_of_val(&std::future::ready(4)));
    call.response(&Asked);
    call.chunk(&Asked);
    call.chunk_received();
    call.capture(Kind::Output, &Asked);
    call.usage(&Asked);
    call.set(attr::GEN_AI_RESPONSE_ID, "id");
    call.attribute("a", "b");
    call.fail(&Asked);
    call.fail_dyn(&Asked);
    call.fail_as("timeout");
    call.end_on_drop();
    call.finish(&Err::<(), _>(Asked));
    prepare().start().end();
    drop(prepare().start());
    let stream: Recorded<u8> = recorded(5);
    let read = |_: &mut Call, _: &Asked| panic!("asked for an item");
    let stream = prepare().start().stream(prepare().stream(stream));
    assert_eq!(prepare().start().stream_with(prepare().stream_with(stream, read), read), 5);
    let mut future = std::pin::pin!(annotated(3));
    let mut context = Context::from_waker(Waker::noop());
    assert!(matches!(future.as_mut().poll(&mut context), Poll::Ready(Ok(3))));
}

fn scopes() -> Result<(), DestinationError> {
    let said: Scope = scope()
        .conversation_id("c")
        .user_id("u")
        .tag("t")
        .tags(["t", "u"])
        .attribute("a", 1)
        .in_metrics(["a"])
        .in_baggage(true);
    let ready: Scoped<std::future::Ready<u8>> = said.run(std::future::ready(4));
    assert_eq!(size_of_val(&ready), size_of_val(&std::future::ready(4_u8)));
    assert_eq!(said.clone().in_scope(|| 3), 3);
    let destinations: Destinations = Destinations::of(["*"])?.with_baggage(["*"])?;
    let headers: Headers = propagation::headers(&destinations, "https://localhost");
    assert_eq!(headers.len(), 0);
    propagation::inject(&destinations, "https://localhost", &mut Asked);
    propagation::inject_into(&mut Asked);
    let incoming: Incoming = propagation::extract(&Asked);
    let ready = incoming.run(ready);
    assert_eq!(size_of_val(&ready), size_of_val(&std::future::ready(4_u8)));
    let incoming = propagation::extract_with(|_| panic!("asked for a header"));
    assert_eq!(incoming.scope(["a"]).in_scope(|| incoming.in_scope(|| 3)), 3);
    Ok(())
}

/// What a program has open, as far as the system tells.
fn open(what: &str) -> usize {
    std::fs::read_dir(format!("/proc/self/{what}")).map_or(0, Iterator::count)
}

fn main() {
    // Were it read, this would be the dialect.
    unsafe { std::env::set_var("OTEL_SEMCONV_STABILITY_OPT_IN", "gen_ai_latest_experimental") };
    assert_ne!(Dialect::default(), Dialect::Latest);
    let (threads, files) = (open("task"), open("fd"));
    let allocations = ALLOCATIONS.load(Ordering::Relaxed);
    let faults = set_up().map_err(|wrong| match wrong {
        ConfigureError::Environment(error) => error.variables().count(),
        _ => 1,
    });
    assert_eq!(faults, Ok(()));
    calls();
    scopes().expect("nothing to go wrong");
    assert_eq!(ALLOCATIONS.load(Ordering::Relaxed), allocations, "no memory was allocated");
    assert_eq!((open("task"), open("fd")), (threads, files), "no thread, no file");

    // What is data without a call stays data.
    let _ = builder()
        .disabled(true)
        .service_name("name")
        .redact(Redactor::texts(|_| panic!("asked to redact")));
    let mut fields = Fields::default();
    Body(b"{\"model\": \"m\"}").record_all(&mut fields);
    assert_eq!(fields.iter().count(), 0);
    fields.set(attr::GEN_AI_REQUEST_SEED, &3);
    assert_eq!(fields.get(attr::GEN_AI_REQUEST_SEED), Some(Value::Int(3)));
    let mut progress = Progress::default();
    let mut streamed = Streamed::new(&mut fields, &mut progress, None);
    streamed.complete();
    assert!(streamed.content().is_none());
    assert!(progress.is_complete());
    assert_eq!(redaction_failures(), 0);
    let message = Message::new("user").with(Part::Text("hi".to_owned()));
    assert!(Message::new("user") != message && Json::Null == Json::Null);
    assert_eq!(Modality::default().input, None);
    println!("nothing");
}

/// Everything that can be read of raw JSON.
trait RecordAll {
    fn record_all(&self, fields: &mut Fields);
}

impl RecordAll for Body<'_> {
    fn record_all(&self, fields: &mut Fields) {
        LlmRequest::record(self, fields);
        LlmResponse::record(self, fields);
        LlmChunk::record(self, &mut Streamed::new(fields, &mut Progress::default(), None));
        assert_eq!(self.usage(), Usage::default());
    }
}
