//! The convention table: the one place where a name of the `OpenTelemetry` `GenAI` conventions
//! stands.
//!
//! The macros check their arguments against it, and `llmobs-runtime` obtains its constants from it
//! through [`render()`]. Two dialects share the table: *released* (core conventions 1.41.1) and
//! *latest* (the `GenAI` repository at 06ec68e, unreleased). To add a name, add a row to
//! [`attributes`] in its alphabetical place and say in [`spans`], [`metrics`] or [`events`] what
//! carries it.

mod attributes;
mod deprecated;
mod events;
mod metrics;
mod nearest;
mod render;
mod row;
mod spans;
mod terms;

pub(crate) use attributes::ATTRIBUTES;
pub(crate) use deprecated::{deprecated, deprecated_provider};
pub(crate) use events::EVENTS;
pub(crate) use metrics::METRICS;
pub(crate) use nearest::nearest;
pub(crate) use render::render;
pub(crate) use row::{Attribute, Event, Instrument, Kind, Level, Metric, On, Recorded, Span, Type};
pub(crate) use spans::SPANS;
pub(crate) use terms::{
    AGENT_NAME, CACHE_COUNTS, CONTENT, DEFAULT_OPERATION, ERROR_TYPE, FINISH_REASONS, GEN_AI,
    GROUPS, INPUT_TOKENS, OPERATION, PROVIDER, RESERVED, RESPONSE_MODEL, SERVER_ADDRESS, TERMS,
    TOOL_NAME,
};

/// Schema URL of the released dialect.
pub(crate) const RELEASED_SCHEMA_URL: &str = "https://opentelemetry.io/schemas/1.41.1";

/// Schema URL of the latest dialect.
pub(crate) const LATEST_SCHEMA_URL: &str = "https://opentelemetry.io/schemas/gen-ai-dev/1.42.0-dev";

/// First parts of the keys that are the conventions' to define. A user's own key may be anything
/// else.
const GOVERNED: [&str; 4] = ["gen_ai.", "openai.", "mcp.", "aws.bedrock."];

/// Whether `key` lies in a namespace where only the conventions' keys are right.
pub(crate) fn governed(key: &str) -> bool {
    GOVERNED.iter().any(|start| key.starts_with(start))
}

/// The place of `key` in [`ATTRIBUTES`].
///
/// A key below a template (`gen_ai.prompt.variable.city`) has the place of the template.
pub(crate) fn index(key: &str) -> Option<u8> {
    let place = ATTRIBUTES
        .binary_search_by(|row| row.key.cmp(key))
        .ok()
        .or_else(|| ATTRIBUTES.iter().position(|row| row.is_template_of(key)))?;
    u8::try_from(place).ok()
}

/// The row of `key`, which is a canonical key: the latest name, or the released one where latest
/// has none.
pub(crate) fn attribute(key: &str) -> Option<&'static Attribute> {
    ATTRIBUTES.get(usize::from(index(key)?))
}

/// The span types that `operation` may have. More than one only for `invoke_agent`.
pub(crate) fn spans_for(operation: &str) -> impl Iterator<Item = &'static Span> {
    SPANS.iter().filter(move |span| span.operations.contains(&operation))
}

/// The names of all operations, in the order of the table, each once.
pub(crate) fn operations() -> Vec<&'static str> {
    let mut names = Vec::new();
    for name in SPANS.iter().flat_map(|span| span.operations) {
        if !names.contains(name) {
            names.push(*name);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_unique_and_fit_a_mask() {
        assert!(ATTRIBUTES.is_sorted_by(|a, b| a.key < b.key));
        assert!(ATTRIBUTES.len() <= 128, "{} rows do not fit a u128", ATTRIBUTES.len());
    }

    #[test]
    fn every_reference_has_a_row() {
        for span in SPANS {
            assert!(index(span.head).is_some(), "{}", span.head);
            for key in span.target.iter().chain(&span.second_target) {
                assert!(span.has(key), "{} lacks its own target {key}", span.id);
            }
            for on in span.attributes {
                assert!(attribute(on.key).is_some(), "{} on {}", on.key, span.id);
            }
            for recorded in span.metrics {
                let metric = METRICS.iter().find(|metric| metric.name == recorded.metric);
                let metric = metric.unwrap_or_else(|| panic!("no metric {}", recorded.metric));
                assert!(metric.latest || !recorded.latest, "{} is not in latest", metric.name);
                assert!(metric.released || !recorded.released, "{} is not released", metric.name);
            }
        }
        for on in METRICS.iter().flat_map(|metric| metric.attributes) {
            assert!(attribute(on.key).is_some(), "{}", on.key);
        }
        for on in EVENTS.iter().flat_map(|event| event.attributes) {
            assert!(attribute(on.key).is_some(), "{}", on.key);
        }
    }

    #[test]
    fn looks_up_exact_keys_and_templates() {
        assert_eq!(attribute("gen_ai.request.model").map(|row| row.ty), Some(Type::Text));
        assert_eq!(
            attribute("gen_ai.prompt.variable.city").map(|row| row.key),
            Some("gen_ai.prompt.variable")
        );
        assert_eq!(index("gen_ai.prompt.variable."), None);
        assert_eq!(index("gen_ai.request.model.size"), None);
        assert_eq!(index("gen_ai.request.models"), None);
    }

    #[test]
    fn only_the_namespaces_of_the_conventions_are_governed() {
        for key in ["gen_ai.x", "openai.api.type", "mcp.x", "aws.bedrock.guardrail.id"] {
            assert!(governed(key), "{key}");
        }
        for key in ["gen_ai", "aws.region", "server.address", "tenant", ""] {
            assert!(!governed(key), "{key}");
        }
    }

    #[test]
    fn operations_know_their_spans() {
        let ids = |name| spans_for(name).map(|span| span.id).collect::<Vec<_>>();
        assert_eq!(ids("chat"), ["gen_ai.client.inference"]);
        assert_eq!(
            ids("invoke_agent"),
            ["gen_ai.invoke_agent.client", "gen_ai.invoke_agent.internal"]
        );
        assert!(ids("chats").is_empty());
        assert_eq!(operations().len(), 18);
    }

    #[test]
    fn a_span_has_what_either_dialect_gives_it() {
        let span = |id| SPANS.iter().find(|span| span.id == id).expect("a span type");
        let inference = span("gen_ai.client.inference");
        assert!(inference.has("gen_ai.usage.input_tokens"));
        assert!(inference.has("openai.api.type"), "from the OpenAI refinement");
        assert!(inference.has("gen_ai.prompt.variable.city"));
        assert!(!inference.has("gen_ai.tool.call.id"));
        assert!(span("gen_ai.invoke_agent.internal").has("gen_ai.provider.name"));
    }
}
