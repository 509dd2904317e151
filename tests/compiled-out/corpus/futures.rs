//! Functions that return a future.

use std::future::{Future, ready};
use std::hint::black_box;
use std::pin::Pin;

use llmobs_runtime::instrument_llm;

use super::{Fault, awaits, boxed, pause, says};

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

pub fn run() {
    says("opaque_future", awaits("opaque_future", opaque_future(black_box(3))));
    says("ready_future", awaits("ready_future", ready_future(black_box(4))));
    says("boxed_future", awaits("boxed_future", boxed("boxed_future", boxed_future(black_box(5)))));
    says(
        "aliased_future",
        awaits("aliased_future", boxed("aliased_future", aliased_future(black_box("text")))),
    );
    says("failing_future", awaits("failing_future", failing_future(black_box("7"))));
    says(
        "local_future",
        awaits("local_future", boxed("local_future", local_future(black_box(std::rc::Rc::new(6))))),
    );
}

#[inline(never)]
#[instrument_llm(provider = "openai", response = none)]
fn opaque_future(x: u32) -> impl Future<Output = u32> + Send {
    let start = x * 4_001;
    async move {
        pause().await;
        start + x
    }
}

#[inline(never)]
#[instrument_llm(provider = "openai", response = none)]
fn ready_future(x: u32) -> impl Future<Output = u32> + Unpin {
    ready(x * 4_003)
}

#[inline(never)]
#[instrument_llm(provider = "openai", response = none)]
fn boxed_future(x: u32) -> Pin<Box<dyn Future<Output = u32> + Send>> {
    Box::pin(async move {
        pause().await;
        x * 4_007
    })
}

#[inline(never)]
#[instrument_llm(operation = execute_tool)]
fn aliased_future(text: &str) -> BoxFuture<'_, usize> {
    let length = text.len();
    Box::pin(async move { length + 4_013 })
}

#[inline(never)]
#[instrument_llm(operation = execute_tool)]
fn failing_future(text: &'static str) -> impl Future<Output = Result<u32, Fault>> {
    async move { Ok(text.parse::<u32>()? + 4_019) }
}

#[inline(never)]
#[instrument_llm(operation = execute_tool)]
fn local_future(x: std::rc::Rc<u32>) -> Pin<Box<dyn Future<Output = u32>>> {
    Box::pin(async move {
        pause().await;
        *x + 4_021
    })
}
