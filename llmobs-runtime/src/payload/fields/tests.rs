use super::super::value::LIST_LIMIT;
use super::*;
use crate::text::{TEXT_LIMIT, Text};

#[test]
fn a_scalar_ends_as_set_last_and_a_list_grows() {
    let mut fields = Fields::default();
    fields.set(attr::GEN_AI_RESPONSE_MODEL, "a");
    fields.set(attr::GEN_AI_RESPONSE_MODEL, "b");
    fields.set(attr::GEN_AI_RESPONSE_FINISH_REASONS, "stop");
    fields.set(attr::GEN_AI_RESPONSE_FINISH_REASONS, "length");
    assert_eq!(fields.get(attr::GEN_AI_RESPONSE_MODEL), Some(Value::Text(Str::from("b"))));
    assert_eq!(
        fields.get(attr::GEN_AI_RESPONSE_FINISH_REASONS),
        Some(Value::Texts(["stop", "length"].map(Str::from).into_iter().collect()))
    );
}

#[test]
fn text_is_cut_on_a_character_boundary() {
    let mut fields = Fields::default();
    for (text, len) in [
        ("é".repeat(5_000_000), TEXT_LIMIT),
        (format!("a{}", "é".repeat(TEXT_LIMIT)), TEXT_LIMIT - 1),
    ] {
        let text: &'static str = text.leak();
        fields.set(attr::GEN_AI_RESPONSE_MODEL, text);
        fields.set(attr::GEN_AI_RESPONSE_ID, &Text::Static(text));
        fields.attribute("app.a", text);
        fields.attribute("app.b", &[text, "b"]);
        for value in [
            fields.get(attr::GEN_AI_RESPONSE_MODEL),
            fields.get(attr::GEN_AI_RESPONSE_ID),
            fields.get_attribute("app.a"),
        ] {
            assert_eq!(value, Some(Value::Text(Str::from(&text[..len]))));
        }
        let list = [&text[..len], "b"].map(Str::from).into_iter().collect();
        assert_eq!(fields.get_attribute("app.b"), Some(Value::Texts(list)));
    }
}

#[test]
fn what_makes_no_sense_is_not_set() {
    let mut fields = Fields::default();
    fields.set(attr::GEN_AI_USAGE_INPUT_TOKENS, &-1_i32);
    fields.set(attr::SERVER_PORT, &70_000_u32);
    fields.set(attr::GEN_AI_REQUEST_SEED, &-1_i32);
    assert_eq!(fields.get(attr::GEN_AI_USAGE_INPUT_TOKENS), None);
    assert_eq!(fields.get(attr::SERVER_PORT), None);
    assert_eq!(fields.get(attr::GEN_AI_REQUEST_SEED), Some(Value::Int(-1)));
}

#[test]
fn usage_that_is_absent_sets_nothing() {
    let mut fields = Fields::default();
    fields.usage(&Usage::default());
    assert!(fields.iter().next().is_none());
    fields.usage(&Usage { output: Some(0), ..Usage::default() });
    assert_eq!(fields.get(attr::GEN_AI_USAGE_OUTPUT_TOKENS), Some(Value::Int(0)));
    fields.usage(&Usage { output: Some(u64::MAX), ..Usage::default() });
    assert_eq!(fields.get(attr::GEN_AI_USAGE_OUTPUT_TOKENS), Some(Value::Int(0)));
}

#[test]
#[cfg(feature = "enable")]
fn what_stood_at_the_start_stays() {
    let mut fields = Fields::default();
    fields.set(attr::GEN_AI_REQUEST_MODEL, "a");
    fields.attribute("app.a", &1);
    fields.settle();
    fields.set(attr::GEN_AI_REQUEST_MODEL, "b");
    fields.attribute("app.a", &2);
    fields.set(attr::GEN_AI_RESPONSE_MODEL, "c");
    fields.attribute("app.b", &3);
    assert_eq!(fields.get(attr::GEN_AI_REQUEST_MODEL), Some(Value::Text(Str::from("a"))));
    assert_eq!(fields.get_attribute("app.a"), Some(Value::Int(1)));
    let (known, custom) = fields.since_settled();
    let known: Vec<_> = known.collect();
    assert_eq!(known, [(attr::GEN_AI_RESPONSE_MODEL.id(), Value::Text(Str::from("c")))]);
    let custom: Vec<_> = custom.collect();
    assert_eq!(custom, [(&Cow::Borrowed("app.b"), Value::Int(3))]);
}

