//! Processors that lose nothing in a burst: bounded queues in front of any exporter.
//!
//! The SDK's own batch processors drop what comes while 2,048 items wait, which a burst of a few milliseconds
//! brings about. These take 65,536 items and 64 MiB, whichever is reached first, and begin to export when a batch is
//! full instead of at the next tick.
//!
//! | | unless said | variable, for spans and for log records |
//! |---|---|---|
//! | items held | 65,536 | `OTEL_BSP_MAX_QUEUE_SIZE`, `OTEL_BLRP_MAX_QUEUE_SIZE` |
//! | bytes held, estimated | 64 MiB | |
//! | items of a batch | 512 | `OTEL_BSP_MAX_EXPORT_BATCH_SIZE`, `OTEL_BLRP_MAX_EXPORT_BATCH_SIZE` |
//! | time to the next batch | 1 s | `OTEL_BSP_SCHEDULE_DELAY`, `OTEL_BLRP_SCHEDULE_DELAY`, in milliseconds |
//!
//! What [`Batching`] says wins over a variable; a variable that is no such number is ignored here, and an error where a
//! pipeline of ours is [installed](crate::Builder::install). Items count as
//! held until their export is over.
//!
//! Ending a span and emitting a record never wait: they put one message into a channel. A thread of the processor's
//! own does the rest, with telemetry suppressed, so that what the exporter records about itself goes nowhere. No
//! asynchronous runtime is needed and none is entered: a future that needs one must bring it. An exporter that
//! panics costs one batch.
//!
//! What finds no room is dropped and counted, see [`BatchSpanProcessor::dropped`].
//!
//! ```
//! use llmobs_runtime::processor::{BatchSpanProcessor, Batching};
//! use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
//!
//! let exporter = InMemorySpanExporter::default();
//! let batches = Batching::new().max_export_batch_size(256);
//! let provider = SdkTracerProvider::builder()
//!     .with_span_processor(BatchSpanProcessor::with(exporter, batches))
//!     .build();
//! // … the application records its spans …
//! provider.shutdown()?;
//! # Ok::<(), opentelemetry_sdk::error::OTelSdkError>(())
//! ```

mod block_on;
mod counts;
mod hurry;
mod logs;
mod metrics;
mod queue;
mod settings;
mod size;
mod spans;
mod worker;

#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
pub(crate) use counts::Rejections;
pub(crate) use counts::{Items, Outcomes, Watched};
pub(crate) use hurry::Hurry;
pub use logs::BatchLogProcessor;
pub(crate) use metrics::Guarded;
pub(crate) use queue::FLUSH;
pub use settings::Batching;
pub(crate) use size::{of_attributes, of_span};
pub use spans::BatchSpanProcessor;
