//! What is read out of a finished span: the few facts that the tree and the summary show.

use std::time::{Duration, SystemTime};

use opentelemetry::trace::{SpanId, SpanKind, Status};
use opentelemetry::{Array, KeyValue, Value};
use opentelemetry_sdk::trace::SpanData;

use super::style::clean;
use crate::conventions::{Attribute, Dialect, SpanRow, attr, span};

/// Spans that are one call of a model. The others (agents, tools, retrieval, memory) contain or
/// surround such calls and would count their tokens a second time.
const MODEL_CALLS: [&SpanRow; 2] =
    [&span::GEN_AI_CLIENT_INFERENCE, &span::GEN_AI_EMBEDDINGS_CLIENT];

/// Longest name kept of a span, in characters.
const NAME_LENGTH: usize = 200;
/// Longest text kept of an attribute, in characters.
const TEXT_LENGTH: usize = 100;
/// Most finish reasons kept of a span; one per choice, mostly the same.
const REASONS: usize = 8;

/// One span, reduced to what is shown. All text is cut and free of control characters.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) id: SpanId,
    /// The parent, if it is a span of this process.
    pub(super) parent: Option<SpanId>,
    pub(super) name: String,
    pub(super) start: SystemTime,
    pub(super) time: Duration,
    /// Whether the span follows the `GenAI` or MCP conventions.
    pub(super) genai: bool,
    /// Whether the span is one call of a model, seen from the caller.
    pub(super) model_call: bool,
    pub(super) provider: Option<String>,
    pub(super) requested: Option<String>,
    pub(super) answered: Option<String>,
    /// Until the first chunk of a stream.
    pub(super) first: Option<Duration>,
    pub(super) input: Option<u64>,
    pub(super) cached: Option<u64>,
    pub(super) output: Option<u64>,
    pub(super) finish: Option<String>,
    pub(super) error: Option<String>,
}

impl Row {
    /// Reads a span, whichever dialect of the conventions it speaks.
    pub(super) fn read(span: &SpanData) -> Self {
        let mut row = Self {
            id: span.span_context.span_id(),
            parent: Some(span.parent_span_id)
                .filter(|id| *id != SpanId::INVALID && !span.parent_span_is_remote),
            name: clean(&span.name, NAME_LENGTH),
            start: span.start_time,
            time: span.end_time.duration_since(span.start_time).unwrap_or_default(),
            genai: false,
            model_call: false,
            provider: None,
            requested: None,
            answered: None,
            first: None,
            input: None,
            cached: None,
            output: None,
            finish: None,
            error: None,
        };
        for attribute in &span.attributes {
            row.take(attribute, &span.span_kind);
        }
        // The description of a status may quote a prompt or a key; it is not shown.
        if row.error.is_none() && matches!(span.status, Status::Error { .. }) {
            row.error = Some("error".to_owned());
        }
        row
    }

    /// The model that answered, else the one that was asked for.
    pub(super) fn model(&self) -> Option<&str> {
        self.answered.as_deref().or(self.requested.as_deref())
    }

    /// When the span ended.
    pub(super) fn end(&self) -> SystemTime {
        self.start.checked_add(self.time).unwrap_or(self.start)
    }

    fn take(&mut self, attribute: &KeyValue, kind: &SpanKind) {
        let (key, value) = (attribute.key.as_str(), &attribute.value);
        if named(attr::GEN_AI_OPERATION_NAME, key) {
            self.genai = true;
            let caller = matches!(kind, SpanKind::Client | SpanKind::Internal);
            let operation = value.as_str();
            let calls = |span: &&SpanRow| span.operations.contains(&operation.as_ref());
            self.model_call = caller && MODEL_CALLS.iter().any(calls);
            if self.name.is_empty() {
                self.name = clean(&operation, NAME_LENGTH);
            }
        } else if named(attr::MCP_METHOD_NAME, key) {
            self.genai = true;
        } else if named(attr::GEN_AI_PROVIDER_NAME, key) {
            self.provider = text(value);
        } else if named(attr::GEN_AI_REQUEST_MODEL, key) {
            self.requested = text(value);
        } else if named(attr::GEN_AI_RESPONSE_MODEL, key) {
            self.answered = text(value);
        } else if named(attr::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK, key) {
            self.first = seconds(value);
        } else if named(attr::GEN_AI_USAGE_INPUT_TOKENS, key) {
            self.input = count(value);
        } else if named(attr::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS, key) {
            self.cached = count(value);
        } else if named(attr::GEN_AI_USAGE_OUTPUT_TOKENS, key) {
            self.output = count(value);
        } else if named(attr::GEN_AI_RESPONSE_FINISH_REASONS, key) {
            self.finish = reasons(value);
        } else if named(attr::ERROR_TYPE, key) {
            self.error = text(value);
        }
    }
}

