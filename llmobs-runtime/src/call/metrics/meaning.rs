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
    /// Counted in one of the metric's points.
    Tokens(Part, Attribute<Int>),
    TokensByModality(Attribute<Int>, &'static Parts),
    Inferences,
    Tools,
    FirstChunk,
    EachChunk,
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
    /// What the points of a metric are: several, where a type tells them apart; none, where it is not for a client.
    fn of(row: &MetricRow) -> Vec<Self> {
        let is = |other: &MetricRow| row.index == other.index;
        if is(&metric::GEN_AI_CLIENT_TOKEN_USAGE) {
            vec![
                Self::Tokens(Part::Input, attr::GEN_AI_USAGE_INPUT_TOKENS),
                Self::Tokens(Part::Output, attr::GEN_AI_USAGE_OUTPUT_TOKENS),
            ]
        } else if is(&metric::GEN_AI_CLIENT_INFERENCE_OPERATION_INPUT_TOKENS) {
            vec![Self::Tokens(Part::Whole, attr::GEN_AI_USAGE_INPUT_TOKENS)]
        } else if is(&metric::GEN_AI_CLIENT_INFERENCE_OPERATION_OUTPUT_TOKENS) {
            vec![Self::Tokens(Part::Whole, attr::GEN_AI_USAGE_OUTPUT_TOKENS)]
        } else if is(&metric::GEN_AI_CLIENT_INFERENCE_USAGE_INPUT_TOKENS) {
            vec![Self::TokensByModality(attr::GEN_AI_USAGE_INPUT_TOKENS, INPUT_PARTS)]
        } else if is(&metric::GEN_AI_CLIENT_INFERENCE_USAGE_OUTPUT_TOKENS) {
            vec![Self::TokensByModality(attr::GEN_AI_USAGE_OUTPUT_TOKENS, OUTPUT_PARTS)]
        } else if is(&metric::GEN_AI_CLIENT_INFERENCE_USAGE_CACHE_READ_INPUT_TOKENS) {
            vec![Self::TokensByModality(
                attr::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
                CACHE_READ_PARTS,
            )]
        } else if is(&metric::GEN_AI_CLIENT_INFERENCE_USAGE_CACHE_WRITE_INPUT_TOKENS) {
            vec![Self::TokensByModality(attr::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS, &[])]
        } else if is(&metric::GEN_AI_CLIENT_INFERENCE_USAGE_REASONING_OUTPUT_TOKENS) {
            vec![Self::TokensByModality(attr::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS, &[])]
        } else if is(&metric::GEN_AI_INVOKE_AGENT_INFERENCE_CALLS) {
            vec![Self::Inferences]
        } else if is(&metric::GEN_AI_INVOKE_AGENT_TOOL_CALLS) {
            vec![Self::Tools]
        } else if row.unit == metric::GEN_AI_CLIENT_OPERATION_DURATION.unit
            && row.name.ends_with(".duration")
        {
            vec![Self::Duration]
        } else if is(&metric::GEN_AI_CLIENT_OPERATION_TIME_TO_FIRST_CHUNK)
            || is(&metric::GEN_AI_CLIENT_INFERENCE_TIME_TO_FIRST_CHUNK)
        {
            vec![Self::FirstChunk]
        } else if is(&metric::GEN_AI_CLIENT_OPERATION_TIME_PER_OUTPUT_CHUNK)
            || is(&metric::GEN_AI_CLIENT_INFERENCE_TIME_PER_OUTPUT_CHUNK)
        {
            vec![Self::EachChunk]
        } else {
            Vec::new()
        }
    }

    /// The count that there has to be.
    fn tokens(self) -> Option<AttributeId> {
        match self {
            Self::Tokens(_, attribute) | Self::TokensByModality(attribute, _) => {
                Some(attribute.id())
            }
            _ => None,
        }
    }
}

/// What the operations of one span type record in one dialect.
#[derive(Debug)]
pub(super) struct Plan {
    span: &'static SpanRow,
    pub(super) rows: Vec<(&'static MetricRow, Meaning)>,
    /// At the index of each attribute: whether a point may have it, or it decides whether a point has another.
    decisive: Box<[bool; 256]>,
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
        let of = |row| Meaning::of(row).into_iter().map(move |meaning| (row, meaning));
        let counted = |meaning: Meaning| meaning.tokens().is_none_or(|id| span.has(id, dialect));
        let rows = span.metrics_in(dialect).flat_map(of).filter(|(_, meaning)| counted(*meaning));
        let rows: Vec<_> = rows.collect();
        let mut decisive = Box::new([false; 256]);
        let mut add = |id: AttributeId| decisive[usize::from(id.index())] = true;
        for of in rows.iter().flat_map(|(row, _)| row.attributes) {
            if wanted(*of, dialect) && of.id != attr::GEN_AI_OPERATION_NAME.id() {
                add(of.id);
                if of.id == attr::SERVER_PORT.id() {
                    add(attr::SERVER_ADDRESS.id());
                }
            }
        }
        Self { span, rows, decisive }
    }

    /// The attributes that decide those of a point where they are set, each at its index.
    pub(super) fn decisive(&self) -> &[bool; 256] {
        &self.decisive
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
            for row in SPANS.iter().flat_map(|span| span.metrics_in(dialect)) {
                assert!(!Meaning::of(row).is_empty(), "{}", row.name);
            }
        }
        // Those that only a server could record.
        assert_eq!(METRICS.iter().filter(|row| Meaning::of(row).is_empty()).count(), 2);
    }

    #[test]
    fn a_plan_is_that_of_its_span_type_and_dialect() {
        for dialect in [Dialect::Released, Dialect::Latest] {
            for span in SPANS {
                let plan = Plan::find(span, dialect).expect("one for each span type");
                let mut names: Vec<_> = plan.rows.iter().map(|(row, _)| row.name).collect();
                names.dedup();
                let of_the_table: Vec<_> = span.metrics_in(dialect).map(|row| row.name).collect();
                assert_eq!(names, of_the_table, "{} {dialect:?}", span.id);
            }
        }
        let chat = Plan::find(operation::CHAT.span, Dialect::Released).unwrap();
        let decides = |id: AttributeId| chat.decisive()[usize::from(id.index())];
        assert!(decides(attr::GEN_AI_REQUEST_MODEL.id()));
        assert!(!decides(attr::GEN_AI_RESPONSE_ID.id()));
        assert!(!decides(attr::GEN_AI_USAGE_INPUT_TOKENS.id()));
    }
}
