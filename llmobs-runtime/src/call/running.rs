//! An operation that runs, until it ends.

use std::borrow::Cow;
use std::error::Error;
use std::time::Instant;

use super::end::{close, close_late};
use super::tempo::Tempo;
use super::{Call, Draft, OTHER, error, put, put_attribute};
use crate::conventions::{self, Attribute, attr, operation};
use crate::guard::guarded;
use crate::payload::{
    Any, AttributeValue, Fields, LlmChunk, LlmResponse, LlmUsage, Streamed, Text, Value,
};

impl Call {
    /// Whether anybody records this call.
    #[inline]
    pub fn is_recording(&self) -> bool {
        self.draft.is_some()
    }

    /// What has been named so far, to add to; `None` where nobody records.
    pub fn fields(&mut self) -> Option<&mut Fields> {
        self.draft.as_mut().map(|draft| &mut draft.fields)
    }

    /// All that the response says of itself, and of its content what is captured.
    ///
    /// A response that was fetched and says that its generation failed is no failure of the fetch.
    pub fn response<R: LlmResponse + ?Sized>(&mut self, response: &R) {
        let Some(draft) = &mut self.draft else { return };
        let is_fetch = std::ptr::eq(draft.operation.span, operation::FETCH_RESPONSE.span);
        let fields = &mut draft.fields;
        let failed_before = fields.get(attr::ERROR_TYPE).is_some();
        guarded("the response", &mut || response.record(fields));
        if is_fetch && !failed_before {
            fields.unset(attr::ERROR_TYPE);
        }
        draft.captured("the response", |content| response.capture(content));
    }

    /// All that a chunk of a streamed answer says, and that it came just now.
    pub fn chunk<C: LlmChunk + ?Sized>(&mut self, chunk: &C) {
        let Some(draft) = &mut self.draft else { return };
        if draft.tempo.is_none() {
            draft.streams();
        }
        #[cfg(feature = "token-estimates")]
        draft.tally();
        let Draft { fields, content, tempo: Some(tempo), .. } = &mut **draft else { return };
        tempo.chunk();
        let mut answer = Streamed::new(fields, &mut tempo.progress, content.as_deref_mut());
        guarded("a chunk", &mut || chunk.record(&mut answer));
    }

    /// A chunk came just now, of which nothing is read.
    pub fn chunk_received(&mut self) {
        let Some(draft) = &mut self.draft else { return };
        if draft.tempo.is_none() {
            draft.streams();
        }
        if let Some(tempo) = &mut draft.tempo {
            tempo.chunk();
        }
    }

    /// The answer is a stream.
    pub(super) fn streams(&mut self) {
        if let Some(draft) = &mut self.draft {
            draft.streams();
        }
    }

    /// Nobody reads on: whoever read has the whole answer, or met its failure, or has left it.
    pub(super) fn leave(mut self) {
        let Some(mut draft) = self.draft.take() else { return };
        let failed = draft.fields.get(attr::ERROR_TYPE).is_some();
        let complete = draft.tempo.as_ref().is_some_and(|tempo| is_complete(&draft, tempo));
        // What is over has ended when its last item came, however long the stream was kept.
        let last = draft.tempo.as_ref().map(|tempo| tempo.last());
        if failed || complete {
            let now = Instant::now();
            close_late(draft, last.unwrap_or(now), now);
        } else {
            draft.fields.set(attr::ERROR_TYPE, &Text::Static(error::ABANDONED));
            close(draft);
        }
    }

    /// The tokens used.
    pub fn usage<U: LlmUsage + ?Sized>(&mut self, usage: &U) {
        if let Some(fields) = self.fields() {
            guarded("the usage", &mut || fields.usage(usage));
        }
    }

    /// Sets an attribute of the conventions.
    pub fn set<T, V: AttributeValue<T> + ?Sized>(&mut self, attribute: Attribute<T>, value: &V) {
        put(self.fields(), attribute, value);
    }

