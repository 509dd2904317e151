//! The page for Prometheus: what is on it, and how it is served.

#[path = "prometheus/configured.rs"]
mod configured;
#[path = "prometheus/escaping.rs"]
mod escaping;
#[path = "prometheus/exemplars.rs"]
mod exemplars;
#[path = "prometheus/foreign.rs"]
mod foreign;
#[path = "prometheus/server.rs"]
mod server;
#[path = "prometheus/values.rs"]
mod values;

use llmobs_runtime::backend::prometheus::{Page, Prometheus};
use llmobs_runtime::conventions::{attr, operation};
use llmobs_runtime::{Builder, Usage, call};
use llmobs_tests::exposition::Exposition;
use llmobs_tests::{Recorder, Road};

/// Records and shows; no server.
fn shown(road: Road, more: impl FnOnce(Builder) -> Builder) -> (Recorder, Page) {
    let prometheus = Prometheus::new().without_server();
    let page = prometheus.page();
    (Recorder::on(road, |builder| more(builder).prometheus(prometheus)), page)
}

fn open_metrics(page: &Page) -> Exposition {
    Exposition::open_metrics(&page.open_metrics().expect("a pipeline"))
}

/// A call of a model that used so many tokens.
fn chat(model: &str, input: u64, output: u64) {
    let mut chat = call(&operation::CHAT).provider("openai").model(model).start();
    chat.set(attr::GEN_AI_RESPONSE_MODEL, model);
    chat.usage(&Usage { input: Some(input), output: Some(output), ..Usage::default() });
    chat.end();
}
