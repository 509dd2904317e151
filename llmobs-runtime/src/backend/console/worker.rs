//! The thread that assembles and prints, and the way to it that never blocks.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};
use std::{fmt, io, thread};

use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::SpanData;

use super::row::Row;
use super::summary::{Summary, not_shown};
use super::traces::Traces;
use super::tree;

/// Messages that may wait for the thread.
pub(super) const CAPACITY: usize = 8_192;
/// How long the thread waits for the next message when it knows of spans that were lost, and
/// how long a caller that may wait does so between two attempts on a full channel.
const MOMENT: Duration = Duration::from_millis(20);

/// The spans of one trace and its id.
type SpanName = (TraceId, SpanId);

enum Message {
    Start(TraceId, SpanId),
    /// Boxed: the channel allocates all its places at once.
    End(Box<SpanData>),
    /// Lines that are drawn already.
    Text(String),
    Flush(SyncSender<()>),
    Shutdown(SyncSender<()>),
}

/// How the output is to look.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub(super) color: bool,
    pub(super) width: usize,
}

/// The sending side.
pub(super) struct Mailbox {
    messages: SyncSender<Message>,
    lost: SyncSender<SpanName>,
    counts: Arc<Counts>,
    /// The parts of the console that send: the last one that is shut down ends the thread.
    parts: AtomicUsize,
}

/// What could not be sent.
#[derive(Debug, Default)]
struct Counts {
    /// Ended spans.
    lost: AtomicU64,
    /// Those of them whose names were sent instead, for the thread not to wait for them.
    named: AtomicU64,
    /// Log records.
    records: AtomicU64,
}

impl Mailbox {
    /// Starts the thread. Without one (the system refuses) everything sent is counted as lost.
    pub(super) fn open(writer: Box<dyn Write + Send>, look: Look) -> Self {
        let (messages, inbox) = sync_channel(CAPACITY);
        let (lost, lost_inbox) = sync_channel(CAPACITY);
        let counts = Arc::new(Counts::default());
        let worker = Worker {
            inbox,
            lost: LostSpans { inbox: lost_inbox, taken: Vec::new(), waited: 0, handled: 0 },
            counts: Arc::clone(&counts),
            traces: Traces::default(),
            summary: Summary::default(),
            output: Output { writer, dead: false },
            look,
        };
        if !cfg!(compiled_out) {
            // Nothing joins the thread: it ends when asked to, or when this side is gone.
            let _ = thread::Builder::new().name("llmobs-console".into()).spawn(|| worker.run());
        }
        Self { messages, lost, counts, parts: AtomicUsize::new(1) }
    }

    /// Tells of a started span. Does not block; a start that is lost is not counted.
    pub(super) fn start(&self, trace: TraceId, span: SpanId) {
        let _ = self.messages.try_send(Message::Start(trace, span));
    }

    /// Hands over an ended span. Does not block.
    pub(super) fn end(&self, span: SpanData) {
        let name = (span.span_context.trace_id(), span.span_context.span_id());
        if self.messages.try_send(Message::End(Box::new(span))).is_err() {
            self.counts.lost.fetch_add(1, Ordering::Relaxed);
            if self.lost.try_send(name).is_ok() {
                self.counts.named.fetch_add(1, Ordering::Release);
            }
        }
    }

    /// Hands over the line of a log record. Does not block.
    pub(super) fn record(&self, line: String) {
        if self.messages.try_send(Message::Text(line)).is_err() {
            self.counts.records.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until this is printed.
    pub(super) fn print(&self, text: String, timeout: Duration) -> OTelSdkResult {
        let begun = Instant::now();
        self.send(Message::Text(text), begun, timeout)?;
        self.ask(Message::Flush, begun, timeout)
    }

    /// Waits until everything sent so far is printed.
    pub(super) fn flush(&self, timeout: Duration) -> OTelSdkResult {
        self.ask(Message::Flush, Instant::now(), timeout)
    }

    /// So many parts send.
    pub(super) fn share(&self, parts: usize) {
        self.parts.store(parts, Ordering::Relaxed);
    }

    /// A part sends no more: waits until everything is printed. With the last one the summary is, and the thread ends.
    pub(super) fn close(&self, timeout: Duration) -> OTelSdkResult {
        let begun = Instant::now();
        // Before it counts as closed: after the last one nobody answers.
        let others = self.parts.load(Ordering::Acquire) > 1;
        let flushed = if others { self.flush(timeout) } else { Ok(()) };
        if self.parts.fetch_sub(1, Ordering::AcqRel) > 1 {
            return flushed;
        }
        self.ask(Message::Shutdown, begun, timeout)
    }

    /// Waits for the answer until so long after it was begun.
    fn ask(
        &self,
        message: fn(SyncSender<()>) -> Message,
        begun: Instant,
        timeout: Duration,
    ) -> OTelSdkResult {
        let (answer, answered) = sync_channel(1);
        self.send(message(answer), begun, timeout)?;
        match answered.recv_timeout(timeout.saturating_sub(begun.elapsed())) {
            Ok(()) => Ok(()),
            Err(RecvTimeoutError::Timeout) => Err(OTelSdkError::Timeout(timeout)),
            Err(RecvTimeoutError::Disconnected) => Err(gone()),
        }
    }

    /// Waits for room.
    fn send(&self, mut message: Message, begun: Instant, timeout: Duration) -> OTelSdkResult {
        loop {
            match self.messages.try_send(message) {
                Ok(()) => return Ok(()),
                Err(TrySendError::Disconnected(_)) => return Err(gone()),
                Err(TrySendError::Full(back)) => message = back,
            }
            let left = timeout.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return Err(OTelSdkError::Timeout(timeout));
            }
            thread::sleep(left.min(MOMENT));
        }
    }
}

fn gone() -> OTelSdkError {
    OTelSdkError::InternalFailure("the console thread is gone".to_owned())
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailbox").field("counts", &self.counts).finish_non_exhaustive()
    }
}

