//! Metrics and log records on their way to Azure Monitor, from where they are recorded to the wire: our exporters in
//! providers of the application's own.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use llmobs_runtime::backend::azure_monitor::{AzureMonitor, Storage};
use llmobs_runtime::conventions::{Dialect, attr, operation};
use llmobs_runtime::{Modality, Telemetry, Usage, call, instrument_llm, tracing_events};
use llmobs_tests::ingestion::Ingestion;
use opentelemetry::KeyValue;
use opentelemetry::logs::{LogRecord, Logger, LoggerProvider};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::trace::SdkTracerProvider;
use serde_json::{Value, json};
use tracing_subscriber::layer::SubscriberExt;

/// A process has one pipeline; tests that run side by side take turns.
static TURN: Mutex<()> = Mutex::new(());

/// Calls of ours are recorded into providers that send to a server.
struct Way {
    server: Ingestion,
    tracers: SdkTracerProvider,
    meters: SdkMeterProvider,
    loggers: SdkLoggerProvider,
    telemetry: Telemetry,
    _turn: MutexGuard<'static, ()>,
}

impl Way {
    fn open(dialect: Dialect) -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let server = Ingestion::start();
        let exporters = AzureMonitor::new()
            .connection_string(server.connection_string())
            .storage(Storage::off())
            .exporters()
            .expect("exporters");
        let resource = Resource::builder_empty()
            .with_service_name("shop")
            .with_attribute(KeyValue::new("service.instance.id", "one"))
            .build();
        let tracers = SdkTracerProvider::builder()
            .with_simple_exporter(exporters.spans)
            .with_resource(resource.clone())
            .build();
        let meters = SdkMeterProvider::builder()
            .with_reader(PeriodicReader::builder(exporters.metrics).build())
            .with_resource(resource.clone())
            .build();
        let loggers = SdkLoggerProvider::builder()
            .with_simple_exporter(exporters.logs)
            .with_resource(resource)
            .build();
        let telemetry = llmobs_runtime::builder()
            .providers(&tracers, &meters)
            .loggers(&loggers)
            .dialect(dialect)
            .install()
            .expect("no other pipeline");
        Self { server, tracers, meters, loggers, telemetry, _turn: turn }
    }

    /// What arrived when all is shut down, without the resource's metric.
    fn end(self) -> Vec<Envelope> {
        drop(self.telemetry);
        self.loggers.shutdown().expect("loggers");
        self.meters.shutdown().expect("meters");
        self.tracers.shutdown().expect("tracers");
        let envelopes = self.server.envelopes().into_iter().map(Envelope);
        envelopes.filter(|envelope| envelope.metric("name") != "_OTELRESOURCE_").collect()
    }
}

struct Envelope(Value);

impl Envelope {
    fn ty(&self) -> &Value {
        &self.0["data"]["baseType"]
    }

    fn base(&self) -> &Value {
        &self.0["data"]["baseData"]
    }

    fn property(&self, key: &str) -> Option<&str> {
        self.base()["properties"].get(key)?.as_str()
    }

    fn metric(&self, field: &str) -> &Value {
        &self.base()["metrics"][0][field]
    }

    fn tag(&self, name: &str) -> Option<&str> {
        self.0["tags"].get(name)?.as_str()
    }
}

/// Those of a type.
fn of<'a>(envelopes: &'a [Envelope], ty: &str) -> Vec<&'a Envelope> {
    envelopes.iter().filter(|envelope| envelope.ty() == ty).collect()
}

fn chat() {
    let mut chat = call(&operation::CHAT).provider("openai").model("gpt-4o").start();
    chat.set(attr::GEN_AI_RESPONSE_MODEL, "gpt-4o-2024-08-06");
    chat.usage(&Usage {
        input: Some(1_000),
        output: Some(100),
        text: Modality { input: Some(700), output: Some(100), cache_read: None },
        ..Usage::default()
    });
    chat.end();
}

/// The dimensions of every metric of the chat above, and one more.
fn dimensions(more: Option<(&str, &str)>) -> Value {
    let mut all = json!({
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.response.model": "gpt-4o-2024-08-06",
    });
    if let Some((key, value)) = more {
        all[key] = json!(value);
    }
    all
}

