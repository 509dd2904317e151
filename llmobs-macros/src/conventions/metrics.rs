//! The metrics: instrument, unit, buckets and attributes.
//!
//! Where `OpenAI` refines a metric, its attributes are listed with the metric.

use super::{
    Level::{Conditional, OptIn, Recommended, Required},
    Metric, On,
    row::{both, counts, each, latest, seconds, tokens},
};

const SECONDS: &[f64] =
    &[0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];

const TOKENS: &[f64] = &[
    1.0,
    4.0,
    16.0,
    64.0,
    256.0,
    1024.0,
    4096.0,
    16_384.0,
    65_536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];

const PER_TOKEN_SECONDS: &[f64] =
    &[0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5];

const FIRST_TOKEN_SECONDS: &[f64] =
    &[0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

const WORKFLOW_SECONDS: &[f64] =
    &[1.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0];

const AGENT_SECONDS: &[f64] =
    &[0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 102.4, 204.8, 409.6];

const CALLS: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];

const MCP_SECONDS: &[f64] =
    &[0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0];

const OPERATION: &[On] = &[
    both("gen_ai.operation.name", Required),
    both("error.type", Conditional),
    each("gen_ai.provider.name", Conditional, Required),
    both("gen_ai.request.model", Conditional),
    both("server.port", Conditional),
    both("gen_ai.response.model", Recommended),
    both("openai.response.service_tier", Recommended),
    both("openai.response.system_fingerprint", Recommended),
    both("server.address", Recommended),
];

const TOKEN_TYPE: &[On] = &[
    both("gen_ai.operation.name", Required),
    both("gen_ai.provider.name", Required),
    both("gen_ai.token.type", Required),
    both("gen_ai.request.model", Conditional),
    both("server.port", Conditional),
    both("gen_ai.response.model", Recommended),
    both("openai.response.service_tier", Recommended),
    both("openai.response.system_fingerprint", Recommended),
    both("server.address", Recommended),
];

const MODEL: &[On] = &[
    both("gen_ai.operation.name", Required),
    both("gen_ai.provider.name", Required),
    both("gen_ai.request.model", Conditional),
    both("server.port", Conditional),
    both("gen_ai.response.model", Recommended),
    both("server.address", Recommended),
];

const MODEL_ERROR_TIER: &[On] = &[
    both("gen_ai.operation.name", Required),
    both("gen_ai.provider.name", Required),
    both("error.type", Conditional),
    both("gen_ai.request.model", Conditional),
    both("server.port", Conditional),
    both("gen_ai.response.model", Recommended),
    both("openai.response.service_tier", Recommended),
    both("openai.response.system_fingerprint", Recommended),
    both("server.address", Recommended),
];

const MODEL_ERROR: &[On] = &[
    both("gen_ai.operation.name", Required),
    both("gen_ai.provider.name", Required),
    both("error.type", Conditional),
    both("gen_ai.request.model", Conditional),
    both("server.port", Conditional),
    both("gen_ai.response.model", Recommended),
    both("server.address", Recommended),
];

const WORKFLOW: &[On] =
    &[both("error.type", Conditional), both("gen_ai.workflow.name", Conditional)];

const AGENT: &[On] = &[
    both("error.type", Conditional),
    both("gen_ai.agent.name", Conditional),
    both("gen_ai.request.model", Recommended),
];

const AGENT_CALLS: &[On] = &[both("gen_ai.agent.name", Recommended)];

const TOOL: &[On] = &[
    both("gen_ai.tool.name", Required),
    both("error.type", Conditional),
    both("gen_ai.agent.name", Conditional),
    both("gen_ai.tool.type", Recommended),
];

const MODALITY: &[On] = &[
    both("gen_ai.operation.name", Required),
    both("gen_ai.provider.name", Required),
    both("gen_ai.token.modality", Required),
    both("gen_ai.request.model", Conditional),
    both("server.port", Conditional),
    both("gen_ai.response.model", Recommended),
    both("openai.response.service_tier", Recommended),
    both("openai.response.system_fingerprint", Recommended),
    both("server.address", Recommended),
];

const MODEL_TIER: &[On] = &[
    both("gen_ai.operation.name", Required),
    both("gen_ai.provider.name", Required),
    both("gen_ai.request.model", Conditional),
    both("server.port", Conditional),
    both("gen_ai.response.model", Recommended),
    both("openai.response.service_tier", Recommended),
    both("openai.response.system_fingerprint", Recommended),
    both("server.address", Recommended),
];

const MCP_CLIENT: &[On] = &[
    both("mcp.method.name", Required),
    both("error.type", Conditional),
    both("gen_ai.prompt.name", Conditional),
    both("gen_ai.tool.name", Conditional),
    both("rpc.response.status_code", Conditional),
    both("gen_ai.operation.name", Recommended),
    both("jsonrpc.protocol.version", Recommended),
    both("mcp.protocol.version", Recommended),
    both("network.protocol.name", Recommended),
    both("network.protocol.version", Recommended),
    both("network.transport", Recommended),
    both("server.address", Recommended),
    both("server.port", Recommended),
    latest("gen_ai.prompt.variable", OptIn),
    both("mcp.resource.uri", OptIn),
];

const MCP_SERVER: &[On] = &[
    both("mcp.method.name", Required),
    both("error.type", Conditional),
    both("gen_ai.prompt.name", Conditional),
    both("gen_ai.tool.name", Conditional),
    both("rpc.response.status_code", Conditional),
    both("gen_ai.operation.name", Recommended),
    both("jsonrpc.protocol.version", Recommended),
    both("mcp.protocol.version", Recommended),
    both("network.protocol.name", Recommended),
    both("network.protocol.version", Recommended),
    both("network.transport", Recommended),
    latest("gen_ai.prompt.variable", OptIn),
    both("mcp.resource.uri", OptIn),
];

