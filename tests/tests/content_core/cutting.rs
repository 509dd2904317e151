//! Whatever is captured, and whatever the limit: valid JSON, valid by its schema, and not longer.

use std::collections::BTreeMap;

use llmobs_runtime::content::{
    Content, ContentLimits, Json, Kind, Message, Part, Redactable, Redactor,
};
use llmobs_runtime::conventions::Dialect;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::patterns::all;
use super::schemas::{validate, zoo};
use super::{Finish, Out};

/// Strings that are hard to cut: escapes that grow, characters of many bytes.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z ]{0,40}",
        "\\PC{0,20}",
        "[\u{0}-\u{1f}\"\\\\]{0,30}",
        "[a-c ]{2}".prop_map(|text| text.repeat(500)),
        Just("\u{1}".repeat(500)),
        Just("🦀".repeat(100)),
    ]
}

fn trees() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i32>().prop_map(|number| json!(f64::from(number) / 7.0)),
        texts().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::btree_map(texts(), inner, 0..8)
                .prop_map(|map: BTreeMap<String, Value>| json!(map)),
        ]
    })
}

fn parts() -> impl Strategy<Value = Part> {
    let json = trees().prop_map(|tree| json_of(&tree)).boxed();
    prop_oneof![
        texts().prop_map(Part::Text),
        texts().prop_map(Part::Reasoning),
        (prop::option::of(texts()), texts(), prop::option::of(json.clone()))
            .prop_map(|(id, name, arguments)| Part::ToolCall { id, name, arguments }),
        (prop::option::of(texts()), json.clone())
            .prop_map(|(id, response)| Part::ToolCallResponse { id, response }),
        (texts(), texts(), json)
            .prop_map(|(kind, key, value)| Part::Other { kind, members: vec![(key, value)] }),
        prop::sample::select(zoo()),
    ]
}

/// The same value, as content has it.
fn json_of(tree: &Value) -> Json {
    match tree {
        Value::Null => Json::Null,
        Value::Bool(flag) => Json::Flag(*flag),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(int), _) => Json::Int(int),
            (_, double) => Json::Double(double.unwrap_or_default()),
        },
        Value::String(text) => Json::Text(text.clone()),
        Value::Array(items) => Json::List(items.iter().map(json_of).collect()),
        Value::Object(map) => {
            Json::Object(map.iter().map(|(key, value)| (key.clone(), json_of(value))).collect())
        }
    }
}

fn messages() -> impl Strategy<Value = Vec<Message>> {
    let role = prop::sample::select(vec!["system", "user", "assistant", "tool", "", "narrator"]);
    let message = (role, prop::option::of(texts()), prop::collection::vec(parts(), 0..5));
    let message =
        message.prop_map(|(role, name, parts)| Message { name, parts, ..Message::new(role) });
    prop::collection::vec(message, 0..5)
}

fn check(kind: Kind, out: &Out, limit: usize, dialect: Dialect) -> Result<(), TestCaseError> {
    if let Some(text) = &out.text {
        prop_assert!(text.len() <= limit, "{} > {}", text.len(), limit);
    }
    validate(kind, out, dialect);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn messages_are_cut_to_any_limit(
        messages in messages(),
        limit in prop_oneof![0_usize..300, 0_usize..20_000],
        latest: bool,
        inline_blobs: bool,
    ) {
        let dialect = if latest { Dialect::Latest } else { Dialect::Released };
        let limits = ContentLimits::new().attribute_bytes(limit);
        let finish = Finish { limits, inline_blobs, dialect, ..Finish::default() };
        let all = finish.all(|content| {
            content.add(Kind::Input, &messages);
            content.add(Kind::Output, &messages);
            content.add(Kind::Instructions, &messages);
        });
        for (kind, out) in &all {
            check(*kind, out, limit, dialect)?;
        }
    }

    #[test]
    fn any_tree_is_cut_to_any_limit_and_once_is_enough(
        tree in trees(),
        limit in prop_oneof![0_usize..300, 0_usize..20_000],
    ) {
        let cut = |tree: &Value, kind| {
            Finish::within(limit).one(kind, |content: &mut Content| content.add(kind, tree))
        };
        for kind in [Kind::Arguments, Kind::Tools] {
            let once = cut(&tree, kind);
            check(kind, &once, limit, Dialect::Latest)?;
            if let Some(text) = &once.text {
                let twice = cut(&once.json(), kind);
                prop_assert_eq!(twice.text.as_ref(), Some(text));
            }
        }
    }

    #[test]
    fn what_fits_is_whole(tree in trees()) {
        let out = Finish::within(10_000_000).one(Kind::Result, |content| content.add(Kind::Result, &json!({"it": tree})));
        prop_assert!(!out.cut);
        let value = out.json();
        prop_assert!(same(&value["it"], &tree), "{} is not {}", value["it"], tree);
    }

    #[test]
    fn all_kinds_together_fit_on_the_span(messages in messages(), tree in trees(), span in 0_usize..5_000) {
        let finish = Finish { limits: ContentLimits::new().span_bytes(span), ..Finish::default() };
        let all = finish.all(|content| {
            content.add(Kind::Input, &messages);
            content.add(Kind::Output, &messages);
            content.add(Kind::Instructions, &messages);
            content.add(Kind::Tools, &tree);
            content.add(Kind::Arguments, &tree);
            content.add(Kind::Result, &tree);
        });
        let bytes: usize = all.iter().filter_map(|(_, out)| out.text.as_ref()).map(String::len).sum();
        prop_assert!(bytes <= span);
    }
}

