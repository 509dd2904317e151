//! The attributes, in the order of their keys: a row's place is its index.

use super::{
    Attribute, Type,
    row::{double, flag, int, json, text, text_map, texts},
};

/// Every attribute of the conventions, sorted by key.
pub(crate) const ATTRIBUTES: &[Attribute] = &[
    text("aws.bedrock.guardrail.id", "guardrail that Bedrock applied").high(),
    text("aws.bedrock.knowledge_base.id", "knowledge base that Bedrock queried").high(),
    text("azure.resource_provider.namespace", "Azure resource provider that the client talks to"),
    text("client.address", "host name, IP address or socket path of the peer that called").high(),
    int("client.port", "port of the peer that called").high(),
    text("error.type", "class of the failure; absent when the operation succeeded")
        .values(&["_OTHER"]),
    text("exception.message", "what the exception says").high(),
    text("exception.stacktrace", "stack trace as text").high(),
    text("exception.type", "type of the exception"),
    text("gen_ai.agent.description", "what the agent is for, in the application's words").high(),
    text("gen_ai.agent.id", "identifier of the agent where it is hosted").high(),
    text("gen_ai.agent.name", "name that the application gave the agent"),
    text("gen_ai.agent.version", "version of the agent"),
    flag("gen_ai.conversation.compacted", "set to true when the model saw a shortened history")
        .latest_only(),
    text("gen_ai.conversation.id", "identifier of the conversation, session or thread").high(),
    text("gen_ai.data_source.id", "identifier of the data source searched").high(),
    int("gen_ai.embeddings.dimension.count", "length asked for of each embedding vector").high(),
    text("gen_ai.evaluation.explanation", "why the evaluator gave its score").high(),
    text("gen_ai.evaluation.name", "name of the evaluation"),
    text("gen_ai.evaluation.score.label", "the score in a word, such as `pass`"),
    double("gen_ai.evaluation.score.value", "the score as a number").high(),
    json("gen_ai.input.messages", "messages sent to the model, oldest first").content(),
    text("gen_ai.main_agent.description", "what the main agent of the process is for")
        .latest_only()
        .high(),
    text("gen_ai.main_agent.id", "lasting identifier of the main agent of the process")
        .latest_only()
        .high(),
    text("gen_ai.main_agent.name", "name of the main agent of the process").latest_only(),
    text("gen_ai.memory.query.text", "text searched for in the memory").latest_only().content(),
    int("gen_ai.memory.record.count", "how many memory records the operation concerned")
        .latest_only()
        .high(),
    text("gen_ai.memory.record.id", "identifier of one memory record").latest_only().high(),
    json("gen_ai.memory.records", "memory records written or found").latest_only().content(),
    text("gen_ai.memory.store.id", "identifier of the memory store").latest_only().high(),
    text("gen_ai.operation.name", "what is done: `chat`, `embeddings`, `invoke_agent` and so on")
        .values(&[
            "chat",
            "generate_content",
            "text_completion",
            "embeddings",
            "retrieval",
            "fetch_response",
            "create_agent",
            "invoke_agent",
            "execute_tool",
            "invoke_workflow",
            "plan",
            "search_memory",
            "create_memory",
            "update_memory",
            "upsert_memory",
            "delete_memory",
            "create_memory_store",
            "delete_memory_store",
        ]),
    json("gen_ai.output.messages", "messages that the model returned, one for each choice")
        .content(),
    text("gen_ai.output.type", "kind of output that the request asks for")
        .values(&["text", "json", "image", "speech"]),
    text("gen_ai.prompt.name", "name of the prompt template"),
    text_map(
        "gen_ai.prompt.variable",
        "value of one variable of the prompt template, whose name ends the key",
    )
    .latest_only()
    .content(),
    text("gen_ai.prompt.version", "version of the prompt template").latest_only(),
    text("gen_ai.provider.name", "who serves the model, as the client sees it").values(&[
        "openai",
        "gcp.gen_ai",
        "gcp.vertex_ai",
        "gcp.gemini",
        "anthropic",
        "cohere",
        "azure.ai.inference",
        "azure.ai.openai",
        "ibm.watsonx.ai",
        "aws.bedrock",
        "perplexity",
        "x_ai",
        "deepseek",
        "groq",
        "mistral_ai",
        "moonshot_ai",
    ]),
    int("gen_ai.request.choice.count", "how many answers are asked for").high(),
    texts("gen_ai.request.encoding_formats", "encodings asked for of the embeddings").high(),
    double("gen_ai.request.frequency_penalty", "frequency penalty of the request").high(),
    int("gen_ai.request.max_tokens", "most tokens that the model may generate").high(),
    text("gen_ai.request.model", "model as the request names it"),
    double("gen_ai.request.presence_penalty", "presence penalty of the request").high(),
    text(
        "gen_ai.request.previous_response.id",
        "identifier of the response that this request continues",
    )
    .latest_only()
    .high(),
    text("gen_ai.request.reasoning.level", "reasoning effort asked for, as sent to the provider")
        .latest_only(),
    int("gen_ai.request.seed", "seed for repeatable sampling").high(),
    texts("gen_ai.request.stop_sequences", "texts at which the model stops").high(),
    flag("gen_ai.request.stream", "whether the answer is asked for as a stream"),
    text(
        "gen_ai.request.stream_cursor",
        "last event already received, from which the stream resumes",
    )
    .latest_only()
    .high(),
    double("gen_ai.request.temperature", "sampling temperature").high(),
    int("gen_ai.request.top_k", "how many tokens the model samples from")
        .released_ty(Type::Double)
        .high(),
    double("gen_ai.request.top_p", "probability mass that the model samples from").high(),
    texts("gen_ai.response.finish_reasons", "why generation ended, one reason for each choice")
        .high(),
    text("gen_ai.response.id", "identifier that the provider gave the response").high(),
    text("gen_ai.response.model", "model that answered"),
    text("gen_ai.response.status", "state of a stored response when it was fetched")
        .latest_only()
        .values(&["queued", "in_progress", "completed", "incomplete", "failed", "cancelled"]),
    double(
        "gen_ai.response.time_to_first_chunk",
        "seconds from the request to the first chunk of its stream",
    )
    .high(),
    json("gen_ai.retrieval.documents", "documents found").content(),
    text("gen_ai.retrieval.query.text", "text searched for").content(),
    int("gen_ai.retrieval.top_k", "how many documents are asked for")
        .released_as("gen_ai.request.top_k")
        .released_ty(Type::Double)
        .high(),
    text("gen_ai.skill.description", "what the skill does").latest_only().high(),
    text("gen_ai.skill.name", "name of the skill").latest_only(),
    text("gen_ai.skill.resource.name", "name of the file within the skill").latest_only(),
    text("gen_ai.skill.source.uri", "where the skill comes from; may hold secrets")
        .latest_only()
        .high(),
    json("gen_ai.system_instructions", "instructions given to the model apart from the messages")
        .content(),
    text("gen_ai.token.modality", "what the counted tokens encode")
        .latest_only()
        .values(&["text", "image", "audio", "unknown"]),
    text("gen_ai.token.type", "whether the counted tokens went in or came out")
        .released_only()
        .values(&["input", "output"]),
    json("gen_ai.tool.call.arguments", "arguments passed to the tool").content(),
    text("gen_ai.tool.call.id", "identifier that the model gave the tool call").high(),
    json("gen_ai.tool.call.result", "what the tool returned").content(),
    json("gen_ai.tool.definitions", "tools offered to the model").content(),
    text("gen_ai.tool.description", "what the tool does").high(),
    text("gen_ai.tool.name", "name of the tool"),
    text("gen_ai.tool.type", "kind of tool: `function`, `extension` or `datastore`"),
    int("gen_ai.usage.audio.cache_read.input_tokens", "audio input tokens that came from a cache")
        .latest_only()
        .high(),
    int("gen_ai.usage.audio.input_tokens", "audio input tokens, cached ones included")
        .latest_only()
        .high(),
    int("gen_ai.usage.audio.output_tokens", "audio output tokens").latest_only().high(),
    int(
        "gen_ai.usage.cache_read.input_tokens",
        "input tokens that came from a cache; part of the input tokens",
    )
    .high(),
    int(
        "gen_ai.usage.cache_write.input_tokens",
        "input tokens written to a cache; part of the input tokens",
    )
    .released_as("gen_ai.usage.cache_creation.input_tokens")
    .high(),
    int("gen_ai.usage.image.cache_read.input_tokens", "image input tokens that came from a cache")
        .latest_only()
        .high(),
    int("gen_ai.usage.image.input_tokens", "image input tokens, cached ones included")
        .latest_only()
        .high(),
    int("gen_ai.usage.image.output_tokens", "image output tokens").latest_only().high(),
    int("gen_ai.usage.input_tokens", "input tokens, cached ones included").high(),
    int("gen_ai.usage.output_tokens", "output tokens, reasoning included").high(),
    int(
        "gen_ai.usage.reasoning.output_tokens",
        "output tokens spent on reasoning; part of the output tokens",
    )
    .high(),
    int("gen_ai.usage.text.cache_read.input_tokens", "text input tokens that came from a cache")
        .latest_only()
        .high(),
    int("gen_ai.usage.text.input_tokens", "text input tokens, cached ones included")
        .latest_only()
        .high(),
    int("gen_ai.usage.text.output_tokens", "text output tokens").latest_only().high(),
    text("gen_ai.workflow.name", "name that the application gave the workflow"),
    text("jsonrpc.protocol.version", "JSON-RPC version of the message"),
    text("jsonrpc.request.id", "identifier of the JSON-RPC request, as text").high(),
    text("mcp.method.name", "MCP method called or notified").values(&[
        "notifications/cancelled",
        "initialize",
        "notifications/initialized",
        "notifications/progress",
        "ping",
        "resources/list",
        "resources/templates/list",
        "resources/read",
        "notifications/resources/list_changed",
        "resources/subscribe",
        "resources/unsubscribe",
        "notifications/resources/updated",
        "prompts/list",
        "prompts/get",
        "notifications/prompts/list_changed",
        "tools/list",
        "tools/call",
        "notifications/tools/list_changed",
        "logging/setLevel",
        "notifications/message",
        "sampling/createMessage",
        "completion/complete",
        "roots/list",
        "notifications/roots/list_changed",
        "elicitation/create",
    ]),
    text("mcp.protocol.version", "MCP version in use"),
    text("mcp.resource.uri", "resource that the request names").high(),
    text("mcp.session.id", "identifier of the MCP session").high(),
    text("network.protocol.name", "application protocol, such as `http`"),
    text("network.protocol.version", "version of the application protocol"),
    text("network.transport", "transport, such as `tcp` or `pipe`")
        .values(&["tcp", "udp", "pipe", "unix", "quic"]),
    text("openai.api.type", "which of the two generation APIs is called")
        .values(&["chat_completions", "responses"]),
    text("openai.request.service_tier", "service tier asked for").values(&["auto", "default"]),
    text("openai.response.service_tier", "service tier that served the request"),
    text("openai.response.system_fingerprint", "fingerprint of the serving configuration"),
    text("process.executable.name", "name of the program run").latest_only(),
    text("process.executable.path", "path of the program run").latest_only().high(),
    int("process.exit.code", "exit code of the program run").latest_only(),
    text("rpc.response.status_code", "error code in the JSON-RPC response, as text"),
    text("server.address", "host name, IP address or socket path of the server"),
    int("server.port", "port of the server"),
];