/// Name and properties of a metric, and the point that has them.
fn points(envelopes: &[Envelope]) -> BTreeMap<(String, String), Value> {
    let points = of(envelopes, "MetricData").into_iter().map(|envelope| {
        assert_eq!(envelope.tag("ai.cloud.role"), Some("shop"));
        assert_eq!(envelope.tag("ai.cloud.roleInstance"), Some("one"));
        let name = envelope.metric("name").as_str().expect("a name").to_owned();
        let properties = envelope.base()["properties"].to_string();
        ((name, properties), envelope.base()["metrics"].clone())
    });
    points.collect()
}

fn key(name: &str, properties: &Value) -> (String, String) {
    (name.to_owned(), properties.to_string())
}

#[test]
fn tokens_and_latency_arrive_as_metrics_with_their_dimensions() {
    let way = Way::open(Dialect::Released);
    chat();
    chat();
    let envelopes = way.end();
    let points = points(&envelopes);
    assert_eq!(points.len(), 3);
    let name = "gen_ai.client.token.usage";
    for (ty, tokens) in [("input", 1_000), ("output", 100)] {
        let point = &points[&key(name, &dimensions(Some(("gen_ai.token.type", ty))))];
        let expected = json!([{
            "name": name, "value": 2 * tokens, "count": 2, "min": tokens, "max": tokens,
        }]);
        assert_eq!(*point, expected);
    }
    let name = "gen_ai.client.operation.duration";
    let duration = &points[&key(name, &dimensions(None))][0];
    assert_eq!(duration["count"], 2);
    let seconds = |field| duration[field].as_f64().expect("seconds");
    assert!(0.0 < seconds("min") && seconds("min") <= seconds("max"));
    assert!((seconds("value") - seconds("min") - seconds("max")).abs() < 1e-9, "{duration}");
    assert_eq!(of(&envelopes, "RemoteDependencyData").len(), 2);
}

#[test]
fn the_counters_of_the_latest_conventions_arrive_too() {
    let way = Way::open(Dialect::Latest);
    chat();
    let points = points(&way.end());
    for (name, modality, tokens) in [
        ("gen_ai.client.inference.usage.input_tokens", "text", 700),
        ("gen_ai.client.inference.usage.input_tokens", "unknown", 300),
        ("gen_ai.client.inference.usage.output_tokens", "text", 100),
    ] {
        let properties = dimensions(Some(("gen_ai.token.modality", modality)));
        let point = &points[&key(name, &properties)];
        assert_eq!(*point, json!([{"name": name, "value": tokens, "count": 1}]));
    }
    let name = "gen_ai.client.inference.operation.input_tokens";
    let expected = json!([{"name": name, "value": 1_000, "count": 1, "min": 1_000, "max": 1_000}]);
    assert_eq!(points[&key(name, &dimensions(None))], expected);
    assert!(points.contains_key(&key("gen_ai.client.inference.duration", &dimensions(None))));
}

