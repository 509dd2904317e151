//! One chunk of a streamed answer, and what the chunks have said so far.

use super::value::LIST_LIMIT;
use super::{AttributeValue, Fields, LlmUsage, Text, Value};
use crate::content::Content;
use crate::conventions::{self, Attribute, attr};

/// A piece of a streamed answer, able to name what it adds to what is known.
///
/// Most chunks add nothing but text; the first one names the model, the last ones why the model stopped and the
/// tokens used. [`Streamed::once`] keeps the cost of what every chunk repeats at a comparison.
///
/// ```
/// use llmobs_runtime::conventions::attr;
/// use llmobs_runtime::{LlmChunk, Streamed, Usage};
///
/// struct Piece {
///     model: String,
///     text: String,
///     stopped_by: Option<String>,
///     tokens_out: Option<u64>,
/// }
///
/// impl LlmChunk for Piece {
///     fn record(&self, answer: &mut Streamed<'_>) {
///         answer.once(attr::GEN_AI_RESPONSE_MODEL, &self.model);
///         answer.usage(&Usage { output: self.tokens_out, ..Usage::default() });
///         if let Some(reason) = &self.stopped_by {
///             answer.finish_reason(0, reason);
///         }
///         if let Some(content) = answer.content() {
///             content.text_delta(0, &self.text);
///         }
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what a chunk of a streamed answer holds",
    label = "not an `LlmChunk`",
    note = "derive it: `#[derive(LlmChunk)]` with `#[llm(response.model)]`, `#[llm(usage.output_tokens)]`, … on its fields",
    note = "or say where the chunk stands inside it: `response = |it| &it.event`",
    note = "or that there is nothing to read: `response = none`",
    note = "for the types of `async-openai` switch on the cargo feature of that name"
)]
pub trait LlmChunk {
    /// Writes what this chunk says of the answer into `answer`.
    fn record(&self, answer: &mut Streamed<'_>);
}

/// What the chunks of one stream have said so far.
#[derive(Debug)]
pub struct Streamed<'a> {
    fields: &'a mut Fields,
    progress: &'a mut Progress,
    content: Option<&'a mut Content>,
}

/// How far a streamed answer has come.
///
/// Nearly every answer has one choice: that one stands here, where each chunk finds it, and not behind a pointer.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    first: Choice,
    /// Those after it, in their order.
    others: Vec<Choice>,
    complete: bool,
}

/// How far one choice is.
#[derive(Clone, Debug, Default)]
enum Choice {
    /// Nothing has been heard of it.
    #[default]
    Unheard,
    Begun,
    Ended(Text),
}

impl<'a> Streamed<'a> {
    /// What there is to add to; the macros and `Call::chunk` make these, and tests of an [`LlmChunk`].
    pub fn new(
        fields: &'a mut Fields,
        progress: &'a mut Progress,
        content: Option<&'a mut Content>,
    ) -> Self {
        Self { fields, progress, content }
    }

    /// All that is known, to add to.
    pub fn fields(&mut self) -> &mut Fields {
        self.fields
    }

    /// Sets an attribute unless it is set: for what every chunk repeats.
    pub fn once<T, V: AttributeValue<T> + ?Sized>(&mut self, attribute: Attribute<T>, value: &V) {
        if !self.fields.has(attribute.id()) {
            self.fields.set(attribute, value);
        }
    }

    /// Sets an attribute; the last chunk that names it holds.
    pub fn set<T, V: AttributeValue<T> + ?Sized>(&mut self, attribute: Attribute<T>, value: &V) {
        self.fields.set(attribute, value);
    }

    /// Sets the token counts that `usage` names. Of a count that several chunks name the last holds: providers
    /// that report more than once report the total so far.
    pub fn usage<U: LlmUsage + ?Sized>(&mut self, usage: &U) {
        self.fields.usage(usage);
    }

    /// This chunk belongs to a choice that has begun; the answer is complete when all that have begun have ended.
    #[inline]
    pub fn choice(&mut self, index: usize) {
        if matches!(self.progress.get(index), None | Some(Choice::Unheard)) {
            self.progress.begin(index);
        }
    }

