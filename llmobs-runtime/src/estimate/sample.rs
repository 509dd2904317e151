//! How much of a text is cut into tokens, and in which pieces.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// No longer piece is given to the tokenizer, whose time and stack grow with runs of one kind of character.
const PIECE: usize = 1024;

/// What a token is on average, in bytes of English prose.
const BYTES_PER_TOKEN: u64 = 4;

/// The tokens of a text by what `tokens` says of pieces of it; `None` where that panics.
pub(super) fn count(text: &str, tokens: impl Fn(&str) -> usize) -> Option<u64> {
    catch_unwind(AssertUnwindSafe(|| {
        pieces(text).fold(0_u64, |sum, piece| sum.saturating_add(to_u64(tokens(piece))))
    }))
    .ok()
}

/// The first bytes of a text, as many as are whole characters, and the rest.
pub(super) fn head(text: &str, bytes: usize) -> (&str, &str) {
    text.split_at_checked(text.floor_char_boundary(bytes)).unwrap_or((text, ""))
}

/// The tokens of so many bytes of which nothing else is known.
pub(super) fn by_bytes(bytes: u64) -> u64 {
    bytes.div_ceil(BYTES_PER_TOKEN)
}

pub(super) fn length(text: &str) -> u64 {
    to_u64(text.len())
}

fn to_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// What `rest` bytes come to where `part` bytes come to `tokens`, rounded up.
pub(super) fn in_proportion(tokens: u64, part: u64, rest: u64) -> u64 {
    let scaled = (u128::from(tokens) * u128::from(rest)).div_ceil(u128::from(part.max(1)));
    u64::try_from(scaled).unwrap_or(u64::MAX)
}

/// Cuts where a word begins, which no token spans; in a run without words anywhere.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (piece, after) = rest.split_at_checked(end_of_piece(rest)).unwrap_or((rest, ""));
        rest = after;
        Some(piece)
    })
}

fn end_of_piece(text: &str) -> usize {
    if text.len() <= PIECE {
        return text.len();
    }
    let end = text.floor_char_boundary(PIECE);
    let window = text.as_bytes().get(..end).unwrap_or_default();
    let word = window
        .windows(2)
        .rposition(|pair| matches!(pair, [before, b' '] if !before.is_ascii_whitespace()));
    word.map_or(end, |before| before + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proportions_are_rounded_up() {
        assert_eq!(in_proportion(3, 2, 3), 5);
        assert_eq!(in_proportion(3, 2, 0), 0);
        assert_eq!(in_proportion(u64::MAX, 1, u64::MAX), u64::MAX);
        assert_eq!(in_proportion(1, 0, 7), 7);
    }

    #[test]
    fn a_head_ends_with_a_whole_character() {
        assert_eq!(head("aé", 2), ("a", "é"));
        assert_eq!(head("aé", 9), ("aé", ""));
        assert_eq!(head("é", 0), ("", "é"));
    }

    #[test]
    fn pieces_are_the_text_and_begin_with_a_word() {
        for text in ["word ", "é", "a", " ", "\u{1f600} x", "two  spaces\n and a line"] {
            let text = text.repeat(5000);
            let cut: Vec<_> = pieces(&text).collect();
            assert_eq!(cut.concat(), text);
            assert!(cut.iter().all(|piece| piece.len() <= PIECE && !piece.is_empty()));
        }
        let words = "word ".repeat(1000);
        assert!(pieces(&words).skip(1).all(|piece| piece.starts_with(' ')));
    }

    #[test]
    fn a_tokenizer_that_panics_counts_nothing() {
        assert_eq!(count("text", |_| panic!("on purpose")), None);
    }

    #[test]
    fn bytes_are_rounded_up() {
        assert_eq!([0, 1, 4, 5].map(by_bytes), [0, 1, 1, 2]);
    }
}
