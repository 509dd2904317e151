//! The Responses API.

use ::async_openai::types::responses::{
    ConversationParam, CreateResponse, InputItem, InputParam, Item, OutputItem, Response,
    ResponseErrorCode, ResponseUsage, Status, TextResponseFormatConfiguration,
};

use super::names::{effort, requested, tier_of_responses};
#[cfg(feature = "enable")]
use crate::content::Content;
use crate::conventions::{attr, value};
use crate::payload::terms::{finish_reason, is_identifier};
use crate::payload::value::LIST_LIMIT;
use crate::payload::{Fields, LlmRequest, LlmResponse, LlmUsage, Text, Usage};

#[diagnostic::do_not_recommend]
impl LlmRequest for CreateResponse {
    fn record(&self, fields: &mut Fields) {
        fields.set(attr::OPENAI_API_TYPE, &Text::Static(value::openai_api_type::RESPONSES));
        fields.set(attr::GEN_AI_REQUEST_MODEL, &self.model);
        fields.set(attr::GEN_AI_REQUEST_MAX_TOKENS, &self.max_output_tokens);
        fields.set(attr::GEN_AI_REQUEST_TEMPERATURE, &self.temperature);
        fields.set(attr::GEN_AI_REQUEST_TOP_P, &self.top_p);
        fields.set(attr::GEN_AI_REQUEST_STREAM, &self.stream.filter(|stream| *stream));
        let effort = self.reasoning.as_ref().and_then(|it| it.effort.as_ref()).map(effort);
        fields.set(attr::GEN_AI_REQUEST_REASONING_LEVEL, &effort.map(Text::Static));
        let tier = self.service_tier.as_ref().map(tier_of_responses).and_then(requested);
        fields.set(attr::OPENAI_REQUEST_SERVICE_TIER, &tier.map(Text::Static));
        let format = self.text.as_ref().map(|text| match text.format {
            TextResponseFormatConfiguration::Text => value::gen_ai_output_type::TEXT,
            TextResponseFormatConfiguration::JsonObject
            | TextResponseFormatConfiguration::JsonSchema(_) => value::gen_ai_output_type::JSON,
        });
        fields.set(attr::GEN_AI_OUTPUT_TYPE, &format.map(Text::Static));
        fields.set(attr::GEN_AI_REQUEST_PREVIOUS_RESPONSE_ID, &self.previous_response_id);
        let conversation = self.conversation.as_ref().map(|it| match it {
            ConversationParam::ConversationID(id) => id,
            ConversationParam::Object(conversation) => &conversation.id,
        });
        fields.set(attr::GEN_AI_CONVERSATION_ID, &conversation);
        fields.set(attr::GEN_AI_CONVERSATION_COMPACTED, &goes_on_from_less(&self.input));
        if let Some(prompt) = &self.prompt {
            fields.set(attr::GEN_AI_PROMPT_NAME, &prompt.id);
            fields.set(attr::GEN_AI_PROMPT_VERSION, &prompt.version);
        }
    }

    #[cfg(feature = "enable")]
    fn capture(&self, content: &mut Content) {
        super::content::responses::request(self, content);
    }
}

/// That what was said before stands shortened in the input; nothing where it does not.
fn goes_on_from_less(input: &InputParam) -> Option<bool> {
    let InputParam::Items(items) = input else { return None };
    let mut items = items.iter().take(LIST_LIMIT);
    items.any(|item| matches!(item, InputItem::Item(Item::Compaction(_)))).then_some(true)
}

#[diagnostic::do_not_recommend]
impl LlmResponse for Response {
    fn record(&self, fields: &mut Fields) {
        describe(self, fields);
        fields.set(attr::GEN_AI_RESPONSE_FINISH_REASONS, &reason_of(self));
    }

    #[cfg(feature = "enable")]
    fn capture(&self, content: &mut Content) {
        super::content::responses::response(self, content);
    }
}

/// All that a response says but why it ended.
pub(super) fn describe(response: &Response, fields: &mut Fields) {
    fields.set(attr::OPENAI_API_TYPE, &Text::Static(value::openai_api_type::RESPONSES));
    fields.set(attr::GEN_AI_RESPONSE_ID, &response.id);
    fields.set(attr::GEN_AI_RESPONSE_MODEL, &response.model);
    fields.set(attr::GEN_AI_RESPONSE_STATUS, &Text::Static(status(&response.status)));
    fields.usage(&response.usage);
    let tier = response.service_tier.as_ref().map(tier_of_responses);
    fields.set(attr::OPENAI_RESPONSE_SERVICE_TIER, &tier.map(Text::Static));
    fields.set(attr::GEN_AI_CONVERSATION_ID, &response.conversation.as_ref().map(|it| &it.id));
    let mut output = response.output.iter().take(LIST_LIMIT);
    let compacted = output.any(|item| matches!(item, OutputItem::Compaction(_)));
    fields.set(attr::GEN_AI_CONVERSATION_COMPACTED, &compacted.then_some(true));
    if let Some(error) = &response.error {
        let spare = error.r#type.as_deref().filter(|it| is_identifier(it));
        let class = error_code(&error.code).or(spare).unwrap_or(value::error_type::OTHER);
        fields.set(attr::ERROR_TYPE, class);
    } else if response.status == Status::Failed {
        fields.set(attr::ERROR_TYPE, &Text::Static(value::error_type::OTHER));
    }
}

