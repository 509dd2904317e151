//! How things look: colours, cut text, and the formats of numbers, durations and clock times.

use std::ffi::OsStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What stands where text was cut off.
const ELLIPSIS: char = '…';
/// What stands in place of a character that a terminal could act upon.
const REPLACEMENT: char = '\u{FFFD}';

/// The role of a piece of text; decides its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    Plain,
    Bold,
    Dim,
    Model,
    Warning,
    Error,
}

impl Ink {
    /// The SGR parameter, none for text in the terminal's own colour.
    fn code(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Bold => Some("1"),
            Self::Dim => Some("2"),
            Self::Model => Some("36"),
            Self::Warning => Some("33"),
            Self::Error => Some("31"),
        }
    }
}

/// One output line: pieces of text with gaps between them.
///
/// A gap is only written when text follows, so that no line ends in blanks.
#[derive(Debug, Default)]
pub(super) struct Line {
    pieces: Vec<(usize, Ink, String)>,
    gap: usize,
}

impl Line {
    /// Adds text in one colour.
    pub(super) fn text(&mut self, ink: Ink, text: impl Into<String>) -> &mut Self {
        let text = text.into();
        if !text.is_empty() {
            self.pieces.push((self.gap, ink, text));
            self.gap = 0;
        }
        self
    }

    /// Adds blanks.
    pub(super) fn gap(&mut self, count: usize) -> &mut Self {
        self.gap = self.gap.saturating_add(count);
        self
    }

    /// Makes the gap before the next text exactly this wide.
    pub(super) fn close_gap(&mut self, count: usize) -> &mut Self {
        self.gap = count;
        self
    }

    /// Adds text that fills `width` columns, starting at the left.
    pub(super) fn left(&mut self, ink: Ink, text: &str, width: usize) -> &mut Self {
        let text = cut(text, width);
        let rest = width.saturating_sub(columns(&text));
        self.text(ink, text).gap(rest)
    }

    /// Adds text that fills `width` columns, ending at the right.
    pub(super) fn right(&mut self, ink: Ink, text: &str, width: usize) -> &mut Self {
        let text = cut(text, width);
        self.gap(width.saturating_sub(columns(&text))).text(ink, text)
    }

    /// Appends the line and its end to `out`; what goes beyond `width` columns is cut off.
    pub(super) fn write(&self, out: &mut String, color: bool, width: usize) {
        let mut left = width;
        for (gap, ink, text) in &self.pieces {
            if left <= *gap {
                break;
            }
            left -= gap;
            let shown = cut(text, left);
            left -= columns(&shown).min(left);
            out.extend(std::iter::repeat_n(' ', *gap));
            match ink.code().filter(|_| color) {
                Some(code) => {
                    for part in ["\u{1b}[", code, "m", &shown, "\u{1b}[0m"] {
                        out.push_str(part);
                    }
                }
                None => out.push_str(&shown),
            }
        }
        out.push('\n');
    }
}

/// Columns that a text takes. Every character counts as one.
pub(super) fn columns(text: &str) -> usize {
    text.chars().count()
}

/// The text, or its beginning and an ellipsis when it has more than `width` characters.
pub(super) fn cut(text: &str, width: usize) -> String {
    if text.chars().nth(width).is_none() {
        return text.to_owned();
    }
    let Some(keep) = width.checked_sub(1) else { return String::new() };
    text.chars().take(keep).chain([ELLIPSIS]).collect()
}

/// At most `width` characters of the text, with none that a terminal would act upon.
pub(super) fn clean(text: &str, width: usize) -> String {
    // Cut first: a text of megabytes must not be copied whole.
    let mut text = cut(text, width);
    if text.chars().any(acts_on_terminal) {
        text = text.chars().map(|c| if acts_on_terminal(c) { REPLACEMENT } else { c }).collect();
    }
    text
}

/// Control characters, line separators, and invisible ones that reorder or hide what is shown.
fn acts_on_terminal(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}')
}

/// `1234567` → `1,234,567`.
pub(super) fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A duration with three significant digits: `820 µs`, `12.3 ms`, `1.24 s`; from one minute on
/// `2 m 03 s`, from one hour on `1 h 05 m`.
pub(super) fn duration(value: Duration) -> String {
    let nanos = value.as_nanos();
    match nanos {
        0 => return "0 s".to_owned(),
        1..1_000 => return format!("{nanos} ns"),
        _ => {}
    }
    // Under a minute even when rounded to the tenth that would be shown.
    if rounded(nanos, 100_000_000) < 600 {
        for (unit, name) in [(1_000, "µs"), (1_000_000, "ms"), (1_000_000_000, "s")] {
            if let Some(digits) = three_digits(nanos, unit) {
                return format!("{digits} {name}");
            }
        }
    }
    let seconds = rounded(nanos, 1_000_000_000);
    if seconds < 3_600 {
        return format!("{} m {:02} s", seconds / 60, seconds % 60);
    }
    let minutes = rounded(nanos, 60_000_000_000);
    format!("{} h {:02} m", minutes / 60, minutes % 60)
}

/// The quotient with three significant digits, nothing if it is a thousand or more.
fn three_digits(value: u128, unit: u128) -> Option<String> {
    [(2_usize, 100_u128), (1, 10), (0, 1)].into_iter().find_map(|(decimals, scale)| {
        let scaled = rounded(value.saturating_mul(scale), unit);
        match (scaled < 1_000, decimals) {
            (false, _) => None,
            (true, 0) => Some(scaled.to_string()),
            (true, _) => Some(format!("{}.{:0decimals$}", scaled / scale, scaled % scale)),
        }
    })
}

