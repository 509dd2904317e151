//! Prints finished traces as trees on standard error, and a summary per model at the end; log records and metrics where
//! they are asked for.
//!
//! For development: what an application does with its models can be read while it runs, with no
//! server and no account. When the last open span of a trace has ended, the trace is printed:
//!
//! ```text
//! 09:30:00 UTC  trace 0af7651b  6 spans  4.21 s
//! invoke_agent weather                          4.21 s
//! ├─ chat gpt-4o            gpt-4o-2024-08-06   1.24 s  in 1,204  out 96  cached 1,024  tool_calls
//! ├─ execute_tool forecast                     12.3 ms
//! │  └─ GET                                    11.8 ms
//! ├─ chat gpt-4o            gpt-4o              310 ms  ✗ rate_limit_exceeded
//! └─ chat gpt-4o            gpt-4o-2024-08-06   2.50 s  in 1,310  out 64  cached 1,024  stop
//! ```
//!
//! - The first line has the time of the first start (UTC), the beginning of the trace id, the
//!   number of spans and the time from the first start to the last end.
//! - Then one line per span, below its parent, siblings in the order of their starts: name, model
//!   (the one that answered if known, else the one asked for), duration, time to the first chunk of
//!   a stream, tokens, finish reasons, error. `in` includes the `cached` tokens. What was not reported is blank, never zero.
//! - Spans that are no `GenAI` operation are dimmed and show their name, duration and error only.
//! - A span whose parent is in another process, or was not seen, stands at the top level.
//!
//! At shutdown come the traces that are not finished, marked as such, and the summary:
//!
//! ```text
//! provider  model   calls  errors     in  cached  out     p50     p95
//! openai    gpt-4o      3       1  2,514   2,048  160  1.24 s  2.50 s
//! ```
//!
//! It counts calls of models only (the operations `chat`, `text_completion`, `generate_content`
//! and `embeddings`, seen from the caller), by provider and by the model asked for, or the one that
//! answered if none was named. Agents and tools, whose tokens those calls already contain, are
//! left out. The percentiles are nearest
//! ranks over all calls, failed ones included; beyond 4,096 calls of a model they are taken from
//! a sample of that size. More than 100 models are counted together as `other`.
//!
//! # Log records and metrics
//!
//! Where [`ConsoleBuilder::logs`] or `OTEL_LOGS_EXPORTER=console` asks for them, a log record is a line, printed between
//! traces as it comes. It has the time, the severity, the trace if there is one, the name of the event or where the record
//! comes from, the body, and attributes:
//!
//! ```text
//! 09:30:01 UTC  WARN   trace 0af7651b  shop::till  the model was too busy  attempts=3
//! ```
//!
//! Where [`ConsoleBuilder::metrics`] or `OTEL_METRICS_EXPORTER=console` asks for them, all metrics are a block of lines
//! every 10 seconds (`OTEL_METRIC_EXPORT_INTERVAL`), when the pipeline is flushed and at the end: below the name, unit and
//! kind of each its points, of which values come first. At most 100 metrics with 20 points each are shown, and how many
//! are not.
//!
//! ```text
//! 09:30:10 UTC  2 metrics  3 points
//! jobs  {job}  counter, cumulative since 09:30:00
//!   12  queue=fast
//!   1  queue=slow
//! wait  s  histogram, cumulative since 09:30:00
//!   count 3  sum 4.05  min 0.31  max 2.5
//! ```
//!
//! Both are for a pipeline of ours only: [`Builder::console`](crate::Builder::console), or by the variables. Of log
//! records are not shown: attributes that hold content, those of the conventions' family (`gen_ai.*`) that are unknown, the
//! description and the stack of an exception, lists and maps, the body of an event of that family. What an application
//! writes into a body of its own is.
//!
//! # Cost and limits
//!
//! The application never waits for the output. Starting and ending a span puts a message into a
//! channel of 8,192; a thread of the processor does the rest. When the channel is full, because
//! the terminal is slow or stopped, spans are dropped, and so are log records, whose lines are
//! drawn where they are written. They and what exceeds the limits below are counted, and the
//! summary says how many were not shown.
//!
//! Held are at most 1,000 open traces, 10,000 spans of one trace and 100,000 in all. To make room
//! the oldest trace is printed early; what is left of it is printed later, as a trace of its own.
//!
//! Spans that are not sampled are ignored. Prompts, answers and the descriptions of errors are
//! never printed. Characters that a terminal would act upon are replaced by `�`, wherever they
//! come from. An output that fails, say a closed pipe, is not an error: nothing more is printed.

