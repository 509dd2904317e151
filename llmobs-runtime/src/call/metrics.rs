//! From what is known of a call to its metric points.
//!
//! Recorded whether or not the span is sampled: sampling must not bend token counts.

use std::time::Duration;

use opentelemetry::KeyValue;

use super::span::{convert, key_value};
use super::tempo::Gaps;
use super::{Draft, Live};
use crate::conventions::{
    self, Attribute, AttributeId, Int, Level, MetricAttribute, MetricRow, attr, metric, value,
};
use crate::payload::Value;
use crate::pipeline::Measured;

/// Records every metric that the operation has in the dialect of the pipeline.
pub(super) fn record(draft: &Draft, live: &Live, elapsed: Duration) {
    for row in draft.operation.span.metrics_in(draft.pipeline.dialect()) {
        match Meaning::of(row) {
            Meaning::Duration => point(draft, row, Measured::Seconds(elapsed.as_secs_f64())),
            Meaning::Tokens(attribute) => {
                if let Some(tokens) = tokens(draft, attribute) {
                    let mut attributes = attributes(draft, row);
                    attributes.extend(draft.estimated.mark(attribute));
                    let measured = Measured::Count(tokens);
                    draft.pipeline.instruments().record(row, measured, &attributes);
                }
            }
            Meaning::TokensByType => by_type(draft, row),
            Meaning::TokensByModality(total, parts) => by_modality(draft, row, total, parts),
            Meaning::Inferences => counted(draft, live, row, |(inferences, _)| inferences),
            Meaning::Tools => counted(draft, live, row, |(_, tools)| tools),
            Meaning::FirstChunk => {
                let first = draft.fields.get(attr::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK);
                if let Some(Value::Double(seconds)) = first {
                    point(draft, row, Measured::Seconds(seconds));
                }
            }
            Meaning::EachChunk => {
                if let Some(tempo) = &draft.tempo {
                    gaps(draft, row, tempo.gaps());
                }
            }
            Meaning::Unknown => {}
        }
    }
}

/// One point for each distance between chunks; see [`Gaps::values`].
fn gaps(draft: &Draft, row: &'static MetricRow, gaps: &Gaps) {
    let values = gaps.values();
    if !values.is_empty() {
        draft.pipeline.instruments().gather(row, values, attributes(draft, row));
    }
}

