//! What holds for every document.

use proptest::prelude::*;

use super::*;

/// What a mutation puts somewhere.
fn junk() -> Vec<Value> {
    let deep = (0..60).fold(json!(1), |deep, _| json!([deep]));
    vec![
        Value::Null,
        json!(true),
        json!(-7),
        json!(1.5e300),
        json!(u64::MAX),
        json!(""),
        json!("\u{0}\u{1f600}"),
        json!("data:image/png;base64,AAAA"),
        json!("data:,"),
        json!([]),
        json!({}),
        json!([[{}], {"type": "text"}, {"type": "base64", "data": "x"}, ""]),
        json!({"type": "tool_use", "name": "x", "input": [1]}),
        json!({"type": "message", "role": "user", "content": "x"}),
        json!("message"),
        json!("function_call"),
        json!("web_search_tool_result"),
        deep,
    ]
}

/// Puts `with` in the place of the `target`th value of `document`, counted from the outside in.
fn mutate(document: &mut Value, target: &mut usize, with: &Value) {
    if *target == 0 {
        document.clone_from(with);
        *target = usize::MAX;
        return;
    }
    *target -= 1;
    match document {
        Value::Array(items) => items.iter_mut().for_each(|item| mutate(item, target, with)),
        Value::Object(members) => members.values_mut().for_each(|it| mutate(it, target, with)),
        _ => {}
    }
}

fn size(document: &Value) -> usize {
    1 + match document {
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(members) => members.values().map(size).sum(),
        _ => 0,
    }
}

#[test]
fn whatever_a_body_holds_is_valid_and_within_the_limit() {
    let (cases, junk) = (cases(), junk());
    let validators = DIALECTS.map(|dialect| (dialect, validators(dialect)));
    let mutations = prop::collection::vec((any::<prop::sample::Index>(), 0..junk.len()), 0..6);
    let limit = prop_oneof![Just(64 * 1024), 0..2_000_usize];
    let strategy = (0..cases.len(), any::<bool>(), mutations, limit, any::<bool>());
    proptest!(ProptestConfig::with_cases(2_000), |(
        (case, of_response, mutations, limit, inline_blobs) in strategy
    )| {
        let Case { request, response, .. } = &cases[case];
        let mut document = if of_response { response } else { request }.clone();
        for (place, with) in mutations {
            let mut target = place.index(size(&document));
            mutate(&mut document, &mut target, &junk[with]);
        }
        let limits = ContentLimits::new().attribute_bytes(limit);
        for (dialect, validators) in &validators {
            let (captured, _) = captured_within(limits, inline_blobs, *dialect, |content| {
                LlmRequest::capture(&document, content);
                LlmResponse::capture(&document, content);
            });
            let mistakes = mistakes(validators, &captured);
            prop_assert!(mistakes.is_empty(), "{mistakes:?}\n{document}\n{captured:?}");
            for value in captured.values() {
                prop_assert!(value.to_string().len() <= limit);
            }
        }
    });
}
