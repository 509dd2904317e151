//! What of prompts and answers leaves the process.

#[path = "content/events.rs"]
mod events;
#[path = "content/leaks.rs"]
mod leaks;
#[path = "content/policy.rs"]
mod policy;
#[path = "content/redaction.rs"]
mod redaction;
#[path = "content/size.rs"]
mod size;

use llmobs_runtime::content::{Content, ContentCapture, Kind};
use llmobs_runtime::conventions::{Dialect, attr, operation};
use llmobs_runtime::{
    Call, CallBuilder, Fields, LlmChunk, LlmRequest, LlmResponse, Streamed, call,
};
use llmobs_tests::Recorder;
use serde_json::{Value, json};

/// A request whose prompt is to be found again wherever it turns up.
struct Question<'a>(&'a str);

impl LlmRequest for Question<'_> {
    fn record(&self, fields: &mut Fields) {
        fields.set(attr::GEN_AI_REQUEST_MODEL, "m");
    }

    fn capture(&self, content: &mut Content) {
        content.add(Kind::Instructions, "Be brief.");
        content.add(Kind::Input, self.0);
    }
}

struct Answer(&'static str);

impl LlmResponse for Answer {
    fn record(&self, fields: &mut Fields) {
        fields.set(attr::GEN_AI_RESPONSE_MODEL, "m-2026");
        fields.set(attr::GEN_AI_RESPONSE_FINISH_REASONS, "stop");
    }

    fn capture(&self, content: &mut Content) {
        content.add(Kind::Output, self.0);
    }
}

struct Piece(&'static str);

impl LlmChunk for Piece {
    fn record(&self, answer: &mut Streamed<'_>) {
        match answer.content() {
            Some(content) if !self.0.is_empty() => content.text_delta(0, self.0),
            _ => {}
        }
        if self.0.is_empty() {
            answer.finish_reason(0, "stop");
        }
    }
}

fn capturing(dialect: Dialect, capture: ContentCapture) -> Recorder {
    Recorder::built(|builder| builder.dialect(dialect).capture_content(capture))
}

fn chat() -> CallBuilder {
    call(&operation::CHAT).provider("openai")
}

/// A call with content.
fn asked() -> Call {
    chat().request(&Question("When is high water?")).start()
}

fn answered(mut call: Call) {
    call.response(&Answer("At noon."));
    call.end();
}

/// What [`asked`] and [`answered`] say.
fn expected(dialect: Dialect) -> [(&'static str, Value); 3] {
    let text = |text: &str| json!({ "type": "text", "content": text });
    let mut answer = json!({ "role": "assistant", "parts": [text("At noon.")] });
    if dialect == Dialect::Released {
        // The latest schema leaves the reason to the span.
        answer["finish_reason"] = json!("stop");
    }
    [
        ("gen_ai.system_instructions", json!([text("Be brief.")])),
        (
            "gen_ai.input.messages",
            json!([{ "role": "user", "parts": [text("When is high water?")] }]),
        ),
        ("gen_ai.output.messages", json!([answer])),
    ]
}