/// Whether a key is the attribute's in any dialect.
fn named<T>(attribute: Attribute<T>, key: &str) -> bool {
    key == attribute.key(Dialect::Released) || key == attribute.key(Dialect::Latest)
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(clean(text.as_str(), TEXT_LENGTH)).filter(|t| !t.is_empty()),
        _ => None,
    }
}

/// A time in seconds. What cannot be one is taken as absent.
fn seconds(value: &Value) -> Option<Duration> {
    match value {
        Value::F64(seconds) => Duration::try_from_secs_f64(*seconds).ok(),
        _ => None,
    }
}

/// A count of tokens. What is not a whole number of them is taken as absent.
fn count(value: &Value) -> Option<u64> {
    match value {
        Value::I64(count) => u64::try_from(*count).ok(),
        _ => None,
    }
}

/// The distinct finish reasons in their order.
fn reasons(value: &Value) -> Option<String> {
    let Value::Array(Array::String(reasons)) = value else { return text(value) };
    let mut distinct: Vec<&str> = Vec::new();
    for reason in reasons.iter().take(REASONS) {
        if !reason.as_str().is_empty() && !distinct.contains(&reason.as_str()) {
            distinct.push(reason.as_str());
        }
    }
    // Each is cut before they are joined: a reason may be of any length.
    let cut: Vec<String> = distinct.iter().map(|reason| clean(reason, TEXT_LENGTH)).collect();
    Some(clean(&cut.join(", "), TEXT_LENGTH)).filter(|text| !text.is_empty())
}

#[cfg(test)]
pub(super) mod tests {
    use std::borrow::Cow;
    use std::time::UNIX_EPOCH;

    use opentelemetry::trace::{SpanContext, TraceFlags, TraceId, TraceState};
    use opentelemetry::{InstrumentationScope, StringValue};
    use opentelemetry_sdk::trace::{SpanEvents, SpanLinks};

    use super::*;

    /// A bare span with the given id and parent, 1 ms long, started `id` ms after the epoch.
    pub(in super::super) fn row(id: u64, parent: Option<u64>) -> Row {
        Row {
            parent: parent.map(SpanId::from),
            start: UNIX_EPOCH + Duration::from_millis(id),
            ..Row::read(&span(id, "span", SpanKind::Internal, Vec::new()))
        }
    }

    pub(in super::super) fn span(
        id: u64,
        name: &'static str,
        span_kind: SpanKind,
        attributes: Vec<KeyValue>,
    ) -> SpanData {
        let flags = TraceFlags::SAMPLED;
        let (trace, state) = (TraceId::from(1), TraceState::default());
        SpanData {
            span_context: SpanContext::new(trace, SpanId::from(id), flags, false, state),
            parent_span_id: SpanId::INVALID,
            parent_span_is_remote: false,
            span_kind,
            name: Cow::Borrowed(name),
            start_time: UNIX_EPOCH,
            end_time: UNIX_EPOCH + Duration::from_millis(1),
            attributes,
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: Status::Unset,
            instrumentation_scope: InstrumentationScope::default(),
        }
    }

    fn read(kind: SpanKind, attributes: Vec<KeyValue>) -> Row {
        Row::read(&span(1, "", kind, attributes))
    }

    fn operation(name: &'static str) -> KeyValue {
        KeyValue::new(attr::GEN_AI_OPERATION_NAME.key(Dialect::Released), name)
    }