    /// Sets an attribute of the user's own on the span.
    pub fn attribute<V: AttributeValue<Any>>(
        &mut self,
        key: impl Into<Cow<'static, str>>,
        value: V,
    ) {
        put_attribute(self.fields(), key, &value);
    }

    /// The call failed: `error.type` becomes the HTTP status, the provider's code or the name of the error's
    /// type, whichever is found first along its sources. The error's message is not recorded.
    pub fn fail<E: Error + 'static>(&mut self, error: &E) {
        self.failed(&mut || error::of_error(error));
    }

    /// The same of an error whose type is not known: `&*anyhow_error`, `boxed_error.as_ref()`.
    pub fn fail_dyn(&mut self, error: &(dyn Error + 'static)) {
        self.failed(&mut || error::of_dyn(error));
    }

    /// The call failed with an `error.type` of the caller's choice: a code or a type name, one of few. An empty
    /// one becomes `_OTHER`.
    pub fn fail_as<V: AttributeValue<conventions::Text>>(&mut self, error_type: V) {
        self.failed(&mut || match error_type.attribute_value() {
            Some(Value::Text(text)) => text.to_text(),
            _ => Text::Static(OTHER),
        });
    }

    /// The call failed, whatever the error has to say of itself.
    pub(super) fn failed(&mut self, error_type: &mut dyn FnMut() -> Text) {
        if let Some(fields) = self.fields() {
            let text = guarded("the error", error_type).filter(|text| !text.as_str().is_empty());
            let text = text.unwrap_or(Text::Static(OTHER));
            fields.put(attr::ERROR_TYPE.id(), Value::Text((&text).into()));
        }
        if let Some(tempo) = self.draft.as_mut().and_then(|draft| draft.tempo.as_mut()) {
            tempo.touch();
        }
    }

    /// Reads a result, its response or its error, and ends the call.
    pub fn finish<T: LlmResponse, E: Error + 'static>(mut self, result: &Result<T, E>) {
        match result {
            Ok(response) => self.response(response),
            Err(error) => self.fail(error),
        }
        self.end();
    }

    /// From here on dropping the call ends it: for synchronous code, which cannot be cancelled but may return
    /// in more places than one. A panic is still recorded as one.
    pub fn end_on_drop(&mut self) {
        if let Some(draft) = &mut self.draft {
            draft.ends_on_drop = true;
        }
    }

    /// The call ended; records its span and its metrics.
    #[inline]
    pub fn end(mut self) {
        if let Some(draft) = self.draft.take() {
            ended(draft);
        }
    }
}

impl Drop for Call {
    #[inline]
    fn drop(&mut self) {
        if let Some(draft) = self.draft.take() {
            dropped(draft);
        }
    }
}

fn ended(draft: Box<Draft>) {
    close(draft);
}

fn dropped(mut draft: Box<Draft>) {
    let unfinished = if std::thread::panicking() && !draft.in_panic {
        Some(error::PANIC)
    } else if let Some(tempo) = &draft.tempo {
        (!is_complete(&draft, tempo)).then_some(error::ABANDONED)
    } else {
        (!draft.ends_on_drop).then_some(error::CANCELLED)
    };
    // A failure that is known says more than that nothing came after it.
    if let Some(unfinished) = unfinished
        && draft.fields.get(attr::ERROR_TYPE).is_none()
    {
        draft.fields.set(attr::ERROR_TYPE, &Text::Static(unfinished));
    }
    close(draft);
}

impl Draft {
    #[cold]
    fn streams(&mut self) {
        if let Some(live) = &self.live {
            self.tempo.get_or_insert_with(|| Box::new(Tempo::new(live.began)));
        }
        self.fields.set(attr::GEN_AI_REQUEST_STREAM, &true);
    }
}

/// Whether a streamed answer is whole, with all the choices that were asked for.
fn is_complete(draft: &Draft, tempo: &Tempo) -> bool {
    let wanted = draft.fields.int(attr::GEN_AI_REQUEST_CHOICE_COUNT);
    tempo.progress.has_all(wanted.and_then(|count| usize::try_from(count).ok()).unwrap_or(1))
}
