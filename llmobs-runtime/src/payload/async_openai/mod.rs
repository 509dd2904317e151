//! The request and response types of the `async-openai` crate.
//!
//! They record what raw JSON of the same content does, except that the type itself tells which API is
//! called. One file per API; the types of stream chunks belong beside the responses that they build.

mod chat;
mod completions;
mod embeddings;
#[cfg(feature = "enable")]
mod error;
mod names;
#[cfg(feature = "async-openai-responses")]
mod responses;

#[cfg(feature = "enable")]
pub(crate) use error::error_type;