#[test]
fn the_result_of_an_evaluation_is_a_custom_event_of_the_run_that_it_judges() {
    let way = Way::open(Dialect::Released);
    let agent = call(&operation::INVOKE_AGENT).set(attr::GEN_AI_AGENT_NAME, "guide").start();
    agent.scope(|| {
        let logger = way.loggers.logger("evaluator");
        let mut record = logger.create_log_record();
        record.set_event_name("gen_ai.evaluation.result");
        record.add_attribute("gen_ai.evaluation.name", "Relevance");
        record.add_attribute("gen_ai.evaluation.score.value", 4.0);
        record.add_attribute("gen_ai.evaluation.score.label", "pass");
        record.add_attribute("gen_ai.agent.id", "asst_1");
        record.add_attribute("gen_ai.response.id", "r1");
        record.add_attribute("internal_properties", r#"{"gen_ai.evaluation.threshold":3}"#);
        logger.emit(record);
    });
    agent.end();
    let envelopes = way.end();
    let [run] = of(&envelopes, "RemoteDependencyData")[..] else { panic!("one span") };
    let [event] = of(&envelopes, "EventData")[..] else { panic!("one event") };
    assert_eq!(event.tag("ai.operation.id"), run.tag("ai.operation.id"));
    assert_eq!(event.tag("ai.operation.parentId"), run.base()["id"].as_str());
    assert_eq!(
        *event.base(),
        json!({
            "ver": 2,
            "name": "gen_ai.evaluation.result",
            "measurements": {},
            "properties": {
                "gen_ai.evaluation.name": "Relevance",
                "gen_ai.evaluation.score.value": "4.0",
                "gen_ai.evaluation.score.label": "pass",
                "gen_ai.agent.id": "asst_1",
                "gen_ai.response.id": "r1",
                "internal_properties": r#"{"gen_ai.evaluation.threshold":3}"#,
                "logger_name": "evaluator",
            },
        })
    );
}

#[tracing::instrument(err)]
fn charge() -> Result<(), std::io::Error> {
    Err(std::io::Error::other("card refused"))
}

#[instrument_llm(operation = execute_tool)]
fn tool() {
    let error = std::io::Error::other("no room");
    let error: &dyn std::error::Error = &error;
    tracing::error!(target: "shop::till", error, attempts = 3, "it failed");
    let _ = charge();
    tracing::warn!(target: "shop::till", error = %error, "again");
    tracing::info!("microsoft.custom_event.name" = "sold", amount = 2, paid = true);
    tracing::info!(target: "shop::till", amount = 2);
}

#[test]
fn events_of_tracing_arrive_with_their_errors_and_their_trace() {
    let way = Way::open(Dialect::Released);
    let subscriber = tracing_subscriber::registry().with(tracing_events::layer(&way.loggers));
    tracing::subscriber::with_default(subscriber, || {
        tool();
        tracing::info!(target: "shop::door", "closed");
    });
    let envelopes = way.end();
    let [run] = of(&envelopes, "RemoteDependencyData")[..] else { panic!("one span") };
    let records: Vec<_> = envelopes.iter().filter(|envelope| envelope.ty() != run.ty()).collect();
    let records: Vec<_> =
        records.into_iter().filter(|envelope| envelope.ty() != "MetricData").collect();
    let [failed, charged, again, sold, bare, closed] = records[..] else {
        panic!("{} records", records.len())
    };
    for record in [failed, charged, again, sold, bare] {
        assert_eq!(record.tag("ai.operation.id"), run.tag("ai.operation.id"));
        assert_eq!(record.tag("ai.operation.parentId"), run.base()["id"].as_str());
    }
    assert_eq!(closed.tag("ai.operation.id"), None);
    assert_eq!(closed.base()["message"], "closed");
    assert_eq!(closed.property("logger_name"), Some("shop::door"));

    let exception = |message: &str| json!([{"typeName": "Exception", "message": message, "hasFullStack": false}]);
    assert_eq!(
        (failed.ty(), &failed.base()["severityLevel"]),
        (&json!("ExceptionData"), &json!(3))
    );
    assert_eq!(failed.base()["exceptions"], exception("it failed"));
    assert_eq!(failed.property("exception.message"), Some("no room"));
    assert_eq!(failed.property("attempts"), Some("3"));
    assert_eq!(failed.property("logger_name"), Some("shop::till"));
    assert_eq!(failed.property("code.file.path"), Some(file!()));
    assert_eq!(failed.property("event.name"), None);

    assert_eq!(charged.base()["exceptions"], exception("card refused"));
    assert_eq!(charged.property("error"), Some("card refused"));

    assert_eq!((again.ty(), &again.base()["severityLevel"]), (&json!("MessageData"), &json!(2)));
    assert_eq!(again.base()["message"], "again");
    assert_eq!(again.property("error"), Some("no room"));

    assert_eq!((sold.ty(), &sold.base()["name"]), (&json!("EventData"), &json!("sold")));
    assert_eq!((sold.property("amount"), sold.property("paid")), (Some("2"), Some("true")));

    let message = bare.base()["message"].as_str().expect("a message");
    assert!(message.starts_with(&format!("event {}:", file!())), "{message}");
}
