//! The differences that are meant, each with what we send instead and why.

use serde_json::Value;

/// Why we send something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// The other exporter's defect, mended; the number is that of the test in `defects`.
    Defect(u8),
    /// It cannot be the same.
    ByNature(&'static str),
}

/// What we send.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ours {
    /// Nothing.
    Nothing,
    /// This text.
    Text(&'static str),
    /// This JSON.
    Json(&'static str),
    /// What this makes.
    Made(fn() -> String),
}

impl Ours {
    pub(crate) fn is(self, sent: Option<&Value>) -> bool {
        match self {
            Self::Nothing => sent.is_none(),
            Self::Made(make) => sent.and_then(Value::as_str) == Some(&make()),
            Self::Text(text) => sent.and_then(Value::as_str) == Some(text),
            Self::Json(json) => {
                let json: Value = serde_json::from_str(json).expect("JSON in the list");
                sent == Some(&json)
            }
        }
    }
}

/// A difference.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Accepted {
    /// In which files; `*` stands for anything.
    pub(crate) golden: &'static str,
    /// Where; `*` stands for anything.
    pub(crate) path: &'static str,
    /// What we send there.
    pub(crate) ours: Ours,
    /// Why.
    #[expect(dead_code, reason = "read by people, and printed with what is wrong")]
    pub(crate) why: Why,
}

use Ours::{Json, Made, Nothing, Text};
use Why::{ByNature, Defect};

const fn entry(golden: &'static str, path: &'static str, ours: Ours, why: Why) -> Accepted {
    Accepted { golden, path, ours, why }
}

