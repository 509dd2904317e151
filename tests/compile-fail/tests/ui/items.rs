//! Items that cannot be instrumented.

use llmobs_runtime::instrument_llm;

#[instrument_llm(provider = "openai", response = none)]
const fn constant() -> u8 {
    1
}

#[instrument_llm(provider = "openai")]
struct Request;

#[instrument_llm(provider = "openai")]
enum Choice {}

#[instrument_llm(provider = "openai")]
mod module {}

#[instrument_llm(provider = "openai")]
trait Model {
    fn ask(&self);
}

trait Other {
    #[instrument_llm(provider = "openai", response = none)]
    fn ask(&self);
}

#[instrument_llm(provider = "openai")]
static COUNT: u8 = constant();

#[instrument_llm(provider = "openai")]
use std::fmt;

#[instrument_llm(provider = "openai")]
macro_rules! nothing {
    () => {};
}

struct Client;

#[instrument_llm(skip)]
impl Client {
    fn new() -> Self {
        Self
    }
}

const _: u8 = constant();

fn main() {
    let _ = Request;
    let _: Option<Choice> = None;
    let _ = Client::new();
    let _: Option<&dyn Model> = None;
    let _: Option<fmt::Error> = None;
    nothing!();
}