    fn strings(texts: &[&'static str]) -> Value {
        Value::Array(Array::String(texts.iter().copied().map(StringValue::from).collect()))
    }

    #[test]
    fn what_calls_a_model_is_decided_by_operation_and_kind() {
        for (name, kind, call) in [
            ("chat", SpanKind::Client, true),
            ("chat", SpanKind::Internal, true),
            ("chat", SpanKind::Server, false),
            ("embeddings", SpanKind::Client, true),
            ("text_completion", SpanKind::Client, true),
            ("generate_content", SpanKind::Client, true),
            ("invoke_agent", SpanKind::Client, false),
            ("execute_tool", SpanKind::Internal, false),
            ("of my own", SpanKind::Client, false),
        ] {
            let row = read(kind, vec![operation(name)]);
            assert_eq!((row.genai, row.model_call), (true, call), "{name}");
            assert_eq!(row.name, name, "stands in for an empty span name");
        }
        assert!(!read(SpanKind::Client, Vec::new()).genai);
        let method = KeyValue::new(attr::MCP_METHOD_NAME.key(Dialect::Latest), "tools/list");
        assert!(read(SpanKind::Client, vec![method]).genai);
    }

    #[test]
    fn both_dialects_are_read() {
        for dialect in [Dialect::Released, Dialect::Latest] {
            let row = read(
                SpanKind::Client,
                vec![
                    KeyValue::new(attr::GEN_AI_PROVIDER_NAME.key(dialect), "openai"),
                    KeyValue::new(attr::GEN_AI_REQUEST_MODEL.key(dialect), "m"),
                    KeyValue::new(attr::GEN_AI_RESPONSE_MODEL.key(dialect), "m-1"),
                    KeyValue::new(attr::GEN_AI_USAGE_INPUT_TOKENS.key(dialect), 12),
                    KeyValue::new(attr::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS.key(dialect), 8),
                    KeyValue::new(attr::GEN_AI_USAGE_OUTPUT_TOKENS.key(dialect), 0),
                    KeyValue::new(attr::ERROR_TYPE.key(dialect), "timeout"),
                ],
            );
            assert_eq!(row.provider.as_deref(), Some("openai"));
            assert_eq!((row.requested.as_deref(), row.model()), (Some("m"), Some("m-1")));
            assert_eq!((row.input, row.cached, row.output), (Some(12), Some(8), Some(0)));
            assert_eq!(row.error.as_deref(), Some("timeout"));
        }
    }

    #[test]
    fn nonsense_is_absent() {
        let dialect = Dialect::Latest;
        let row = read(
            SpanKind::Client,
            vec![
                KeyValue::new(attr::GEN_AI_USAGE_INPUT_TOKENS.key(dialect), -1),
                KeyValue::new(attr::GEN_AI_USAGE_OUTPUT_TOKENS.key(dialect), 3.5),
                KeyValue::new(attr::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS.key(dialect), "8"),
                KeyValue::new(attr::GEN_AI_REQUEST_MODEL.key(dialect), ""),
                KeyValue::new(attr::GEN_AI_RESPONSE_MODEL.key(dialect), true),
                KeyValue::new(attr::GEN_AI_RESPONSE_FINISH_REASONS.key(dialect), strings(&[""])),
            ],
        );
        assert_eq!((row.input, row.cached, row.output), (None, None, None));
        assert_eq!((row.model(), row.finish.as_deref()), (None, None));
    }

    #[test]
    fn finish_reasons_are_named_once_each() {
        for (value, text) in [
            (strings(&["stop", "stop", "length"]), "stop, length"),
            (strings(&["tool\ncalls"]), "tool�calls"),
            (Value::from("stop"), "stop"),
        ] {
            assert_eq!(reasons(&value).as_deref(), Some(text));
        }
        assert_eq!(reasons(&strings(&[])), None);
    }

    #[test]
    fn an_error_without_a_type_is_told_without_its_description() {
        let failed = SpanData {
            status: Status::error("key sk-123 is invalid"),
            ..span(1, "get", SpanKind::Client, Vec::new())
        };
        assert_eq!(Row::read(&failed).error.as_deref(), Some("error"));
    }

    #[test]
    fn a_span_that_ends_before_it_starts_took_no_time() {
        let backwards = SpanData {
            start_time: UNIX_EPOCH + Duration::from_secs(9),
            ..span(1, "get", SpanKind::Client, Vec::new())
        };
        assert_eq!(Row::read(&backwards).time, Duration::ZERO);
    }
}
