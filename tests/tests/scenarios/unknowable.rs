//! What the conventions ask for and no scenario records, and why.

use crate::facts::matches;

const NOTHING_FAILS: &str =
    "the condition does not hold: no such operation fails here; `errors.rs` has those that do";
const NO_SKILL: &str = "no tool here belongs to a skill";
const NO_PROGRAM: &str = "no tool here runs a program";
const NOT_TOLD: &str = "Chat Completions and Responses do not tell cached tokens by modality";

/// A signal (or how its name begins, before `*`), an attribute, and why none of the exchanges can know it.
pub(crate) const UNKNOWABLE: &[(&str, &str, &str)] = &[
    ("span gen_ai.client.inference", "aws.bedrock.guardrail.id", "another provider's"),
    ("span gen_ai.client.inference", "aws.bedrock.knowledge_base.id", "another provider's"),
    ("span gen_ai.client.inference", "azure.resource_provider.namespace", "another provider's"),
    ("span gen_ai.client.inference", "gen_ai.request.top_k", "OpenAI's APIs have no such option"),
    ("event gen_ai.client.inference*", "gen_ai.request.top_k", "OpenAI's APIs have no such option"),
    ("*", "gen_ai.usage.text.cache_read.input_tokens", NOT_TOLD),
    ("*", "gen_ai.usage.image.cache_read.input_tokens", NOT_TOLD),
    ("*", "gen_ai.usage.audio.cache_read.input_tokens", NOT_TOLD),
    ("*", "gen_ai.usage.image.output_tokens", "these APIs answer with text and sound"),
    ("*", "gen_ai.conversation.compacted", "no conversation here is long enough to be shortened"),
    (
        "span gen_ai.fetch_response.client",
        "gen_ai.request.stream_cursor",
        "the client has no way to resume a stream",
    ),
    ("span gen_ai.execute_tool.internal", "gen_ai.skill.name", NO_SKILL),
    ("span gen_ai.execute_tool.internal", "gen_ai.skill.description", NO_SKILL),
    ("span gen_ai.execute_tool.internal", "gen_ai.skill.resource.name", NO_SKILL),
    ("span gen_ai.execute_tool.internal", "gen_ai.skill.source.uri", NO_SKILL),
    ("span gen_ai.execute_tool.internal", "process.executable.name", NO_PROGRAM),
    ("span gen_ai.execute_tool.internal", "process.executable.path", NO_PROGRAM),
    ("span gen_ai.execute_tool.internal", "process.exit.code", NO_PROGRAM),
    ("span gen_ai.execute_tool.internal", "error.type", NOTHING_FAILS),
    ("metric gen_ai.execute_tool.duration", "error.type", NOTHING_FAILS),
    ("metric gen_ai.invoke_agent.duration", "error.type", NOTHING_FAILS),
    ("metric gen_ai.invoke_workflow.duration", "error.type", NOTHING_FAILS),
    (
        "metric gen_ai.client.operation.duration",
        "openai.response.system_fingerprint",
        "embeddings and stored responses have none, and chats another metric",
    ),
    ("span gen_ai.invoke_agent.internal", "error.type", NOTHING_FAILS),
    ("span gen_ai.invoke_workflow.internal", "error.type", NOTHING_FAILS),
    ("span gen_ai.plan.internal", "error.type", NOTHING_FAILS),
    ("span gen_ai.retrieval.client", "error.type", NOTHING_FAILS),
    (
        "span gen_ai.invoke_agent.internal",
        "gen_ai.data_source.id",
        "no agent here has a data source",
    ),
    (
        "span gen_ai.memory.client",
        "gen_ai.provider.name",
        "the store is the program's own: nobody provides it",
    ),
    ("span gen_ai.memory.client", "server.address", "the store is in the process"),
    ("span gen_ai.memory.client", "server.port", "the store is in the process"),
];

/// What is recorded only on request, and why no function here asks for it.
pub(crate) const OPT_IN: &[(&str, &str, &str)] = &[
    ("*", "gen_ai.prompt.variable", "`#[instrument_llm]` has no argument for it"),
    (
        "span gen_ai.fetch_response.client",
        "gen_ai.system_instructions",
        "what is read is the answer",
    ),
    ("span gen_ai.fetch_response.client", "gen_ai.tool.definitions", "what is read is the answer"),
    (
        "span gen_ai.invoke_agent.internal",
        "gen_ai.tool.definitions",
        "the calls below the agent have them",
    ),
    ("span gen_ai.memory.client", "gen_ai.memory.query.text", "no kind of `capture(…)`"),
    ("span gen_ai.memory.client", "gen_ai.memory.records", "no kind of `capture(…)`"),
    ("span gen_ai.retrieval.client", "gen_ai.retrieval.documents", "no kind of `capture(…)`"),
    ("span gen_ai.retrieval.client", "gen_ai.retrieval.query.text", "no kind of `capture(…)`"),
];

/// Why an attribute is not there, where that is known.
pub(crate) fn why(signal: &str, key: &str, level: &str) -> Option<&'static str> {
    let list = if level == "opt_in" { OPT_IN } else { UNKNOWABLE };
    list.iter().find(|(pattern, known, _)| *known == key && matches(pattern, signal)).map(|it| it.2)
}
