//! What an error says about itself.

use std::borrow::Cow;

/// An error that knows its `error.type`.
///
/// Implement it for an error of your own to say which status or code it stands for. Errors that do not are
/// classified by what is found along their sources, else by the name of their type.
///
/// ```
/// use std::borrow::Cow;
/// use llmobs_runtime::LlmError;
///
/// #[derive(Debug)]
/// enum AskError {
///     Http(u16),
///     Empty,
/// }
///
/// impl LlmError for AskError {
///     fn error_type(&self) -> Option<Cow<'static, str>> {
///         match self {
///             Self::Http(status) => Some(status.to_string().into()),
///             Self::Empty => Some("empty_answer".into()),
///         }
///     }
/// }
/// ```
pub trait LlmError {
    /// The status, code or name of this error, one of few; `None` leaves the name of the type.
    fn error_type(&self) -> Option<Cow<'static, str>>;
}

macro_rules! through {
    ($($holder:ty),*) => {$(
        impl<E: LlmError + ?Sized> LlmError for $holder {
            fn error_type(&self) -> Option<Cow<'static, str>> {
                (**self).error_type()
            }
        }
    )*};
}

through!(&E, &mut E, Box<E>, std::rc::Rc<E>, std::sync::Arc<E>);