#[test]
fn a_list_grows_in_its_place_up_to_the_limit() {
    let mut fields = Fields::default();
    fields.set(attr::GEN_AI_RESPONSE_FINISH_REASONS, "stop");
    fields.set(attr::GEN_AI_RESPONSE_MODEL, "m");
    let first = vec!["a"; LIST_LIMIT - 2];
    fields.set(attr::GEN_AI_RESPONSE_FINISH_REASONS, &first);
    fields.set(attr::GEN_AI_RESPONSE_FINISH_REASONS, &["last", "none", "none"]);
    let keys: Vec<_> = fields.iter().map(|(id, _)| id).collect();
    assert_eq!(keys, [attr::GEN_AI_RESPONSE_FINISH_REASONS.id(), attr::GEN_AI_RESPONSE_MODEL.id()]);
    let list = ["stop"].into_iter().chain(first).chain(["last"]).map(Str::from).collect();
    assert_eq!(fields.get(attr::GEN_AI_RESPONSE_FINISH_REASONS), Some(Value::Texts(list)));
    assert_eq!(fields.get(attr::GEN_AI_RESPONSE_MODEL), Some(Value::Text("m".into())));
}

#[test]
fn an_own_list_is_replaced_by_another_and_by_a_scalar() {
    let mut fields = Fields::default();
    fields.attribute("app.a", &["a", "b", "c"]);
    fields.attribute("app.b", &1);
    fields.attribute("app.a", &["d", "e"]);
    let list = ["d", "e"].map(Str::from).into_iter().collect();
    assert_eq!(fields.get_attribute("app.a"), Some(Value::Texts(list)));
    fields.attribute("app.a", &true);
    fields.attribute("app.b", &[String::from("f"), String::from("g")]);
    assert_eq!(fields.get_attribute("app.a"), Some(Value::Flag(true)));
    let list = ["f", "g"].map(Str::from).into_iter().collect();
    assert_eq!(fields.get_attribute("app.b"), Some(Value::Texts(list)));
    assert_eq!(fields.custom.len(), 3);
}

#[test]
fn text_that_changes_in_every_chunk_takes_no_more_room() {
    let mut fields = Fields::default();
    fields.attribute("app.kept", &["é", "ö"]);
    for n in 0..10_000 {
        fields.set(attr::GEN_AI_RESPONSE_ID, &format!("chunk-{n}-{}", "é".repeat(n % 100)));
        fields.set(attr::GEN_AI_RESPONSE_MODEL, "the same");
        fields.attribute("app.step", &format!("step {n}"));
    }
    assert!(fields.pool.capacity() < 16_384, "{} bytes", fields.pool.capacity());
    let id = format!("chunk-9999-{}", "é".repeat(99));
    assert_eq!(fields.get(attr::GEN_AI_RESPONSE_ID), Some(Value::Text(Str::from(&id))));
    assert_eq!(fields.get(attr::GEN_AI_RESPONSE_MODEL), Some(Value::Text("the same".into())));
    assert_eq!(fields.get_attribute("app.step"), Some(Value::Text("step 9999".into())));
    let list = ["é", "ö"].map(Str::from).into_iter().collect();
    assert_eq!(fields.get_attribute("app.kept"), Some(Value::Texts(list)));
}

