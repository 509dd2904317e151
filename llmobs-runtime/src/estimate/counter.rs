//! The tokens of pieces of text.

use super::Encoding;
use super::sample::{by_bytes, head, in_proportion, length};

/// No more of a stream is cut into tokens: about 16 000 tokens of prose.
const OF_A_STREAM: usize = 64 * 1024;

/// Adds up the tokens of pieces of text without keeping any: a few integers.
///
/// A piece is counted by itself. Providers cut their streams between tokens, so that the sum is that of the whole
/// text or nearly; where text is cut within words, each cut may come to a token more or less. Of a long text the
/// beginning is counted, and what follows in proportion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counter {
    tokens: u64,
    /// The bytes that these tokens are.
    counted: u64,
    /// Bytes that came before the vocabulary, or after enough was counted.
    uncounted: u64,
    /// How many bytes more are to be counted.
    left: usize,
    /// The last piece ended with the space that begins the next word.
    space: bool,
}

/// Counts the first 64 KiB.
impl Default for Counter {
    fn default() -> Self {
        Self::of_first(OF_A_STREAM)
    }
}

impl Counter {
    /// Counts the first `bytes`, which bounds the time that all pieces together take: a KiB takes about
    /// 100 to 200 microseconds.
    pub fn of_first(bytes: usize) -> Self {
        Self { tokens: 0, counted: 0, uncounted: 0, left: bytes, space: false }
    }

    /// Adds a piece.
    pub fn add(&mut self, encoding: Encoding, piece: &str) {
        if piece.is_empty() {
            return;
        }
        // The space before a word is part of its token, also where it came with the piece before.
        if std::mem::take(&mut self.space) {
            if self.left > 0 && piece.starts_with(|first: char| !first.is_whitespace()) {
                let (word, rest) = head(piece, self.left);
                self.add_but_last_space(encoding, &[" ", word].concat());
                return self.pass_over(rest);
            }
            self.tokens = self.tokens.saturating_add(1);
        }
        let (piece, rest) = head(piece, self.left);
        self.add_but_last_space(encoding, piece);
        self.pass_over(rest);
    }

    /// How many tokens the pieces so far are.
    pub fn tokens(&self) -> u64 {
        let tokens = self.tokens.saturating_add(u64::from(self.space));
        let rest = match self.counted {
            0 => by_bytes(self.uncounted),
            counted => in_proportion(tokens, counted, self.uncounted),
        };
        tokens.saturating_add(rest)
    }

    /// Whether no piece so far had any text.
    pub fn is_empty(&self) -> bool {
        self.tokens == 0 && self.uncounted == 0 && !self.space
    }

    fn add_but_last_space(&mut self, encoding: Encoding, piece: &str) {
        let words = piece
            .strip_suffix(' ')
            .filter(|words| words.ends_with(|last: char| !last.is_whitespace()));
        let counted = words.unwrap_or(piece);
        if let Some(tokens) = encoding.exact(counted) {
            self.space = words.is_some();
            self.tokens = self.tokens.saturating_add(tokens);
            self.counted = self.counted.saturating_add(length(piece));
            self.left = self.left.saturating_sub(piece.len());
        } else {
            self.pass_over(piece);
        }
    }

    fn pass_over(&mut self, piece: &str) {
        self.uncounted = self.uncounted.saturating_add(length(piece));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROSE: &str = "The span lives until the stream ends, and its context is entered for every poll \
                         and no longer: what the producer spawns nests under it.";

    fn counted<'a>(pieces: impl IntoIterator<Item = &'a str>) -> u64 {
        assert!(Encoding::O200k.load());
        let mut counter = Counter::default();
        for piece in pieces {
            counter.add(Encoding::O200k, piece);
        }
        counter.tokens()
    }

    #[test]
    fn pieces_that_are_cut_between_words_are_the_whole() {
        let whole = counted([PROSE]);
        assert_eq!(whole, 29);
        let after_spaces = PROSE.split_inclusive(' ');
        assert_eq!(counted(after_spaces), whole);
        let spaces: Vec<usize> = PROSE.match_indices(' ').map(|(at, _)| at).collect();
        let starts = std::iter::once(0).chain(spaces.iter().copied());
        let ends = spaces.iter().copied().chain([PROSE.len()]);
        let before_spaces: Vec<&str> =
            starts.zip(ends).map(|(from, to)| &PROSE[from..to]).collect();
        assert_eq!(before_spaces.concat(), PROSE);
        assert_eq!(counted(before_spaces), whole);
    }

    #[test]
    fn a_space_that_no_word_follows_counts_once() {
        assert_eq!(counted(["a"]), 1);
        assert_eq!(counted(["a "]), 2);
        assert_eq!(counted(["a ", "", "b"]), 2);
        assert_eq!(counted(["a ", "\n"]), 3);
        assert_eq!(counted(["", " "]), 1);
        assert!(Counter::default().is_empty());
    }

    #[test]
    fn what_is_not_counted_is_in_proportion() {
        assert!(Encoding::O200k.load());
        let mut counter = Counter::of_first(PROSE.len());
        for _ in 0..1000 {
            counter.add(Encoding::O200k, PROSE);
        }
        assert_eq!(counter.tokens(), 29_000);
        let mut none = Counter::of_first(0);
        none.add(Encoding::O200k, "12345");
        none.add(Encoding::O200k, "é");
        assert_eq!(none.tokens(), 2);
        assert!(!none.is_empty());
    }

    #[test]
    fn sums_do_not_overflow() {
        let most = u64::MAX;
        let full = Counter { tokens: most, counted: 1, uncounted: most, left: 0, space: true };
        assert_eq!(full.tokens(), most);
    }
}
