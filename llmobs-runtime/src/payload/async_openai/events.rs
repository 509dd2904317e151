//! The events of a streamed answer of the Responses API.

use ::async_openai::types::responses::{
    OutputItem, Response, ResponseErrorEvent, ResponseStreamEvent,
};

use super::names::index;
use super::responses::{describe, reason_of, status};
use crate::content::Content;
use crate::conventions::{attr, value};
use crate::payload::terms::is_identifier;
use crate::payload::{LlmChunk, Streamed, Text};

/// An answer of this API is one choice, whatever it consists of.
const CHOICE: usize = 0;

/// What stands between the parts of a summary: each is a paragraph of its own.
const PARAGRAPH: &str = "\n\n";

/// The first events name the model, the last one repeats the whole response with its usage. What lies between
/// adds only content; it is taken from the pieces, because an abandoned stream has no last event.
#[diagnostic::do_not_recommend]
impl LlmChunk for ResponseStreamEvent {
    fn record(&self, answer: &mut Streamed<'_>) {
        match self {
            Self::ResponseCreated(event) => begun(&event.response, answer),
            Self::ResponseInProgress(event) => begun(&event.response, answer),
            Self::ResponseQueued(event) => begun(&event.response, answer),
            Self::ResponseCompleted(event) => ended(&event.response, answer),
            Self::ResponseIncomplete(event) => ended(&event.response, answer),
            Self::ResponseFailed(event) => {
                ended(&event.response, answer);
                if answer.fields().get(attr::ERROR_TYPE).is_none() {
                    answer.fail_as(value::error_type::OTHER);
                }
            }
            Self::ResponseError(event) => failed(event, answer),
            event => {
                if let Some(content) = answer.content() {
                    hand_over(event, content);
                }
            }
        }
    }
}

/// The tier is left for the end: until then it is the one that was asked for.
fn begun(response: &Response, answer: &mut Streamed<'_>) {
    answer.once(attr::OPENAI_API_TYPE, &Text::Static(value::openai_api_type::RESPONSES));
    answer.once(attr::GEN_AI_RESPONSE_ID, &response.id);
    answer.once(attr::GEN_AI_RESPONSE_MODEL, &response.model);
    answer.once(attr::GEN_AI_CONVERSATION_ID, &response.conversation.as_ref().map(|it| &it.id));
    answer.set(attr::GEN_AI_RESPONSE_STATUS, &Text::Static(status(&response.status)));
    answer.choice(CHOICE);
}

fn ended(response: &Response, answer: &mut Streamed<'_>) {
    describe(response, answer.fields());
    if let Some(reason) = reason_of(response) {
        answer.finish_reason(CHOICE, reason);
    }
    answer.complete();
}

fn failed(event: &ResponseErrorEvent, answer: &mut Streamed<'_>) {
    let code = event.code.as_deref().filter(|code| is_identifier(code));
    answer.fail_as(code.unwrap_or(value::error_type::OTHER));
    answer.complete();
}

fn hand_over(event: &ResponseStreamEvent, content: &mut Content) {
    use ResponseStreamEvent as Event;
    match event {
        Event::ResponseOutputTextDelta(event) => content.text_delta(CHOICE, &event.delta),
        Event::ResponseRefusalDelta(event) => content.text_delta(CHOICE, &event.delta),
        Event::ResponseAudioTranscriptDelta(event) => content.text_delta(CHOICE, &event.delta),
        Event::ResponseReasoningTextDelta(event) => content.reasoning_delta(CHOICE, &event.delta),
        Event::ResponseReasoningSummaryTextDelta(event) => {
            content.reasoning_delta(CHOICE, &event.delta);
        }
        Event::ResponseReasoningSummaryPartAdded(event) if event.summary_index > 0 => {
            content.reasoning_delta(CHOICE, PARAGRAPH);
        }
        Event::ResponseFunctionCallArgumentsDelta(event) => {
            let call = index(event.output_index);
            content.tool_call_delta(CHOICE, call, None, None, &event.delta);
        }
        Event::ResponseCustomToolCallInputDelta(event) => {
            let call = index(event.output_index);
            content.tool_call_delta(CHOICE, call, None, None, &event.delta);
        }
        Event::ResponseOutputItemAdded(event) => {
            added(index(event.output_index), &event.item, content);
        }
        #[cfg(feature = "enable")]
        Event::ResponseOutputItemDone(event) => done(&event.item, content),
        _ => {}
    }
}

/// A call begins with its id and name; its arguments follow in pieces.
fn added(place: usize, item: &OutputItem, content: &mut Content) {
    let (id, name) = match item {
        OutputItem::FunctionCall(call) => (&call.call_id, &call.name),
        OutputItem::CustomToolCall(call) => (&call.call_id, &call.name),
        _ => return,
    };
    content.tool_call_delta(CHOICE, place, Some(id), Some(name), "");
}

/// What came in pieces is there already; the rest is whole now.
#[cfg(feature = "enable")]
fn done(item: &OutputItem, content: &mut Content) {
    match item {
        OutputItem::Message(_)
        | OutputItem::Reasoning(_)
        | OutputItem::FunctionCall(_)
        | OutputItem::CustomToolCall(_) => {}
        item => content.part(CHOICE, &super::content::items::Output(item)),
    }
}
