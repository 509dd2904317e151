//! Legacy text completions.

use ::async_openai::types::chat::CompletionFinishReason;
use ::async_openai::types::completions::{CreateCompletionRequest, CreateCompletionResponse};

use super::chat::statics;
use super::names::{index, stop};
#[cfg(feature = "enable")]
use crate::content::Content;
use crate::conventions::attr;
use crate::payload::terms::aligned;
use crate::payload::value::LIST_LIMIT;
use crate::payload::{Fields, LlmChunk, LlmRequest, LlmResponse, Streamed, Text};

#[diagnostic::do_not_recommend]
impl LlmRequest for CreateCompletionRequest {
    fn record(&self, fields: &mut Fields) {
        fields.set(attr::GEN_AI_REQUEST_MODEL, &self.model);
        fields.set(attr::GEN_AI_REQUEST_MAX_TOKENS, &self.max_tokens);
        fields.set(attr::GEN_AI_REQUEST_CHOICE_COUNT, &self.n.filter(|n| *n != 1));
        fields.set(attr::GEN_AI_REQUEST_TEMPERATURE, &self.temperature);
        fields.set(attr::GEN_AI_REQUEST_TOP_P, &self.top_p);
        fields.set(attr::GEN_AI_REQUEST_STOP_SEQUENCES, &self.stop.as_ref().map(stop));
        fields.set(attr::GEN_AI_REQUEST_FREQUENCY_PENALTY, &self.frequency_penalty);
        fields.set(attr::GEN_AI_REQUEST_PRESENCE_PENALTY, &self.presence_penalty);
        fields.set(attr::GEN_AI_REQUEST_SEED, &self.seed);
        fields.set(attr::GEN_AI_REQUEST_STREAM, &self.stream.filter(|stream| *stream));
    }

    #[cfg(feature = "enable")]
    fn capture(&self, content: &mut Content) {
        super::content::completions::request(self, content);
    }
}

#[diagnostic::do_not_recommend]
impl LlmResponse for CreateCompletionResponse {
    fn record(&self, fields: &mut Fields) {
        fields.set(attr::GEN_AI_RESPONSE_ID, &self.id);
        fields.set(attr::GEN_AI_RESPONSE_MODEL, &self.model);
        let choices = self.choices.iter().take(LIST_LIMIT);
        let reasons = aligned(choices.map(|choice| choice.finish_reason.map(finish_reason)));
        fields.set(attr::GEN_AI_RESPONSE_FINISH_REASONS, &statics(reasons));
        fields.usage(&self.usage);
        fields.set(attr::OPENAI_RESPONSE_SYSTEM_FINGERPRINT, &self.system_fingerprint);
    }

    #[cfg(feature = "enable")]
    fn capture(&self, content: &mut Content) {
        super::content::completions::response(self, content);
    }
}

/// The chunk of a stream: this API sends the same type in parts.
#[diagnostic::do_not_recommend]
impl LlmChunk for CreateCompletionResponse {
    fn record(&self, answer: &mut Streamed<'_>) {
        answer.once(attr::GEN_AI_RESPONSE_ID, &self.id);
        answer.once(attr::GEN_AI_RESPONSE_MODEL, &self.model);
        answer.once(attr::OPENAI_RESPONSE_SYSTEM_FINGERPRINT, &self.system_fingerprint);
        if let Some(usage) = &self.usage {
            answer.usage(usage);
        }
        for choice in &self.choices {
            let place = index(choice.index);
            answer.choice(place);
            if let Some(content) = answer.content() {
                content.text_delta(place, &choice.text);
            }
            if let Some(reason) = choice.finish_reason {
                answer.finish_reason(place, &Text::Static(finish_reason(reason)));
            }
        }
    }
}

pub(super) fn finish_reason(reason: CompletionFinishReason) -> &'static str {
    match reason {
        CompletionFinishReason::Stop => "stop",
        CompletionFinishReason::Length => "length",
        CompletionFinishReason::ContentFilter => "content_filter",
    }
}
