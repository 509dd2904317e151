//! # llmobs
//!
//! OpenTelemetry instrumentation for LLM applications.
//!
//! One line in `main` says where telemetry goes, one attribute per function says what to record:
//!
//! ```
//! use llmobs_runtime::{LlmRequest, LlmResponse, instrument_llm};
//!
//! #[derive(LlmRequest)]
//! struct Question {
//!     #[llm(request.model)]
//!     model: String,
//!     text: String,
//! }
//!
//! #[derive(LlmResponse)]
//! struct Answer {
//!     #[llm(response.model)]
//!     model: String,
//!     #[llm(usage.input_tokens)]
//!     tokens_in: Option<u64>,
//!     #[llm(usage.output_tokens)]
//!     tokens_out: Option<u64>,
//!     text: String,
//! }
//!
//! #[instrument_llm(provider = "openai", request = question)]
//! async fn ask(question: Question) -> Result<Answer, std::io::Error> {
//!     # let _ = &question.text;
//!     # let answer = Answer { model: question.model, tokens_in: Some(3), tokens_out: Some(5), text: String::new() };
//!     # let _ = &answer.text;
//!     // … call the model …
//!     # Ok(answer)
//! }
//! ```
//!
//! Each call becomes a span of the [GenAI conventions](https://opentelemetry.io/docs/specs/semconv/gen-ai/) and
//! a point in each of their metrics: model, tokens, finish reasons, duration; also when it fails, panics or is
//! dropped half-way.
//!
//! | to | see |
//! |---|---|
//! | annotate functions | [`macro@instrument_llm`] |
//! | say what a type of your own holds | [`LlmRequest`], [`LlmResponse`], [`LlmUsage`] and the derives |
//! | say what a chunk of a stream of your own holds | [`LlmChunk`] |
//! | say what an error of your own is | [`LlmError`] |
//! | do by hand what the attribute does | [`call()`] |
//! | say where telemetry goes | [`configure`], [`builder`], module `backend` |
//! | say it in the environment | module `environment` |
//! | record prompts and answers | [`content`] |
//! | name conversation, user and tags once for all that runs below | [`mod@scope`] |
//! | carry traces on to other services, and from them | [`propagation`] |
//! | have spans of `tracing` in the same traces | module `tracing_layers` |
//! | look up a name | [`conventions`] |
//!
//! ## Features
//!
//! | feature | brings |
//! |---|---|
//! | none | nothing: attributes return their item as written, calls do nothing, no OpenTelemetry crate is built |
//! | `json` | `serde_json::Value` as a payload also where nothing is recorded; every other feature brings it |
//! | `enable` | recording into the OpenTelemetry providers that the application set up itself |
//! | `bound-instruments` | metric points by bound instruments also in meter providers of the application's own; see below |
//! | `sdk` | [`configure`] and [`builder`] with a pipeline of our own; implied by every backend |
//! | `console` | a backend that prints each finished trace as a tree and a summary at the end; log records and metrics on request |
//! | `azure-monitor` | a backend: traces, metrics and logs to Azure Monitor |
//! | `azure-identity` | for that backend, the managed identity that the environment names |
//! | `azure-sdk-tracing` | spans of Azure SDK clients inside ours: module `azure_sdk` |
//! | `otlp-http`, `otlp-grpc` | a backend: traces, metrics and logs over OTLP, to any Collector: module `backend::otlp` |
//! | `jaeger`, `grafana`, `datadog`, `langfuse` | `otlp-http`, and where these products take it, by their own variables |
//! | `prometheus` | a backend: a page of metrics for Prometheus to scrape, with exemplars |
//! | `tracing-events` | events of `tracing` as log records: module `tracing_events` |
//! | `tracing-spans` | the same, and spans of `tracing` among ours: module `tracing_layers` |
//! | `redact` | redaction of captured content by patterns |
//! | `sse` | a decoder for the bytes of streamed answers: server-sent events, JSON lines |
//! | `token-estimates` | token counts where a provider reports none, estimated, and marked as that |
//! | `async-openai` | [`LlmRequest`], [`LlmResponse`] and [`LlmChunk`] for the types of `async-openai`: chat, completions, embeddings; its errors by their code |
//! | `async-openai-responses` | the same for its Responses API, whose types take the longest to build |
//!
//! A library annotates and takes no feature; the application takes those it wants. Built with `LLMOBS_COMPILED_OUT=1` in
//! its environment it records nothing, whatever features its dependencies take.
//!
//! In a pipeline of our own, metric points are recorded by instruments that are bound to their attributes, which looks
//! nothing up: `experimental_metrics_bound_instruments` of the OpenTelemetry crates. In providers of the application's own
//! the SDK then tells of itself (`otel.sdk.*`); ours do that anyway. `bound-instruments` has it so in the application's providers as
//! well; the points are the same. A meter provider that is not the SDK's must then implement `SyncInstrument::bind`:
//! what OpenTelemetry does in its place drops the values.