/// `value / unit`, halves rounded up.
fn rounded(value: u128, unit: u128) -> u128 {
    value.saturating_add(unit / 2) / unit
}

/// The time of day in UTC, `hh:mm:ss`. A time before 1970 shows as midnight.
pub(super) fn clock(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() % 86_400;
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// `count` and the noun, with an `s` unless there is exactly one.
pub(super) fn counted(count: u64, noun: &str) -> String {
    format!("{} {noun}{}", number(count), if count == 1 { "" } else { "s" })
}

/// Whether to colour when nobody said so: on a terminal that understands it, unless `NO_COLOR`
/// is set to something.
pub(super) fn auto_color(terminal: bool, no_color: Option<&OsStr>, term: Option<&OsStr>) -> bool {
    terminal && no_color.is_none_or(OsStr::is_empty) && term.is_none_or(|term| term != "dumb")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        for (value, text) in [
            (0, "0"),
            (7, "7"),
            (999, "999"),
            (1_000, "1,000"),
            (1_204, "1,204"),
            (100_000, "100,000"),
            (1_234_567, "1,234,567"),
            (u64::MAX, "18,446,744,073,709,551,615"),
        ] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn durations_have_three_digits_and_the_largest_unit_that_fits() {
        for (nanos, text) in [
            (0, "0 s"),
            (1, "1 ns"),
            (999, "999 ns"),
            (1_000, "1.00 µs"),
            (12_340, "12.3 µs"),
            (820_000, "820 µs"),
            (999_499, "999 µs"),
            (999_500, "1.00 ms"),
            (9_994_999, "9.99 ms"),
            (9_995_000, "10.0 ms"),
            (12_345_678, "12.3 ms"),
            (99_950_000, "100 ms"),
            (999_600_000, "1.00 s"),
            (1_240_000_000, "1.24 s"),
            (12_340_000_000, "12.3 s"),
            (59_940_000_000, "59.9 s"),
            (59_960_000_000, "1 m 00 s"),
            (60_000_000_000, "1 m 00 s"),
            (123_000_000_000, "2 m 03 s"),
            (3_599_400_000_000, "59 m 59 s"),
            (3_599_600_000_000, "1 h 00 m"),
            (3_900_000_000_000, "1 h 05 m"),
            (u64::MAX, "5124095 h 35 m"),
        ] {
            assert_eq!(duration(Duration::from_nanos(nanos)), text, "{nanos} ns");
        }
        assert_eq!(duration(Duration::MAX), "5124095576030431 h 00 m");
    }

    #[test]
    fn clock_is_the_time_of_day_in_utc() {
        for (seconds, text) in [
            (0, "00:00:00"),
            (86_399, "23:59:59"),
            (86_400, "00:00:00"),
            (1_760_000_000, "08:53:20"),
        ] {
            assert_eq!(clock(UNIX_EPOCH + Duration::from_secs(seconds)), text);
        }
        assert_eq!(clock(UNIX_EPOCH - Duration::from_secs(5)), "00:00:00");
    }

    #[test]
    fn cut_keeps_whole_characters() {
        assert_eq!(cut("größe", 5), "größe");
        assert_eq!(cut("größe", 4), "grö…");
        assert_eq!(cut("日本語", 2), "日…");
        assert_eq!(cut("ab", 1), "…");
        assert_eq!(cut("ab", 0), "");
        assert_eq!(cut("", 0), "");
    }

    #[test]
    fn clean_leaves_nothing_a_terminal_acts_upon() {
        assert_eq!(clean("plain größe 日本", 40), "plain größe 日本");
        assert_eq!(clean("a\u{1b}[31mb\nc\r\td\u{9b}2J", 40), "a�[31mb�c��d�2J");
        assert_eq!(clean("x\u{202e}y\u{2066}z\u{200b}\u{2028}\u{feff}", 40), "x�y�z���");
        assert_eq!(clean("\u{7f}\0", 40), "��");
        assert_eq!(clean("abcdef", 4), "abc…");
    }

    #[test]
    fn lines_align_cut_and_never_end_in_blanks() {
        let mut line = Line::default();
        line.left(Ink::Bold, "ab", 4).gap(2).right(Ink::Plain, "7", 3).gap(5).text(Ink::Dim, "");
        let written = |line: &Line, color, width| {
            let mut out = String::new();
            line.write(&mut out, color, width);
            out
        };
        assert_eq!(written(&line, false, 80), "ab      7\n");
        assert_eq!(written(&line, true, 80), "\u{1b}[1mab\u{1b}[0m      7\n");
        assert_eq!(written(&line, false, 8), "ab\n");
        assert_eq!(written(&line, false, 1), "…\n");
        assert_eq!(written(&line, false, 0), "\n");
    }

    #[test]
    fn colour_is_for_terminals_that_want_it() {
        let os = OsStr::new;
        assert!(auto_color(true, None, None));
        assert!(auto_color(true, Some(os("")), Some(os("xterm"))));
        assert!(!auto_color(false, None, None));
        assert!(!auto_color(true, Some(os("1")), None));
        assert!(!auto_color(true, None, Some(os("dumb"))));
    }
}
