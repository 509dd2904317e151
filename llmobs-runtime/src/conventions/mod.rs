//! The `OpenTelemetry` `GenAI` semantic conventions as data: attributes, span types, operations,
//! metrics and events.
//!
//! Two dialects share one table, see [`Dialect`]. Everything here compiles with no feature
//! switched on and depends on nothing. Names come from here and stand nowhere else:
//!
//! ```
//! use llmobs_runtime::conventions::{Dialect, attr, operation};
//!
//! let written = attr::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS;
//! assert_eq!(written.key(Dialect::Latest), "gen_ai.usage.cache_write.input_tokens");
//! assert_eq!(written.key(Dialect::Released), "gen_ai.usage.cache_creation.input_tokens");
//!
//! let chat = operation::CHAT.span;
//! assert!(chat.has(written.id(), Dialect::Released));
//! ```

mod attribute;
mod dialect;
mod signal;

pub use attribute::{
    Attribute, AttributeId, AttributeRow, Double, Flag, Int, Json, Level, Text, TextMap, Texts,
    ValueType,
};
pub use dialect::Dialect;
pub use signal::{
    EventRow, Instrument, MetricAttribute, MetricRow, NumberType, Operation, SpanAttribute,
    SpanKind, SpanMetric, SpanRow,
};

llmobs_macros::__conventions!();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_a_place() {
        for (place, metric) in METRICS.iter().enumerate() {
            assert_eq!(metric.index, place, "{}", metric.name);
        }
        assert_eq!(attr::GEN_AI_REQUEST_MODEL.row().key, "gen_ai.request.model");
        for row in ATTRIBUTES {
            let id = AttributeId::find(row.key).expect("found by its own key");
            assert_eq!(id.row().key, row.key);
        }
        assert_eq!(AttributeId::find("gen_ai.system"), None);
        assert_eq!(AttributeId::find(""), None);
    }

    #[test]
    fn a_dialect_picks_names() {
        let top_k = attr::GEN_AI_RETRIEVAL_TOP_K;
        assert_eq!(top_k.key(Dialect::Latest), "gen_ai.retrieval.top_k");
        assert_eq!(top_k.key(Dialect::Released), "gen_ai.request.top_k");
        assert_eq!(top_k.row().ty(Dialect::Released), ValueType::Double);
        assert_eq!(top_k.row().ty(Dialect::Latest), ValueType::Int);
        // A name that one dialect lacks is written as the other has it.
        assert_eq!(attr::GEN_AI_TOKEN_TYPE.key(Dialect::Latest), "gen_ai.token.type");
        assert_eq!(attr::GEN_AI_SKILL_NAME.key(Dialect::Released), "gen_ai.skill.name");
    }

    #[test]
    fn masks_agree_with_the_lists() {
        for dialect in [Dialect::Released, Dialect::Latest] {
            for span in SPANS {
                for id in (0_u8..=u8::MAX).map(AttributeId::new) {
                    let listed = span.level(id, dialect).is_some();
                    assert_eq!(span.has(id, dialect), listed, "{id:?} on {}", span.id);
                }
            }
        }
    }

    #[test]
    fn an_id_from_nowhere_is_harmless() {
        let id = AttributeId::new(255);
        assert_eq!(id.bit(), 0);
        assert_eq!(id.row().key, "");
        assert!(!operation::CHAT.span.has(id, Dialect::Latest));
    }

    #[test]
    fn a_span_records_the_metrics_of_its_dialect() {
        let names = |span: &'static SpanRow, dialect| {
            span.metrics_in(dialect).map(|metric| metric.name).collect::<Vec<_>>()
        };
        assert_eq!(
            names(&span::GEN_AI_EMBEDDINGS_CLIENT, Dialect::Released),
            ["gen_ai.client.operation.duration", "gen_ai.client.token.usage"]
        );
        assert_eq!(
            names(&span::GEN_AI_EMBEDDINGS_CLIENT, Dialect::Latest),
            ["gen_ai.client.operation.duration"]
        );
        let inference = names(operation::CHAT.span, Dialect::Latest);
        assert!(inference.contains(&"gen_ai.client.inference.duration"));
        assert!(!inference.contains(&"gen_ai.client.operation.duration"));
        assert!(names(operation::PLAN.span, Dialect::Latest).is_empty());
    }

    #[test]
    fn invoke_agent_is_two_operations() {
        assert_eq!(operation::INVOKE_AGENT.span.kind, SpanKind::Internal);
        assert_eq!(operation::INVOKE_AGENT_CLIENT.span.kind, SpanKind::Client);
        assert_eq!(operation::INVOKE_AGENT.name, operation::INVOKE_AGENT_CLIENT.name);
        assert_eq!(OPERATIONS.len(), 19);
    }
}
