//! Code of the application's that describes what it hands over, and panics.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use llmobs_runtime::conventions::{self, attr, operation};
use llmobs_runtime::payload::{Any, AttributeValue, Value};
use llmobs_runtime::{
    Fields, LlmError, LlmRequest, LlmResponse, LlmUsage, ServerEndpoint, Usage, call,
    instrument_llm,
};
use llmobs_tests::Recorder;

/// Says half of what it is, and panics.
struct Half;

impl LlmRequest for Half {
    fn record(&self, fields: &mut Fields) {
        fields.set(attr::GEN_AI_REQUEST_MODEL, "m");
        panic!("on purpose");
    }
}

impl LlmResponse for Half {
    fn record(&self, fields: &mut Fields) {
        fields.set(attr::GEN_AI_RESPONSE_ID, "r");
        panic!("on purpose");
    }
}

impl LlmUsage for Half {
    fn usage(&self) -> Usage {
        panic!("on purpose")
    }
}

impl AttributeValue<conventions::Text> for Half {
    fn attribute_value(&self) -> Option<Value<'_>> {
        panic!("on purpose")
    }
}

impl AttributeValue<Any> for Half {
    fn attribute_value(&self) -> Option<Value<'_>> {
        panic!("on purpose")
    }
}

impl ServerEndpoint for Half {
    fn endpoint(&self, found: &mut dyn FnMut(&str, Option<u16>)) {
        found("host", Some(80));
        panic!("on purpose");
    }
}

impl AsRef<str> for Half {
    fn as_ref(&self) -> &str {
        panic!("on purpose")
    }
}

impl LlmError for Half {
    fn error_type(&self) -> Option<Cow<'static, str>> {
        panic!("on purpose")
    }
}

/// An error whose source panics.
#[derive(Debug)]
struct Bottomless;

impl fmt::Display for Bottomless {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("nobody asks what it says")
    }
}

impl Error for Bottomless {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        panic!("on purpose")
    }
}

#[test]
fn a_description_that_panics_leaves_the_call_and_the_rest_of_it() {
    let recorder = Recorder::new();
    let mut chat = call(&operation::CHAT)
        .request(&Half)
        .provider(Half)
        .conversation_id(Half)
        .set(attr::GEN_AI_PROMPT_NAME, &Half)
        .attribute("app.half", Half)
        .metric_attribute("app.half", Half)
        .server(Half)
        .name(Half)
        .attribute("app.whole", 1)
        .start();
    chat.response(&Half);
    chat.usage(&Half);
    chat.set(attr::GEN_AI_RESPONSE_MODEL, &Half);
    chat.attribute("app.half", Half);
    chat.attribute("app.more", 2);
    chat.end();
    let span = recorder.span();
    assert_eq!(span.name(), "chat m");
    assert_eq!(span.0.status, opentelemetry::trace::Status::Unset);
    let found: Vec<_> = span.attributes().into_iter().collect();
    let expected = [
        ("app.more", "2"),
        ("app.whole", "1"),
        ("gen_ai.operation.name", "chat"),
        ("gen_ai.request.model", "m"),
        ("gen_ai.response.id", "r"),
        ("server.address", "host"),
        ("server.port", "80"),
    ];
    assert_eq!(found, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    assert_eq!(recorder.points_of("gen_ai.client.operation.duration").len(), 1);
}

#[instrument_llm(provider = "openai", request = Half, usage = |_| Half)]
fn ask(way: u8) -> Result<Half, Half> {
    if way == 0 { Ok(Half) } else { Err(Half) }
}

#[instrument_llm(provider = "openai", response = none)]
fn fall() -> Result<u8, Bottomless> {
    Err(Bottomless)
}

#[test]
fn the_function_returns_what_it_returns() {
    let recorder = Recorder::new();
    assert!(ask(0).is_ok());
    assert!(ask(1).is_err());
    assert!(fall().is_err());
    let mut chat = call(&operation::CHAT).start();
    chat.fail(&Bottomless);
    chat.end();
    let spans = recorder.spans();
    assert_eq!(spans[0].text("gen_ai.response.id").as_deref(), Some("r"));
    assert_eq!(spans[0].value("error.type"), None);
    // That it failed is known, if not how.
    for span in &spans[1..] {
        assert_eq!(span.text("error.type").as_deref(), Some("_OTHER"));
    }
    assert_eq!(spans.len(), 4);
}
