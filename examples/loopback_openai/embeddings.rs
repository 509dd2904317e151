//! `POST /v1/embeddings`: vectors of length one that depend on nothing but the text.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Value, json};

use super::{model, refusal::Refusal, tokens};

/// What `text-embedding-3-small` gives when the request does not say.
const DEFAULT_DIMENSIONS: u64 = 1536;
/// What `text-embedding-3-large` gives at most.
const MAX_DIMENSIONS: u64 = 3072;
/// The service's limit.
const MAX_INPUTS: usize = 2048;

pub(super) fn answer(deployment: Option<&str>, body: &Value) -> Result<Value, Refusal> {
    let model = model(deployment, body)?;
    let texts: Option<Vec<&str>> = match body.get("input") {
        Some(Value::String(text)) => Some(vec![text]),
        Some(Value::Array(texts)) => texts.iter().map(Value::as_str).collect(),
        _ => None,
    };
    let texts = texts
        .filter(|texts| (1..=MAX_INPUTS).contains(&texts.len()))
        .filter(|texts| texts.iter().all(|text| !text.is_empty()))
        .ok_or_else(|| Refusal::invalid(Some("input"), "The input must be text or texts."))?;
    if body.get("encoding_format").is_some_and(|format| *format != "float") {
        return Err(Refusal::invalid(Some("encoding_format"), "Only `float` is supported here."));
    }
    let dimensions = match body.get("dimensions") {
        None | Some(Value::Null) => DEFAULT_DIMENSIONS,
        Some(given) => given
            .as_u64()
            .filter(|given| (1..=MAX_DIMENSIONS).contains(given))
            .ok_or_else(|| Refusal::out_of_range("dimensions"))?,
    };

    let prompt_tokens = texts.iter().map(|text| tokens(text)).fold(0, u32::saturating_add);
    let data: Vec<Value> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| {
            json!({ "object": "embedding", "index": index, "embedding": vector(text, dimensions) })
        })
        .collect();
    Ok(json!({
        "object": "list",
        "model": model,
        "data": data,
        "usage": { "prompt_tokens": prompt_tokens, "total_tokens": prompt_tokens },
    }))
}

fn vector(text: &str, dimensions: u64) -> Vec<f64> {
    let raw: Vec<f64> = (0..dimensions)
        .map(|dimension| {
            let mut hasher = DefaultHasher::new();
            (text, dimension).hash(&mut hasher);
            let [a, b, c, d, ..] = hasher.finish().to_le_bytes();
            f64::from(i32::from_le_bytes([a, b, c, d])) / f64::from(i32::MAX)
        })
        .collect();
    let length = raw.iter().map(|x| x * x).sum::<f64>().sqrt().max(f64::EPSILON);
    raw.into_iter().map(|x| x / length).collect()
}
