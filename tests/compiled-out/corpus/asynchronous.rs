//! `async fn`.

use std::hint::black_box;

use llmobs_runtime::instrument_llm;

use super::{Fault, awaits, pause, says};

pub fn run() {
    says("pending", awaits("pending", pending(black_box(3))));
    says("holding", awaits("holding", holding(black_box([1; 512]))));
    says("failing", awaits("failing", failing(black_box("x"))));
    says("lending", awaits("lending", lending(black_box("a b"))));
    says("nesting", awaits("nesting", nesting(black_box(5))));
    says("owning", awaits("owning", owning(black_box(vec![1, 2]), black_box(Box::new(3)))));
    says("instant", awaits("instant", instant(black_box(8))));
    says("recursing", awaits("recursing", recursing(black_box(4))));
}

#[instrument_llm(provider = "openai", model = "gpt-4o", response = none)]
async fn pending(x: u32) -> u32 {
    pause().await;
    x * 3_011
}

#[instrument_llm(provider = "openai", response = none)]
#[inline(never)]
async fn holding(bytes: [u8; 512]) -> u32 {
    pause().await;
    let sum: u32 = bytes.iter().copied().map(u32::from).sum();
    pause().await;
    sum + u32::from(bytes[7]) * 3_019
}

#[instrument_llm(operation = execute_tool, attributes(app.text = text))]
async fn failing(text: &str) -> Result<u32, Fault> {
    pause().await;
    let number: u32 = text.parse()?;
    pause().await;
    if number > 3_023 {
        return Err(Fault(3));
    }
    Ok(number)
}

#[instrument_llm(operation = execute_tool)]
async fn lending<'a>(text: &'a str) -> &'a str {
    pause().await;
    text.split('\u{bd7}').next().unwrap_or(text)
}

#[instrument_llm(provider = "openai", response = none)]
async fn nesting(x: u32) -> u32 {
    pending(x).await + instant(x).await * 3_037
}

#[instrument_llm(operation = execute_tool)]
async fn owning(mut list: Vec<u32>, number: Box<u32>) -> usize {
    list.push(*number);
    pause().await;
    drop(number);
    list.len() + 3_041
}

#[instrument_llm(operation = execute_tool)]
async fn instant(x: u32) -> u32 {
    x ^ 3_049
}

#[instrument_llm(operation = execute_tool)]
async fn recursing(depth: u32) -> u32 {
    if depth == 0 {
        return 3_061;
    }
    pause().await;
    Box::pin(recursing(depth - 1)).await + depth
}