/// The first 102 links, which are 8 159 characters; one more would make more than the 8 192 of a property.
fn links() -> String {
    let link = |number| format!(r#"{{"operation_Id": "{number:032x}", "id": "{number:016x}"}}"#);
    let links: Vec<String> = (1..=102).map(link).collect();
    format!("[{}]", links.join(", "))
}

/// All of them.
pub(crate) const ACCEPTED: &[Accepted] = &[
    // The provider of a GenAI span makes its type, whichever key names it; the portal still reads the older key.
    entry(
        "trace_genai_chat_client_provider_name_only",
        "0/data/baseData/type",
        Text("GenAI | openai"),
        Defect(1),
    ),
    entry(
        "trace_genai_chat_client_provider_name_only",
        "0/data/baseData/properties/gen_ai.system",
        Text("openai"),
        Defect(1),
    ),
    entry(
        "trace_genai_create_agent_client",
        "0/data/baseData/type",
        Text("GenAI | azure.ai.agents"),
        Defect(1),
    ),
    entry(
        "trace_genai_create_agent_client",
        "0/data/baseData/properties/gen_ai.system",
        Text("azure.ai.agents"),
        Defect(1),
    ),
    entry(
        "trace_genai_invoke_agent_internal",
        "0/data/baseData/type",
        Text("GenAI | langchain"),
        Defect(1),
    ),
    entry(
        "trace_genai_invoke_agent_internal",
        "0/data/baseData/properties/gen_ai.system",
        Text("langchain"),
        Defect(1),
    ),
    entry(
        "trace_genai_main_agent_propagation",
        "1/data/baseData/type",
        Text("GenAI | openai"),
        Defect(1),
    ),
    entry(
        "trace_genai_main_agent_propagation",
        "1/data/baseData/properties/gen_ai.system",
        Text("openai"),
        Defect(1),
    ),
    entry(
        "trace_genai_main_agent_propagation",
        "2/data/baseData/type",
        Text("GenAI | openai"),
        Defect(1),
    ),
    entry(
        "trace_genai_main_agent_propagation",
        "2/data/baseData/properties/gen_ai.system",
        Text("openai"),
        Defect(1),
    ),
    // Where a GenAI call went to, and how it failed.
    entry(
        "trace_attr_dropped_prefixes",
        "0/data/baseData/properties/error.type",
        Text("1"),
        Defect(2),
    ),
    entry(
        "trace_attr_dropped_prefixes",
        "0/data/baseData/properties/server.address",
        Text("1"),
        Defect(2),
    ),
    entry(
        "trace_attr_dropped_prefixes",
        "0/data/baseData/properties/server.port",
        Text("1"),
        Defect(2),
    ),
    entry("trace_attr_dropped_prefixes", "0/data/baseData/target", Text("1:1"), Defect(2)),
    entry(
        "trace_genai_chat_*",
        "0/data/baseData/properties/server.address",
        Text("api.openai.com"),
        Defect(2),
    ),
    entry("trace_genai_chat_*", "0/data/baseData/properties/server.port", Text("443"), Defect(2)),
    entry("trace_genai_chat_*", "0/data/baseData/target", Text("api.openai.com"), Defect(2)),
    entry(
        "trace_genai_create_agent_client",
        "0/data/baseData/properties/server.address",
        Text("p.services.ai.azure.com"),
        Defect(2),
    ),
    entry(
        "trace_genai_create_agent_client",
        "0/data/baseData/target",
        Text("p.services.ai.azure.com"),
        Defect(2),
    ),
    entry(
        "trace_genai_chat_error",
        "0/data/baseData/properties/error.type",
        Text("openai.RateLimitError"),
        Defect(2),
    ),
    entry(
        "trace_genai_chat_error",
        "0/data/baseData/resultCode",
        Text("openai.RateLimitError"),
        Defect(2),
    ),
    entry(
        "trace_genai_chat_error",
        "0/data/baseData/properties/otel.status_description",
        Text("Rate limit reached"),
        Defect(2),
    ),
    entry(
        "trace_server_plain_error",
        "0/data/baseData/properties/otel.status_description",
        Text("boom"),
        Defect(2),
    ),
    // JSON, where Python's own notation stood.
    entry("trace_attr_types", "0/data/baseData/properties/t", Text("true"), Defect(3)),
    entry("trace_attr_types", "0/data/baseData/properties/f", Text("false"), Defect(3)),
    entry("trace_attr_types", "0/data/baseData/properties/ba", Text("[true,false]"), Defect(3)),
    entry("trace_attr_types", "0/data/baseData/properties/da", Text("[1.5,2.0]"), Defect(3)),
    entry("trace_attr_types", "0/data/baseData/properties/ea", Text("[]"), Defect(3)),
    entry("trace_attr_types", "0/data/baseData/properties/ia", Text("[1,2]"), Defect(3)),
    entry(
        "trace_attr_types",
        "0/data/baseData/properties/sa",
        Text(r#"["a","b'c","é"]"#),
        Defect(3),
    ),
    entry(
        "trace_genai_*",
        "0/data/baseData/properties/gen_ai.request.stop_sequences",
        Text(r#"["END","\n\n"]"#),
        Defect(3),
    ),
    entry(
        "trace_genai_*",
        "0/data/baseData/properties/gen_ai.response.finish_reasons",
        Text(r#"["stop"]"#),
        Defect(3),
    ),
    entry(
        "trace_genai_embeddings",
        "0/data/baseData/properties/gen_ai.request.encoding_formats",
        Text(r#"["float"]"#),
        Defect(3),
    ),
    entry("log_attrs", "0/data/baseData/properties/arr", Text("[1,2]"), Defect(3)),
    entry("log_attrs", "0/data/baseData/properties/ok", Text("true"), Defect(3)),
    entry("log_bytes_body", "0/data/baseData/message", Text("AGFiYw=="), Defect(3)),
    entry("metric_counter_delta", "0/data/baseData/properties/ok", Text("true"), Defect(3)),
    entry("log_exception_*", "0/data/baseData/exceptions/0/stack", Nothing, Defect(3)),
    entry("trace_events_exception_bare", "*/data/baseData/exceptions/0/stack", Nothing, Defect(3)),
    // Targets without a port that is the default, types that are the system's name.
    entry(
        "trace_client_http_404_unset",
        "0/data/baseData/target",
        Text("api.example.com"),
        Defect(14),
    ),
    entry("trace_client_http_route", "0/data/baseData/target", Text("api.example.com"), Defect(14)),
    entry(
        "trace_client_http_stable",
        "0/data/baseData/target",
        Text("api.example.com"),
        Defect(14),
    ),
    entry("trace_client_rpc_grpc", "0/data/baseData/type", Text("grpc"), Defect(14)),
    entry("trace_client_rpc_grpc", "0/data/baseData/target", Text("g1"), Defect(14)),
    // As many links as the longest property holds, and how many it does not.
    entry("trace_links_many", "0/data/baseData/properties/_MS.links", Made(links), Defect(21)),
    entry(
        "trace_links_many",
        "0/data/baseData/properties/otel.dropped_links_count",
        Text("8"),
        Defect(21),
    ),
    // The result of an evaluation is a custom event whichever way it is marked.
    entry(
        "log_event_name_genai_eval",
        "0/name",
        Text("Microsoft.ApplicationInsights.Event"),
        Defect(16),
    ),
    entry("log_event_name_genai_eval", "0/data/baseType", Text("EventData"), Defect(16)),
    entry(
        "log_event_name_genai_eval",
        "0/data/baseData/name",
        Text("gen_ai.evaluation.result"),
        Defect(16),
    ),
    entry("log_event_name_genai_eval", "0/data/baseData/message", Nothing, Defect(16)),
    entry("log_event_name_genai_eval", "0/data/baseData/severityLevel", Nothing, Defect(16)),
    entry(
        "log_event_name_genai_eval",
        "0/data/baseData/properties/event.body",
        Text(r#"{"score":1}"#),
        Defect(16),
    ),
    // A record outside of a span belongs to no operation.
    entry("log_no_trace_context", "0/tags/ai.operation.id", Nothing, Defect(16)),
    entry("log_no_trace_context", "0/tags/ai.operation.parentId", Nothing, Defect(16)),
    // The measurements of exponential histograms.
    entry("metric_exp_histogram", "0/data/baseData/metrics/0/value", Json("30.0"), Defect(6)),
    entry("metric_exp_histogram", "0/data/baseData/metrics/0/count", Json("3"), Defect(6)),
    entry("metric_exp_histogram", "0/data/baseData/metrics/0/min", Json("5.0"), Defect(6)),
    entry("metric_exp_histogram", "0/data/baseData/metrics/0/max", Json("15.0"), Defect(6)),
    // What the SDK of Rust cannot hold or do.
    entry(
        "trace_attr_types",
        "0/data/baseData/properties/by",
        Nothing,
        ByNature("an attribute of a span cannot be bytes"),
    ),
    entry(
        "metric_std_http_server_duration",
        "0/data/baseData/metrics/0/value",
        Json("0.30000000000000004"),
        ByNature("the sum of 0.1 and 0.2"),
    ),
];
