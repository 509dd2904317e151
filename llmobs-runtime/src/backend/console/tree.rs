//! One trace as an aligned tree.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use opentelemetry::trace::TraceId;

use super::row::Row;
use super::style::{Ink, Line, clock, columns, counted, cut, duration, number};

/// Blanks between two columns.
const GAP: usize = 2;

/// Why a trace is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// All its spans have ended.
    Complete,
    /// The process ends while spans are open.
    Unfinished,
    /// It had to make room for newer ones.
    Early,
}

/// The spans of one trace that have ended, in the order of their ends.
#[derive(Debug)]
pub(super) struct Trace {
    pub(super) id: TraceId,
    pub(super) rows: Vec<Row>,
    /// Ended spans that are not among `rows`.
    pub(super) hidden: u64,
    /// Spans that were started and have not ended.
    pub(super) open: u64,
    pub(super) ending: Ending,
}

/// Draws the header, the tree and an empty line.
pub(super) fn render(trace: &Trace, color: bool, width: usize) -> String {
    let mut out = String::new();
    header(trace).write(&mut out, color, width);
    // A third of the line for branches, so that a deep tree leaves room for what it shows.
    let placed = place(&trace.rows, (width / 9).max(1));
    let mut widths = Widths::default();
    for (branch, row) in &placed {
        widths.widen(branch, row);
    }
    widths.shrink(width);
    for (branch, row) in &placed {
        widths.line(branch, row).write(&mut out, color, width);
    }
    out.push('\n');
    out
}

fn header(trace: &Trace) -> Line {
    let mut line = Line::default();
    if let Some(start) = trace.rows.iter().map(|row| row.start).min() {
        line.text(Ink::Bold, format!("{} UTC", clock(start))).gap(GAP);
    }
    let id: String = trace.id.to_string().chars().take(8).collect();
    line.text(Ink::Bold, format!("trace {id}"));
    let ended = u64::try_from(trace.rows.len()).unwrap_or(u64::MAX);
    line.gap(GAP).text(Ink::Plain, counted(ended.saturating_add(trace.hidden), "span"));
    if !trace.rows.is_empty() {
        line.gap(GAP).text(Ink::Plain, duration(span_of(&trace.rows)));
    }
    if trace.hidden > 0 {
        line.gap(GAP).text(Ink::Warning, format!("{} not shown", number(trace.hidden)));
    }
    let ending = match trace.ending {
        Ending::Complete => return line,
        Ending::Unfinished => "unfinished",
        Ending::Early => "printed early",
    };
    let open = match trace.open {
        0 => ending.to_owned(),
        open => format!("{ending}, {} still open", counted(open, "span")),
    };
    line.gap(GAP).text(Ink::Warning, open);
    line
}

/// From the first start to the last end.
fn span_of(rows: &[Row]) -> Duration {
    let start = rows.iter().map(|row| row.start).min();
    let end = rows.iter().map(Row::end).max();
    let between = |(start, end): (SystemTime, SystemTime)| end.duration_since(start).ok();
    start.zip(end).and_then(between).unwrap_or_default()
}

/// The rows in the order of the tree, each with the branches that lead to it.
///
/// A span without a parent among the rows is a root. Every row comes out exactly once, whatever
/// the parents claim. Below `depth` levels the indentation no longer grows (`└┄`).
fn place(rows: &[Row], depth: usize) -> Vec<(String, &Row)> {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|i| rows.get(*i).map(|row| row.start));

    let mut index = HashMap::with_capacity(rows.len());
    for (i, row) in rows.iter().enumerate() {
        index.entry(row.id).or_insert(i);
    }
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); rows.len()];
    let mut roots = Vec::new();
    for i in &order {
        let parent = rows.get(*i).and_then(|row| row.parent);
        let parent = parent.and_then(|id| index.get(&id)).filter(|parent| *parent != i);
        match parent.and_then(|parent| children.get_mut(*parent)) {
            Some(siblings) => siblings.push(*i),
            None => roots.push(*i),
        }
    }

    let mut placed = Vec::with_capacity(rows.len());
    let mut seen = vec![false; rows.len()];
    // Spans that name each other as parents hang from no root: `order` brings in what is left.
    for root in roots.into_iter().chain(order) {
        let mut stack = vec![Node { row: root, level: 0, prefix: String::new(), last: true }];
        while let Some(node) = stack.pop() {
            let (Some(row), Some(seen)) = (rows.get(node.row), seen.get_mut(node.row)) else {
                continue;
            };
            if std::mem::replace(seen, true) {
                continue;
            }
            let below = children.get(node.row).map_or(&[][..], Vec::as_slice);
            stack.extend(below.iter().rev().enumerate().map(|(i, child)| Node {
                row: *child,
                level: node.level.saturating_add(1),
                prefix: node.prefix_below(depth),
                last: i == 0,
            }));
            placed.push((node.branch(depth), row));
        }
    }
    placed
}

/// A row on its way into the tree.
struct Node {
    row: usize,
    level: usize,
    /// The vertical lines of its ancestors.
    prefix: String,
    /// Whether it is the last of its siblings.
    last: bool,
}