#[test]
fn cleared_fields_are_empty_and_no_longer_than_usual() {
    let mut fields = Fields::default();
    fields.set(attr::GEN_AI_RESPONSE_MODEL, &"m".repeat(TEXT_LIMIT));
    fields.set(attr::GEN_AI_RESPONSE_ID, &"i".repeat(TEXT_LIMIT));
    fields.set(attr::GEN_AI_RETRIEVAL_QUERY_TEXT, "a prompt");
    fields.attribute("app.a", &vec!["a"; LIST_LIMIT]);
    fields.clear();
    assert!(fields.iter().next().is_none());
    assert_eq!(fields.get_attribute("app.a"), None);
    assert!(fields.pool.capacity() <= KEPT_TEXT, "{} bytes", fields.pool.capacity());
    fields.set(attr::GEN_AI_RETRIEVAL_QUERY_TEXT, "a prompt");
    assert!(fields.iter().next().is_none());
    fields.set(attr::GEN_AI_RESPONSE_MODEL, "n");
    fields.attribute("app.b", "b");
    assert_eq!(fields.get(attr::GEN_AI_RESPONSE_MODEL), Some(Value::Text("n".into())));
    assert_eq!(fields.get_attribute("app.b"), Some(Value::Text("b".into())));
    assert_eq!(fields.get_attribute("app.a"), None);
}

#[test]
fn debug_shows_names_and_values() {
    let mut fields = Fields::default();
    fields.set(attr::GEN_AI_RESPONSE_MODEL, "m");
    fields.attribute("app.a", &["a", "b"]);
    let shown = format!("{fields:?}");
    let model = attr::GEN_AI_RESPONSE_MODEL.row().key;
    assert!(shown.contains(&format!("{model:?}: Text(Borrowed(\"m\"))")), "{shown}");
    assert!(shown.contains(r#""app.a": Texts([Borrowed("a"), Borrowed("b")])"#), "{shown}");
}

#[test]
#[cfg(feature = "enable")]
fn a_metric_attribute_stays_on_the_metrics_as_it_was_given_there() {
    let mut fields = Fields::default();
    fields.put_metric_attribute("app.a".into(), &Value::Text("first".into()));
    fields.put_metric_attribute("app.b".into(), &Value::Int(1));
    fields.attribute("app.a", "on the span alone");
    fields.settle();
    fields.put_metric_attribute("app.b".into(), &Value::Int(2));
    let list: Vec<_> = fields.metric_attributes().collect();
    let key = Cow::Borrowed;
    assert_eq!(
        list,
        [(&key("app.a"), Value::Text("first".into())), (&key("app.b"), Value::Int(2))]
    );
    assert_eq!(fields.get_attribute("app.a"), Some(Value::Text("on the span alone".into())));
    assert_eq!(fields.get_attribute("app.b"), Some(Value::Int(1)));
    for n in 0..100 {
        fields.put_metric_attribute(format!("app.{n}").into(), &Value::Int(n));
    }
    assert_eq!(fields.metric_attributes().count(), METRIC_LIMIT);
}

#[test]
fn content_is_no_attribute() {
    let mut fields = Fields::default();
    fields.set(attr::GEN_AI_RETRIEVAL_QUERY_TEXT, "a prompt");
    for key in ["gen_ai.input.messages", "gen_ai.prompt.variable.city", "gen_ai.tool.call.result"] {
        fields.attribute(key, "a prompt");
        assert_eq!(fields.get_attribute(key), None, "{key}");
    }
    assert!(fields.iter().next().is_none());
    fields.attribute("gen_ai.input.messages_of_mine", "mine");
    assert!(fields.get_attribute("gen_ai.input.messages_of_mine").is_some());
}

#[test]
fn custom_attributes_are_bounded() {
    let mut fields = Fields::default();
    for n in 0..200 {
        fields.attribute(format!("app.{n}"), &n);
    }
    assert_eq!(fields.custom.len(), usize::from(CUSTOM_LIMIT));
    assert_eq!(fields.get_attribute("app.3"), Some(Value::Int(3)));
}
