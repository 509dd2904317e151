//! What it costs to note the attributes of a call.

use std::hint::black_box;

use allocation_counter::measure;
use llmobs_runtime::conventions::attr;
use llmobs_runtime::payload::{Text, Value};
use llmobs_runtime::{Fields, Usage};

/// What an ordinary call says: seven attributes before it runs, five of its response.
fn an_ordinary_call(fields: &mut Fields, model: &String, id: &String, host: &str, reason: &str) {
    fields.set(attr::GEN_AI_OPERATION_NAME, &Text::Static("chat"));
    fields.set(attr::GEN_AI_PROVIDER_NAME, &Text::Static("openai"));
    fields.set(attr::GEN_AI_REQUEST_MODEL, model);
    fields.set(attr::GEN_AI_REQUEST_MAX_TOKENS, &Some(512_u32));
    fields.set(attr::GEN_AI_REQUEST_TEMPERATURE, &0.7_f32);
    fields.set(attr::SERVER_ADDRESS, host);
    fields.set(attr::SERVER_PORT, &443_u16);
    fields.set(attr::GEN_AI_RESPONSE_ID, id);
    fields.set(attr::GEN_AI_RESPONSE_MODEL, &Some(model.as_str()));
    fields.set(attr::GEN_AI_RESPONSE_FINISH_REASONS, &[reason]);
    fields.usage(&Usage { input: Some(31), output: Some(93), ..Usage::default() });
}

/// And what is the user's own.
fn own(fields: &mut Fields, tenant: &String) {
    fields.attribute("shop.tenant", tenant);
    fields.attribute("shop.retries", &2);
    fields.attribute("shop.cached", &false);
}

#[test]
fn attributes_take_no_allocation_once_there_is_room() {
    let model = "gpt-4o-mini-2024-07-18".to_owned();
    let id = "chatcmpl-9xWq3tUvYz0AbCdEfGhIjKlMnOpQr".to_owned();
    let (host, reason, tenant) =
        (String::from("api.openai.com"), String::from("stop"), model.clone());
    let mut fields = Fields::default();
    let round = |fields: &mut Fields| {
        fields.clear();
        an_ordinary_call(fields, &model, &id, &host, &reason);
        own(fields, &tenant);
        black_box(fields.iter().count())
    };
    assert_eq!(round(&mut fields), 12);
    let allocated = measure(|| assert_eq!(round(&mut fields), 12));
    assert_eq!(allocated.count_total, 0, "a second call");

    let text = |text: &'static str| Some(Value::Text(text.into()));
    assert_eq!(fields.get(attr::GEN_AI_PROVIDER_NAME), text("openai"));
    assert_eq!(fields.get(attr::GEN_AI_RESPONSE_ID), Some(Value::Text((&id).into())));
    assert_eq!(fields.get(attr::GEN_AI_RESPONSE_MODEL), text("gpt-4o-mini-2024-07-18"));
    assert_eq!(fields.get(attr::GEN_AI_REQUEST_TEMPERATURE), Some(Value::Double(0.7)));
    assert_eq!(fields.get(attr::GEN_AI_USAGE_OUTPUT_TOKENS), Some(Value::Int(93)));
    assert_eq!(fields.get_attribute("shop.cached"), Some(Value::Flag(false)));
}

#[test]
fn what_every_chunk_repeats_takes_no_allocation() {
    let (model, id) = ("gpt-4o-mini".to_owned(), "chatcmpl-1".to_owned());
    let mut fields = Fields::default();
    let chunk = |fields: &mut Fields| {
        fields.set(attr::GEN_AI_RESPONSE_MODEL, &model);
        fields.set(attr::GEN_AI_RESPONSE_ID, &id);
        fields.usage(&Usage { output: Some(3), ..Usage::default() });
    };
    chunk(&mut fields);
    let allocated = measure(|| (0..10_000).for_each(|_| chunk(&mut fields)));
    assert_eq!(allocated.count_total, 0);
}
