//! Each operation through the attribute.

use llmobs_runtime::conventions::Dialect;
use llmobs_runtime::{LlmResponse, instrument_llm};
use llmobs_tests::Recorder;
use opentelemetry::trace::SpanKind;

#[derive(LlmResponse)]
struct Answer {
    #[llm(usage.input_tokens)]
    tokens: u64,
    #[llm(response.model)]
    model: &'static str,
}

const ANSWER: Answer = Answer { tokens: 3, model: "m-1" };

#[instrument_llm(provider = "openai", model = "m")]
fn chat() -> Answer {
    ANSWER
}

#[instrument_llm(operation = generate_content, provider = "gcp.gemini", model = "m")]
fn generate_content() -> Answer {
    ANSWER
}

#[instrument_llm(operation = text_completion, provider = "openai", model = "m", kind = internal)]
fn text_completion() -> Answer {
    ANSWER
}

#[instrument_llm(operation = embeddings, provider = "openai", model = "m")]
fn embeddings() -> Answer {
    ANSWER
}

#[instrument_llm(operation = retrieval, data_source = "docs", response = none)]
fn retrieval() -> u8 {
    1
}

#[instrument_llm(
    operation = fetch_response,
    provider = "openai",
    attributes(gen_ai.response.id = "r-1"),
    response = none
)]
fn fetch_response() -> u8 {
    1
}

#[instrument_llm(operation = create_memory_store)]
fn create_memory_store() {}

#[instrument_llm(operation = search_memory)]
fn search_memory() {}

#[instrument_llm(operation = create_memory)]
fn create_memory() {}

#[instrument_llm(operation = update_memory)]
fn update_memory() {}

#[instrument_llm(operation = upsert_memory)]
fn upsert_memory() {}

#[instrument_llm(operation = delete_memory)]
fn delete_memory() {}

#[instrument_llm(operation = delete_memory_store)]
fn delete_memory_store() {}

#[instrument_llm(operation = create_agent, provider = "openai", agent(name = "a"))]
fn create_agent() {}

#[instrument_llm(operation = invoke_agent, provider = "openai", kind = client, agent(name = "a"))]
fn invoke_agent_client() {}

#[instrument_llm(operation = invoke_agent, agent(name = "a"))]
fn invoke_agent() {}

#[instrument_llm(operation = execute_tool)]
fn execute_tool() {}

#[instrument_llm(operation = invoke_workflow, workflow = "w")]
fn invoke_workflow() {}

#[instrument_llm(operation = plan, agent(name = "a"))]
fn plan() {}

#[test]
fn every_operation_has_its_name_and_its_kind() {
    for dialect in [Dialect::Released, Dialect::Latest] {
        let recorder = Recorder::with(dialect, opentelemetry_sdk::trace::Sampler::AlwaysOn);
        let _ = (chat(), generate_content(), text_completion(), embeddings());
        let _ = (retrieval(), fetch_response());
        create_memory_store();
        search_memory();
        create_memory();
        update_memory();
        upsert_memory();
        delete_memory();
        delete_memory_store();
        create_agent();
        invoke_agent_client();
        invoke_agent();
        execute_tool();
        invoke_workflow();
        plan();

        let expected = [
            ("chat m", SpanKind::Client),
            ("generate_content m", SpanKind::Client),
            ("text_completion m", SpanKind::Internal),
            ("embeddings m", SpanKind::Client),
            ("retrieval docs", SpanKind::Client),
            ("fetch_response", SpanKind::Client),
            ("create_memory_store", SpanKind::Client),
            ("search_memory", SpanKind::Client),
            ("create_memory", SpanKind::Client),
            ("update_memory", SpanKind::Client),
            ("upsert_memory", SpanKind::Client),
            ("delete_memory", SpanKind::Client),
            ("delete_memory_store", SpanKind::Client),
            ("create_agent a", SpanKind::Client),
            ("invoke_agent a", SpanKind::Client),
            ("invoke_agent a", SpanKind::Internal),
            ("execute_tool execute_tool", SpanKind::Internal),
            ("invoke_workflow w", SpanKind::Internal),
            ("plan a", SpanKind::Internal),
        ];
        let spans = recorder.spans();
        let found: Vec<_> =
            spans.iter().map(|span| (span.name(), span.0.span_kind.clone())).collect();
        assert_eq!(found, expected);
        for (span, (name, _)) in spans.iter().zip(expected) {
            let operation = name.split(' ').next();
            assert_eq!(span.text("gen_ai.operation.name").as_deref(), operation);
        }
        for span in spans.get(..4).expect("four with a response") {
            assert_eq!(span.int("gen_ai.usage.input_tokens"), Some(3));
            assert_eq!(span.text("gen_ai.response.model").as_deref(), Some("m-1"));
        }
    }
}
