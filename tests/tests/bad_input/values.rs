//! Values that make no sense, or too much of them.

use llmobs_runtime::conventions::{Dialect, attr, operation};
use llmobs_runtime::{Usage, call};
use llmobs_tests::Recorder;
use opentelemetry::Value;
use opentelemetry_sdk::trace::Sampler;

/// No text is longer than this.
const TEXT: usize = 8_192;

#[test]
fn numbers_that_are_none_are_left_out() {
    let recorder = Recorder::new();
    call(&operation::CHAT)
        .set(attr::GEN_AI_REQUEST_TEMPERATURE, &f64::NAN)
        .set(attr::GEN_AI_REQUEST_TOP_P, &f32::INFINITY)
        .set(attr::GEN_AI_REQUEST_FREQUENCY_PENALTY, &f64::NEG_INFINITY)
        .set(attr::GEN_AI_REQUEST_MAX_TOKENS, &-1)
        .set(attr::GEN_AI_REQUEST_CHOICE_COUNT, &u64::MAX)
        .set(attr::GEN_AI_REQUEST_SEED, &i64::MIN)
        .attribute("app.nan", f64::NAN)
        .attribute("app.huge", u128::MAX)
        .metric_attribute("app.infinite", f64::INFINITY)
        .start()
        .end();
    let span = recorder.span();
    let found: Vec<_> = span.attributes().into_keys().collect();
    assert_eq!(found, ["gen_ai.operation.name", "gen_ai.request.seed"]);
    assert_eq!(span.int("gen_ai.request.seed"), Some(i64::MIN));
    assert_eq!(recorder.points()[0].attributes.len(), 1);
}

#[test]
fn counts_that_cannot_be_are_left_out_and_large_ones_are_exact() {
    let recorder = Recorder::new();
    let mut chat = call(&operation::CHAT).start();
    chat.set(attr::GEN_AI_USAGE_INPUT_TOKENS, &-5_i64);
    chat.usage(&Usage { output: Some(u64::MAX), cache_read: Some(1 << 60), ..Usage::default() });
    chat.end();
    let mut chat = call(&operation::CHAT).start();
    chat.usage(&Usage { output: Some(1 << 50), ..Usage::default() });
    chat.end();
    let spans = recorder.spans();
    assert_eq!(spans[0].value("gen_ai.usage.input_tokens"), None);
    assert_eq!(spans[0].value("gen_ai.usage.output_tokens"), None);
    assert_eq!(spans[0].int("gen_ai.usage.cache_read.input_tokens"), Some(1 << 60));
    let points = recorder.points_of("gen_ai.client.token.usage");
    assert_eq!((points.len(), points[0].sum), (1, f64::from(2_u32.pow(25)).powi(2)));
}

#[test]
fn sums_at_the_end_of_their_range_do_not_panic() {
    for recorder in [Recorder::new as fn() -> Recorder, Recorder::latest] {
        let recorder = recorder();
        for _ in 0..4 {
            let mut chat = call(&operation::CHAT).start();
            chat.set(attr::GEN_AI_USAGE_INPUT_TOKENS, &i64::MAX);
            chat.end();
        }
        assert_eq!(recorder.spans().len(), 4);
        let _ = recorder.points();
    }
}

#[test]
fn empty_names_are_absent() {
    let recorder = Recorder::new();
    call(&operation::CHAT)
        .provider("")
        .model(String::new())
        .conversation_id(None::<&str>)
        .name("")
        .server("")
        .set(attr::GEN_AI_REQUEST_STOP_SEQUENCES, &[""; 3])
        .start()
        .end();
    let span = recorder.span();
    assert_eq!(span.name(), "chat");
    assert_eq!(span.attributes().into_keys().collect::<Vec<_>>(), ["gen_ai.operation.name"]);
}

#[test]
fn a_text_of_ten_megabytes_is_cut_on_a_character() {
    let recorder = Recorder::new();
    let huge = format!("a{}", "é".repeat(5_000_000));
    let mut chat = call(&operation::CHAT)
        .model(&huge)
        .attribute("app.note", &huge)
        .metric_attribute("app.kind", &huge)
        .server((huge.as_str(), 80))
        .start();
    chat.set(attr::GEN_AI_RESPONSE_ID, &huge);
    chat.set(attr::GEN_AI_RESPONSE_FINISH_REASONS, &[&huge]);
    chat.fail_as(&huge);
    chat.end();
    let span = recorder.span();
    let cut = &huge[..TEXT - 1];
    for key in [
        "gen_ai.request.model",
        "app.note",
        "app.kind",
        "server.address",
        "gen_ai.response.id",
        "error.type",
    ] {
        assert_eq!(span.text(key).as_deref(), Some(cut), "{key}");
    }
    assert_eq!(span.name(), format!("chat {cut}"));
    assert_eq!(
        span.text("gen_ai.response.finish_reasons").map(|list| list.len()),
        Some(TEXT - 1 + 4)
    );
    for point in recorder.points() {
        assert!(point.attributes.values().all(|value| value.len() <= TEXT));
    }
    call(&operation::CHAT).name(&huge).start().end();
    assert_eq!(recorder.spans()[1].name(), cut);
}

