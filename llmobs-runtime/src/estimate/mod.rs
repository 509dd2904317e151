//! Token counts where a provider reports none: estimated from the text, with the vocabularies of OpenAI's models.
//!
//! An estimate is what the text alone comes to. What a provider adds to it (the frame of each message, tools,
//! images) is not in it, nor what a reasoning model thinks without saying so.
//!
//! The vocabularies are part of the program; nothing is fetched. One is loaded when it is first needed, on a
//! thread of its own, and then holds some 46 MiB ([`Encoding::O200k`]) or 25 MiB ([`Encoding::Cl100k`]) of memory
//! for as long as the process lives. Until it is there, four bytes count as one token.
//!
//! ```
//! use llmobs_runtime::estimate::{Counter, Encoding, encoding_for};
//!
//! let encoding = encoding_for("gpt-5-mini");
//! assert_eq!(encoding, Encoding::O200k);
//! assert!(encoding.load());
//! assert_eq!(encoding.count("tiktoken is great!"), 6);
//!
//! // The pieces of a stream are counted as they come; none is kept.
//! let mut answer = Counter::default();
//! for piece in ["tiktoken", " is", " great!"] {
//!     answer.add(encoding, piece);
//! }
//! assert_eq!(answer.tokens(), 6);
//! ```

mod counter;
mod encoding;
mod sample;
mod vocabulary;

pub use counter::Counter;
pub use encoding::{Encoding, encoding_for};
