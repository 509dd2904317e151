//! Which metrics an operation records, and what their values are: worked out once.

use std::sync::LazyLock;

use crate::conventions::{
    Attribute, AttributeId, Dialect, Int, Level, MetricAttribute, MetricRow, SPANS, SpanRow, attr,
    metric, value,
};

/// What the value of a metric is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Meaning {
    Duration,
    Tokens(Attribute<Int>),
    TokensByType,
    TokensByModality(Attribute<Int>, &'static Parts),
    Inferences,
    Tools,
    FirstChunk,
    EachChunk,
    Unknown,
}

/// The share of each modality in a count of tokens.
type Parts = [(Part, Attribute<Int>)];

/// Which of the points of one metric, where it has several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The only one.
    Whole,
    Input,
    Output,
    Text,
    Image,
    Audio,
    /// Tokens of which the provider does not say what they are.
    Unknown,
}

impl Part {
    /// The attribute that tells it from the others, and its value.
    pub(super) fn attribute(self) -> Option<(AttributeId, &'static str)> {
        let token_type = |value| Some((attr::GEN_AI_TOKEN_TYPE.id(), value));
        let modality = |value| Some((attr::GEN_AI_TOKEN_MODALITY.id(), value));
        match self {
            Self::Whole => None,
            Self::Input => token_type(value::gen_ai_token_type::INPUT),
            Self::Output => token_type(value::gen_ai_token_type::OUTPUT),
            Self::Text => modality(value::gen_ai_token_modality::TEXT),
            Self::Image => modality(value::gen_ai_token_modality::IMAGE),
            Self::Audio => modality(value::gen_ai_token_modality::AUDIO),
            Self::Unknown => modality(value::gen_ai_token_modality::UNKNOWN),
        }
    }
}

/// Whether the attribute tells the points of one metric apart.
pub(super) fn tells_apart(id: AttributeId) -> bool {
    id == attr::GEN_AI_TOKEN_TYPE.id() || id == attr::GEN_AI_TOKEN_MODALITY.id()
}

const INPUT_PARTS: &Parts = &[
    (Part::Text, attr::GEN_AI_USAGE_TEXT_INPUT_TOKENS),
    (Part::Image, attr::GEN_AI_USAGE_IMAGE_INPUT_TOKENS),
    (Part::Audio, attr::GEN_AI_USAGE_AUDIO_INPUT_TOKENS),
];
const OUTPUT_PARTS: &Parts = &[
    (Part::Text, attr::GEN_AI_USAGE_TEXT_OUTPUT_TOKENS),
    (Part::Image, attr::GEN_AI_USAGE_IMAGE_OUTPUT_TOKENS),
    (Part::Audio, attr::GEN_AI_USAGE_AUDIO_OUTPUT_TOKENS),
];
const CACHE_READ_PARTS: &Parts = &[
    (Part::Text, attr::GEN_AI_USAGE_TEXT_CACHE_READ_INPUT_TOKENS),
    (Part::Image, attr::GEN_AI_USAGE_IMAGE_CACHE_READ_INPUT_TOKENS),
    (Part::Audio, attr::GEN_AI_USAGE_AUDIO_CACHE_READ_INPUT_TOKENS),
];

impl Meaning {
    fn of(row: &MetricRow) -> Self {
        let is = |other: &MetricRow| row.index == other.index;
        if is(&metric::GEN_AI_CLIENT_TOKEN_USAGE) {
            Self::TokensByType
        } else if is(&metric::GEN_AI_CLIENT_INFERENCE_OPERATION_INPUT_TOKENS) {
            Self::Tokens(attr::GEN_AI_USAGE_INPUT_TOKENS)
        } else if is(&metric::GEN_AI_CLIENT_INFERENCE_OPERATION_OUTPUT_TOKENS) {
            Self::Tokens(attr::GEN_AI_USAGE_OUTPUT_TOKENS)
        } else if is(&metric::GEN_AI_CLIENT_INFERENCE_USAGE_INPUT_TOKENS) {
            Self::TokensByModality(attr::GEN_AI_USAGE_INPUT_TOKENS, INPUT_PARTS)
        } else if is(&metric::GEN_AI_CLIENT_INFERENCE_USAGE_OUTPUT_TOKENS) {
            Self::TokensByModality(attr::GEN_AI_USAGE_OUTPUT_TOKENS, OUTPUT_PARTS)
        } else if is(&metric::GEN_AI_CLIENT_INFERENCE_USAGE_CACHE_READ_INPUT_TOKENS) {
            Self::TokensByModality(attr::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS, CACHE_READ_PARTS)
        } else if is(&metric::GEN_AI_CLIENT_INFERENCE_USAGE_CACHE_WRITE_INPUT_TOKENS) {
            Self::TokensByModality(attr::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS, &[])
        } else if is(&metric::GEN_AI_CLIENT_INFERENCE_USAGE_REASONING_OUTPUT_TOKENS) {
            Self::TokensByModality(attr::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS, &[])
        } else if is(&metric::GEN_AI_INVOKE_AGENT_INFERENCE_CALLS) {
            Self::Inferences
        } else if is(&metric::GEN_AI_INVOKE_AGENT_TOOL_CALLS) {
            Self::Tools
        } else if row.unit == metric::GEN_AI_CLIENT_OPERATION_DURATION.unit
            && row.name.ends_with(".duration")
        {
            Self::Duration
        } else if is(&metric::GEN_AI_CLIENT_OPERATION_TIME_TO_FIRST_CHUNK)
            || is(&metric::GEN_AI_CLIENT_INFERENCE_TIME_TO_FIRST_CHUNK)
        {
            Self::FirstChunk
        } else if is(&metric::GEN_AI_CLIENT_OPERATION_TIME_PER_OUTPUT_CHUNK)
            || is(&metric::GEN_AI_CLIENT_INFERENCE_TIME_PER_OUTPUT_CHUNK)
        {
            Self::EachChunk
        } else {
            Self::Unknown
        }
    }
}

