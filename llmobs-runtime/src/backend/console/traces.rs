//! Which traces are open, and when one is ready to be printed.

use std::collections::{BTreeMap, HashMap, HashSet};

use opentelemetry::trace::{SpanId, TraceId};

use super::row::Row;
use super::tree::{Ending, Trace};

/// How much is held at most.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Open traces; one more prints the oldest early.
    pub(super) traces: usize,
    /// Spans of one trace; further ones are only counted.
    pub(super) spans: usize,
    /// Spans of all traces together; one more prints the oldest trace early.
    pub(super) total: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { traces: 1_000, spans: 10_000, total: 100_000 }
    }
}

/// The traces that have spans of this process and are not complete.
#[derive(Debug, Default)]
pub(super) struct Traces {
    limits: Limits,
    open: HashMap<TraceId, Assembly>,
    /// The same traces by the order in which they came up.
    ages: BTreeMap<u64, TraceId>,
    age: u64,
    /// Spans held in all of them, open or ended.
    held: usize,
    ready: Vec<Trace>,
    /// Spans that ended and are in no trace that was or will be printed.
    hidden: u64,
}

/// One open trace.
#[derive(Debug, Default)]
struct Assembly {
    age: u64,
    rows: Vec<Row>,
    hidden: u64,
    open: HashSet<SpanId>,
    /// Starts beyond the limit: counted, not named.
    open_unnamed: u64,
    /// Parents in this process that have not ended, of spans whose start was not reported.
    awaited: HashSet<SpanId>,
}

impl Traces {
    #[cfg(test)]
    fn with_limits(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// A span was started.
    pub(super) fn start(&mut self, id: TraceId, span: SpanId) {
        let limit = self.limits.spans;
        let trace = self.entry(id);
        if trace.open.len() >= limit {
            trace.open_unnamed = trace.open_unnamed.saturating_add(1);
        } else if trace.open.insert(span) {
            self.held = self.held.saturating_add(1);
        }
        self.make_room();
    }

    /// A span has ended.
    ///
    /// The trace is complete when none of its spans is open. A span whose start was not reported
    /// also keeps it open until its parent has ended, if that is a span of this process.
    pub(super) fn end(&mut self, id: TraceId, row: Row) {
        let limit = self.limits.spans;
        let trace = self.entry(id);
        let known = trace.close(row.id);
        if let Some(parent) = row.parent.filter(|_| known == Known::No)
            && trace.awaited.len() < limit
            && !trace.open.contains(&parent)
            && !trace.awaited.contains(&parent)
            && !trace.rows.iter().any(|row| row.id == parent)
        {
            trace.awaited.insert(parent);
        }
        if trace.rows.len() < limit {
            trace.rows.push(row);
            self.held = self.held.saturating_add(1);
        } else {
            trace.hidden = trace.hidden.saturating_add(1);
            self.hidden = self.hidden.saturating_add(1);
        }
        self.held = self.held.saturating_sub(usize::from(known == Known::ByName));
        self.settle(id);
        self.make_room();
    }

    /// A span has ended of which no more is known.
    pub(super) fn lost(&mut self, id: TraceId, span: SpanId) {
        let Some(trace) = self.open.get_mut(&id) else { return };
        trace.hidden = trace.hidden.saturating_add(1);
        if trace.close(span) == Known::ByName {
            self.held = self.held.saturating_sub(1);
        }
        self.settle(id);
    }

    /// Gives up all open traces, the oldest first.
    pub(super) fn finish(&mut self) {
        while self.print_oldest(Ending::Unfinished) {}
    }

    /// The traces to print now.
    pub(super) fn take_ready(&mut self) -> Vec<Trace> {
        std::mem::take(&mut self.ready)
    }

    /// Spans that are counted only.
    pub(super) fn hidden(&self) -> u64 {
        self.hidden
    }

    fn entry(&mut self, id: TraceId) -> &mut Assembly {
        self.open.entry(id).or_insert_with(|| {
            self.age = self.age.saturating_add(1);
            self.ages.insert(self.age, id);
            Assembly { age: self.age, ..Assembly::default() }
        })
    }

    /// Prints the trace if it is complete.
    fn settle(&mut self, id: TraceId) {
        let complete = self.open.get(&id).is_some_and(Assembly::is_complete);
        if complete {
            self.print(id, Ending::Complete);
        }
    }

    fn make_room(&mut self) {
        while self.open.len() > self.limits.traces || self.held > self.limits.total {
            if !self.print_oldest(Ending::Early) {
                return;
            }
        }
    }

    fn print_oldest(&mut self, ending: Ending) -> bool {
        let Some(id) = self.ages.first_key_value().map(|(_, id)| *id) else { return false };
        self.print(id, ending);
        true
    }

    fn print(&mut self, id: TraceId, ending: Ending) {
        let Some(trace) = self.open.remove(&id) else { return };
        self.ages.remove(&trace.age);
        self.held = self.held.saturating_sub(trace.rows.len() + trace.open.len());
        if trace.rows.is_empty() && ending == Ending::Complete {
            // All its spans were lost; the summary counts them.
            return;
        }
        let open = u64::try_from(trace.open.len()).unwrap_or(u64::MAX);
        self.ready.push(Trace {
            id,
            rows: trace.rows,
            hidden: trace.hidden,
            open: open.saturating_add(trace.open_unnamed),
            ending,
        });
    }
}

/// Whether the start of a span that ended had been reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    ByName,
    /// Perhaps: some starts were counted without their names.
    ByNumber,
    No,
}

impl Assembly {
    fn close(&mut self, span: SpanId) -> Known {
        self.awaited.remove(&span);
        if self.open.remove(&span) {
            Known::ByName
        } else if self.open_unnamed > 0 {
            self.open_unnamed -= 1;
            Known::ByNumber
        } else {
            Known::No
        }
    }

