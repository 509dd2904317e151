//! `fastrace` with its reporter for OpenTelemetry, for reference: a span of text properties, and no metrics.

use fastrace::Span;
use fastrace::collector::{SpanContext, SpanId, TraceId};
use fastrace::future::FutureExt;

use super::workload::{Answer, Ask, Outcome, bare, bare_sync};

fn start(ask: &Ask, sampled: bool) -> Span {
    let nobody = SpanContext::new(TraceId::random(), SpanId::default()).sampled(sampled);
    Span::root(format!("chat {}", ask.model), nobody).with_properties(|| {
        [
            ("span.kind", "client".into()),
            ("gen_ai.operation.name", "chat".into()),
            ("gen_ai.provider.name", "openai".into()),
            ("gen_ai.request.model", ask.model.clone()),
            ("gen_ai.request.max_tokens", ask.max_tokens.to_string()),
            ("gen_ai.request.temperature", ask.temperature.to_string()),
            ("server.address", "api.openai.com".into()),
            ("server.port", "443".to_owned()),
        ]
    })
}

fn answered(answer: &Answer) -> [(&'static str, String); 5] {
    [
        ("gen_ai.response.id", answer.id.clone()),
        ("gen_ai.response.model", answer.model.clone()),
        ("gen_ai.response.finish_reasons", format!("[{:?}]", answer.finish_reason)),
        ("gen_ai.usage.input_tokens", answer.usage.input.to_string()),
        ("gen_ai.usage.output_tokens", answer.usage.output.to_string()),
    ]
}

/// The measured function.
pub(crate) async fn fast(ask: &Ask) -> Outcome {
    within(start(ask, true), ask).await
}

/// The same below a parent that is not sampled: it has no sampler of its own.
pub(crate) async fn unsampled(ask: &Ask) -> Outcome {
    within(start(ask, false), ask).await
}

async fn within(span: Span, ask: &Ask) -> Outcome {
    let inner = async {
        let outcome = bare(ask).await;
        if let Ok(answer) = &outcome {
            fastrace::local::LocalSpan::add_properties(|| answered(answer));
        }
        outcome
    };
    inner.in_span(span).await
}

/// The same, not a future.
pub(crate) fn fast_sync(ask: &Ask) -> Outcome {
    let span = start(ask, true);
    let entered = span.set_local_parent();
    let outcome = bare_sync(ask);
    drop(entered);
    if let Ok(answer) = &outcome {
        span.add_properties(|| answered(answer));
    }
    outcome
}
