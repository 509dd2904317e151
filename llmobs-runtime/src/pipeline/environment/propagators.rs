//! `OTEL_PROPAGATORS`: how the context travels to other processes.

use opentelemetry::global;
use opentelemetry::propagation::{TextMapCompositePropagator, TextMapPropagator};
use opentelemetry_sdk::propagation::TraceContextPropagator;

use super::check::{BAGGAGE, TRACE_CONTEXT, items};
use super::read::Environment;
use crate::environment::names;
use crate::propagation::W3cBaggage;

/// Makes what the environment says the global propagator, unless the application has set one.
pub(in crate::pipeline) fn set(environment: &Environment) {
    let is_set = global::get_text_map_propagator(|set| set.fields().next().is_some());
    if !is_set {
        let said = environment.get(names::PROPAGATORS);
        global::set_text_map_propagator(TextMapCompositePropagator::new(of(said)));
    }
}

/// Those that are named, both where nothing is said.
fn of(said: Option<&str>) -> Vec<Box<dyn TextMapPropagator + Send + Sync>> {
    let names = items(said.unwrap_or("tracecontext,baggage"));
    let of = |name: &str| -> Option<Box<dyn TextMapPropagator + Send + Sync>> {
        match name {
            TRACE_CONTEXT => Some(Box::new(TraceContextPropagator::new())),
            BAGGAGE => Some(Box::new(W3cBaggage)),
            _ => None,
        }
    };
    names.filter_map(of).collect()
}