/// What the value of a metric is.
enum Meaning {
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
type Parts = [(&'static str, Attribute<Int>)];

const INPUT_PARTS: &Parts = &[
    (value::gen_ai_token_modality::TEXT, attr::GEN_AI_USAGE_TEXT_INPUT_TOKENS),
    (value::gen_ai_token_modality::IMAGE, attr::GEN_AI_USAGE_IMAGE_INPUT_TOKENS),
    (value::gen_ai_token_modality::AUDIO, attr::GEN_AI_USAGE_AUDIO_INPUT_TOKENS),
];
const OUTPUT_PARTS: &Parts = &[
    (value::gen_ai_token_modality::TEXT, attr::GEN_AI_USAGE_TEXT_OUTPUT_TOKENS),
    (value::gen_ai_token_modality::IMAGE, attr::GEN_AI_USAGE_IMAGE_OUTPUT_TOKENS),
    (value::gen_ai_token_modality::AUDIO, attr::GEN_AI_USAGE_AUDIO_OUTPUT_TOKENS),
];
const CACHE_READ_PARTS: &Parts = &[
    (value::gen_ai_token_modality::TEXT, attr::GEN_AI_USAGE_TEXT_CACHE_READ_INPUT_TOKENS),
    (value::gen_ai_token_modality::IMAGE, attr::GEN_AI_USAGE_IMAGE_CACHE_READ_INPUT_TOKENS),
    (value::gen_ai_token_modality::AUDIO, attr::GEN_AI_USAGE_AUDIO_CACHE_READ_INPUT_TOKENS),
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

/// `gen_ai.client.token.usage`: one point for the input, one for the output.
fn by_type(draft: &Draft, row: &'static MetricRow) {
    let mut points = Apart::by(draft, row, attr::GEN_AI_TOKEN_TYPE);
    for (kind, attribute) in [
        (value::gen_ai_token_type::INPUT, attr::GEN_AI_USAGE_INPUT_TOKENS),
        (value::gen_ai_token_type::OUTPUT, attr::GEN_AI_USAGE_OUTPUT_TOKENS),
    ] {
        if let Some(tokens) = tokens(draft, attribute) {
            points.point(kind, tokens, draft.estimated.mark(attribute));
        }
    }
}

/// One point per modality that the provider tells apart, and one for the rest.
fn by_modality(draft: &Draft, row: &'static MetricRow, total: Attribute<Int>, parts: &Parts) {
    let Some(mut rest) = tokens(draft, total) else { return };
    let mut points = Apart::by(draft, row, attr::GEN_AI_TOKEN_MODALITY);
    for (modality, attribute) in parts {
        if let Some(part) = tokens(draft, *attribute).map(|part| part.min(rest))
            && part > 0
        {
            rest -= part;
            points.point(modality, part, None);
        }
    }
    if rest > 0 {
        let mark = draft.estimated.mark(total);
        points.point(value::gen_ai_token_modality::UNKNOWN, rest, mark);
    }
}

fn counted(draft: &Draft, live: &Live, row: &'static MetricRow, pick: impl Fn((u64, u64)) -> u64) {
    if let Some(counts) = live.agent.as_ref().and_then(|agent| agent.counts()) {
        point(draft, row, Measured::Count(pick(counts)));
    }
}

/// A count that the operation has and that the provider reported.
fn tokens(draft: &Draft, attribute: Attribute<Int>) -> Option<u64> {
    if !draft.operation.span.has(attribute.id(), draft.pipeline.dialect()) {
        return None;
    }
    draft.fields.int(attribute).and_then(|tokens| u64::try_from(tokens).ok())
}

/// Records one point with the attributes that the metric has.
fn point(draft: &Draft, row: &'static MetricRow, measured: Measured) {
    draft.pipeline.instruments().record(row, measured, &attributes(draft, row));
}

/// The attributes that every point of the metric has, with room for the one that tells its points apart.
fn attributes(draft: &Draft, row: &'static MetricRow) -> Vec<KeyValue> {
    let mut attributes = Vec::with_capacity(row.attributes.len() + 1);
    attributes.extend(row.attributes.iter().filter_map(|wanted| attribute(draft, *wanted)));
    for (key, value) in draft.fields.metric_attributes() {
        let there = |known: &KeyValue| known.key.as_str() == *key;
        let apart = |wanted: &MetricAttribute| {
            tells_apart(wanted.id) && wanted.id.key(draft.pipeline.dialect()) == *key
        };
        if !attributes.iter().any(there) && !row.attributes.iter().any(apart) {
            attributes.push(KeyValue::new(key.clone(), convert(&value)));
        }
    }
    attributes
}

/// Points of one metric that differ in one attribute.
struct Apart<'a> {
    draft: &'a Draft,
    row: &'static MetricRow,
    key: &'static str,
    attributes: Vec<KeyValue>,
}

impl<'a> Apart<'a> {
    fn by(
        draft: &'a Draft,
        row: &'static MetricRow,
        attribute: Attribute<conventions::Text>,
    ) -> Self {
        let key = attribute.key(draft.pipeline.dialect());
        Self { draft, row, key, attributes: attributes(draft, row) }
    }

    fn point(&mut self, value: &'static str, count: u64, mark: Option<KeyValue>) {
        let common = self.attributes.len();
        self.attributes.push(KeyValue::new(self.key, value));
        self.attributes.extend(mark);
        let measured = Measured::Count(count);
        self.draft.pipeline.instruments().record(self.row, measured, &self.attributes);
        self.attributes.truncate(common);
    }
}

/// An attribute that a metric has, where its value is known and may be recorded without being asked for.
fn attribute(draft: &Draft, wanted: MetricAttribute) -> Option<KeyValue> {
    let (id, dialect) = (wanted.id, draft.pipeline.dialect());
    if wanted.level(dialect)? == Level::OptIn {
        return None;
    }
    if id == attr::GEN_AI_OPERATION_NAME.id() {
        return Some(KeyValue::new(id.key(dialect), draft.operation.name));
    }
    // What tells the points of a metric apart is not the caller's to say.
    if tells_apart(id) {
        return None;
    }
    // A port without its host says nothing.
    if id == attr::SERVER_PORT.id() {
        draft.fields.get(attr::SERVER_ADDRESS)?;
    }
    draft.fields.find(id).map(|value| key_value(id, &value, dialect))
}

/// Whether the attribute tells the points of one metric apart.
fn tells_apart(id: AttributeId) -> bool {
    id == attr::GEN_AI_TOKEN_TYPE.id() || id == attr::GEN_AI_TOKEN_MODALITY.id()
}
