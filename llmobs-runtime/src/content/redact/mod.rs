//! Hooks that see content before it leaves the process, and may change it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Json, Kind, Message, Part};

#[cfg(feature = "redact")]
mod cards;
#[cfg(feature = "redact")]
mod keys;
#[cfg(feature = "redact")]
mod members;
#[cfg(feature = "redact")]
pub(super) mod patterns;
#[cfg(feature = "redact")]
mod secrets;

/// Why a hook could not redact. What it says is neither logged nor recorded: it might quote what it failed on.
pub type RedactionError = Box<dyn std::error::Error + Send + Sync>;

/// A piece of content that a hook may change.
#[derive(Debug)]
#[non_exhaustive]
pub enum Redactable<'a> {
    /// A message, of the input or the output.
    Message(&'a mut Message),
    /// The parts of the instructions.
    Parts(&'a mut Vec<Part>),
    /// The definition of a tool, in the form of the conventions: an object with a `type` and a `name`. Without these
    /// it is left out.
    Tool(&'a mut Json),
    /// The arguments or the result of a tool.
    Value(&'a mut Json),
}

impl Redactable<'_> {
    /// Shows `visit` every string that people or models may have written; see [`Part::texts_mut`]. A streamed text
    /// comes in one piece. Of the definition of a tool it sees neither the keys that the conventions and JSON Schema
    /// have words for nor a `type`: a hook that replaces every text leaves its form as it is.
    pub fn texts_mut(&mut self, mut visit: impl FnMut(&mut String)) {
        match self {
            Self::Message(message) => message.texts_mut(&mut visit),
            Self::Parts(parts) => parts.iter_mut().for_each(|part| part.texts_mut(&mut visit)),
            Self::Tool(definition) => definition.definition_texts_mut(&mut visit),
            Self::Value(value) => value.texts_mut(&mut visit),
        }
    }

    #[cfg(feature = "enable")]
    pub(super) fn reborrow(&mut self) -> Redactable<'_> {
        match self {
            Self::Message(message) => Redactable::Message(message),
            Self::Parts(parts) => Redactable::Parts(parts),
            Self::Tool(definition) => Redactable::Tool(definition),
            Self::Value(value) => Redactable::Value(value),
        }
    }
}

/// A hook that sees all content before it is recorded, and may change it.
///
/// It fails closed: if it panics or returns an error, that kind of content (the input, say) of that call is not
/// recorded, everything else is, [`redaction_failures`] counts it, and a warning without any content says so.
/// Hooks run at the end of a call, one after the other, on a copy of at most a little more than the
/// [limit](super::ContentLimits); what is cut off there is not recorded either.
///
/// ```
/// use llmobs_runtime::content::{Kind, Redactable, Redactor};
///
/// let names = Redactor::texts(|text| *text = text.replace("Theodor Storm", "[NAME]"));
/// let no_results = Redactor::new(|kind, content| {
///     if kind == Kind::Result {
///         return Err("results stay here".into());
///     }
///     if let Redactable::Message(message) = content {
///         message.name = None;
///     }
///     Ok(())
/// });
/// # let _ = (names, no_results);
/// ```
#[derive(Clone)]
pub struct Redactor {
    #[cfg_attr(not(feature = "enable"), expect(dead_code, reason = "there is no content to show"))]
    hook: Arc<Hook>,
}

type Hook = dyn Fn(Kind, Redactable<'_>) -> Result<(), RedactionError> + Send + Sync;

impl Redactor {
    /// A hook from a closure: it is given the kind and the content, for the input and the output one message
    /// after the other, for the tools one definition.
    pub fn new(
        hook: impl Fn(Kind, Redactable<'_>) -> Result<(), RedactionError> + Send + Sync + 'static,
    ) -> Self {
        Self { hook: Arc::new(hook) }
    }

    /// A hook that changes texts, wherever they stand; see [`Redactable::texts_mut`].
    pub fn texts(change: impl Fn(&mut String) + Send + Sync + 'static) -> Self {
        Self::new(move |_, mut content| {
            content.texts_mut(&change);
            Ok(())
        })
    }
}

impl<F> From<F> for Redactor
where
    F: Fn(Kind, Redactable<'_>) -> Result<(), RedactionError> + Send + Sync + 'static,
{
    fn from(hook: F) -> Self {
        Self::new(hook)
    }
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redactor").finish_non_exhaustive()
    }
}

/// Failures of hooks in this process.
static FAILURES: AtomicU64 = AtomicU64::new(0);

/// How often in this process a hook panicked or failed, each time leaving out a kind of content of one call.
pub fn redaction_failures() -> u64 {
    FAILURES.load(Ordering::Relaxed)
}

#[cfg(feature = "enable")]
mod guarded {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::{FAILURES, Kind, Redactable, Redactor};
    use crate::guard::seldom;

    impl Redactor {
        /// Runs the hook; `None` where it panicked or failed.
        pub(in crate::content) fn run(&self, kind: Kind, content: Redactable<'_>) -> Option<()> {
            match catch_unwind(AssertUnwindSafe(|| (self.hook)(kind, content))) {
                Ok(Ok(())) => Some(()),
                Ok(Err(error)) => failed("failed", error),
                Err(panic) => failed("panicked", panic),
            }
        }
    }

    fn failed<T>(how: &'static str, reason: T) -> Option<()> {
        seldom(&FAILURES, reason, |times| {
            tracing::warn!(target: "llmobs", times, "a redaction hook {how}; that content is not recorded");
        });
        None
    }
}
