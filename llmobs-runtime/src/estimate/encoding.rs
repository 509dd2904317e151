//! Which vocabulary a model has.

use super::vocabulary::Vocabulary;
use super::{Counter, sample};

static O200K: Vocabulary = Vocabulary::new(|| tiktoken_rs::o200k_base().ok());
static CL100K: Vocabulary = Vocabulary::new(|| tiktoken_rs::cl100k_base().ok());

/// No more of a text is cut into tokens: about 4 000 tokens of prose.
const LOOKED_AT: usize = 16 * 1024;

/// A way to cut text into tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Of OpenAI's models since GPT-4o: 200 000 tokens.
    O200k,
    /// Of GPT-4, GPT-3.5 and the embeddings: 100 000 tokens.
    Cl100k,
}

/// The encoding of a model, by its name: that of the API, of a fine-tuned model (`ft:gpt-4-0613:…`), or with a
/// vendor before it (`openai/gpt-4`).
///
/// A name that is not known has [`Encoding::O200k`]. That is right for models of OpenAI's that are newer than
/// this crate, and where an Azure deployment has a name of its own most often. For models of other vendors it is
/// a stand-in: their vocabularies are not public, or not worth their size here, so that the count is no better
/// than an order of magnitude.
pub fn encoding_for(model: &str) -> Encoding {
    let name = model.rsplit('/').next().unwrap_or(model);
    let name = without(name, "ft:").unwrap_or(name);
    let gpt_4 = without(name, "gpt-4").is_some_and(|rest| {
        // `gpt-4o`, `gpt-4.1` and `gpt-4.5` are others.
        rest.is_empty() || rest.starts_with(['-', ':', '@'])
    });
    let older = [
        "gpt-3.5",
        // What Azure calls the same.
        "gpt-35",
        "text-embedding-",
        "davinci-002",
        "babbage-002",
    ];
    if gpt_4 || older.iter().any(|prefix| without(name, prefix).is_some()) {
        Encoding::Cl100k
    } else {
        Encoding::O200k
    }
}

/// What follows `prefix`, in whichever case.
fn without<'a>(name: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = name.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

impl Encoding {
    /// How many tokens `text` is: of its first 16 KiB, and of what is longer as many in proportion.
    ///
    /// Takes one or two milliseconds at most, whatever the text. While the vocabulary is not loaded, a token is
    /// four bytes, and it begins to load.
    pub fn count(self, text: &str) -> u64 {
        let mut counter = Counter::of_first(LOOKED_AT);
        counter.add(self, text);
        counter.tokens()
    }

    /// Begins to load the vocabulary, unless it is loaded; returns at once.
    pub fn warm_up(self) {
        self.vocabulary().warm_up();
    }

    /// Loads the vocabulary now, or waits until it is loaded: some 250 milliseconds, in a program that is not
    /// optimised more than a second. Tells whether there is one.
    pub fn load(self) -> bool {
        self.vocabulary().load().is_some()
    }

    /// Whether the vocabulary is loaded.
    pub fn is_loaded(self) -> bool {
        self.vocabulary().loaded().is_some()
    }

    /// The tokens of all of `text`, or `None` while there is no vocabulary.
    pub(super) fn exact(self, text: &str) -> Option<u64> {
        if text.is_empty() {
            return Some(0);
        }
        let vocabulary = self.vocabulary();
        let Some(loaded) = vocabulary.loaded() else {
            vocabulary.warm_up();
            return None;
        };
        sample::count(text, |piece| loaded.encode_ordinary(piece).len())
    }

    fn vocabulary(self) -> &'static Vocabulary {
        match self {
            Self::O200k => &O200K,
            Self::Cl100k => &CL100K,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_has_the_encoding_that_its_vendor_gave_it() {
        for model in [
            "gpt-4",
            "gpt-4-0613",
            "gpt-4-32k",
            "gpt-4-turbo-2024-04-09",
            "GPT-4",
            "openai/gpt-4-turbo",
            "ft:gpt-4-0613:org::id",
            "gpt-3.5-turbo",
            "gpt-35-turbo-16k",
            "ft:gpt-3.5-turbo:org::id",
            "text-embedding-3-small",
            "text-embedding-ada-002",
            "davinci-002",
        ] {
            assert_eq!(encoding_for(model), Encoding::Cl100k, "{model}");
        }
        for model in [
            "gpt-4o",
            "gpt-4o-mini-2024-07-18",
            "chatgpt-4o-latest",
            "gpt-4.1-nano",
            "gpt-4.5-preview",
            "gpt-5",
            "gpt-5.1-codex",
            "o1",
            "o3-mini",
            "o4-mini",
            "gpt-oss-120b",
            "ft:gpt-4o-2024-08-06:org::id",
            "claude-sonnet-4-5",
            "gemini-2.5-pro",
            "meta-llama/Llama-3.3-70B-Instruct",
            "my-deployment",
            "",
            "gpt",
            "ggpt-4é",
            "gpt-é",
        ] {
            assert_eq!(encoding_for(model), Encoding::O200k, "{model}");
        }
    }

    /// From OpenAI's guide to counting tokens.
    #[test]
    fn counts_are_those_that_are_published() {
        assert!(Encoding::O200k.load() && Encoding::Cl100k.load());
        for (text, o200k, cl100k) in [
            ("", 0, 0),
            ("tiktoken is great!", 6, 6),
            ("antidisestablishmentarianism", 6, 6),
            ("2 + 2 = 4", 7, 7),
            ("お誕生日おめでとう", 8, 9),
        ] {
            assert_eq!(Encoding::O200k.count(text), o200k, "{text}");
            assert_eq!(Encoding::Cl100k.count(text), cl100k, "{text}");
        }
    }

    /// A special token in a text is text: nobody can end an estimate, or make it fail, by writing one.
    #[test]
    fn special_tokens_are_text() {
        assert!(Encoding::O200k.load());
        assert!(Encoding::O200k.count("<|endoftext|>") > 1);
    }

    /// A megabyte of one kind of character overflows the stack of the regular expression, or takes the time of
    /// its square, where it is not cut into pieces.
    #[test]
    fn hostile_texts_are_counted_too() {
        assert!(Encoding::O200k.load());
        for (unit, bytes_per_token) in
            [("a", 8), (" ", 100), ("\n", 10), ("^", 8), ("7", 3), ("qzx9Kd", 1), ("\u{301}", 1)]
        {
            let text = unit.repeat(1_048_576 / unit.len());
            let tokens = Encoding::O200k.count(&text);
            let most = u64::try_from(text.len()).unwrap_or(u64::MAX);
            assert!(tokens > 0 && tokens <= most / bytes_per_token * 5 / 4, "{unit:?}: {tokens}");
        }
    }
}