    /// Why the choice with this index ended.
    pub fn finish_reason<V>(&mut self, choice: usize, reason: &V)
    where
        V: AttributeValue<conventions::Text> + ?Sized,
    {
        self.choice(choice);
        if let Some(slot) = self.progress.get_mut(choice)
            && let Some(Value::Text(reason)) = reason.attribute_value()
        {
            if let Some(content) = &mut self.content {
                content.finish_reason(choice, reason.as_str());
            }
            *slot = Choice::Ended(reason.to_text());
        }
    }

    /// This is the last chunk, of which providers say so: who stops reading here has the whole answer.
    pub fn complete(&mut self) {
        self.progress.complete = true;
    }

    /// The provider says in the midst of the stream that the generation failed. An empty error type says nothing.
    pub fn fail_as<V>(&mut self, error_type: &V)
    where
        V: AttributeValue<conventions::Text> + ?Sized,
    {
        self.fields.set(attr::ERROR_TYPE, error_type);
    }

    /// Where the content goes; `None` where none is captured, and nothing needs to be looked for.
    pub fn content(&mut self) -> Option<&mut Content> {
        self.content.as_deref_mut()
    }
}

impl Progress {
    /// Whether the answer is whole: a chunk said so, or every choice that began has ended.
    pub fn is_complete(&self) -> bool {
        self.has_all(1)
    }

    #[inline]
    fn get(&self, index: usize) -> Option<&Choice> {
        match index.checked_sub(1) {
            None => Some(&self.first),
            Some(index) => self.others.get(index),
        }
    }

    fn get_mut(&mut self, index: usize) -> Option<&mut Choice> {
        match index.checked_sub(1) {
            None => Some(&mut self.first),
            Some(index) => self.others.get_mut(index),
        }
    }

    /// All up to the last one that was heard of; none where none was.
    fn choices(&self) -> impl Iterator<Item = &Choice> {
        let any = !(self.others.is_empty() && matches!(self.first, Choice::Unheard));
        any.then_some(&self.first).into_iter().chain(&self.others)
    }

    #[cold]
    fn begin(&mut self, index: usize) {
        if index < LIST_LIMIT && index > self.others.len() {
            self.others.resize(index, Choice::Unheard);
        }
        if let Some(choice) = self.get_mut(index) {
            *choice = Choice::Begun;
        }
    }

    /// The same where so many choices were asked for.
    pub(crate) fn has_all(&self, wanted: usize) -> bool {
        // One that nothing was heard of, before one that was, is still to come.
        let all_ended = self.choices().all(|choice| matches!(choice, Choice::Ended(_)));
        self.complete || (all_ended && self.choices().count() >= wanted.max(1))
    }

    /// A finish reason for each choice that began, or nothing where none has one.
    pub fn finish_reasons(&self) -> Option<Vec<Text>> {
        let reasons: Vec<_> = self.choices().filter_map(Choice::reason).collect();
        let any = self.choices().any(|choice| matches!(choice, Choice::Ended(_)));
        any.then_some(reasons)
    }
}

impl Choice {
    fn reason(&self) -> Option<Text> {
        match self {
            Self::Unheard => None,
            Self::Begun => Some(Text::Static(super::terms::ERROR)),
            Self::Ended(reason) => Some(reason.clone()),
        }
    }
}

/// Chunks that merely hold a chunk.
macro_rules! through {
    ($($holder:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: LlmChunk + ?Sized> LlmChunk for $holder {
            fn record(&self, answer: &mut Streamed<'_>) {
                (**self).record(answer);
            }
        }
    )*};
}

through!(&T, &mut T, Box<T>, std::rc::Rc<T>, std::sync::Arc<T>);

#[diagnostic::do_not_recommend]
impl<T: LlmChunk> LlmChunk for Option<T> {
    fn record(&self, answer: &mut Streamed<'_>) {
        if let Some(inner) = self {
            inner.record(answer);
        }
    }
}

macro_rules! each {
    ($($parts:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: LlmChunk> LlmChunk for $parts {
            fn record(&self, answer: &mut Streamed<'_>) {
                for part in self {
                    part.record(answer);
                }
            }
        }
    )*};
}

each!([T], Vec<T>);
