//! A half-written body: only what the compiler says of the body itself.

use llmobs_runtime::instrument_llm;

struct Point {
    x: i32,
}

#[instrument_llm(provider = "openai", response = none)]
async fn half_written(p: Point) -> i32 {
    let unfinished = p.
}

#[instrument_llm(provider = "openai", response = none)]
fn complete(p: Point) -> i32 {
    p.x
}

fn main() {
    let _ = half_written(Point { x: 1 });
    let _ = complete(Point { x: 1 });
}