    fn is_complete(&self) -> bool {
        self.open.is_empty() && self.open_unnamed == 0 && self.awaited.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::super::row::tests::row;
    use super::*;

    const T: TraceId = TraceId::from_bytes([1; 16]);
    const U: TraceId = TraceId::from_bytes([2; 16]);

    fn start(traces: &mut Traces, trace: TraceId, span: u64) {
        traces.start(trace, SpanId::from(span));
    }

    /// What is ready: trace, ended spans, hidden, still open, and why.
    fn ready(traces: &mut Traces) -> Vec<(TraceId, Vec<u64>, u64, u64, Ending)> {
        let id = |row: &Row| u64::from_be_bytes(row.id.to_bytes());
        let ready = traces.take_ready().into_iter();
        ready.map(|t| (t.id, t.rows.iter().map(id).collect(), t.hidden, t.open, t.ending)).collect()
    }

    #[test]
    fn a_trace_is_ready_when_its_last_open_span_ends() {
        let mut traces = Traces::default();
        start(&mut traces, T, 1);
        start(&mut traces, T, 2);
        traces.end(T, row(1, None));
        assert_eq!(ready(&mut traces), []);
        traces.end(T, row(2, Some(1)));
        assert_eq!(ready(&mut traces), [(T, vec![1, 2], 0, 0, Ending::Complete)]);
        assert_eq!(traces.held, 0);
        assert!(traces.ages.is_empty());
    }

    #[test]
    fn interleaved_traces_do_not_mix() {
        let mut traces = Traces::default();
        for (trace, span) in [(T, 1), (U, 2), (T, 3)] {
            start(&mut traces, trace, span);
        }
        traces.end(T, row(3, Some(1)));
        traces.end(U, row(2, None));
        assert_eq!(ready(&mut traces), [(U, vec![2], 0, 0, Ending::Complete)]);
        traces.end(T, row(1, None));
        assert_eq!(ready(&mut traces), [(T, vec![3, 1], 0, 0, Ending::Complete)]);
    }

    #[test]
    fn without_starts_a_trace_waits_for_the_parents() {
        let mut traces = Traces::default();
        for id in [3, 4] {
            traces.end(T, row(id, Some(2)));
        }
        traces.end(T, row(2, Some(1)));
        assert_eq!(ready(&mut traces), []);
        traces.end(T, row(1, None));
        assert_eq!(ready(&mut traces), [(T, vec![3, 4, 2, 1], 0, 0, Ending::Complete)]);
    }

    #[test]
    fn a_lost_end_does_not_keep_a_trace_open() {
        let mut traces = Traces::default();
        start(&mut traces, T, 1);
        start(&mut traces, T, 2);
        traces.end(T, row(2, Some(1)));
        traces.lost(U, SpanId::from(9));
        assert_eq!(ready(&mut traces), []);
        traces.lost(T, SpanId::from(1));
        assert_eq!(ready(&mut traces), [(T, vec![2], 1, 0, Ending::Complete)]);
        assert_eq!((traces.held, traces.hidden()), (0, 0));
    }

    #[test]
    fn the_oldest_of_too_many_traces_is_printed_early() {
        let mut traces = Traces::with_limits(Limits { traces: 2, spans: 10, total: 100 });
        start(&mut traces, T, 1);
        start(&mut traces, T, 2);
        traces.end(T, row(2, Some(1)));
        start(&mut traces, U, 3);
        start(&mut traces, TraceId::from(7), 4);
        assert_eq!(ready(&mut traces), [(T, vec![2], 0, 1, Ending::Early)]);
        traces.end(U, row(3, None));
        // The rest of the trace comes as a trace of its own.
        traces.end(T, row(1, None));
        assert_eq!(
            ready(&mut traces),
            [(U, vec![3], 0, 0, Ending::Complete), (T, vec![1], 0, 0, Ending::Complete)]
        );
    }

    #[test]
    fn spans_beyond_the_limit_of_a_trace_are_counted() {
        let mut traces = Traces::with_limits(Limits { traces: 2, spans: 2, total: 100 });
        for id in 1..=4 {
            start(&mut traces, T, id);
        }
        for id in (2..=4).rev() {
            traces.end(T, row(id, Some(1)));
        }
        assert_eq!(ready(&mut traces), []);
        traces.end(T, row(1, None));
        assert_eq!(ready(&mut traces), [(T, vec![4, 3], 2, 0, Ending::Complete)]);
        assert_eq!((traces.held, traces.hidden()), (0, 2));
    }

    #[test]
    fn all_traces_together_are_bounded() {
        let mut traces = Traces::with_limits(Limits { traces: 9, spans: 9, total: 3 });
        for (trace, span) in [(T, 1), (T, 2), (U, 3)] {
            start(&mut traces, trace, span);
        }
        traces.end(T, row(2, Some(1)));
        assert_eq!((ready(&mut traces), traces.held), (vec![], 3));
        start(&mut traces, U, 4);
        assert_eq!(ready(&mut traces), [(T, vec![2], 0, 1, Ending::Early)]);
        assert_eq!(traces.held, 2);
    }

    #[test]
    fn what_is_open_at_the_end_is_unfinished() {
        let mut traces = Traces::default();
        start(&mut traces, U, 1);
        start(&mut traces, T, 2);
        traces.end(U, row(5, Some(1)));
        traces.finish();
        assert_eq!(
            ready(&mut traces),
            [(U, vec![5], 0, 1, Ending::Unfinished), (T, vec![], 0, 1, Ending::Unfinished)]
        );
    }
}
