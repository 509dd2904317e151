//! The request, response and chunk types of the `async-openai` crate.
//!
//! They record what raw JSON of the same content does, except that the type itself tells which API is
//! called. One file per API, with the chunks beside the responses that they build; what they hand over
//! where content is captured is in `content`.

mod chat;
mod completions;
#[cfg(feature = "enable")]
mod content;
mod embeddings;
#[cfg(feature = "enable")]
mod error;
#[cfg(feature = "async-openai-responses")]
mod events;
mod names;
#[cfg(feature = "async-openai-responses")]
mod responses;

#[cfg(feature = "enable")]
pub(crate) use error::error_type;
