//! Agents that others record, in pipelines of their own.

use std::collections::BTreeMap;

use llmobs_runtime::backend::azure_monitor::MainAgent;
use opentelemetry::logs::{AnyValue, LogRecord, Logger, LoggerProvider as _};
use opentelemetry::trace::{
    Span as _, SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState, Tracer,
    TracerProvider as _,
};
use opentelemetry::{Context, KeyValue, Value};
use opentelemetry_sdk::logs::{InMemoryLogExporter, SdkLogRecord, SdkLoggerProvider};
use opentelemetry_sdk::trace::{
    InMemorySpanExporter, Sampler, SdkTracer, SdkTracerProvider, SimpleSpanProcessor, SpanData,
};
use serde_json::Value as Json;

use super::runs::{PREFIX, map};

struct Pipeline {
    agents: MainAgent,
    exporter: InMemorySpanExporter,
    tracer: SdkTracer,
    _tracers: SdkTracerProvider,
}

impl Pipeline {
    fn new(around: bool) -> Self {
        let (agents, exporter) = (MainAgent::new(), InMemorySpanExporter::default());
        let simple = SimpleSpanProcessor::new(exporter.clone());
        let builder = SdkTracerProvider::builder();
        let tracers = if around {
            builder.with_span_processor(agents.around(simple)).build()
        } else {
            builder.with_span_processor(agents.clone()).with_span_processor(simple).build()
        };
        Self { agents, exporter, tracer: tracers.tracer("app"), _tracers: tracers }
    }

    fn start(&self, name: &str, parent: &Context, attributes: &[(&'static str, &str)]) -> Context {
        let attributes =
            attributes.iter().map(|(key, value)| KeyValue::new(*key, (*value).to_owned()));
        let builder = self.tracer.span_builder(name.to_owned()).with_attributes(attributes);
        parent.with_span(builder.start_with_context(&self.tracer, parent))
    }

    /// What the span of a name has of a main agent.
    fn of(&self, name: &str) -> BTreeMap<String, String> {
        let spans = self.exporter.get_finished_spans().unwrap();
        of(spans.iter().find(|span| span.name == name).expect(name))
    }
}

fn of(span: &SpanData) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for KeyValue { key, value, .. } in &span.attributes {
        if let Some(key) = key.as_str().strip_prefix(PREFIX) {
            let before = all.insert(key.to_owned(), value.as_str().into_owned());
            assert_eq!(before, None, "{key} stands twice");
        }
    }
    all
}

fn of_record(record: &SdkLogRecord) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for (key, value) in record.attributes_iter() {
        if let (Some(key), AnyValue::String(value)) = (key.as_str().strip_prefix(PREFIX), value) {
            let before = all.insert(key.to_owned(), value.as_str().to_owned());
            assert_eq!(before, None, "{key} stands twice");
        }
    }
    all
}

const AGENT: &[(&str, &str)] =
    &[("gen_ai.operation.name", "invoke_agent"), ("gen_ai.agent.name", "a")];

#[test]
fn as_the_reference_does_it() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/data/azure_monitor/goldens/trace_genai_main_agent_propagation.json"
    );
    let golden: Json = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let mut spans: Vec<_> = golden["input"]["spans"].as_array().unwrap().iter().collect();
    let expected: BTreeMap<_, _> = golden["envelopes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|envelope| {
            let data = &envelope["data"]["baseData"];
            let name = data.get("name").or_else(|| data.get("message")).unwrap();
            let all = data["properties"].as_object().unwrap().iter();
            let of = all.filter_map(|(key, value)| {
                Some((key.strip_prefix(PREFIX)?.to_owned(), value.as_str()?.to_owned()))
            });
            (name.as_str().unwrap(), of.collect::<BTreeMap<_, _>>())
        })
        .collect();
    assert_eq!((spans.len(), expected.len()), (3, 4));
    assert!(expected.values().all(|of| of.len() == 4));
    for around in [false, true] {
        let pipeline = Pipeline::new(around);
        let logs = InMemoryLogExporter::default();
        let loggers = SdkLoggerProvider::builder()
            .with_log_processor(pipeline.agents.clone())
            .with_simple_exporter(logs.clone())
            .build();
        spans.sort_by_key(|span| span["startTimeUnixNano"].as_str());
        let mut contexts = BTreeMap::new();
        let mut innermost = Context::new();
        for span in &spans {
            let parent = match span["parentSpanId"].as_str() {
                Some(parent) => &contexts[parent],
                None => &Context::new(),
            };
            let name = span["name"].as_str().unwrap().to_owned();
            let attributes = span["attributesAsSet"].as_array().unwrap().iter().map(|attribute| {
                let (key, value) = (&attribute["key"], &attribute["value"]);
                let text = value["stringValue"].as_str().or(value["intValue"].as_str()).unwrap();
                KeyValue::new(key.as_str().unwrap().to_owned(), text.to_owned())
            });
            let builder = pipeline.tracer.span_builder(name).with_attributes(attributes);
            innermost = parent.with_span(builder.start_with_context(&pipeline.tracer, parent));
            contexts.insert(span["spanId"].as_str().unwrap(), innermost.clone());
        }
        {
            let _inside = innermost.attach();
            let logger = loggers.logger("app");
            let mut record = logger.create_log_record();
            record.set_body("inside chat".into());
            logger.emit(record);
        }
        for context in contexts.values() {
            context.span().end();
        }
        for span in pipeline.exporter.get_finished_spans().unwrap() {
            assert_eq!(of(&span), expected[&*span.name], "{}", span.name);
        }
        let logs = logs.get_emitted_logs().unwrap();
        assert_eq!(logs.len(), 1);
        assert_eq!(of_record(&logs[0].record), expected["inside chat"]);
    }
}

