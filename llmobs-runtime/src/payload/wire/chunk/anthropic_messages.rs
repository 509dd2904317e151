//! Events of Anthropic's Messages API.

use super::identity;
use crate::content::Content;
use crate::conventions::{Attribute, Int, attr};
use crate::payload::wire::read::{Object, count, object, text};
use crate::payload::wire::{self, anthropic_messages, usage};
use crate::payload::{Fields, Streamed, Usage};

/// This API has one answer to a request.
const CHOICE: usize = 0;

/// Whether this was an event of this format.
pub(super) fn event(kind: &str, body: &Object, answer: &mut Streamed<'_>) -> bool {
    match kind {
        "message_start" => {
            answer.choice(CHOICE);
            if let Some(message) = object(body, "message") {
                identity(message, answer);
                // The output tokens named here are those of the beginning.
                let usage = object(message, "usage").map(|usage| total(usage, answer));
                answer.usage(&Usage { output: None, ..usage.unwrap_or_default() });
            }
        }
        "content_block_start" => {
            if let Some(block) = object(body, "content_block") {
                if anthropic_messages::is_compaction(block) {
                    answer.once(attr::GEN_AI_CONVERSATION_COMPACTED, &true);
                }
                if let Some(content) = answer.content() {
                    begin_block(block, place(body), content);
                }
            }
        }
        "content_block_delta" => {
            if let Some(content) = answer.content()
                && let Some(delta) = object(body, "delta")
            {
                copy(delta, place(body), content);
            }
        }
        "message_delta" => {
            if let Some(usage) = object(body, "usage").map(|usage| total(usage, answer)) {
                answer.usage(&usage);
            }
            if let Some(reason) = object(body, "delta").and_then(|it| text(it, "stop_reason")) {
                answer.finish_reason(CHOICE, reason);
            }
        }
        "message_stop" => answer.complete(),
        "content_block_stop" | "ping" => {}
        _ => return false,
    }
    true
}

/// A message that came in one piece.
pub(super) fn whole(body: &Object, answer: &mut Streamed<'_>) {
    if let Some(content) = answer.content() {
        wire::content::response(body, content);
    }
    identity(body, answer);
    answer.once(attr::GEN_AI_CONVERSATION_COMPACTED, &anthropic_messages::compacted(body));
    if let Some(usage) = object(body, "usage").map(|usage| total(usage, answer)) {
        answer.usage(&usage);
    }
    if let Some(reason) = text(body, "stop_reason") {
        answer.finish_reason(CHOICE, reason);
        answer.complete();
    }
}

/// The tokens so far. `input_tokens` leaves the cache out in every event, also in one that does not name the
/// cache because the first event did.
fn total(usage: &Object, answer: &mut Streamed<'_>) -> Usage {
    if usage::is_openais(usage) {
        return usage::of_object(usage);
    }
    let named = anthropic_messages::usage(usage);
    let fields = answer.fields();
    let read =
        named.cache_read.or_else(|| known(fields, attr::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS));
    let written =
        named.cache_write.or_else(|| known(fields, attr::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS));
    Usage::exclusive(count(usage, "input_tokens"), read, written, named.output)
}

fn known(fields: &Fields, attribute: Attribute<Int>) -> Option<u64> {
    fields.get(attribute)?.as_int().and_then(|count| u64::try_from(count).ok())
}

/// The place of a block in the answer, which tells its calls apart.
fn place(body: &Object) -> usize {
    count(body, "index").and_then(|place| usize::try_from(place).ok()).unwrap_or(0)
}

fn begin_block(block: &Object, place: usize, content: &mut Content) {
    match text(block, "type") {
        Some("text") => content.text_delta(CHOICE, text(block, "text").unwrap_or_default()),
        Some("thinking") => {
            content.reasoning_delta(CHOICE, text(block, "thinking").unwrap_or_default());
        }
        Some("tool_use" | "server_tool_use" | "mcp_tool_use") => {
            content.begun_call(CHOICE, place, &wire::content::block(block));
        }
        Some("compaction") if text(block, "content").is_none() => {}
        _ => content.part(CHOICE, &wire::content::block(block)),
    }
}

fn copy(delta: &Object, place: usize, content: &mut Content) {
    let piece = |key| text(delta, key).unwrap_or_default();
    match text(delta, "type") {
        Some("text_delta") => content.text_delta(CHOICE, piece("text")),
        Some("thinking_delta") => content.reasoning_delta(CHOICE, piece("thinking")),
        Some("input_json_delta") => {
            content.tool_call_delta(CHOICE, place, None, None, piece("partial_json"));
        }
        // All of the summary at once.
        Some("compaction_delta") => content.part(CHOICE, &wire::content::summary(delta)),
        _ => {}
    }
}