/// Why the generation ended; `None` while it goes on.
pub(super) fn reason_of(response: &Response) -> Option<&str> {
    let incomplete = response.incomplete_details.as_ref().map(|details| details.reason.as_str());
    finish_reason(status(&response.status), incomplete, || waits_for_tools(&response.output))
}

pub(super) fn status(status: &Status) -> &'static str {
    match status {
        Status::Completed => "completed",
        Status::Failed => "failed",
        Status::InProgress => "in_progress",
        Status::Cancelled => "cancelled",
        Status::Queued => "queued",
        Status::Incomplete => "incomplete",
    }
}

/// See `waits_for_tools` of the raw format: calls that the client runs, less those answered in the output.
fn waits_for_tools(output: &[OutputItem]) -> bool {
    let open = output.iter().rev().take(LIST_LIMIT).fold(0_i32, |open, item| match item {
        OutputItem::FunctionCall(_)
        | OutputItem::CustomToolCall(_)
        | OutputItem::ComputerCall(_)
        | OutputItem::LocalShellCall(_)
        | OutputItem::ShellCall(_)
        | OutputItem::ApplyPatchCall(_) => open + 1,
        OutputItem::FunctionCallOutput(_)
        | OutputItem::CustomToolCallOutput(_)
        | OutputItem::ComputerCallOutput(_)
        | OutputItem::ShellCallOutput(_)
        | OutputItem::ApplyPatchCallOutput(_) => open - 1,
        OutputItem::Message(_)
        | OutputItem::FileSearchCall(_)
        | OutputItem::WebSearchCall(_)
        | OutputItem::Reasoning(_)
        | OutputItem::Program(_)
        | OutputItem::ProgramOutput(_)
        | OutputItem::ToolSearchCall(_)
        | OutputItem::ToolSearchOutput(_)
        | OutputItem::AdditionalTools(_)
        | OutputItem::Compaction(_)
        | OutputItem::ImageGenerationCall(_)
        | OutputItem::CodeInterpreterCall(_)
        | OutputItem::McpCall(_)
        | OutputItem::McpListTools(_)
        | OutputItem::McpApprovalRequest(_) => open,
    });
    open > 0
}

fn error_code(code: &ResponseErrorCode) -> Option<&str> {
    Some(match code {
        ResponseErrorCode::ServerError => "server_error",
        ResponseErrorCode::RateLimitExceeded => "rate_limit_exceeded",
        ResponseErrorCode::InvalidPrompt => "invalid_prompt",
        ResponseErrorCode::DataResidencyMismatch => "data_residency_mismatch",
        ResponseErrorCode::BioPolicy => "bio_policy",
        ResponseErrorCode::MisalignmentPolicyViolation => "misalignment_policy_violation",
        ResponseErrorCode::VectorStoreTimeout => "vector_store_timeout",
        ResponseErrorCode::InvalidImage => "invalid_image",
        ResponseErrorCode::InvalidImageFormat => "invalid_image_format",
        ResponseErrorCode::InvalidBase64Image => "invalid_base64_image",
        ResponseErrorCode::InvalidImageUrl => "invalid_image_url",
        ResponseErrorCode::ImageTooLarge => "image_too_large",
        ResponseErrorCode::ImageTooSmall => "image_too_small",
        ResponseErrorCode::ImageParseError => "image_parse_error",
        ResponseErrorCode::ImageContentPolicyViolation => "image_content_policy_violation",
        ResponseErrorCode::InvalidImageMode => "invalid_image_mode",
        ResponseErrorCode::ImageFileTooLarge => "image_file_too_large",
        ResponseErrorCode::UnsupportedImageMediaType => "unsupported_image_media_type",
        ResponseErrorCode::EmptyImageFile => "empty_image_file",
        ResponseErrorCode::FailedToDownloadImage => "failed_to_download_image",
        ResponseErrorCode::ImageFileNotFound => "image_file_not_found",
        ResponseErrorCode::Other(code) => {
            return Some(code.as_str()).filter(|code| is_identifier(code));
        }
    })
}

#[diagnostic::do_not_recommend]
impl LlmUsage for ResponseUsage {
    fn usage(&self) -> Usage {
        let cache_write = self.input_tokens_details.cache_write_tokens;
        Usage {
            input: Some(self.input_tokens.into()),
            output: Some(self.output_tokens.into()),
            cache_read: Some(self.input_tokens_details.cached_tokens.into()),
            cache_write: cache_write.and_then(|tokens| u64::try_from(tokens).ok()),
            reasoning: Some(self.output_tokens_details.reasoning_tokens.into()),
            ..Usage::default()
        }
    }
}
