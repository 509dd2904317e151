//! Which arguments of the attribute stand for which attributes of the conventions.

/// Who answers.
pub(crate) const PROVIDER: &str = "gen_ai.provider.name";
/// Which tool runs.
pub(crate) const TOOL_NAME: &str = "gen_ai.tool.name";
/// Which agent runs.
pub(crate) const AGENT_NAME: &str = "gen_ai.agent.name";
/// Only what a model answered has it.
pub(crate) const RESPONSE_MODEL: &str = "gen_ai.response.model";
/// Only what uses tokens has it.
pub(crate) const INPUT_TOKENS: &str = "gen_ai.usage.input_tokens";

/// Only what talks to a server has it.
pub(crate) const SERVER_ADDRESS: &str = "server.address";

/// What an exclusive input count leaves out.
pub(crate) const CACHE_COUNTS: [&str; 2] =
    ["gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_write.input_tokens"];
/// The namespace that a key in a derive may leave out.
pub(crate) const GEN_AI: &str = "gen_ai.";

/// The operation of a function that names none.
pub(crate) const DEFAULT_OPERATION: &str = "chat";

/// What is done.
pub(crate) const OPERATION: &str = "gen_ai.operation.name";
/// How it failed.
pub(crate) const ERROR_TYPE: &str = "error.type";

/// Attributes that the runtime alone sets, and what sets them.
pub(crate) const RESERVED: &[(&str, &str)] = &[
    (OPERATION, "it is what `operation = …` says"),
    (ERROR_TYPE, "it comes from the error that the function returns; see `LlmError`"),
];

/// Arguments with a value each that is one attribute.
pub(crate) const TERMS: &[(&str, &str)] = &[
    ("provider", PROVIDER),
    ("model", "gen_ai.request.model"),
    ("conversation_id", "gen_ai.conversation.id"),
    ("workflow", "gen_ai.workflow.name"),
    ("data_source", "gen_ai.data_source.id"),
];

/// Arguments that group attributes: `agent(name = …, id = …)`.
pub(crate) const GROUPS: &[(&str, &[(&str, &str)])] = &[
    (
        "agent",
        &[
            ("name", "gen_ai.agent.name"),
            ("id", "gen_ai.agent.id"),
            ("description", "gen_ai.agent.description"),
            ("version", "gen_ai.agent.version"),
        ],
    ),
    (
        "tool",
        &[
            ("name", TOOL_NAME),
            ("type", "gen_ai.tool.type"),
            ("description", "gen_ai.tool.description"),
            ("call_id", "gen_ai.tool.call.id"),
        ],
    ),
    ("prompt", &[("name", "gen_ai.prompt.name"), ("version", "gen_ai.prompt.version")]),
    (
        "memory",
        &[
            ("store", "gen_ai.memory.store.id"),
            ("record", "gen_ai.memory.record.id"),
            ("count", "gen_ai.memory.record.count"),
        ],
    ),
];

/// Kinds of content: the arguments of `capture(…)`, and the attribute that holds each.
pub(crate) const CONTENT: &[(&str, &str)] = &[
    ("instructions", "gen_ai.system_instructions"),
    ("input", "gen_ai.input.messages"),
    ("output", "gen_ai.output.messages"),
    ("tools", "gen_ai.tool.definitions"),
    ("arguments", "gen_ai.tool.call.arguments"),
    ("result", "gen_ai.tool.call.result"),
];

/// Why the model stopped: of a stream, one for each choice.
pub(crate) const FINISH_REASONS: &str = "gen_ai.response.finish_reasons";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conventions::{attribute, spans_for};

    #[test]
    fn every_argument_stands_for_a_row() {
        let members = GROUPS.iter().flat_map(|(_, members)| *members);
        for (argument, key) in TERMS.iter().chain(members).chain(CONTENT) {
            assert!(attribute(key).is_some(), "{argument} stands for {key}");
        }
        for key in [AGENT_NAME, RESPONSE_MODEL, INPUT_TOKENS, SERVER_ADDRESS, FINISH_REASONS]
            .iter()
            .chain(&CACHE_COUNTS)
        {
            assert!(attribute(key).is_some(), "{key}");
        }
        assert_eq!(spans_for(DEFAULT_OPERATION).count(), 1);
    }
}
