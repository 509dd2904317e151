//! Functions of any type, each with types of this program.

use std::fmt::{Debug, Display};
use std::hint::black_box;

use llmobs_runtime::instrument_llm;

use super::{awaits, pause, says};

pub fn run() {
    says("largest", largest(black_box(&[3_u16, 5])));
    says("largest", largest(black_box(&["b", "a"])));
    says("summed", summed(black_box([1.5, 2.5])));
    says("bounded", bounded(&black_box(4_u8), |it| it.to_string()));
    says("opaque_argument", opaque_argument(black_box(7_i32)));
    says("deferred", awaits("deferred", deferred(black_box(9_u32), black_box("x"))));
    says("deferred", awaits("deferred", deferred(black_box('c'), black_box([0_u8; 64]))));
}

#[inline(never)]
#[instrument_llm(operation = execute_tool)]
fn largest<T: Ord + Copy + Debug>(values: &[T]) -> Option<(T, u32)> {
    values.iter().copied().max().map(|it| (it, 2_003))
}

#[inline(never)]
#[instrument_llm(operation = execute_tool)]
fn summed<const N: usize>(values: [f64; N]) -> f64 {
    values.iter().sum::<f64>() + N as f64 * 2_011.0
}

#[inline(never)]
#[instrument_llm(operation = execute_tool, attributes(app.value = format!("{value}")))]
fn bounded<T, F>(value: &T, f: F) -> usize
where
    T: Display + ?Sized,
    for<'a> F: Fn(&'a T) -> String,
{
    f(value).len() * 2_017
}

#[inline(never)]
#[instrument_llm(operation = execute_tool)]
fn opaque_argument(value: impl Into<i64>) -> i64 {
    value.into() * 2_027
}

#[instrument_llm(provider = "openai", response = none)]
async fn deferred<T: Debug, U: Debug>(one: T, other: U) -> usize {
    pause().await;
    format!("{one:?}{other:?}").len() + 2_029
}