mod pairs;
mod points;
mod records;
mod row;
mod style;
mod summary;
mod traces;
mod tree;
mod worker;

use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{env, fmt};

use opentelemetry::trace::{Span as _, SpanContext};
use opentelemetry::{Array, Context, KeyValue, Value};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Span, SpanData, SpanEvents, SpanLinks, SpanProcessor};

pub(crate) use self::points::Points;
pub(crate) use self::records::Records;
use self::worker::{Look, Mailbox};

/// Width of a line, in characters, unless told otherwise.
const WIDTH: usize = 120;
/// How long a flush without a limit of its own may take.
const FLUSH: Duration = Duration::from_secs(5);
/// Attributes longer than this, in bytes, are content and not worth a place in the channel.
const LONGEST_TEXT: usize = 4_096;

/// When to colour the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColorChoice {
    /// If the output is standard error and that is a terminal, unless the environment variable
    /// `NO_COLOR` is set and not empty, or `TERM` is `dumb`.
    #[default]
    Auto,
    /// Also into files and pipes.
    Always,
    /// Plain text.
    Never,
}

/// A span processor that prints traces as trees, and a summary per model at shutdown.
///
/// What it prints, what it costs and its limits: see the [module](self).
///
/// It can be added to any tracer provider, next to other processors:
///
/// ```
/// use llmobs_runtime::backend::console::Console;
/// use opentelemetry_sdk::trace::SdkTracerProvider;
///
/// let provider = SdkTracerProvider::builder().with_span_processor(Console::new()).build();
/// // … the application records its spans …
/// provider.shutdown()?;
/// # Ok::<(), opentelemetry_sdk::error::OTelSdkError>(())
/// ```
///
/// `force_flush` waits, 5 seconds at most, until all complete traces are printed; it leaves open
/// ones alone. `shutdown` prints the rest and the summary; later calls do nothing. Both fail with
/// `Timeout` when the output takes longer than allowed, and with `InternalFailure` when the
/// thread is gone, because the system refused it or the writer panicked.
pub struct Console {
    mailbox: Arc<Mailbox>,
    look: Look,
    wanted: Wanted,
    closed: AtomicBool,
}

/// What is printed.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    traces: bool,
    metrics: bool,
    logs: bool,
}

/// A console in parts, one for each signal that is printed.
pub(crate) struct Parts {
    pub(crate) spans: Option<Console>,
    pub(crate) points: Option<Points>,
    pub(crate) records: Option<Records>,
}

impl Console {
    /// Prints to standard error, coloured if that is a terminal, in lines of 120 characters.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Starts from the same settings as [`new`](Self::new).
    pub fn builder() -> ConsoleBuilder {
        let wanted = Wanted { traces: true, metrics: false, logs: false };
        ConsoleBuilder { writer: None, color: ColorChoice::Auto, width: WIDTH, wanted }
    }

    /// The parts that a pipeline gives to its providers; each is to be shut down.
    pub(crate) fn split(self) -> Parts {
        let Wanted { traces, metrics, logs } = self.wanted;
        self.mailbox.share([traces, metrics, logs].into_iter().filter(|wanted| *wanted).count());
        let (mailbox, look) = (&self.mailbox, self.look);
        Parts {
            points: metrics.then(|| Points::new(Arc::clone(mailbox), look)),
            records: logs.then(|| Records::new(Arc::clone(mailbox), look)),
            spans: traces.then_some(self),
        }
    }

    /// A span has started.
    pub(crate) fn started(&self, span: &SpanContext) {
        if span.is_sampled() && !self.closed.load(Ordering::Relaxed) {
            self.mailbox.start(span.trace_id(), span.span_id());
        }
    }
}

