//! The GenAI names that the mapping reads, as the table of the conventions has them.
//!
//! The only place of this backend that names the rest of the crate: lifted out, it would hold the names themselves.

use crate::conventions::{ATTRIBUTES, AttributeId, Dialect, attr};

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident = $attribute:ident;)*) => {
        $($(#[$doc])* pub(super) fn $name() -> &'static str {
            attr::$attribute.key(Dialect::Latest)
        })*
    };
}

names! {
    operation_name = GEN_AI_OPERATION_NAME;
    provider_name = GEN_AI_PROVIDER_NAME;
    agent_name = GEN_AI_AGENT_NAME;
    agent_id = GEN_AI_AGENT_ID;
    agent_version = GEN_AI_AGENT_VERSION;
    conversation_id = GEN_AI_CONVERSATION_ID;
}

/// What the provider's name was called before: deprecated, and what the portal's Agents view still reads.
pub(super) const DEPRECATED_PROVIDER: &str = "gen_ai.system";

pub(super) use crate::content::TRUNCATED;

/// The value of [`operation_name`] for an agent's run.
pub(super) fn invoke_agent() -> &'static str {
    crate::conventions::operation::INVOKE_AGENT.name
}

/// The name of the event that tells an evaluation's result.
pub(super) fn evaluation_event() -> &'static str {
    crate::conventions::event::GEN_AI_EVALUATION_RESULT.name
}

/// The attributes whose values may be long: the service keeps 256 KiB of each.
pub(super) fn long() -> impl Iterator<Item = &'static str> {
    both([
        attr::GEN_AI_INPUT_MESSAGES.id(),
        attr::GEN_AI_OUTPUT_MESSAGES.id(),
        attr::GEN_AI_SYSTEM_INSTRUCTIONS.id(),
        attr::GEN_AI_TOOL_DEFINITIONS.id(),
        attr::GEN_AI_TOOL_CALL_ARGUMENTS.id(),
        attr::GEN_AI_TOOL_CALL_RESULT.id(),
        attr::GEN_AI_EVALUATION_EXPLANATION.id(),
    ])
}

/// The attributes that hold what people or models wrote.
pub(super) fn written() -> impl Iterator<Item = &'static str> {
    ATTRIBUTES.iter().filter(|row| row.content).map(|row| row.key)
}

/// What dashboards count and group by, beside what begins with [`usage_prefix`].
pub(super) fn counted() -> impl Iterator<Item = &'static str> {
    both([
        attr::GEN_AI_OPERATION_NAME.id(),
        attr::GEN_AI_PROVIDER_NAME.id(),
        attr::GEN_AI_REQUEST_MODEL.id(),
        attr::GEN_AI_RESPONSE_MODEL.id(),
        attr::GEN_AI_RESPONSE_ID.id(),
        attr::GEN_AI_RESPONSE_FINISH_REASONS.id(),
        attr::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK.id(),
        attr::GEN_AI_AGENT_NAME.id(),
        attr::GEN_AI_AGENT_ID.id(),
        attr::GEN_AI_AGENT_VERSION.id(),
        attr::GEN_AI_CONVERSATION_ID.id(),
        attr::GEN_AI_TOOL_NAME.id(),
        attr::GEN_AI_TOOL_TYPE.id(),
        attr::GEN_AI_TOOL_CALL_ID.id(),
        attr::GEN_AI_WORKFLOW_NAME.id(),
        attr::GEN_AI_EVALUATION_NAME.id(),
        attr::GEN_AI_EVALUATION_SCORE_VALUE.id(),
        attr::GEN_AI_EVALUATION_SCORE_LABEL.id(),
    ])
    .chain([DEPRECATED_PROVIDER, TRUNCATED])
}

/// What the names of all counts of tokens begin with.
pub(super) fn usage_prefix() -> &'static str {
    let input = attr::GEN_AI_USAGE_INPUT_TOKENS.key(Dialect::Latest);
    input.rfind('.').and_then(|dot| input.get(..=dot)).unwrap_or(input)
}

/// The names in both dialects.
fn both<const N: usize>(ids: [AttributeId; N]) -> impl Iterator<Item = &'static str> {
    ids.into_iter().flat_map(|id| [id.key(Dialect::Latest), id.key(Dialect::Released)])
}
