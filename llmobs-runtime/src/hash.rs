//! A fast hash over borrowed values, for small bounded tables that compare what they find.
//!
//! Not for a table that grows: whoever chooses the values can choose ones that collide. A table that uses it looks
//! at a fixed number of places, so that collisions cost a miss and nothing more.

/// Feeds words and strings, one after the other.
#[derive(Clone, Copy)]
pub(crate) struct Hasher(u64);

/// Digits of π: no structure that values could share.
const SEED: u64 = 0x2438_5a30_8d31_3198;
const FACTOR: u64 = 0xa2e0_3707_3447_a409;

impl Hasher {
    pub(crate) fn new() -> Self {
        Self(SEED)
    }

    #[inline]
    pub(crate) fn word(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word).wrapping_mul(u128::from(FACTOR));
        // Both halves: the low one alone would not know the high bits of the word.
        #[expect(clippy::cast_possible_truncation, reason = "the halves of a product")]
        let folded = (product as u64) ^ ((product >> 64) as u64);
        // Never stuck at zero.
        self.0 = folded.wrapping_add(SEED);
    }

    #[inline]
    pub(crate) fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    #[inline]
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.word(bytes.len() as u64);
        if let Some(tail) = bytes.last_chunk() {
            for chunk in bytes.as_chunks().0 {
                self.word(u64::from_le_bytes(*chunk));
            }
            // Overlaps the last whole chunk, which does no harm.
            self.word(u64::from_le_bytes(*tail));
        } else if let (Some(head), Some(tail)) = (bytes.first_chunk(), bytes.last_chunk()) {
            let (head, tail) = (u32::from_le_bytes(*head), u32::from_le_bytes(*tail));
            self.word(u64::from(head) << 32 | u64::from(tail));
        } else {
            self.word(bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)));
        }
    }

    pub(crate) fn finish(self) -> u64 {
        self.0
    }
}

/// Which of `places` (a power of two) a hash has.
#[inline]
pub(crate) fn place(hash: u64, places: usize) -> usize {
    // The high half, as a tag takes the low one.
    usize::try_from((hash >> 32) % places as u64).unwrap_or(0)
}

/// Remembers hashes for a while: what is seen only once is not worth keeping.
#[derive(Debug)]
pub(crate) struct Recent(Box<[[u32; 2]]>);

/// 2 KiB per thread: what comes again within some 256 others is known again.
const RECENT: usize = 256;

impl Recent {
    pub(crate) fn new() -> Self {
        Self(vec![[0; 2]; RECENT].into())
    }

    /// Whether the hash was seen lately; it has been from now on.
    pub(crate) fn again(&mut self, hash: u64) -> bool {
        let Some([newer, older]) = self.0.get_mut(place(hash, RECENT)) else { return false };
        #[expect(clippy::cast_possible_truncation, reason = "a tag, which may collide")]
        let tag = hash as u32;
        if *newer == tag || *older == tag {
            return true;
        }
        (*older, *newer) = (*newer, tag);
        false
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn of(texts: &[&str]) -> u64 {
        let mut hasher = Hasher::new();
        for text in texts {
            hasher.text(text);
        }
        hasher.finish()
    }

    #[test]
    fn texts_that_differ_hash_apart() {
        let mut texts = vec![String::new()];
        for length in 1..40 {
            let text = "a".repeat(length);
            // Each place of each length is looked at.
            for at in 0..length {
                let mut other = text.clone();
                other.replace_range(at..=at, "b");
                texts.push(other);
            }
            texts.push(text);
        }
        let hashes: HashSet<u64> = texts.iter().map(|text| of(&[text])).collect();
        assert_eq!(hashes.len(), texts.len());
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_ne!(of(&["a", ""]), of(&["a"]));
    }

    #[test]
    fn numbered_texts_spread_over_the_places() {
        let mut counts = [0; 32];
        for n in 0..3_200 {
            counts[place(of(&[&format!("tenant-{n}")]), 32)] += 1;
        }
        assert!(counts.iter().all(|count| (50..=160).contains(count)), "{counts:?}");
    }

    #[test]
    fn what_comes_again_is_known_and_a_flood_is_not() {
        let mut recent = Recent::new();
        assert!(!recent.again(of(&["gpt-4o"])));
        assert!(recent.again(of(&["gpt-4o"])));
        let known = (0..10_000).filter(|n| recent.again(of(&[&n.to_string()]))).count();
        assert_eq!(known, 0);
        assert!(!recent.again(of(&["gpt-4o"])), "forgotten meanwhile");
    }
}