impl Node {
    fn branch(&self, depth: usize) -> String {
        let joint = match (self.level, self.last) {
            (0, _) => "",
            (level, _) if level > depth => "└┄ ",
            (_, true) => "└─ ",
            (_, false) => "├─ ",
        };
        format!("{}{joint}", self.prefix)
    }

    fn prefix_below(&self, depth: usize) -> String {
        let line = match (self.level, self.last) {
            (0, _) => "",
            (level, _) if level >= depth => "",
            (_, true) => "   ",
            (_, false) => "│  ",
        };
        format!("{}{line}", self.prefix)
    }
}

/// The widths of the columns over the whole tree; an empty column takes no room.
#[derive(Debug, Default)]
struct Widths {
    branch: usize,
    name: usize,
    model: usize,
    time: usize,
    first: usize,
    input: usize,
    output: usize,
    cached: usize,
    finish: usize,
    /// Errors of rows that have tokens or a finish reason.
    error: usize,
    /// Errors of the others, which begin right after the duration.
    early_error: usize,
}

impl Widths {
    fn widen(&mut self, branch: &str, row: &Row) {
        let text = |text: &Option<String>| text.as_deref().map_or(0, columns);
        let count = |count: Option<u64>| count.map_or(0, |count| columns(&number(count)));
        let branch = columns(branch);
        self.branch = self.branch.max(branch);
        self.name = self.name.max(branch + columns(&row.name));
        self.time = self.time.max(columns(&duration(row.time)));
        let error = if ends_early(row) { &mut self.early_error } else { &mut self.error };
        *error = text(&row.error).max(*error);
        if row.genai {
            self.model = self.model.max(row.model().map_or(0, columns));
            self.first = self.first.max(row.first.map_or(0, |first| columns(&duration(first))));
            self.input = self.input.max(count(row.input));
            self.output = self.output.max(count(row.output));
            self.cached = self.cached.max(count(row.cached));
            self.finish = self.finish.max(text(&row.finish));
        }
    }

    /// Up to the duration.
    fn base(&self) -> usize {
        self.name + column(self.model, "") + column(self.time, "")
    }

    /// The longest line of a row with an error and nothing before it.
    fn early(&self) -> usize {
        self.base() + column(self.early_error, ERROR)
    }

    /// The longest line of all other rows.
    fn late(&self) -> usize {
        self.base()
            + column(self.first, FIRST)
            + column(self.input, IN)
            + column(self.output, OUT)
            + column(self.cached, CACHED)
            + column(self.finish, "")
            + column(self.error, ERROR)
    }

    /// Narrows the columns of free text, the least telling first, until the line fits or none
    /// can give more. What is still too wide is cut off at the end of the line.
    fn shrink(&mut self, width: usize) {
        let give = |column: &mut usize, line: usize, least: usize| {
            let excess = line.saturating_sub(width);
            *column = column.saturating_sub(excess).max(least.min(*column));
        };
        let line = self.early();
        give(&mut self.early_error, line, 20);
        let line = self.late();
        give(&mut self.error, line, 20);
        let line = self.late();
        give(&mut self.finish, line, 12);
        let line = self.early().max(self.late());
        give(&mut self.name, line, self.branch + 12);
        let line = self.early().max(self.late());
        give(&mut self.model, line, 12);
    }

    fn line(&self, branch: &str, row: &Row) -> Line {
        let mut line = Line::default();
        let ink = |ink| if row.genai { ink } else { Ink::Dim };
        let name = self.name.saturating_sub(columns(branch));
        line.text(Ink::Dim, branch).left(ink(Ink::Bold), &row.name, name);
        let known = row.genai.then_some(row);
        if self.model > 0 {
            let model = known.and_then(Row::model).unwrap_or_default();
            line.gap(GAP).left(Ink::Model, model, self.model);
        }
        line.gap(GAP).right(ink(Ink::Plain), &duration(row.time), self.time);
        let count = |count: fn(&Row) -> Option<u64>| known.and_then(count).map(number);
        for (label, width, figure) in [
            (FIRST, self.first, known.and_then(|row| row.first).map(duration)),
            (IN, self.input, count(|row| row.input)),
            (OUT, self.output, count(|row| row.output)),
            (CACHED, self.cached, count(|row| row.cached)),
        ] {
            match figure {
                _ if width == 0 => {}
                Some(figure) => {
                    line.gap(GAP).text(Ink::Dim, label).right(Ink::Plain, &figure, width);
                }
                None => {
                    line.gap(GAP + columns(label) + width);
                }
            }
        }
        if self.finish > 0 {
            let finish = known.and_then(|row| row.finish.as_deref()).unwrap_or_default();
            line.gap(GAP).left(Ink::Plain, finish, self.finish);
        }
        if let Some(error) = &row.error {
            // A failed call has mostly nothing to show in between.
            let width = if ends_early(row) { self.early_error } else { self.error };
            line.close_gap(GAP).text(Ink::Error, format!("{ERROR}{}", cut(error, width)));
        }
        line
    }
}

