//! What of prompts and answers may leave the process: nothing, unless somebody says so.
//!
//! Three voices decide, and the strictest wins: the environment (`OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`),
//! the builder, and the annotated function. What is captured passes four gates:
//!
//! 1. its type implements [`Capture`];
//! 2. it is copied through a [`Room`], so that a prompt of any size costs bounded time and memory;
//! 3. redaction hooks ([`Redactor`]) see all of it and may change it; one that fails drops it;
//! 4. it is cut to [`ContentLimits`] and written in the message schemas of the conventions.

mod capture;
mod copy;
mod data_urls;
mod kind;
mod limits;
mod message;
mod mode;
mod redact;
mod room;
mod schema;
mod std_types;
mod strings;

#[cfg(feature = "enable")]
mod assemble;
#[cfg(feature = "enable")]
mod collect;
#[cfg(feature = "enable")]
mod cut;
#[cfg(feature = "enable")]
mod env;
#[cfg(feature = "enable")]
mod finish;
#[cfg(feature = "enable")]
mod halves;
#[cfg(feature = "enable")]
mod policy;
#[cfg(feature = "token-estimates")]
mod tally;
#[cfg(feature = "enable")]
mod text;
#[cfg(feature = "enable")]
mod tools;
#[cfg(feature = "enable")]
mod weight;

#[cfg(not(feature = "enable"))]
#[path = "off.rs"]
mod collect;

pub use capture::{Capture, Captured};
pub use collect::Content;
pub use kind::{Kind, Kinds};
pub use limits::ContentLimits;
pub use message::{Json, Message, Modality, Part};
pub use mode::ContentCapture;
#[cfg(feature = "redact")]
pub use redact::patterns::{PatternError, Patterns};
pub use redact::{Redactable, RedactionError, Redactor, redaction_failures};
pub use room::Room;

#[cfg(feature = "enable")]
pub(crate) use env::is_known_mode;
#[cfg(feature = "enable")]
#[doc(hidden)]
pub use finish::__finished;
#[cfg(feature = "enable")]
pub(crate) use finish::Finished;
#[cfg(feature = "enable")]
pub(crate) use policy::Policy;

/// The attribute that names those whose content was cut; the conventions ask for a mark and have no name for it.
#[cfg(feature = "enable")]
pub(crate) const TRUNCATED: &str = "llmobs.content.truncated";
