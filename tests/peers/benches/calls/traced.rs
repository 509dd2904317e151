//! `#[tracing::instrument]` and the default layer of `tracing-opentelemetry`, with the metrics written by hand.

use std::time::Instant;

use tracing::field::Empty;

use super::by_hand::record;
use super::workload::{Answer, Ask, Outcome, bare, bare_sync};

fn answered(answer: &Answer) {
    let span = tracing::Span::current();
    span.record("gen_ai.response.id", answer.id.as_str());
    span.record("gen_ai.response.model", answer.model.as_str());
    // It knows no lists: the text of one.
    span.record("gen_ai.response.finish_reasons", tracing::field::debug([answer.finish_reason]));
    span.record("gen_ai.usage.input_tokens", answer.usage.input.cast_signed());
    span.record("gen_ai.usage.output_tokens", answer.usage.output.cast_signed());
}

/// The measured function.
#[tracing::instrument(
    skip_all,
    fields(
        otel.name = format!("chat {}", ask.model),
        otel.kind = "client",
        gen_ai.operation.name = "chat",
        gen_ai.provider.name = "openai",
        gen_ai.request.model = ask.model.as_str(),
        gen_ai.request.max_tokens = i64::from(ask.max_tokens),
        gen_ai.request.temperature = ask.temperature,
        server.address = "api.openai.com",
        server.port = 443,
        gen_ai.response.id = Empty,
        gen_ai.response.model = Empty,
        gen_ai.response.finish_reasons = Empty,
        gen_ai.usage.input_tokens = Empty,
        gen_ai.usage.output_tokens = Empty,
    )
)]
pub(crate) async fn traced(ask: &Ask) -> Outcome {
    let began = Instant::now();
    let outcome = bare(ask).await;
    if let Ok(answer) = &outcome {
        answered(answer);
        record(began, ask, answer);
    }
    outcome
}

/// The same, not a future.
#[tracing::instrument(
    skip_all,
    fields(
        otel.name = format!("chat {}", ask.model),
        otel.kind = "client",
        gen_ai.operation.name = "chat",
        gen_ai.provider.name = "openai",
        gen_ai.request.model = ask.model.as_str(),
        gen_ai.request.max_tokens = i64::from(ask.max_tokens),
        gen_ai.request.temperature = ask.temperature,
        server.address = "api.openai.com",
        server.port = 443,
        gen_ai.response.id = Empty,
        gen_ai.response.model = Empty,
        gen_ai.response.finish_reasons = Empty,
        gen_ai.usage.input_tokens = Empty,
        gen_ai.usage.output_tokens = Empty,
    )
)]
pub(crate) fn traced_sync(ask: &Ask) -> Outcome {
    let began = Instant::now();
    let outcome = bare_sync(ask);
    if let Ok(answer) = &outcome {
        answered(answer);
        record(began, ask, answer);
    }
    outcome
}
