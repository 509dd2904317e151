use opentelemetry::KeyValue;
use opentelemetry::trace::SpanKind;

use super::super::testing::{self, Random};
use super::*;

const LONGEST: usize = 65_536;

fn item(attributes: Vec<KeyValue>) -> Item {
    let mut out = Vec::new();
    testing::mapper(&[], &testing::options())
        .span(&testing::span(SpanKind::Client, attributes), &mut out);
    out.remove(0)
}

fn cut_to(item: &Item, longest: usize) -> Value {
    let cut = cut(item, longest).expect("can be cut");
    assert!(cut.json.len() <= longest, "{} > {longest}", cut.json.len());
    assert_eq!(cut.kind, item.kind);
    testing::parsed(&cut)
}

#[test]
fn content_gives_way_first_and_the_longest_most() {
    let item = item(vec![
        KeyValue::new("gen_ai.usage.input_tokens", 97),
        KeyValue::new("gen_ai.request.model", "m".repeat(300)),
        KeyValue::new("gen_ai.input.messages", "\"é".repeat(100_000)),
        KeyValue::new("gen_ai.output.messages", "b".repeat(20_000)),
        KeyValue::new("own", "c".repeat(8_000)),
    ]);
    let before = testing::parsed(&item);
    let after = cut_to(&item, LONGEST);
    let properties = &after["data"]["baseData"]["properties"];
    for key in
        ["gen_ai.usage.input_tokens", "gen_ai.request.model", "gen_ai.output.messages", "own"]
    {
        assert_eq!(properties[key], before["data"]["baseData"]["properties"][key], "{key}");
    }
    let input = properties["gen_ai.input.messages"].as_str().expect("a text");
    assert!("\"é".repeat(100_000).starts_with(input) && input.len() > 20_000, "{}", input.len());
    assert_eq!(properties["llmobs.content.truncated"], "[\"gen_ai.input.messages\"]");
    for field in ["name", "id", "duration", "type", "success", "resultCode"] {
        assert_eq!(after["data"]["baseData"][field], before["data"]["baseData"][field]);
    }
    assert_eq!(
        (&after["tags"], &after["time"], &after["iKey"]),
        (&before["tags"], &before["time"], &before["iKey"])
    );
}

#[test]
fn then_other_texts_and_then_the_last_properties() {
    let many =
        (0..200).map(|at| KeyValue::new(format!("own.{at:03}"), format!("{at}").repeat(300)));
    let counted = KeyValue::new("gen_ai.usage.input_tokens", 97);
    let item = item(many.chain([counted]).collect());
    let texts = cut_to(&item, LONGEST);
    let texts = texts["data"]["baseData"]["properties"].as_object().expect("an object");
    assert_eq!(texts.len(), 202, "all are there");
    assert_eq!(texts["own.199"].as_str().and_then(|text| text.get(..6)), Some("199199"));
    let fewer = cut_to(&item, 8_192);
    let fewer = fewer["data"]["baseData"]["properties"].as_object().expect("an object");
    assert_eq!(fewer["gen_ai.usage.input_tokens"], "97");
    let dropped: usize = fewer[DROPPED].as_str().and_then(|said| said.parse().ok()).expect("said");
    assert_eq!(fewer.keys().filter(|key| key.starts_with("own.")).count() + dropped, 200);
    assert!(dropped > 100 && fewer.contains_key("own.000"));
}

#[test]
fn what_fits_stays_and_what_cannot_is_none() {
    let small = item(vec![KeyValue::new("own", "value")]);
    assert_eq!(cut(&small, small.json.len()).as_ref(), Some(&small));
    assert_eq!(cut(&small, 100), None);
    let broken = Item { kind: small.kind, json: b"{\"data\":[".to_vec() };
    assert_eq!(cut(&broken, 3), None);
}