impl Default for Console {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Console").field("mailbox", &self.mailbox).finish_non_exhaustive()
    }
}

/// Settings of a [`Console`].
#[must_use = "nothing is printed before `build`"]
pub struct ConsoleBuilder {
    writer: Option<Box<dyn Write + Send>>,
    color: ColorChoice,
    width: usize,
    wanted: Wanted,
}

impl ConsoleBuilder {
    /// Where to print instead of standard error. Gets a whole trace in one `write_all`, on the
    /// thread of the processor. After the first error nothing more is written.
    pub fn writer(mut self, writer: Box<dyn Write + Send>) -> Self {
        self.writer = Some(writer);
        self
    }

    /// When to colour; [`ColorChoice::Auto`] if not set.
    pub fn color(mut self, color: ColorChoice) -> Self {
        self.color = color;
        self
    }

    /// Longest line, in characters; 120 if not set. Names give way first, then what stands at
    /// the end of the line. A line has at least 20 characters.
    pub fn width(mut self, width: usize) -> Self {
        self.width = width.max(20);
        self
    }

    /// Whether traces are printed, and the summary; they are unless said.
    pub fn traces(mut self, wanted: bool) -> Self {
        self.wanted.traces = wanted;
        self
    }

    /// Whether metrics are printed, in a [pipeline of ours](crate::Builder::console); they are not unless said.
    pub fn metrics(mut self, wanted: bool) -> Self {
        self.wanted.metrics = wanted;
        self
    }

    /// Whether log records are printed, likewise; they are not unless said.
    pub fn logs(mut self, wanted: bool) -> Self {
        self.wanted.logs = wanted;
        self
    }

    /// Starts the thread that prints; where recording is compiled out by the veto of the final binary, there is none
    /// and nothing is printed.
    ///
    /// If the system refuses a thread, the processor accepts spans and shows none;
    /// `force_flush` and `shutdown` tell.
    pub fn build(self) -> Console {
        let color = match self.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => self.writer.is_none() && stderr_takes_color(),
        };
        let writer = self.writer.unwrap_or_else(|| Box::new(io::stderr()));
        let look = Look { color, width: self.width };
        // Vetoed by the final binary, it prints nothing and needs no thread.
        Console {
            mailbox: Arc::new(Mailbox::open(writer, look)),
            look,
            wanted: self.wanted,
            closed: AtomicBool::new(cfg!(compiled_out) || !self.wanted.traces),
        }
    }
}

impl fmt::Debug for ConsoleBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConsoleBuilder")
            .field("color", &self.color)
            .field("width", &self.width)
            .field("wanted", &self.wanted)
            .finish_non_exhaustive()
    }
}

fn stderr_takes_color() -> bool {
    let [no_color, term] = ["NO_COLOR", "TERM"].map(env::var_os);
    style::auto_color(io::stderr().is_terminal(), no_color.as_deref(), term.as_deref())
}

impl SpanProcessor for Console {
    fn on_start(&self, span: &mut Span, _: &Context) {
        self.started(span.span_context());
    }

    fn on_end(&self, mut span: SpanData) {
        if !span.span_context.is_sampled() || self.closed.load(Ordering::Relaxed) {
            return;
        }
        // A full channel must not hold thousands of conversations.
        span.events = SpanEvents::default();
        span.links = SpanLinks::default();
        span.attributes.retain(is_short);
        self.mailbox.end(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        if self.closed.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.mailbox.flush(FLUSH)
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        if self.closed.swap(true, Ordering::Relaxed) {
            return Ok(());
        }
        self.mailbox.close(timeout)
    }
}

fn is_short(attribute: &KeyValue) -> bool {
    match &attribute.value {
        Value::String(text) => text.as_str().len() <= LONGEST_TEXT,
        Value::Array(Array::String(texts)) => {
            texts.iter().map(|text| text.as_str().len()).sum::<usize>() <= LONGEST_TEXT
        }
        _ => true,
    }
}
