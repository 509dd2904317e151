//! The calls of one round of the workload.

/// What one call must look like wherever it arrives.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The span's name, which no other span of a round has.
    pub name: &'static str,
    /// The operation.
    pub operation: &'static str,
    /// The name of the span that it is below; none at the root of a trace.
    pub parent: Option<&'static str>,
    /// Whether its kind is client; else it is internal.
    pub client: bool,
    /// The model that was asked for.
    pub model: Option<&'static str>,
    /// Input tokens, with the cached ones.
    pub input: Option<u64>,
    /// Output tokens.
    pub output: Option<u64>,
    /// Input tokens that a cache had.
    pub cached: Option<u64>,
    /// Whether it has the conversation.
    pub conversation: bool,
    /// How it failed.
    pub failure: Failure,
    /// How many chunks came, where the answer is a stream.
    pub chunks: Option<u64>,
    /// Whether the released conventions measure how long it took.
    pub measured: bool,
}

/// How a call failed: its `error.type`, if it did.
pub type Failure = Option<&'static str>;

/// When it was done: what tells one round from another.
pub type Stamp = u64;

/// The conversation of the agent, and of the calls below it that have one.
pub const CONVERSATION: &str = "conversation-7";

/// The log record that is written inside `chat gpt-4o-mini`.
pub const LOG: &str = "asked about the weather";

const WORKFLOW: &str = "invoke_workflow nightly report";
const PLANNER: &str = "invoke_agent Planner";
const TOOL: &str = "execute_tool get_weather";

/// A call without anything that not all have.
const PLAIN: Row = Row {
    name: "",
    operation: "",
    parent: Some(WORKFLOW),
    client: true,
    model: None,
    input: None,
    output: None,
    cached: None,
    conversation: false,
    failure: None,
    chunks: None,
    measured: true,
};

/// One of the operations on memory; they have no more in their name.
const fn memory(operation: &'static str) -> Row {
    Row { name: operation, operation, ..PLAIN }
}

/// All calls of a round: every operation of the conventions, both kinds of `invoke_agent`, a stream, and an error.
pub const SPANS: &[Row] = &[
    Row { name: "create_agent Planner", operation: "create_agent", parent: None, ..PLAIN },
    Row {
        name: WORKFLOW,
        operation: "invoke_workflow",
        parent: None,
        client: false,
        measured: false,
        ..PLAIN
    },
    Row { name: PLANNER, operation: "invoke_agent", client: false, conversation: true, ..PLAIN },
    Row {
        name: "plan Planner",
        operation: "plan",
        parent: Some(PLANNER),
        client: false,
        measured: false,
        ..PLAIN
    },
    Row { name: "retrieval handbook", operation: "retrieval", parent: Some(PLANNER), ..PLAIN },
    Row {
        name: "embeddings text-embedding-3-small",
        operation: "embeddings",
        parent: Some("retrieval handbook"),
        model: Some("text-embedding-3-small"),
        input: Some(8),
        ..PLAIN
    },
    Row {
        name: "chat gpt-4o-mini",
        operation: "chat",
        parent: Some(PLANNER),
        model: Some("gpt-4o-mini"),
        input: Some(120),
        output: Some(30),
        cached: Some(80),
        conversation: true,
        ..PLAIN
    },
    Row {
        name: TOOL,
        operation: "execute_tool",
        parent: Some(PLANNER),
        client: false,
        measured: false,
        ..PLAIN
    },
    Row {
        name: "invoke_agent Forecaster",
        operation: "invoke_agent",
        parent: Some(TOOL),
        conversation: true,
        ..PLAIN
    },
    Row {
        name: "chat gpt-4o",
        operation: "chat",
        parent: Some(PLANNER),
        model: Some("gpt-4o"),
        input: Some(150),
        output: Some(45),
        cached: Some(100),
        conversation: true,
        chunks: Some(4),
        ..PLAIN
    },
    Row {
        name: "chat o3",
        operation: "chat",
        parent: Some(PLANNER),
        model: Some("o3"),
        conversation: true,
        failure: Some("rate_limit_exceeded"),
        ..PLAIN
    },
    Row {
        name: "text_completion gpt-3.5-turbo-instruct",
        operation: "text_completion",
        model: Some("gpt-3.5-turbo-instruct"),
        input: Some(10),
        output: Some(20),
        ..PLAIN
    },
    Row {
        name: "generate_content gemini-2.5-flash",
        operation: "generate_content",
        model: Some("gemini-2.5-flash"),
        input: Some(11),
        output: Some(21),
        ..PLAIN
    },
    Row { name: "fetch_response", operation: "fetch_response", ..PLAIN },
    memory("create_memory_store"),
    memory("search_memory"),
    memory("create_memory"),
    memory("update_memory"),
    memory("upsert_memory"),
    memory("delete_memory"),
    memory("delete_memory_store"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use llmobs_runtime::conventions::OPERATIONS;

    use super::*;

    #[test]
    fn every_operation_is_there_in_both_kinds_and_every_name_is_one_of_its_own() {
        let there: BTreeSet<_> = SPANS.iter().map(|row| (row.operation, row.client)).collect();
        let all: BTreeSet<_> = OPERATIONS
            .iter()
            .map(|operation| {
                let kind = operation.span.kind;
                (operation.name, kind == llmobs_runtime::conventions::SpanKind::Client)
            })
            .collect();
        assert_eq!(there, all);
        let names: BTreeSet<_> = SPANS.iter().map(|row| row.name).collect();
        assert_eq!(names.len(), SPANS.len());
        for parent in SPANS.iter().filter_map(|row| row.parent) {
            assert!(names.contains(parent), "{parent}");
        }
    }
}