/// What the operations of one span type record in one dialect.
#[derive(Debug)]
pub(super) struct Plan {
    span: &'static SpanRow,
    pub(super) rows: Vec<(&'static MetricRow, Meaning)>,
    /// One bit for each attribute that a point may have, or that decides whether it has another.
    mask: u128,
}

impl Plan {
    /// The plan of a span type of the conventions.
    pub(super) fn find(span: &SpanRow, dialect: Dialect) -> Option<&'static Self> {
        static PLANS: LazyLock<[Vec<Plan>; 2]> = LazyLock::new(|| {
            [Dialect::Released, Dialect::Latest]
                .map(|dialect| SPANS.iter().map(|span| Plan::of(span, dialect)).collect())
        });
        let [released, latest] = &*PLANS;
        let plans = match dialect {
            Dialect::Released => released,
            Dialect::Latest => latest,
        };
        plans.iter().find(|plan| std::ptr::eq(plan.span, span))
    }

    /// The plan of any span type: also of one that somebody wrote himself.
    pub(super) fn of(span: &'static SpanRow, dialect: Dialect) -> Self {
        let rows: Vec<_> = span.metrics_in(dialect).map(|row| (row, Meaning::of(row))).collect();
        let mut mask = rows
            .iter()
            .flat_map(|(row, _)| row.attributes)
            .filter(|of| wanted(**of, dialect) && of.id != attr::GEN_AI_OPERATION_NAME.id())
            .fold(0, |mask, of| mask | of.id.bit());
        if mask & attr::SERVER_PORT.id().bit() != 0 {
            mask |= attr::SERVER_ADDRESS.id().bit();
        }
        Self { span, rows, mask }
    }

    /// Whether an attribute that is set decides the attributes of a point.
    pub(super) fn decides(&self, id: AttributeId) -> bool {
        self.mask & id.bit() != 0
    }
}

/// Whether a metric has the attribute in the dialect without being asked for it.
pub(super) fn wanted(attribute: MetricAttribute, dialect: Dialect) -> bool {
    attribute.level(dialect).is_some_and(|level| level != Level::OptIn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conventions::{METRICS, operation};

    #[test]
    fn each_metric_that_an_operation_has_means_something() {
        for dialect in [Dialect::Released, Dialect::Latest] {
            for (row, meaning) in SPANS.iter().flat_map(|span| Plan::of(span, dialect).rows) {
                assert!(!matches!(meaning, Meaning::Unknown), "{}", row.name);
            }
        }
        // Those that only a server could record.
        let unknown = METRICS.iter().filter(|row| matches!(Meaning::of(row), Meaning::Unknown));
        assert_eq!(unknown.count(), 2);
    }

    #[test]
    fn a_plan_is_that_of_its_span_type_and_dialect() {
        for dialect in [Dialect::Released, Dialect::Latest] {
            for span in SPANS {
                let plan = Plan::find(span, dialect).expect("one for each span type");
                let names: Vec<_> = plan.rows.iter().map(|(row, _)| row.name).collect();
                let of_the_table: Vec<_> = span.metrics_in(dialect).map(|row| row.name).collect();
                assert_eq!(names, of_the_table, "{} {dialect:?}", span.id);
            }
        }
        let chat = Plan::find(operation::CHAT.span, Dialect::Released).unwrap();
        assert!(chat.decides(attr::GEN_AI_REQUEST_MODEL.id()));
        assert!(!chat.decides(attr::GEN_AI_RESPONSE_ID.id()));
        assert!(!chat.decides(attr::GEN_AI_USAGE_INPUT_TOKENS.id()));
    }
}