/// What a column and the gap before it take; nothing if it is empty.
fn column(width: usize, label: &str) -> usize {
    if width == 0 { 0 } else { GAP + columns(label) + width }
}

/// Whether nothing stands between the duration and the error.
fn ends_early(row: &Row) -> bool {
    let counts = [row.input, row.output, row.cached];
    let nothing = row.finish.is_none() && row.first.is_none() && counts.iter().all(Option::is_none);
    !row.genai || nothing
}

const FIRST: &str = "first ";
const IN: &str = "in ";
const OUT: &str = "out ";
const CACHED: &str = "cached ";
const ERROR: &str = "✗ ";

#[cfg(test)]
mod tests {
    use super::super::row::tests::row;
    use super::*;

    fn trace(rows: Vec<Row>) -> Trace {
        Trace { id: TraceId::from(1), rows, hidden: 0, open: 0, ending: Ending::Complete }
    }

    /// The tree without its header, blanks collapsed.
    fn tree(rows: &[Row], depth: usize) -> Vec<String> {
        let id = |row: &Row| u64::from_be_bytes(row.id.to_bytes());
        place(rows, depth).into_iter().map(|(branch, row)| format!("{branch}{}", id(row))).collect()
    }

    #[test]
    fn children_hang_below_parents_in_the_order_of_their_starts() {
        let rows = [
            row(5, Some(2)),
            row(4, Some(3)),
            row(3, Some(2)),
            row(6, Some(1)),
            row(2, Some(1)),
            row(1, None),
        ];
        assert_eq!(tree(&rows, 9), ["1", "├─ 2", "│  ├─ 3", "│  │  └─ 4", "│  └─ 5", "└─ 6"]);
    }

    #[test]
    fn spans_with_unseen_parents_are_roots() {
        let rows = [row(3, Some(99)), row(2, Some(1)), row(1, None)];
        assert_eq!(tree(&rows, 9), ["1", "└─ 2", "3"]);
    }

    #[test]
    fn parents_in_a_circle_hide_nothing() {
        let rows = [row(1, Some(1)), row(2, Some(3)), row(3, Some(2)), row(4, Some(3))];
        assert_eq!(tree(&rows, 9), ["1", "2", "└─ 3", "   └─ 4"]);
        // The same id twice: children hang from the first.
        let rows = [row(1, None), row(1, None), row(2, Some(1))];
        assert_eq!(tree(&rows, 9), ["1", "└─ 2", "1"]);
    }

    #[test]
    fn indentation_ends_at_the_depth() {
        let rows =
            [row(1, None), row(2, Some(1)), row(3, Some(2)), row(4, Some(3)), row(5, Some(4))];
        assert_eq!(tree(&rows, 2), ["1", "└─ 2", "   └─ 3", "   └┄ 4", "   └┄ 5"]);
    }

    #[test]
    fn a_chain_of_ten_thousand_is_drawn() {
        let rows: Vec<Row> = (1..=10_000).map(|id| row(id, Some(id - 1))).collect();
        let drawn = render(&trace(rows), false, 120);
        assert_eq!(drawn.lines().count(), 10_002);
        assert!(drawn.lines().all(|line| columns(line) <= 120));
    }

    #[test]
    fn no_line_is_wider_than_asked() {
        let wide = |id, parent| Row {
            name: "n".repeat(200),
            genai: true,
            answered: Some("m".repeat(100)),
            input: Some(u64::MAX),
            cached: Some(u64::MAX),
            output: Some(u64::MAX),
            finish: Some("f".repeat(100)),
            error: Some("e".repeat(100)),
            ..row(id, parent)
        };
        let trace = trace(vec![wide(1, None), wide(2, Some(1)), row(3, Some(2))]);
        for width in [20, 40, 80, 120, 400] {
            let drawn = render(&trace, false, width);
            assert!(drawn.lines().all(|line| columns(line) <= width), "{drawn}");
        }
    }

    #[test]
    fn the_header_tells_how_the_trace_ended() {
        let head = |trace: &Trace| {
            let drawn = render(trace, false, 120);
            drawn.lines().next().unwrap_or_default().to_owned()
        };
        let mut some = trace(vec![row(1, None), row(500, Some(1))]);
        assert_eq!(head(&some), "00:00:00 UTC  trace 00000000  2 spans  500 ms");
        some.hidden = 3;
        assert_eq!(head(&some), "00:00:00 UTC  trace 00000000  5 spans  500 ms  3 not shown");
        let open = Trace { open: 1, ending: Ending::Early, ..trace(vec![row(1, None)]) };
        assert_eq!(
            head(&open),
            "00:00:00 UTC  trace 00000000  1 span  1.00 ms  printed early, 1 span still open"
        );
        let none = Trace { open: 2, ending: Ending::Unfinished, ..trace(Vec::new()) };
        assert_eq!(head(&none), "trace 00000000  0 spans  unfinished, 2 spans still open");
    }
}
