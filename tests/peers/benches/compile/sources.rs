//! The crates that are compiled: the same functions, plain and annotated.

use std::fmt::Write as _;

/// A crate that is compiled: what it is called, what it depends on, and what each of its functions carries.
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    /// As it is shown.
    pub(crate) shown: &'static str,
    pub(crate) dependencies: &'static str,
    /// Before the functions.
    prelude: &'static str,
    derives: [&'static str; 2],
    attribute: &'static str,
}

/// What the functions are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Async,
    Sync,
}

/// Where recording is compiled in, as an application has it.
pub(crate) const OURS: &str = r#"llmobs-runtime = { path = "{runtime}", features = ["console"] }"#;

/// Each annotated one names the same twelve attributes: seven that are known before the call, five after it.
pub(crate) const SUBJECTS: [Subject; 6] = [
    Subject {
        name: "plain",
        shown: "plain",
        dependencies: "",
        prelude: "",
        derives: ["", ""],
        attribute: "",
    },
    Subject {
        name: "recorded",
        shown: "#[instrument_llm], types say what they hold",
        dependencies: OURS,
        prelude: "use llmobs_runtime::{LlmRequest, LlmResponse, instrument_llm};",
        derives: ["#[derive(LlmRequest)]", "#[derive(LlmResponse)]"],
        attribute: r#"#[instrument_llm(provider = "openai", request = request, server = (client.host.as_str(), client.port))]"#,
    },
    Subject {
        name: "written_out",
        shown: "#[instrument_llm], 12 attributes written out",
        dependencies: OURS,
        prelude: "use llmobs_runtime::{LlmResponse, instrument_llm};",
        derives: ["", "#[derive(LlmResponse)]"],
        attribute: r#"#[instrument_llm(
    operation = chat,
    provider = "openai",
    model = request.model,
    server = (client.host.as_str(), client.port),
    conversation_id = client.host,
    attributes(
        gen_ai.request.max_tokens = request.max_tokens,
        gen_ai.request.temperature = request.temperature,
        gen_ai.request.seed = 7_i64,
        gen_ai.request.top_p = 0.5,
        gen_ai.request.frequency_penalty = 0.1,
        gen_ai.request.presence_penalty = 0.2,
    ),
)]"#,
    },
    Subject {
        name: "compiled_out",
        shown: "#[instrument_llm], compiled out",
        dependencies: r#"llmobs-runtime = { path = "{runtime}" }"#,
        prelude: "use llmobs_runtime::{LlmRequest, LlmResponse, instrument_llm};",
        derives: ["#[derive(LlmRequest)]", "#[derive(LlmResponse)]"],
        attribute: r#"#[instrument_llm(provider = "openai", request = request, server = (client.host.as_str(), client.port))]"#,
    },
    Subject {
        name: "with_tracing",
        shown: "#[tracing::instrument], 12 fields",
        dependencies: r#"tracing = "0.1.44""#,
        prelude: "",
        derives: ["", ""],
        attribute: r#"#[tracing::instrument(skip_all, fields(
    gen_ai.operation.name = "chat",
    gen_ai.provider.name = "openai",
    gen_ai.request.model = %request.model,
    gen_ai.request.max_tokens = request.max_tokens,
    gen_ai.request.temperature = request.temperature,
    server.address = %client.host,
    server.port = client.port,
    gen_ai.response.id = tracing::field::Empty,
    gen_ai.response.model = tracing::field::Empty,
    gen_ai.response.finish_reasons = tracing::field::Empty,
    gen_ai.usage.input_tokens = tracing::field::Empty,
    gen_ai.usage.output_tokens = tracing::field::Empty,
))]"#,
    },
    Subject {
        name: "with_fastrace",
        shown: "#[fastrace::trace], 12 properties",
        dependencies: r#"fastrace = { version = "0.7", features = ["enable"] }"#,
        prelude: "",
        derives: ["", ""],
        attribute: r#"#[fastrace::trace(properties = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "{request:?}",
    "gen_ai.request.max_tokens": "{request:?}",
    "gen_ai.request.temperature": "{request:?}",
    "server.address": "{client:?}",
    "server.port": "{client:?}",
    "gen_ai.response.id": "",
    "gen_ai.response.model": "",
    "gen_ai.response.finish_reasons": "",
    "gen_ai.usage.input_tokens": "",
    "gen_ai.usage.output_tokens": "",
})]"#,
    },
];

pub(crate) fn manifest(name: &str, dependencies: &str, runtime: &str) -> String {
    let dependencies = dependencies.replace("{runtime}", runtime);
    format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{dependencies}\n"
    )
}

impl Subject {
    /// The source of so many functions.
    pub(crate) fn source(&self, functions: u32, shape: Shape) -> String {
        let (kind, wait) = match shape {
            Shape::Async => ("async ", ".await"),
            Shape::Sync => ("", ""),
        };
        let Self { prelude, derives: [request, response], attribute, .. } = self;
        let derived = |derive: &str, helper: &str| {
            if derive.is_empty() { String::new() } else { format!("    #[llm({helper})]\n") }
        };
        let asked = |helper| derived(request, helper);
        let answered = |helper| derived(response, helper);
        let mut source = format!(
            "#![allow(dead_code, clippy::all)]\n{prelude}\n\n\
             #[derive(Debug)]\npub struct Client {{\n    pub host: String,\n    pub port: u16,\n}}\n\n\
             {request}\n#[derive(Debug)]\npub struct Request {{\n{}    pub model: String,\n{}    pub max_tokens: u32,\n{}    pub temperature: f64,\n}}\n\n\
             {response}\n#[derive(Debug)]\npub struct Response {{\n{}    pub id: String,\n{}    pub model: String,\n{}    pub finish_reason: String,\n{}    pub input: u64,\n{}    pub output: u64,\n}}\n\n\
             impl Client {{\n    pub {kind}fn send(&self, request: &Request) -> Result<Response, std::io::Error> {{\n        \
             let _ = request;\n        Err(std::io::ErrorKind::Unsupported.into())\n    }}\n}}\n",
            asked("request.model"),
            asked("request.max_tokens"),
            asked("request.temperature"),
            answered("response.id"),
            answered("response.model"),
            answered("response.finish_reasons"),
            answered("usage.input_tokens"),
            answered("usage.output_tokens"),
        );
        for at in 0..functions {
            write!(
                source,
                "\n{attribute}\npub {kind}fn ask_{at}(client: &Client, request: &Request) -> Result<Response, std::io::Error> {{\n    \
                 client.send(request){wait}\n}}\n"
            )
            .expect("a string takes everything");
        }
        source
    }
}
