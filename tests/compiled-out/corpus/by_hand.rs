//! Functions that record by hand: each name that a call, a pipeline and its builder have.

use std::hint::black_box;
use std::time::Duration; // llmobs

use llmobs_runtime::EnvironmentError; // llmobs
use llmobs_runtime::content::{
    ContentCapture, ContentLimits, Kind, Kinds, Redactable, RedactionError,
};
use llmobs_runtime::conventions::{Dialect, SpanKind, attr, operation};
use llmobs_runtime::payload::wire::Body;
use llmobs_runtime::propagation::{self, Destinations};
use llmobs_runtime::{
    Call, Recorded, Usage, builder, call, configure, configure_azure_monitor, dialect_from_env,
    recorded, scope,
};

use super::streams::Numbers;
use super::types::Piece; // llmobs
use super::{Fault, awaits, pause, reads, says};

pub fn run() {
    set_up(black_box(1));
    says("prepared", prepared(black_box(2)));
    says("answered", answered(black_box(3), black_box("answer")).map_err(|fault| fault.0));
    says("awaited_by_hand", awaits("awaited_by_hand", awaited_by_hand(black_box(4))));
    says("scoped", scoped(black_box(5)));
    says("awaited_in_scope", awaits("awaited_in_scope", awaited_in_scope(black_box(6))));
    says("propagated", propagated(black_box(7), black_box("https://localhost")));
    reads("wrapped", wrapped(Numbers::new(9_001, 9_003)));
    reads("wrapped_running", wrapped_running(Numbers::new(9_007, 9_008)));
}

#[inline(never)]
fn set_up(x: u32) {
    let _ = configure(); // llmobs
    let _ = configure_azure_monitor(); // llmobs
    let _ = dialect_from_env(); // llmobs
    let faults = |wrong: EnvironmentError| wrong.variables().count(); // llmobs
    let _: fn(EnvironmentError) -> usize = faults; // llmobs
    let closed: fn(Kind, Redactable<'_>) -> Result<_, RedactionError> = |_, _| Ok(()); // llmobs
    let pipeline = builder() // llmobs
        .dialect(Dialect::Latest) // llmobs
        .shutdown_deadline(Duration::from_secs(1)) // llmobs
        .providers(&x, &x) // llmobs
        .global_providers() // llmobs
        .loggers(&x) // llmobs
        .capture_content(ContentCapture::SpanAndEvent) // llmobs
        .content_limits(ContentLimits::new()) // llmobs
        .inline_blobs(true) // llmobs
        .redact(closed) // llmobs
        .redact_with(|_, _: Redactable<'_>| Ok(())) // llmobs
        .service_name("corpus") // llmobs
        .disabled(false) // llmobs
        .install(); // llmobs
    let Ok(pipeline) = pipeline else { return }; // llmobs
    let _ = pipeline.force_flush(); // llmobs
    says("set_up", x * 9_011);
    let _ = pipeline.shutdown(); // llmobs
}

#[inline(never)]
fn prepared(x: u32) -> u32 {
    let mut prepared = call(&operation::CHAT) // llmobs
        .provider("openai") // llmobs
        .model(x) // llmobs
        .request(&Body(b"{}")) // llmobs
        .conversation_id("c") // llmobs
        .server(("localhost", 80)) // llmobs
        .set(attr::GEN_AI_REQUEST_SEED, &3) // llmobs
        .attribute("a", x) // llmobs
        .metric_attribute("b", x) // llmobs
        .name("name") // llmobs
        .kind(SpanKind::Internal) // llmobs
        .capture_only(Kinds::ALL) // llmobs
        .capture(Kind::Input, "hi"); // llmobs
    assert!(!prepared.is_recording() && !prepared.captures(Kind::Input)); // llmobs
    assert!(prepared.fields().is_none()); // llmobs
    x * 9_029
}

#[inline(never)]
fn answered(x: u32, answer: &str) -> Result<u32, Fault> {
    let mut call = call(&operation::EMBEDDINGS).start(); // llmobs
    let entered = call.enter(); // llmobs
    let x = call.scope(|| x); // llmobs
    drop(entered); // llmobs
    call.response(&Body(answer.as_bytes())); // llmobs
    call.chunk(&Body(b"{}")); // llmobs
    call.chunk_received(); // llmobs
    call.usage(&Usage { input: Some(3), ..Usage::default() }); // llmobs
    call.set(attr::GEN_AI_RESPONSE_ID, answer); // llmobs
    call.attribute("a", x); // llmobs
    call.capture(Kind::Output, answer); // llmobs
    call.fail(&std::fmt::Error); // llmobs
    call.fail_dyn(&std::fmt::Error); // llmobs
    call.fail_as("timeout"); // llmobs
    call.end_on_drop(); // llmobs
    assert!(!call.is_recording() && !call.captures(Kind::Output)); // llmobs
    assert!(call.fields().is_none()); // llmobs
    let result = if answer.len() == 9_049 { Err(Fault(x)) } else { Ok(x) };
    call.finish(&result); // llmobs
    result
}

async fn awaited_by_hand(x: u32) -> u32 {
    let call = call(&operation::CHAT).start(); // llmobs
    let wait = pause();
    let wait = call.run(wait); // llmobs
    wait.await;
    call.end(); // llmobs
    x * 9_059
}

#[inline(never)]
fn scoped(x: u32) -> u32 {
    let said = scope() // llmobs
        .conversation_id("c") // llmobs
        .user_id("u") // llmobs
        .tag("t") // llmobs
        .tags(["t", "u"]) // llmobs
        .attribute("a", x) // llmobs
        .in_metrics(["a"]) // llmobs
        .in_baggage(true); // llmobs
    let x = said.in_scope(|| x); // llmobs
    x * 9_103
}

async fn awaited_in_scope(x: u32) -> u32 {
    let wait = pause();
    let wait = scope().user_id("u").run(wait); // llmobs
    wait.await;
    x * 9_109
}

#[inline(never)]
fn propagated(x: u32, url: &str) -> u32 {
    let Ok(to) = Destinations::of([url]).and_then(|to| to.with_baggage([url])) else { return 0 }; // llmobs
    let x = propagation::headers(&to, url).fold(x, |x, _| x + 1); // llmobs
    let mut x = x; // llmobs
    propagation::inject(&to, url, &mut x); // llmobs
    propagation::inject_into(&mut x); // llmobs
    let incoming = propagation::extract(&x); // llmobs
    let x = incoming.scope(["a"]).in_scope(|| incoming.in_scope(|| x)); // llmobs
    let incoming = propagation::extract_with(|_| None); // llmobs
    let x = incoming.in_scope(|| x); // llmobs
    drop(incoming.run(pause())); // llmobs
    x * 9_127 + u32::try_from(url.len()).unwrap_or(0)
}

#[inline(never)]
fn wrapped(stream: Numbers) -> Numbers {
    let stream: Recorded<Numbers> = recorded(stream); // llmobs
    let stream = call(&operation::CHAT).stream(stream); // llmobs
    let stream = call(&operation::CHAT).stream_with(stream, |_: &mut Call, _: &Piece| ()); // llmobs
    black_box(9_067);
    stream
}

#[inline(never)]
fn wrapped_running(stream: Numbers) -> Numbers {
    let stream = call(&operation::CHAT).start().stream(stream); // llmobs
    let stream = call(&operation::CHAT).start().stream_with(stream, |_: &mut Call, _: &Piece| ()); // llmobs
    black_box(9_091);
    stream
}