#[test]
fn a_span_that_names_an_agent_hands_it_down_but_has_it_not_itself() {
    let pipeline = Pipeline::new(false);
    let named = pipeline.start("named", &Context::new(), &[("gen_ai.agent.id", "ag-1")]);
    pipeline.start("below", &named, AGENT).span().end();
    named.span().end();
    assert_eq!(pipeline.of("named"), map([]));
    assert_eq!(pipeline.of("below"), map([("id", "ag-1")]));
}

#[test]
fn attributes_of_a_main_agent_that_are_there_are_kept_and_handed_down() {
    for around in [false, true] {
        let pipeline = Pipeline::new(around);
        let mut attributes = AGENT.to_vec();
        attributes.push(("microsoft.gen_ai.main_agent.name", "from elsewhere"));
        let root = pipeline.start("root", &Context::new(), &attributes);
        pipeline.start("below", &root, &[]).span().end();
        root.span().end();
        for name in ["root", "below"] {
            assert_eq!(pipeline.of(name), map([("name", "from elsewhere")]));
        }
    }
}

#[test]
fn a_parent_in_another_process_is_not_known() {
    let pipeline = Pipeline::new(false);
    let agent = pipeline.start("agent", &Context::new(), AGENT);
    let remote = Context::new().with_remote_span_context({
        let local = agent.span().span_context().clone();
        SpanContext::new(
            local.trace_id(),
            local.span_id(),
            TraceFlags::SAMPLED,
            true,
            TraceState::NONE,
        )
    });
    pipeline.start("called", &remote, &[]).span().end();
    let nobody = SpanContext::new(
        TraceId::from(9),
        SpanId::from(9),
        TraceFlags::SAMPLED,
        true,
        TraceState::NONE,
    );
    let from_afar = Context::new().with_remote_span_context(nobody);
    let second = pipeline.start("second agent", &from_afar, AGENT);
    pipeline.start("below", &second, &[]).span().end();
    second.span().end();
    assert_eq!(pipeline.of("called"), map([]));
    assert_eq!(pipeline.of("second agent"), map([("name", "a")]));
    assert_eq!(pipeline.of("below"), map([("name", "a")]));
}

#[test]
fn what_is_learnt_late_reaches_the_agent_itself_where_the_processor_is_around() {
    for around in [false, true] {
        let pipeline = Pipeline::new(around);
        let invoke = &AGENT[..1];
        let agent = pipeline.start("agent", &Context::new(), invoke);
        pipeline.start("below", &agent, &[]).span().end();
        agent.span().set_attribute(KeyValue::new("gen_ai.agent.name", "late"));
        agent.span().end();
        assert_eq!(pipeline.of("below"), map([]));
        let late = if around { map([("name", "late")]) } else { map([]) };
        assert_eq!(pipeline.of("agent"), late);
    }
}

#[test]
fn logs_keep_what_they_have_and_get_what_they_lack() {
    let pipeline = Pipeline::new(true);
    let logs = InMemoryLogExporter::default();
    let loggers = SdkLoggerProvider::builder()
        .with_log_processor(pipeline.agents.clone())
        .with_simple_exporter(logs.clone())
        .build();
    let logger = loggers.logger("app");
    let mut attributes = AGENT.to_vec();
    attributes.push(("gen_ai.agent.version", "3"));
    let agent = pipeline.start("agent", &Context::new(), &attributes);
    let at = agent.span().span_context().clone();
    let write = |span: Option<SpanId>, own: bool| {
        let mut record = logger.create_log_record();
        if own {
            record.add_attribute("microsoft.gen_ai.main_agent.name", "its own");
        }
        if let Some(span) = span {
            record.set_trace_context(at.trace_id(), span, None);
        }
        logger.emit(record);
    };
    write(Some(at.span_id()), false);
    write(Some(at.span_id()), true);
    write(Some(SpanId::from(1)), false);
    write(None, false);
    agent.span().end();
    write(Some(at.span_id()), false);
    let all = map([("name", "a"), ("version", "3")]);
    let own = map([("name", "its own"), ("version", "3")]);
    let expected = [all.clone(), own, map([]), map([]), all];
    let logs = logs.get_emitted_logs().unwrap();
    assert_eq!(logs.iter().map(|log| of_record(&log.record)).collect::<Vec<_>>(), expected);
}

#[test]
fn values_that_are_no_text_keep_their_type() {
    let pipeline = Pipeline::new(true);
    let builder = pipeline.tracer.span_builder("agent").with_attributes([
        KeyValue::new("gen_ai.operation.name", "invoke_agent"),
        KeyValue::new("gen_ai.agent.id", 7),
    ]);
    let mut span = builder.start_with_context(&pipeline.tracer, &Context::new());
    span.end();
    let spans = pipeline.exporter.get_finished_spans().unwrap();
    let id = spans[0].attributes.iter().find(|known| known.key.as_str() == format!("{PREFIX}id"));
    assert_eq!(id.map(|known| &known.value), Some(&Value::I64(7)));
}

#[test]
fn spans_that_are_not_recorded_do_no_harm() {
    let agents = MainAgent::new();
    let exporter = InMemorySpanExporter::default();
    let tracers = SdkTracerProvider::builder()
        .with_sampler(Sampler::AlwaysOff)
        .with_span_processor(agents.around(SimpleSpanProcessor::new(exporter.clone())))
        .build();
    tracers.tracer("t").start("off").end();
    assert!(exporter.get_finished_spans().unwrap().is_empty());
}
