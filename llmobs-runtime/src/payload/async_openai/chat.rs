//! Chat Completions.

use ::async_openai::types::chat::{
    ChatChoiceStream, ChatCompletionStreamResponseDelta, CompletionUsage,
    CreateChatCompletionRequest, CreateChatCompletionResponse, CreateChatCompletionStreamResponse,
    FinishReason, FunctionCallStream, ResponseFormat, ResponseModalities,
};

use super::names::{effort, index, requested, stop, tier};
use crate::content::Content;
use crate::conventions::{attr, value};
use crate::payload::terms::aligned;
use crate::payload::value::LIST_LIMIT;
use crate::payload::{
    Fields, LlmChunk, LlmRequest, LlmResponse, LlmUsage, Modality, Streamed, Text, Usage,
};

#[diagnostic::do_not_recommend]
impl LlmRequest for CreateChatCompletionRequest {
    #[expect(deprecated, reason = "`max_tokens` and `seed` are still sent where they are set")]
    fn record(&self, fields: &mut Fields) {
        fields.set(attr::OPENAI_API_TYPE, &Text::Static(value::openai_api_type::CHAT_COMPLETIONS));
        fields.set(attr::GEN_AI_REQUEST_MODEL, &self.model);
        fields
            .set(attr::GEN_AI_REQUEST_MAX_TOKENS, &self.max_completion_tokens.or(self.max_tokens));
        fields.set(attr::GEN_AI_REQUEST_CHOICE_COUNT, &self.n.filter(|n| *n != 1));
        fields.set(attr::GEN_AI_REQUEST_TEMPERATURE, &self.temperature);
        fields.set(attr::GEN_AI_REQUEST_TOP_P, &self.top_p);
        fields.set(attr::GEN_AI_REQUEST_STOP_SEQUENCES, &self.stop.as_ref().map(stop));
        fields.set(attr::GEN_AI_REQUEST_FREQUENCY_PENALTY, &self.frequency_penalty);
        fields.set(attr::GEN_AI_REQUEST_PRESENCE_PENALTY, &self.presence_penalty);
        fields.set(attr::GEN_AI_REQUEST_SEED, &self.seed);
        fields.set(attr::GEN_AI_REQUEST_STREAM, &self.stream.filter(|stream| *stream));
        fields.set(
            attr::GEN_AI_REQUEST_REASONING_LEVEL,
            &self.reasoning_effort.as_ref().map(|it| Text::Static(effort(it))),
        );
        let tier = self.service_tier.as_ref().map(tier).and_then(requested);
        fields.set(attr::OPENAI_REQUEST_SERVICE_TIER, &tier.map(Text::Static));
        fields.set(attr::GEN_AI_OUTPUT_TYPE, &output_type(self).map(Text::Static));
    }

    #[cfg(feature = "enable")]
    fn capture(&self, content: &mut Content) {
        super::content::chat::request(self, content);
    }
}

fn output_type(request: &CreateChatCompletionRequest) -> Option<&'static str> {
    if request.modalities.as_ref().is_some_and(|list| list.contains(&ResponseModalities::Audio)) {
        return Some(value::gen_ai_output_type::SPEECH);
    }
    match request.response_format.as_ref()? {
        ResponseFormat::Text => Some(value::gen_ai_output_type::TEXT),
        ResponseFormat::JsonObject | ResponseFormat::JsonSchema { .. } => {
            Some(value::gen_ai_output_type::JSON)
        }
    }
}

#[diagnostic::do_not_recommend]
impl LlmResponse for CreateChatCompletionResponse {
    #[expect(deprecated, reason = "`system_fingerprint` is still received")]
    fn record(&self, fields: &mut Fields) {
        fields.set(attr::OPENAI_API_TYPE, &Text::Static(value::openai_api_type::CHAT_COMPLETIONS));
        fields.set(attr::GEN_AI_RESPONSE_ID, &self.id);
        fields.set(attr::GEN_AI_RESPONSE_MODEL, &self.model);
        let choices = self.choices.iter().take(LIST_LIMIT);
        let reasons = aligned(choices.map(|choice| choice.finish_reason.map(finish_reason)));
        fields.set(attr::GEN_AI_RESPONSE_FINISH_REASONS, &statics(reasons));
        fields.usage(&self.usage);
        let tier = self.service_tier.as_ref().map(tier);
        fields.set(attr::OPENAI_RESPONSE_SERVICE_TIER, &tier.map(Text::Static));
        fields.set(attr::OPENAI_RESPONSE_SYSTEM_FINGERPRINT, &self.system_fingerprint);
    }