#[test]
fn a_stack_trace_is_cut_and_links_are_not() {
    let json = serde_json::json!({"name": "n", "time": "t", "tags": {}, "data": {"baseType": "ExceptionData", "baseData": {
        "ver": 2,
        "exceptions": [{"message": "m", "stack": "s".repeat(30_000), "typeName": "T"}],
        "properties": {"_MS.links": "l".repeat(8_000)},
    }}});
    let item = Item {
        kind: super::super::super::item::ItemKind::Exception,
        json: json.to_string().into_bytes(),
    };
    let after = cut_to(&item, 10_000);
    let base = &after["data"]["baseData"];
    assert_eq!(base["properties"]["_MS.links"].as_str().map(str::len), Some(8_000));
    assert!(base["exceptions"][0]["stack"].as_str().is_some_and(|stack| stack.len() > 1_000));
    assert_eq!(
        (&base["exceptions"][0]["message"], &base["exceptions"][0]["typeName"]),
        (&Value::from("m"), &Value::from("T"))
    );
}

#[test]
fn what_was_left_out_before_is_counted_too() {
    let many = (0..200).map(|at| KeyValue::new(format!("own.{at:03}"), "v".repeat(300)));
    let mut span = testing::span(SpanKind::Client, many.collect());
    span.dropped_attributes_count = 5;
    let mut out = Vec::new();
    testing::mapper(&[], &testing::options()).span(&span, &mut out);
    for longest in [20_000, 4_000, 1_500] {
        let after = cut_to(&out[0], longest);
        let left = after["data"]["baseData"]["properties"].as_object().expect("an object");
        let own = left.keys().filter(|key| key.starts_with("own.")).count();
        assert_eq!(left[DROPPED], Value::from((205 - own).to_string()), "{longest}");
        let cut = left.get(names::TRUNCATED).and_then(Value::as_str).unwrap_or("[]");
        let cut: Vec<String> = serde_json::from_str(cut).expect("names");
        assert!(cut.iter().all(|key| left.contains_key(key)), "{cut:?}");
    }
}

#[test]
fn no_item_is_too_large_for_what_it_counts_and_measures() {
    let long = |key: &'static str| KeyValue::new(key, "語".repeat(8_000));
    let counted = item(vec![
        long("gen_ai.agent.name"),
        long("gen_ai.conversation.id"),
        long("error.type"),
        KeyValue::new("gen_ai.usage.input_tokens", 97),
        KeyValue::new("gen_ai.operation.name", "chat"),
    ]);
    let after = cut_to(&counted, LONGEST);
    let properties = &after["data"]["baseData"]["properties"];
    assert_eq!(properties["gen_ai.usage.input_tokens"], "97");
    assert_eq!(properties["gen_ai.operation.name"], "chat");
    assert_eq!(
        properties["gen_ai.agent.name"].as_str().map(|name| name.starts_with("語語")),
        Some(true)
    );

    let numbers: Vec<String> = (0..9_000).map(|at| format!("\"m{at:05}\":{at}.5")).collect();
    let json = format!("{{{}}}", numbers.join(","));
    let measured = item(vec![
        KeyValue::new("microsoft.custom_measurements", json),
        KeyValue::new("own", "value"),
    ]);
    let after = cut_to(&measured, LONGEST);
    let base = &after["data"]["baseData"];
    let left = base["measurements"].as_object().expect("an object").len();
    assert!((1_000..9_000).contains(&left), "{left}");
    assert_eq!(base["measurements"]["m00000"], 0.5);

    let many = (0..3_000).map(|at| KeyValue::new(format!("gen_ai.usage.kind{at:04}.tokens"), at));
    let many = item(many.collect());
    let after = cut_to(&many, LONGEST);
    let properties = after["data"]["baseData"]["properties"].as_object().expect("an object");
    let dropped: usize =
        properties[DROPPED].as_str().and_then(|said| said.parse().ok()).expect("said");
    assert_eq!(properties.len() - 1 + dropped, 3_000);
    assert!(properties.contains_key("gen_ai.usage.kind0000.tokens"));
}

#[test]
fn whatever_the_texts_the_limit_holds() {
    let mut random = Random::new();
    for _ in 0..20 {
        let keys = [
            "gen_ai.input.messages",
            "gen_ai.output.messages",
            "gen_ai.tool.definitions",
            "a",
            "b",
            "c",
            "d",
        ];
        let attributes = keys.map(|key| KeyValue::new(key, random.text(6_000))).to_vec();
        let item = item(attributes);
        for longest in [2_000, 5_000, 20_000] {
            let _ = cut_to(&item, longest);
        }
    }
}