#![cfg_attr(docsrs, feature(doc_cfg))]
// `compiled_out` is the build script's: without the feature `enable`, or with the veto.
#![cfg_attr(
    all(compiled_out, feature = "enable"),
    expect(
        dead_code,
        unused_imports,
        reason = "vetoed: what serves calls and pipelines has nobody to serve"
    )
)]

pub mod content;
pub mod conventions;
pub mod payload;

#[cfg(feature = "azure-sdk-tracing")]
pub mod azure_sdk;
#[cfg(feature = "enable")]
pub mod backend;
#[cfg(not(compiled_out))]
pub mod call;
#[cfg(feature = "enable")]
pub mod environment;
#[cfg(feature = "token-estimates")]
pub mod estimate;
#[cfg(feature = "enable")]
mod guard;
#[cfg(feature = "enable")]
mod hash;
#[cfg(feature = "enable")]
mod intern;
#[cfg(feature = "sdk")]
mod lanes;
#[cfg(not(compiled_out))]
mod pipeline;
#[cfg(feature = "sdk")]
pub mod processor;
#[cfg(not(compiled_out))]
pub mod propagation;
#[cfg(not(compiled_out))]
pub mod scope;
#[cfg(feature = "sse")]
pub mod sse;
mod text;
#[cfg(feature = "tracing-events")]
pub mod tracing_events;
#[cfg(feature = "tracing-spans")]
pub mod tracing_layers;

#[cfg(compiled_out)]
#[path = "off/call.rs"]
pub mod call;
#[cfg(compiled_out)]
#[path = "off/pipeline.rs"]
mod pipeline;
#[cfg(compiled_out)]
#[path = "off/propagation.rs"]
pub mod propagation;
#[cfg(compiled_out)]
#[path = "off/scope.rs"]
pub mod scope;

/// The name that our spans and metrics carry as their instrumentation scope.
#[cfg(feature = "enable")]
pub(crate) const SCOPE: &str = "llmobs";

pub use llmobs_macros::{LlmChunk, LlmRequest, LlmResponse, instrument_llm};

pub use call::{Call, CallBuilder, Recorded, call, recorded};
pub use payload::{
    Fields, LlmChunk, LlmError, LlmRequest, LlmResponse, LlmUsage, Modality, ServerEndpoint,
    Streamed, Usage,
};
pub use pipeline::{
    Builder, ConfigureError, DeliveryError, EnvironmentError, Telemetry, builder, configure,
    configure_azure_monitor, dialect_from_env,
};
pub use scope::{Scope, scope};

/// What the macros' expansions name; not for use by hand, and without any promise.
#[doc(hidden)]
pub mod __private {
    #[cfg(not(compiled_out))]
    pub use crate::call::__handed::{Answer, HandsOver, IsContent, Members, member};
    #[cfg(not(compiled_out))]
    pub use crate::call::__outcome::{
        Chunk, Exact, Failure, Holds, HoldsLocal, Known, Named, Plain, Returned, Silent, Speaks,
        Standard, Success, once, typed,
    };
    #[cfg(not(compiled_out))]
    pub use crate::call::__question::{Leave, Question};
    #[cfg(not(compiled_out))]
    pub use crate::call::__returning::returning;
    #[cfg(not(compiled_out))]
    pub use crate::call::__stream::{Recordable, returning_stream, rewrapped, streaming};
    pub use crate::payload::{Text, choice, count, flag, inclusive, piece};
}
