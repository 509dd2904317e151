//! Texts as nobody would write them, the same ones each time.

/// Where they come from.
pub(in crate::pipeline) struct Noise(u64);

/// What parsers look for, and what they do not expect.
const PIECES: [&str; 32] = [
    "",
    " ",
    ",",
    ",,",
    "=",
    "==",
    "%",
    "%2",
    "%2C",
    "%C3%A4",
    "%ff",
    "%zz",
    "a",
    "key",
    "none",
    "otlp",
    "console",
    "true",
    "0",
    "1",
    "-1",
    "0.5",
    "1e999",
    "nan",
    "inf",
    "99999999999999999999",
    "ä",
    "🦀",
    "\0",
    "\n",
    "tracecontext",
    "://",
];

impl Noise {
    pub(in crate::pipeline) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number, by <https://prng.di.unimi.it/splitmix64.c>.
    pub(in crate::pipeline) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One of these.
    pub(in crate::pipeline) fn one_of<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let count = u64::try_from(of.len()).expect("not that many");
        &of[usize::try_from(self.number() % count).expect("less than that")]
    }

    /// Up to eight pieces.
    pub(in crate::pipeline) fn text(&mut self) -> String {
        (0..self.number() % 9).map(|_| *self.one_of(&PIECES)).collect()
    }
}
