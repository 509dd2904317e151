//! What a request, a response and a usage report say about themselves.
//!
//! A type takes part by implementing [`LlmRequest`], [`LlmResponse`] or [`LlmUsage`], by hand or with the
//! derive macros of the same names. Implementations for raw JSON of the common wire formats are in
//! [`wire`], those for client crates behind a cargo feature each.

mod attribute_value;
mod chunk;
mod delta;
mod error;
mod fields;
mod record;
mod server;
mod terms;
mod usage;
mod value;
mod widen;

#[cfg(feature = "async-openai")]
mod async_openai;
#[cfg(feature = "enable")]
pub mod wire;
#[cfg(not(feature = "enable"))]
#[path = "../off/wire.rs"]
pub mod wire;

pub use crate::text::Text;
#[cfg(all(feature = "enable", feature = "async-openai"))]
pub(crate) use async_openai::error_type as async_openai_error_type;
pub use attribute_value::{Any, AttributeValue};
pub use chunk::{LlmChunk, Progress, Streamed};
#[doc(hidden)]
pub use delta::{Delta, choice, flag, piece};
pub use error::LlmError;
pub use fields::Fields;
#[cfg(feature = "console")]
pub(crate) use fields::is_content;
#[cfg(feature = "enable")]
pub(crate) use fields::{Known, Own};
#[cfg(feature = "enable")]
pub(crate) use record::{Group, Seen};
pub use server::ServerEndpoint;
#[cfg(feature = "enable")]
pub(crate) use server::record_server;
pub use usage::{Modality, Usage};
#[doc(hidden)]
pub use usage::{count, inclusive};
pub use value::{Str, Texts, Value};

use crate::content::Content;

/// A request to a model, able to name its parameters.
///
/// The implementation sets what the request really holds; what it leaves out stays absent from telemetry.
/// Setting an attribute that the annotated operation does not have is harmless: it is not recorded.
///
/// ```
/// use llmobs_runtime::conventions::attr;
/// use llmobs_runtime::{Fields, LlmRequest};
///
/// struct Ask {
///     model: String,
///     temperature: Option<f32>,
/// }
///
/// impl LlmRequest for Ask {
///     fn record(&self, fields: &mut Fields) {
///         fields.set(attr::GEN_AI_REQUEST_MODEL, &self.model);
///         fields.set(attr::GEN_AI_REQUEST_TEMPERATURE, &self.temperature);
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say which request parameters it holds",
    label = "not an `LlmRequest`",
    note = "derive it: `#[derive(LlmRequest)]` with `#[llm(request.model)]` on the field that names the model",
    note = "or name single values instead of `request = …`: `model = …`, `attributes(gen_ai.request.seed = …)`",
    note = "for the types of `async-openai` switch on the cargo feature of that name"
)]
pub trait LlmRequest {
    /// Writes the parameters of this request into `fields`.
    fn record(&self, fields: &mut Fields);

    /// Hands over prompts, instructions and tools; called only where content is captured. Nothing unless said.
    fn capture(&self, content: &mut Content) {
        let _ = content;
    }
}

/// A model's answer, able to name the model, the finish reasons and the tokens used.
///
/// ```
/// use llmobs_runtime::conventions::attr;
/// use llmobs_runtime::{Fields, LlmResponse, Usage};
///
/// struct Answer {
///     id: String,
///     tokens_in: Option<u64>,
/// }
///
/// impl LlmResponse for Answer {
///     fn record(&self, fields: &mut Fields) {
///         fields.set(attr::GEN_AI_RESPONSE_ID, &self.id);
///         fields.usage(&Usage { input: self.tokens_in, ..Usage::default() });
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what of it is the model's response",
    label = "not an `LlmResponse`",
    note = "derive it: `#[derive(LlmResponse)]` with `#[llm(response.model)]`, `#[llm(usage.input_tokens)]`, … on its fields",
    note = "or say where the response stands inside it: `response = |it| &it.body`",
    note = "or that there is nothing to read: `response = none`",
    note = "a function that hands out a stream says `stream`, and spells out what stands around it: \
            `Result<BoxStream<'_, T>, E>`; one inside of an `Option` or a tuple is not recorded",
    note = "for the types of `async-openai` switch on the cargo feature of that name"
)]
pub trait LlmResponse {
    /// Writes what this response says of the call into `fields`.
    fn record(&self, fields: &mut Fields);

    /// Hands over the answer; called only where content is captured. Nothing unless said.
    fn capture(&self, content: &mut Content) {
        let _ = content;
    }
}

/// A report of tokens used.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not report token usage",
    label = "not an `LlmUsage`",
    note = "return a `llmobs_runtime::Usage` from `usage = …`, or implement `LlmUsage` for this type"
)]
pub trait LlmUsage {
    /// The tokens that this report names; [`Usage::input`] includes cached tokens.
    fn usage(&self) -> Usage;
}

/// Implements the payload traits for everything that merely holds a payload.
macro_rules! through {
    ($($holder:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: LlmRequest + ?Sized> LlmRequest for $holder {
            fn record(&self, fields: &mut Fields) {
                (**self).record(fields);
            }
            fn capture(&self, content: &mut Content) {
                (**self).capture(content);
            }
        }
        #[diagnostic::do_not_recommend]
        impl<T: LlmResponse + ?Sized> LlmResponse for $holder {
            fn record(&self, fields: &mut Fields) {
                (**self).record(fields);
            }
            fn capture(&self, content: &mut Content) {
                (**self).capture(content);
            }
        }
        #[diagnostic::do_not_recommend]
        impl<T: LlmUsage + ?Sized> LlmUsage for $holder {
            fn usage(&self) -> Usage {
                (**self).usage()
            }
        }
    )*};
}

through!(&T, &mut T, Box<T>, std::rc::Rc<T>, std::sync::Arc<T>);

#[diagnostic::do_not_recommend]
impl<T: LlmRequest> LlmRequest for Option<T> {
    fn record(&self, fields: &mut Fields) {
        if let Some(inner) = self {
            inner.record(fields);
        }
    }

    fn capture(&self, content: &mut Content) {
        if let Some(inner) = self {
            inner.capture(content);
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: LlmResponse> LlmResponse for Option<T> {
    fn record(&self, fields: &mut Fields) {
        if let Some(inner) = self {
            inner.record(fields);
        }
    }

    fn capture(&self, content: &mut Content) {
        if let Some(inner) = self {
            inner.capture(content);
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: LlmUsage> LlmUsage for Option<T> {
    fn usage(&self) -> Usage {
        self.as_ref().map(LlmUsage::usage).unwrap_or_default()
    }
}

/// Every part speaks for itself: scalars that several parts name end as the last part says, lists grow.
macro_rules! each {
    ($($parts:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: LlmRequest> LlmRequest for $parts {
            fn record(&self, fields: &mut Fields) {
                for part in self {
                    part.record(fields);
                }
            }
            fn capture(&self, content: &mut Content) {
                for part in self {
                    part.capture(content);
                }
            }
        }
        #[diagnostic::do_not_recommend]
        impl<T: LlmResponse> LlmResponse for $parts {
            fn record(&self, fields: &mut Fields) {
                for part in self {
                    part.record(fields);
                }
            }
            fn capture(&self, content: &mut Content) {
                for part in self {
                    part.capture(content);
                }
            }
        }
    )*};
}

each!([T], Vec<T>);