#[test]
fn lists_keep_their_first_elements() {
    let recorder = Recorder::new();
    let stops: Vec<String> = (0..10_000).map(|place| format!("stop-{place}")).collect();
    let mut chat = call(&operation::CHAT)
        .set(attr::GEN_AI_REQUEST_STOP_SEQUENCES, &stops)
        .attribute("app.list", &stops)
        .start();
    for stop in &stops {
        chat.set(attr::GEN_AI_RESPONSE_FINISH_REASONS, stop);
    }
    chat.end();
    let span = recorder.span();
    for key in ["gen_ai.request.stop_sequences", "app.list", "gen_ai.response.finish_reasons"] {
        let Some(Value::Array(opentelemetry::Array::String(list))) = span.value(key) else {
            panic!("{key} is a list");
        };
        assert_eq!(list.len(), 128);
        assert_eq!((list[0].as_str(), list[127].as_str()), ("stop-0", "stop-127"));
    }
}

#[test]
fn ten_thousand_attributes_are_too_many() {
    let recorder = Recorder::new();
    let mut prepared = call(&operation::CHAT);
    for place in 0..10_000 {
        prepared = prepared.metric_attribute(format!("app.metric.{place}"), place);
    }
    let mut chat = prepared.start();
    for place in 0..10_000 {
        chat.attribute(format!("app.late.{place}"), place);
    }
    chat.end();
    let span = recorder.span();
    assert_eq!(span.0.attributes.len(), 65);
    assert_eq!(span.0.dropped_attributes_count, 0);
    assert_eq!(span.int("app.metric.63"), Some(63));
    assert_eq!(span.value("app.metric.64"), None);
    let points = recorder.points();
    assert_eq!(points[0].attributes.len(), 17);
    assert_eq!(points[0].attribute("app.metric.15"), Some("15"));
}

#[test]
fn keys_are_neither_empty_nor_endless() {
    let recorder = Recorder::new();
    let endless = "k".repeat(10_000_000);
    let mut chat = call(&operation::CHAT)
        .attribute("", 1)
        .metric_attribute("", 2)
        .attribute(endless.clone(), 3)
        .metric_attribute(endless.clone(), 4)
        .attribute("schlüssel.名", "wert ✓")
        .start();
    chat.attribute("", 5);
    if let Some(fields) = chat.fields() {
        fields.attribute(endless, &6);
    }
    chat.end();
    let found: Vec<_> = recorder.span().attributes().into_iter().collect();
    let expected = [("gen_ai.operation.name", "chat"), ("schlüssel.名", "wert ✓")];
    assert_eq!(found, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    assert_eq!(recorder.points()[0].attributes.len(), 1);
}

#[test]
fn no_key_stands_twice() {
    for dialect in [Dialect::Released, Dialect::Latest] {
        let recorder = Recorder::with(dialect, Sampler::AlwaysOn);
        let mut chat = call(&operation::CHAT)
            .model("convention")
            .attribute("gen_ai.request.model", "own")
            .attribute("gen_ai.operation.name", "own")
            .attribute("gen_ai.response.id", "own")
            .attribute("app.key", 1)
            .attribute("app.key", 2)
            .metric_attribute("gen_ai.request.model", "own")
            .metric_attribute("gen_ai.token.type", "own")
            .metric_attribute("gen_ai.token.modality", "own")
            .metric_attribute("app.kind", "a")
            .metric_attribute("app.kind", "b")
            .start();
        chat.set(attr::GEN_AI_RESPONSE_ID, "convention");
        chat.set(attr::GEN_AI_RESPONSE_MODEL, "convention");
        chat.attribute("gen_ai.response.model", "own");
        chat.set(attr::GEN_AI_USAGE_INPUT_TOKENS, &3);
        chat.end();
        // `attributes()` itself fails on a key that stands twice, for points too.
        let found = recorder.span().attributes();
        assert_eq!(found["gen_ai.request.model"], "convention");
        assert_eq!(found["gen_ai.operation.name"], "chat");
        // The sampler has seen it already.
        assert_eq!(found["gen_ai.response.id"], "own");
        assert_eq!(found["gen_ai.response.model"], "convention");
        assert_eq!((found["app.key"].as_str(), found["app.kind"].as_str()), ("2", "b"));
        for point in recorder.points() {
            assert_eq!(point.attribute("gen_ai.request.model"), Some("convention"));
            assert_eq!(point.attribute("app.kind"), Some("b"));
            if point.metric == "gen_ai.client.token.usage" {
                assert_eq!(point.attribute("gen_ai.token.type"), Some("input"));
            }
            if point.metric == "gen_ai.client.inference.usage.input_tokens" {
                assert_eq!(point.attribute("gen_ai.token.modality"), Some("unknown"));
            }
        }
    }
}

#[test]
fn servers_that_are_none_are_left_out() {
    let recorder = Recorder::new();
    for server in
        ["", "://", "https://", "[::1", "http://:80/", "\u{0}", "a:b:c", "http://host:99999"]
    {
        call(&operation::CHAT).server(server).start().end();
    }
    call(&operation::CHAT).server(("host", 0)).start().end();
    call(&operation::CHAT)
        .set(attr::SERVER_PORT, &70_000)
        .set(attr::SERVER_ADDRESS, "h")
        .start()
        .end();
    for span in recorder.spans() {
        let port = span.int("server.port");
        assert!(port.is_none_or(|port| (1..=65_535).contains(&port)), "{port:?}");
        assert!(port.is_none() || span.value("server.address").is_some());
    }
}

#[test]
fn a_response_without_usage_has_no_token_metric() {
    for recorder in [Recorder::new as fn() -> Recorder, Recorder::latest] {
        let recorder = recorder();
        let mut chat = call(&operation::CHAT).start();
        chat.usage(&Usage::default());
        chat.usage(&None::<Usage>);
        chat.end();
        assert_eq!(recorder.span().0.attributes.len(), 1);
        let points = recorder.points();
        assert_eq!(points.len(), 1);
        assert!(points[0].metric.ends_with(".duration"));
    }
}
