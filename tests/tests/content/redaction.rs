//! Redaction: before anything leaves the process, and closed when it fails.

use futures::{StreamExt, stream};
use llmobs_runtime::content::{
    ContentCapture, Kind, Patterns, Redactable, Redactor, redaction_failures,
};
use llmobs_tests::Recorder;

use super::{Piece, answered, asked, chat};

fn redacting(redactor: impl Into<Redactor>) -> Recorder {
    Recorder::built(|builder| {
        builder.capture_content(ContentCapture::SpanAndEvent).redact(redactor)
    })
}

#[test]
fn a_hook_changes_what_is_recorded() {
    let recorder = redacting(Redactor::texts(|text| *text = text.replace("water", "[WATER]")));
    answered(asked());
    let input = recorder.span().text("gen_ai.input.messages").unwrap();
    assert!(input.contains("When is high [WATER]?"), "{input}");
    let event = recorder.events()[0].json("gen_ai.input.messages").unwrap().to_string();
    assert!(event.contains("[WATER]") && !event.contains("high water"), "{event}");
}

#[test]
fn a_hook_that_fails_costs_the_content_and_nothing_else() {
    for panics in [false, true] {
        let before = redaction_failures();
        let recorder = redacting(move |kind: Kind, _: Redactable<'_>| {
            if kind != Kind::Input {
                return Ok(());
            }
            assert!(!panics, "the secret prompt");
            Err("the secret prompt".into())
        });
        answered(asked());
        let span = recorder.span();
        assert_eq!(redaction_failures(), before + 1);
        assert_eq!(span.value("gen_ai.input.messages"), None);
        assert!(span.text("gen_ai.output.messages").unwrap().contains("At noon."));
        assert!(span.text("gen_ai.system_instructions").unwrap().contains("Be brief."));
        assert_eq!(span.text("gen_ai.response.model").as_deref(), Some("m-2026"));
        assert_eq!(recorder.events()[0].json("gen_ai.input.messages"), None);
    }
}

#[tokio::test]
async fn a_pattern_that_is_spread_over_chunks_is_found() {
    let recorder = redacting(Patterns::all());
    let pieces = ["Write to mar", "ie@exam", "ple.org, card 4111 11", "11 1111 1111", "."];
    let pieces = pieces.map(|text| Ok::<_, std::io::Error>(Piece(text)));
    assert_eq!(chat().stream(stream::iter(pieces)).count().await, 5);
    let output = recorder.span().text("gen_ai.output.messages").unwrap();
    assert!(output.contains("Write to [EMAIL], card [CARD]."), "{output}");
}

#[test]
fn patterns_reach_into_the_arguments_of_tools() {
    let recorder = redacting(Patterns::all());
    let arguments = serde_json::json!({ "to": "marie@example.org", "key": ["sk-proj-0123456789abcdefghijklmnop"] });
    llmobs_runtime::call(&llmobs_runtime::conventions::operation::EXECUTE_TOOL)
        .capture(Kind::Arguments, &arguments)
        .start()
        .end();
    let text = recorder.span().text("gen_ai.tool.call.arguments").unwrap();
    let found: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(found, serde_json::json!({ "to": "[EMAIL]", "key": ["[SECRET]"] }));
}