    #[cfg(feature = "enable")]
    fn capture(&self, content: &mut Content) {
        super::content::chat::response(self, content);
    }
}

/// Every chunk repeats the id, the model, the tier and the fingerprint. Usage comes in the last chunk, which has
/// no choices, where `stream_options.include_usage` asks for it.
#[diagnostic::do_not_recommend]
impl LlmChunk for CreateChatCompletionStreamResponse {
    #[expect(deprecated, reason = "`system_fingerprint` is still received")]
    fn record(&self, answer: &mut Streamed<'_>) {
        answer.once(attr::OPENAI_API_TYPE, &Text::Static(value::openai_api_type::CHAT_COMPLETIONS));
        answer.once(attr::GEN_AI_RESPONSE_ID, &self.id);
        answer.once(attr::GEN_AI_RESPONSE_MODEL, &self.model);
        let tier = self.service_tier.as_ref().map(tier);
        answer.once(attr::OPENAI_RESPONSE_SERVICE_TIER, &tier.map(Text::Static));
        answer.once(attr::OPENAI_RESPONSE_SYSTEM_FINGERPRINT, &self.system_fingerprint);
        if let Some(usage) = &self.usage {
            answer.usage(usage);
        }
        for choice in &self.choices {
            record_choice(choice, answer);
        }
    }
}

fn record_choice(choice: &ChatChoiceStream, answer: &mut Streamed<'_>) {
    let place = index(choice.index);
    answer.choice(place);
    if let Some(content) = answer.content() {
        hand_over(place, &choice.delta, content);
    }
    if let Some(reason) = choice.finish_reason {
        answer.finish_reason(place, &Text::Static(finish_reason(reason)));
    }
}

#[expect(deprecated, reason = "`function_call` is still received from older models")]
fn hand_over(place: usize, delta: &ChatCompletionStreamResponseDelta, content: &mut Content) {
    let heard = delta.audio.as_ref().and_then(|audio| audio.transcript.as_ref());
    for text in [&delta.content, &delta.refusal].into_iter().flatten().chain(heard) {
        content.text_delta(place, text);
    }
    for call in delta.tool_calls.iter().flatten() {
        let function = call.function.as_ref();
        piece(place, index(call.index), call.id.as_deref(), function, content);
    }
    if delta.function_call.is_some() {
        piece(place, 0, None, delta.function_call.as_ref(), content);
    }
}

fn piece(
    place: usize,
    call: usize,
    id: Option<&str>,
    function: Option<&FunctionCallStream>,
    content: &mut Content,
) {
    let name = function.and_then(|it| it.name.as_deref());
    let arguments = function.and_then(|it| it.arguments.as_deref()).unwrap_or_default();
    content.tool_call_delta(place, call, id, name, arguments);
}

pub(super) fn finish_reason(reason: FinishReason) -> &'static str {
    match reason {
        FinishReason::Stop => "stop",
        FinishReason::Length => "length",
        FinishReason::ToolCalls => "tool_calls",
        FinishReason::ContentFilter => "content_filter",
        FinishReason::FunctionCall => "function_call",
    }
}

pub(super) fn statics(reasons: Option<Vec<&'static str>>) -> Option<Vec<Text>> {
    Some(reasons?.into_iter().map(Text::Static).collect())
}

#[diagnostic::do_not_recommend]
impl LlmUsage for CompletionUsage {
    fn usage(&self) -> Usage {
        let input = self.prompt_tokens_details.as_ref();
        let output = self.completion_tokens_details.as_ref();
        let signed = |tokens: Option<i64>| tokens.and_then(|tokens| u64::try_from(tokens).ok());
        Usage {
            input: Some(self.prompt_tokens.into()),
            output: Some(self.completion_tokens.into()),
            cache_read: input.and_then(|it| it.cached_tokens).map(u64::from),
            cache_write: signed(input.and_then(|it| it.cache_write_tokens)),
            reasoning: output.and_then(|it| it.reasoning_tokens).map(u64::from),
            text: Modality {
                input: signed(input.and_then(|it| it.text_tokens)),
                output: signed(output.and_then(|it| it.text_tokens)),
                cache_read: None,
            },
            image: Modality {
                input: signed(input.and_then(|it| it.image_tokens)),
                ..Modality::default()
            },
            audio: Modality {
                input: input.and_then(|it| it.audio_tokens).map(u64::from),
                output: output.and_then(|it| it.audio_tokens).map(u64::from),
                cache_read: None,
            },
        }
    }
}
