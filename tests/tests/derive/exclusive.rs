//! Input counts that leave out cached tokens: the total is what is recorded.

use llmobs_runtime::LlmResponse;
use llmobs_runtime::payload::Value;

use super::{expected, response, text};

/// As Anthropic reports it.
#[derive(LlmResponse)]
struct Usage {
    #[llm(usage.input_tokens, exclusive)]
    input: Option<u64>,
    #[llm(usage.cache_read.input_tokens)]
    read: Option<u32>,
    #[llm(usage.cache_write.input_tokens)]
    written: Option<u64>,
    #[llm(usage.output_tokens)]
    output: u64,
}

const INPUT: &str = "gen_ai.usage.input_tokens";

fn input(input: Option<u64>, read: Option<u32>, written: Option<u64>) -> Option<Value<'static>> {
    let recorded = response(&Usage { input, read, written, output: 1 });
    recorded.into_iter().find(|(key, _)| key == INPUT).map(|(_, value)| value)
}

#[test]
fn the_parts_are_summed() {
    assert_eq!(input(Some(5), Some(128_955), Some(1_253)), Some(Value::Int(130_213)));
    assert_eq!(input(Some(5), Some(2), None), Some(Value::Int(7)));
    assert_eq!(input(Some(5), None, None), Some(Value::Int(5)));
    assert_eq!(input(Some(0), Some(0), Some(0)), Some(Value::Int(0)));
}

#[test]
fn without_the_uncached_part_the_total_is_unknown() {
    assert_eq!(input(None, Some(2), Some(3)), None);
    let recorded = response(&Usage { input: None, read: Some(2), written: None, output: 1 });
    let known = [
        ("gen_ai.usage.cache_read.input_tokens", Value::Int(2)),
        ("gen_ai.usage.output_tokens", Value::Int(1)),
    ];
    assert_eq!(recorded, expected(known));
}

#[test]
fn a_sum_that_does_not_fit_is_unknown() {
    let most = u64::try_from(i64::MAX).unwrap();
    assert_eq!(input(Some(most - 1), Some(1), None), Some(Value::Int(i64::MAX)));
    assert_eq!(input(Some(most), Some(1), None), None, "more than an attribute holds");
    assert_eq!(input(Some(u64::MAX), Some(1), None), None, "no count itself");
    // What is no count is absent, as it is on its own.
    assert_eq!(input(Some(1), None, Some(u64::MAX)), Some(Value::Int(1)));
}

/// Plain counts, in the other order, of other types, found by a function.
#[derive(LlmResponse)]
struct Plain {
    #[llm(usage.cache_read.input_tokens, with = |counts| counts.0)]
    #[llm(usage.input_tokens, exclusive, with = |counts| counts.1)]
    counts: (u8, i64),
}

#[test]
fn counts_of_any_type() {
    let both = [("gen_ai.usage.cache_read.input_tokens", Value::Int(2)), (INPUT, Value::Int(5))];
    assert_eq!(response(&Plain { counts: (2, 3) }), expected(both));
    let negative = response(&Plain { counts: (2, -3) });
    assert_eq!(negative, expected([("gen_ai.usage.cache_read.input_tokens", Value::Int(2))]));
}

/// Each variant sums its own.
#[derive(LlmResponse)]
enum Either {
    Exclusive {
        #[llm(usage.cache_read.input_tokens)]
        read: u8,
        #[llm(usage.input_tokens, exclusive)]
        input: u8,
    },
    Inclusive {
        #[llm(usage.cache_read.input_tokens)]
        read: u8,
        #[llm(usage.input_tokens)]
        input: u8,
        #[llm(response.model)]
        model: &'static str,
    },
}

#[test]
fn variants_sum_apart() {
    let read = ("gen_ai.usage.cache_read.input_tokens", Value::Int(2));
    let exclusive = Either::Exclusive { read: 2, input: 3 };
    assert_eq!(response(&exclusive), expected([read.clone(), (INPUT, Value::Int(5))]));
    let inclusive = Either::Inclusive { read: 2, input: 3, model: "m" };
    let all = [read, (INPUT, Value::Int(3)), ("gen_ai.response.model", text("m"))];
    assert_eq!(response(&inclusive), expected(all));
}
