//! Events of OpenAI's Responses API.

use super::{fail, identity, report};
use crate::content::Content;
use crate::conventions::{attr, value};
use crate::payload::wire::read::{Object, count, object, text};
use crate::payload::wire::{self, error, openai_responses};
use crate::payload::{Streamed, Text};

/// What the types of all events but `error` begin with.
pub(super) const PREFIX: &str = "response.";

/// The answer is one, of several items.
const CHOICE: usize = 0;

/// Between two parts of a summary of reasoning, each of which is a paragraph.
const PARAGRAPH: &str = "\n\n";

/// The first events name the model, the last one repeats the whole response with its usage. What lies between
/// is content alone.
pub(super) fn event(kind: &str, body: &Object, answer: &mut Streamed<'_>) {
    let whole = object(body, "response");
    match kind.get(PREFIX.len()..).unwrap_or_default() {
        "created" | "queued" | "in_progress" => {
            answer.choice(CHOICE);
            if let Some(begun) = whole {
                begin(begun, answer);
            }
        }
        "completed" | "incomplete" | "cancelled" => {
            if let Some(ended) = whole {
                end(ended, answer);
            }
            answer.complete();
        }
        "failed" => {
            if let Some(ended) = whole {
                end(ended, answer);
            }
            if whole.and_then(error::class).is_none() {
                fail(answer);
            }
            answer.complete();
        }
        kind => {
            if let Some(content) = answer.content() {
                copy(kind, body, content);
            }
        }
    }
}

/// A response that came in one piece, or the state of one.
pub(super) fn whole(body: &Object, answer: &mut Streamed<'_>) {
    if let Some(content) = answer.content() {
        wire::content::response(body, content);
    }
    end(body, answer);
    if openai_responses::reason(body).is_some() {
        answer.complete();
    }
}

/// The tier is left for the end: until then it is the one that was asked for.
fn begin(body: &Object, answer: &mut Streamed<'_>) {
    identity(body, answer);
    answer.once(attr::OPENAI_API_TYPE, &Text::Static(value::openai_api_type::RESPONSES));
    answer.set(attr::GEN_AI_RESPONSE_STATUS, &text(body, "status"));
    openai_responses::conversation(body, answer.fields());
}

fn end(body: &Object, answer: &mut Streamed<'_>) {
    if let Some(class) = error::class(body) {
        answer.fail_as(&class);
    }
    answer.set(attr::GEN_AI_RESPONSE_ID, &text(body, "id"));
    answer.set(attr::GEN_AI_RESPONSE_MODEL, &text(body, "model"));
    report(body, answer);
    openai_responses::describe(body, answer.fields());
    if let Some(reason) = openai_responses::reason(body) {
        answer.finish_reason(CHOICE, reason);
    }
}

/// Content is taken from the pieces, since an abandoned stream has no last event.
fn copy(kind: &str, body: &Object, content: &mut Content) {
    let delta = text(body, "delta").unwrap_or_default();
    match kind {
        "output_text.delta" | "refusal.delta" | "audio.transcript.delta" => {
            content.text_delta(CHOICE, delta);
        }
        "reasoning_text.delta" | "reasoning_summary_text.delta" => {
            content.reasoning_delta(CHOICE, delta);
        }
        "reasoning_summary_part.added" if count(body, "summary_index") > Some(0) => {
            content.reasoning_delta(CHOICE, PARAGRAPH);
        }
        "function_call_arguments.delta" | "custom_tool_call_input.delta" => {
            content.tool_call_delta(CHOICE, place(body), None, None, delta);
        }
        "output_item.added" => {
            if let Some(item) = object(body, "item") {
                begin_call(item, place(body), content);
            }
        }
        "output_item.done" => {
            if let Some(item) = object(body, "item") {
                copy_whole(item, content);
            }
        }
        _ => {}
    }
}

/// The place of an item in the output, which tells its calls apart.
fn place(body: &Object) -> usize {
    count(body, "output_index").and_then(|place| usize::try_from(place).ok()).unwrap_or(0)
}

/// A call begins with its id and name; its arguments follow in pieces.
fn begin_call(item: &Object, place: usize, content: &mut Content) {
    if let Some("function_call" | "custom_tool_call") = text(item, "type") {
        let arguments = text(item, "arguments").or_else(|| text(item, "input"));
        content.tool_call_delta(
            CHOICE,
            place,
            text(item, "call_id"),
            text(item, "name"),
            arguments.unwrap_or_default(),
        );
    }
}

/// What came in pieces is there already; of the rest, such as the calls that the provider makes itself, this is the
/// first that is whole.
fn copy_whole(item: &Object, content: &mut Content) {
    match text(item, "type") {
        None | Some("message" | "reasoning" | "function_call" | "custom_tool_call") => {}
        Some(_) => content.part(CHOICE, &wire::content::item(item)),
    }
}