const MCP_CLIENT_SESSION: &[On] = &[
    both("error.type", Conditional),
    both("jsonrpc.protocol.version", Recommended),
    both("mcp.protocol.version", Recommended),
    both("network.protocol.name", Recommended),
    both("network.protocol.version", Recommended),
    both("network.transport", Recommended),
    both("server.address", Recommended),
    both("server.port", Recommended),
];

const MCP_SERVER_SESSION: &[On] = &[
    both("error.type", Conditional),
    both("jsonrpc.protocol.version", Recommended),
    both("mcp.protocol.version", Recommended),
    both("network.protocol.name", Recommended),
    both("network.protocol.version", Recommended),
    both("network.transport", Recommended),
];

/// Every metric.
pub(crate) const METRICS: &[Metric] = &[
    seconds(
        "gen_ai.client.operation.duration",
        SECONDS,
        OPERATION,
        "How long one operation took, as its client sees it",
    ),
    counts(
        "gen_ai.client.token.usage",
        "{token}",
        TOKENS,
        TOKEN_TYPE,
        "Tokens used by one operation, in and out",
    )
    .released_only(),
    seconds(
        "gen_ai.client.operation.time_to_first_chunk",
        SECONDS,
        MODEL,
        "Time from the request to the first chunk of its stream",
    )
    .released_only(),
    seconds(
        "gen_ai.client.operation.time_per_output_chunk",
        SECONDS,
        MODEL,
        "Time between one chunk of a stream and the next",
    )
    .released_only(),
    seconds(
        "gen_ai.client.inference.duration",
        SECONDS,
        MODEL_ERROR_TIER,
        "How long one inference took, as its client sees it",
    )
    .latest_only(),
    seconds(
        "gen_ai.client.inference.time_to_first_chunk",
        SECONDS,
        MODEL,
        "Time from the request to the first chunk of its stream",
    )
    .latest_only(),
    seconds(
        "gen_ai.client.inference.time_per_output_chunk",
        SECONDS,
        MODEL,
        "Time between one chunk of a stream and the next",
    )
    .latest_only(),
    seconds(
        "gen_ai.server.request.duration",
        SECONDS,
        MODEL_ERROR,
        "How long a model server took for one request",
    ),
    seconds(
        "gen_ai.server.time_per_output_token",
        PER_TOKEN_SECONDS,
        MODEL,
        "Time that a model server took for each token after the first",
    ),
    seconds(
        "gen_ai.server.time_to_first_token",
        FIRST_TOKEN_SECONDS,
        MODEL,
        "Time that a model server took for the first token",
    ),
    seconds(
        "gen_ai.invoke_workflow.duration",
        WORKFLOW_SECONDS,
        WORKFLOW,
        "How long one run of a workflow took",
    )
    .latest_only(),
    seconds(
        "gen_ai.invoke_agent.duration",
        AGENT_SECONDS,
        AGENT,
        "How long one run of an agent took",
    )
    .latest_only(),
    counts(
        "gen_ai.invoke_agent.inference_calls",
        "{inference_call}",
        CALLS,
        AGENT_CALLS,
        "Model calls that one run of an agent made",
    )
    .latest_only(),
    counts(
        "gen_ai.invoke_agent.tool_calls",
        "{tool_call}",
        CALLS,
        AGENT_CALLS,
        "Tool calls that one run of an agent made",
    )
    .latest_only(),
    seconds("gen_ai.execute_tool.duration", SECONDS, TOOL, "How long one tool call took")
        .latest_only(),
    tokens(
        "gen_ai.client.inference.usage.input_tokens",
        MODALITY,
        "Input tokens used, cached ones included",
    )
    .latest_only(),
    tokens(
        "gen_ai.client.inference.usage.output_tokens",
        MODALITY,
        "Output tokens used, reasoning included",
    )
    .latest_only(),
    tokens(
        "gen_ai.client.inference.usage.cache_read.input_tokens",
        MODALITY,
        "Input tokens that came from a cache",
    )
    .latest_only(),
    tokens(
        "gen_ai.client.inference.usage.cache_write.input_tokens",
        MODALITY,
        "Input tokens written to a cache",
    )
    .latest_only(),
    tokens(
        "gen_ai.client.inference.usage.reasoning.output_tokens",
        MODALITY,
        "Output tokens spent on reasoning",
    )
    .latest_only(),
    counts(
        "gen_ai.client.inference.operation.input_tokens",
        "{token}",
        TOKENS,
        MODEL_TIER,
        "Input tokens of one inference",
    )
    .latest_only(),
    counts(
        "gen_ai.client.inference.operation.output_tokens",
        "{token}",
        TOKENS,
        MODEL_TIER,
        "Output tokens of one inference",
    )
    .latest_only(),
    seconds(
        "mcp.client.operation.duration",
        MCP_SECONDS,
        MCP_CLIENT,
        "How long one MCP request or notification took, as its sender sees it",
    ),
    seconds(
        "mcp.server.operation.duration",
        MCP_SECONDS,
        MCP_SERVER,
        "How long one MCP request or notification took, as its receiver sees it",
    ),
    seconds(
        "mcp.client.session.duration",
        MCP_SECONDS,
        MCP_CLIENT_SESSION,
        "How long an MCP session lasted, as the client sees it",
    ),
    seconds(
        "mcp.server.session.duration",
        MCP_SECONDS,
        MCP_SERVER_SESSION,
        "How long an MCP session lasted, as the server sees it",
    ),
];
