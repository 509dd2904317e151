//! The measured function: bare, with the attribute, and by our calls written by hand.

use std::hint::black_box;
use std::io;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use llmobs_runtime::conventions::operation;
use llmobs_runtime::{LlmRequest, LlmResponse, call, instrument_llm};

/// The request.
#[derive(LlmRequest)]
pub(crate) struct Ask {
    #[llm(request.model)]
    pub(crate) model: String,
    #[llm(request.max_tokens)]
    pub(crate) max_tokens: u32,
    #[llm(request.temperature)]
    pub(crate) temperature: f64,
}

/// The response.
#[derive(LlmResponse)]
pub(crate) struct Answer {
    #[llm(response.id)]
    pub(crate) id: String,
    #[llm(response.model)]
    pub(crate) model: String,
    #[llm(response.finish_reasons)]
    pub(crate) finish_reason: &'static str,
    #[llm(nested)]
    pub(crate) usage: Tokens,
}

/// Its usage.
#[derive(Clone, Copy, LlmResponse)]
pub(crate) struct Tokens {
    #[llm(usage.input_tokens)]
    pub(crate) input: u64,
    #[llm(usage.output_tokens)]
    pub(crate) output: u64,
}

/// What every variant returns.
pub(crate) type Outcome = Result<Answer, io::Error>;

/// The request of all calls.
pub(crate) fn ask() -> Ask {
    Ask { model: "gpt-4o-mini".into(), max_tokens: 256, temperature: 0.5 }
}

/// Polls a future that waits for nobody, without a runtime's share of the cost.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut waking = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut waking) {
            return value;
        }
    }
}

/// Does nothing but answer.
#[inline(never)]
#[expect(clippy::unnecessary_wraps, reason = "a call to a model may fail")]
pub(crate) fn bare_sync(ask: &Ask) -> Outcome {
    Ok(Answer {
        id: "chatcmpl-9J3uIL87gldCFtiIbyaOvTeYBRA3l".into(),
        model: black_box(&ask.model).clone(),
        finish_reason: "stop",
        usage: black_box(Tokens { input: 1_000, output: 200 }),
    })
}

/// The same, and waits once.
pub(crate) async fn bare(ask: &Ask) -> Outcome {
    let mut pending = true;
    std::future::poll_fn(|_| {
        if std::mem::take(&mut pending) { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    bare_sync(ask)
}

/// With the attribute.
#[instrument_llm(provider = "openai", request = ask, server = ("api.openai.com", 443_u16))]
pub(crate) async fn annotated(ask: &Ask) -> Outcome {
    bare(ask).await
}

/// The same, not a future.
#[instrument_llm(provider = "openai", request = ask, server = ("api.openai.com", 443_u16))]
pub(crate) fn annotated_sync(ask: &Ask) -> Outcome {
    bare_sync(ask)
}

/// With 18 attributes of one's own more.
#[instrument_llm(
    provider = "openai",
    request = ask,
    server = ("api.openai.com", 443_u16),
    attributes(
        "shop.a" = 1, "shop.b" = "b", "shop.c" = true, "shop.d" = 4, "shop.e" = "e", "shop.f" = 0.5,
        "shop.g" = 7, "shop.h" = "h", "shop.i" = true, "shop.j" = 10, "shop.k" = "k", "shop.l" = 1.5,
        "shop.m" = 13, "shop.n" = "n", "shop.o" = true, "shop.p" = 16, "shop.q" = "q", "shop.r" = 2.5,
    )
)]
pub(crate) async fn annotated_wide(ask: &Ask) -> Outcome {
    bare(ask).await
}

/// By our calls, written by hand.
pub(crate) async fn called(ask: &Ask) -> Outcome {
    let call = call(&operation::CHAT)
        .provider("openai")
        .request(ask)
        .server(("api.openai.com", 443_u16))
        .start();
    let outcome = call.run(bare(ask)).await;
    call.finish(&outcome);
    outcome
}

/// The same, not a future.
pub(crate) fn called_sync(ask: &Ask) -> Outcome {
    let call = call(&operation::CHAT)
        .provider("openai")
        .request(ask)
        .server(("api.openai.com", 443_u16))
        .start();
    let outcome = call.scope(|| bare_sync(ask));
    call.finish(&outcome);
    outcome
}