/// The receiving side.
struct Worker {
    inbox: Receiver<Message>,
    lost: LostSpans,
    counts: Arc<Counts>,
    traces: Traces,
    summary: Summary,
    output: Output,
    look: Look,
}

impl Worker {
    fn run(mut self) {
        loop {
            let message = if self.lost.is_settled(&self.counts) {
                self.inbox.recv().map_err(RecvTimeoutError::from)
            } else {
                self.inbox.recv_timeout(MOMENT)
            };
            match message {
                Ok(Message::Start(trace, span)) => self.traces.start(trace, span),
                Ok(Message::End(span)) => self.end(&span),
                Ok(Message::Text(text)) => self.output.write(&text),
                Ok(Message::Flush(answer)) => {
                    self.print();
                    self.output.flush();
                    let _ = answer.try_send(());
                }
                Ok(Message::Shutdown(answer)) => {
                    self.finish();
                    let _ = answer.try_send(());
                    return;
                }
                Err(RecvTimeoutError::Timeout) => self.lost.settle(&mut self.traces, true),
                Err(RecvTimeoutError::Disconnected) => return self.finish(),
            }
            if !self.lost.is_settled(&self.counts) {
                self.lost.settle(&mut self.traces, false);
            }
            self.print();
        }
    }

    fn end(&mut self, span: &SpanData) {
        let row = Row::read(span);
        self.summary.add(&row);
        self.traces.end(span.span_context.trace_id(), row);
    }

    fn print(&mut self) {
        for trace in self.traces.take_ready() {
            self.output.write(&tree::render(&trace, self.look.color, self.look.width));
        }
    }

    /// Prints what is left, and the summary.
    fn finish(&mut self) {
        // Nothing more is received: what was taken before and what is there now are both due.
        self.lost.settle(&mut self.traces, true);
        self.lost.settle(&mut self.traces, true);
        self.traces.finish();
        self.print();
        let hidden = self.counts.lost.load(Ordering::Relaxed).saturating_add(self.traces.hidden());
        let Look { color, width } = self.look;
        self.output.write(&self.summary.render(hidden, color, width));
        let records = self.counts.records.load(Ordering::Relaxed);
        self.output.write(&not_shown(records, "log record", color, width));
        self.output.flush();
    }
}

/// The names of ended spans that did not get through, on their way into the traces.
///
/// A name may overtake the message of its span's start. It is therefore held back until all
/// messages have been received that were waiting when it was taken.
struct LostSpans {
    inbox: Receiver<SpanName>,
    taken: Vec<SpanName>,
    /// Messages received since.
    waited: usize,
    handled: u64,
}

impl LostSpans {
    fn is_settled(&self, counts: &Counts) -> bool {
        self.handled == counts.named.load(Ordering::Acquire)
    }

    /// `idle`: no message is waiting.
    fn settle(&mut self, traces: &mut Traces, idle: bool) {
        self.waited = self.waited.saturating_add(1);
        if idle || self.waited > CAPACITY {
            for (trace, span) in self.taken.drain(..) {
                self.handled = self.handled.saturating_add(1);
                traces.lost(trace, span);
            }
        }
        if self.taken.is_empty() {
            self.taken.extend(self.inbox.try_iter().take(CAPACITY));
            self.waited = 0;
        }
    }
}

/// A writer that may die.
struct Output {
    writer: Box<dyn Write + Send>,
    dead: bool,
}

impl Output {
    /// Writes the text at once, so that lines of others do not come between.
    fn write(&mut self, text: &str) {
        if !text.is_empty() {
            self.attempt(|writer| writer.write_all(text.as_bytes()));
        }
    }

    fn flush(&mut self) {
        self.attempt(Write::flush);
    }

    /// After the first failure (a closed pipe, a full disk) nothing more is written.
    fn attempt(&mut self, action: impl FnOnce(&mut Box<dyn Write + Send>) -> io::Result<()>) {
        self.dead = self.dead || action(&mut self.writer).is_err();
    }
}