/// Equal, but for integers past 64 bits, which are text.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::String(text), Value::Number(number)) => *text == number.to_string(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, one)| other.get(key).is_some_and(|other| same(one, other)))
        }
        (Value::Number(one), Value::Number(other)) => {
            one == other
                || (one.as_f64().unwrap_or(0.0) - other.as_f64().unwrap_or(1.0)).abs() < 1e-6
        }
        _ => one == other,
    }
}

#[test]
fn a_cut_text_says_so() {
    let out = Finish::within(100)
        .one(Kind::Input, |content| content.add(Kind::Input, &"word ".repeat(100)));
    assert!(out.cut);
    let text = out.json()[0]["parts"][0]["content"].as_str().map(str::to_owned).expect("a text");
    assert!(text.ends_with('…') && text.starts_with("word word"), "{text}");
    assert_eq!(out.text.expect("a text").len(), 100);
}

/// The most memory that is in use while something is captured and finished.
fn memory(fill: impl FnOnce(&mut Content)) -> (Out, u64) {
    let mut out = None;
    let used = allocation_counter::measure(|| {
        out = Some(Finish::default().redacted(all().clone()).one(Kind::Input, fill));
    });
    (out.expect("finished"), used.bytes_max)
}

#[test]
fn a_prompt_of_fifty_megabytes_costs_less_than_one() {
    // What is compiled once.
    all();
    let prompt = "é\n".repeat(50_000_000 / 3);
    let (out, bytes) = memory(|content| {
        for _ in 0..10 {
            content.add(Kind::Input, &prompt);
        }
    });
    assert!(out.cut);
    let length = out.text.expect("a text").len();
    assert!((65_530..=65_536).contains(&length), "{length}");
    assert!(bytes < 1_000_000, "{bytes} bytes");
}

#[test]
fn a_million_messages_cost_no_more_than_some_megabytes() {
    let messages = vec![("user", "hi"); 1_000_000];
    let (out, bytes) = memory(|content| content.add(Kind::Input, &messages));
    assert!(out.cut);
    assert!(out.text.as_ref().is_some_and(|text| text.len() <= 65_536));
    assert!(out.json().as_array().is_some_and(|list| list.len() > 900));
    assert!(bytes < 4_000_000, "{bytes} bytes");
}

#[test]
fn a_limit_of_nothing_records_nothing_and_says_so() {
    let all = Finish::within(0).all(|content| content.add(Kind::Input, "hi"));
    assert!(matches!(&all[..], [(Kind::Input, Out { text: None, cut: true })]));
}

#[test]
fn what_a_hook_adds_is_held_to_the_limit() {
    let grow = Redactor::new(|_, content| {
        if let Redactable::Value(value) = content {
            for _ in 0..500 {
                *value = Json::List(vec![
                    std::mem::replace(value, Json::Null),
                    Json::Text("x".repeat(999)),
                ]);
            }
        }
        Ok(())
    });
    let out = Finish::within(5_000)
        .redacted(grow)
        .one(Kind::Result, |content| content.add(Kind::Result, "y"));
    assert!(out.cut);
    validate(Kind::Result, &out, Dialect::Latest);
}
