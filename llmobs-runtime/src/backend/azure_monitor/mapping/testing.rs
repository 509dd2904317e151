//! What the tests of the mapping have in common.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use serde_json::Value as Json;

use super::super::item::Item;
use super::common::Surroundings;
use super::{Mapper, Options};

pub(super) const KEY: &str = "11111111-2222-3333-4444-555555555555";

pub(super) fn options() -> Options {
    Options {
        resource_on_items: false,
        resource_metric: true,
        metric_namespace: false,
        application_id: Some("app-1".to_owned()),
    }
}

/// One on a machine called `box` with an empty environment.
pub(super) fn mapper(resource: &[(&'static str, &'static str)], options: &Options) -> Mapper {
    let none = |_: &str| None;
    let around = Surroundings { env: &none, host: Some("box".to_owned()) };
    Mapper::within(KEY, &self::resource(resource), options, &around)
}

pub(super) fn resource(attributes: &[(&'static str, &'static str)]) -> Resource {
    let attributes = attributes.iter().map(|(key, value)| KeyValue::new(*key, *value));
    Resource::builder_empty().with_attributes(attributes).build()
}

pub(super) fn start() -> SystemTime {
    UNIX_EPOCH + Duration::from_micros(1_760_000_000_123_456)
}

pub(super) fn context(trace: u128, span: u64) -> SpanContext {
    let (trace, span) = (TraceId::from(trace), SpanId::from(span));
    SpanContext::new(trace, span, TraceFlags::SAMPLED, false, TraceState::default())
}

/// A span of 1.234 seconds.
pub(super) fn span(kind: SpanKind, attributes: Vec<KeyValue>) -> SpanData {
    SpanData {
        span_context: context(0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c, 0xb7ad_6b71_6920_3331),
        parent_span_id: SpanId::INVALID,
        parent_span_is_remote: false,
        span_kind: kind,
        name: "work".into(),
        start_time: start(),
        end_time: start() + Duration::from_millis(1_234),
        attributes,
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: InstrumentationScope::builder("tests").build(),
    }
}

/// The envelopes of `span`.
pub(super) fn envelopes(span: &SpanData) -> Vec<Json> {
    let mut out = Vec::new();
    mapper(&[], &options()).span(span, &mut out);
    out.iter().map(parsed).collect()
}

/// The fields of the only envelope of a span.
pub(super) fn base(kind: SpanKind, attributes: Vec<KeyValue>) -> Json {
    base_of(&span(kind, attributes))
}

pub(super) fn base_of(span: &SpanData) -> Json {
    let mut envelopes = envelopes(span);
    envelopes.truncate(1);
    envelopes.pop().map(|mut envelope| envelope["data"]["baseData"].take()).unwrap_or_default()
}

pub(super) fn parsed(item: &Item) -> Json {
    assert!(!item.json.contains(&b'\n'), "one line");
    serde_json::from_slice(&item.json).expect("an item is JSON")
}

/// Numbers without an end that are the same in each run.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new() -> Self {
        Self(0x2545_f491_4f6c_dd1d)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 11 ^ self.0 << 53
    }

    pub(super) fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 16) as usize % limit.max(1)
    }

    /// Up to `longest` characters, of one to four bytes and many to be escaped.
    pub(super) fn text(&mut self, longest: usize) -> String {
        const SOME: [char; 16] = [
            'a',
            'b',
            ' ',
            '"',
            '\\',
            '\n',
            '\t',
            '\u{1}',
            '\u{1f}',
            '\u{7f}',
            'é',
            '\u{2028}',
            '€',
            '語',
            '😀',
            '\u{10ffff}',
        ];
        let count = self.below(longest.saturating_add(1));
        (0..count).map(|_| SOME[self.below(SOME.len())]).collect()
    }
}
