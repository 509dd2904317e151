use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Meter, MeterProvider as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::metrics::{Aggregation, Instrument, SdkMeterProvider, Stream, Temporality};
use serde_json::{Value, json};

use super::super::{Mapper, Options};
use super::Series;
use super::point::Point;

/// Keeps the envelopes of what is exported.
#[derive(Clone, Debug)]
struct Capture {
    envelopes: Arc<Mutex<Vec<Value>>>,
    namespace: bool,
}

impl PushMetricExporter for Capture {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        let options = Options {
            resource_on_items: false,
            resource_metric: false,
            metric_namespace: self.namespace,
            application_id: None,
        };
        let mapper = Mapper::new("the-key", metrics.resource(), &options);
        let mut items = Vec::new();
        mapper.metrics(metrics, &mut items);
        let envelopes = items.iter().map(|item| serde_json::from_slice(&item.json).expect("JSON"));
        self.envelopes.lock().unwrap_or_else(PoisonError::into_inner).extend(envelopes);
        Ok(())
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn temporality(&self) -> Temporality {
        Temporality::Delta
    }
}

/// The envelopes of what is recorded, in the order of their properties.
fn envelopes(namespace: bool, record: impl FnOnce(&Meter)) -> Vec<Value> {
    let capture = Capture { envelopes: Arc::default(), namespace };
    let exponential = |instrument: &Instrument| {
        (instrument.name() == "exponential").then(|| {
            let aggregation = Aggregation::Base2ExponentialHistogram {
                max_size: 160,
                max_scale: 20,
                record_min_max: true,
            };
            Stream::builder().with_aggregation(aggregation).build().expect("a stream")
        })
    };
    let resource = Resource::builder_empty()
        .with_service_name("che\"ckout")
        .with_attribute(KeyValue::new("service.instance.id", "instance-7"))
        .build();
    let provider = SdkMeterProvider::builder()
        .with_periodic_exporter(capture.clone())
        .with_resource(resource)
        .with_view(exponential)
        .build();
    record(&provider.meter("app.meter"));
    provider.force_flush().expect("a flush");
    let mut envelopes = capture.envelopes.lock().unwrap_or_else(PoisonError::into_inner).clone();
    envelopes.sort_by_key(|envelope| envelope["data"]["baseData"]["properties"].to_string());
    provider.shutdown().expect("a shutdown");
    envelopes
}

/// What the envelopes tell.
fn data(record: impl FnOnce(&Meter)) -> Vec<Value> {
    let envelopes = envelopes(false, record);
    for envelope in &envelopes {
        assert_eq!(envelope["name"], "Microsoft.ApplicationInsights.Metric");
        assert_eq!(envelope["data"]["baseType"], "MetricData");
        assert_eq!(envelope["data"]["baseData"]["ver"], 2);
        assert_eq!(envelope["tags"]["ai.operation.id"], Value::Null);
    }
    envelopes.iter().map(|envelope| envelope["data"]["baseData"].clone()).collect()
}

fn metric(properties: &Value, point: &Value) -> Value {
    json!({"ver": 2, "properties": properties, "metrics": [point]})
}

#[test]
fn each_point_of_a_counter_is_an_item() {
    let data = data(|meter| {
        let orders = meter.u64_counter("orders.placed").with_unit("{order}").build();
        let attributes =
            [KeyValue::new("region", "eu"), KeyValue::new("n", 1), KeyValue::new("ok", true)];
        orders.add(12, &attributes);
        orders.add(3, &[KeyValue::new("region", "us")]);
    });
    let (eu, us) = (json!({"region": "eu", "n": "1", "ok": "true"}), json!({"region": "us"}));
    let point = |value: u64| json!({"name": "orders.placed", "value": value, "count": 1});
    assert_eq!(data, [metric(&eu, &point(12)), metric(&us, &point(3))]);
}

#[test]
fn numbers_of_each_type_are_exact() {
    let data = data(|meter| {
        meter.u64_counter("a").build().add(u64::MAX, &[KeyValue::new("at", 1)]);
        meter.i64_up_down_counter("b").build().add(-3, &[KeyValue::new("at", 2)]);
        meter.f64_gauge("c").build().record(36.6, &[KeyValue::new("at", 3)]);
        meter.i64_gauge("d").build().record(0, &[KeyValue::new("at", 4)]);
        meter.f64_counter("e").build().add(12.5, &[KeyValue::new("at", 5)]);
    });
    let points: Vec<_> = data.iter().map(|data| data["metrics"][0].clone()).collect();
    assert_eq!(
        points,
        [
            json!({"name": "a", "value": u64::MAX, "count": 1}),
            json!({"name": "b", "value": -3, "count": 1}),
            json!({"name": "c", "value": 36.6, "count": 1}),
            json!({"name": "d", "value": 0, "count": 1}),
            json!({"name": "e", "value": 12.5, "count": 1}),
        ]
    );
}

#[test]
fn a_histogram_is_sum_count_least_and_greatest() {
    let data = data(|meter| {
        let tokens = meter.u64_histogram("token.usage").build();
        let attributes = [
            KeyValue::new("token.type", "input"),
            KeyValue::new("server.address", "api.openai.com"),
            KeyValue::new("server.port", 443),
            KeyValue::new("error.type", "x"),
        ];
        for value in [50, 97, 150] {
            tokens.record(value, &attributes);
        }
    });
    // A span would not keep the last three.
    let properties = json!({
        "token.type": "input", "server.address": "api.openai.com", "server.port": "443",
        "error.type": "x",
    });
    let point = json!({"name": "token.usage", "value": 297, "count": 3, "min": 50, "max": 150});
    assert_eq!(data, [metric(&properties, &point)]);
}

#[test]
fn an_exponential_histogram_is_the_same() {
    let data = data(|meter| {
        let histogram = meter.f64_histogram("exponential").build();
        for value in [5.0, 10.5, 15.0] {
            histogram.record(value, &[]);
        }
    });
    let point = json!({"name": "exponential", "value": 30.5, "count": 3, "min": 5.0, "max": 15.0});
    assert_eq!(data, [metric(&json!({}), &point)]);
}

#[test]
fn what_json_has_no_number_for_is_not_sent() {
    let data = data(|meter| {
        let gauge = meter.f64_gauge("gauge").build();
        gauge.record(f64::NAN, &[KeyValue::new("at", 1)]);
        gauge.record(f64::INFINITY, &[KeyValue::new("at", 2)]);
        gauge.record(1.5, &[KeyValue::new("at", 3)]);
        // Each is finite and their sum is not.
        let histogram = meter.f64_histogram("histogram").build();
        histogram.record(f64::MAX, &[]);
        histogram.record(f64::MAX, &[]);
    });
    let point = json!({"name": "gauge", "value": 1.5, "count": 1});
    assert_eq!(data, [metric(&json!({"at": "3"}), &point)]);
}

#[test]
fn nothing_recorded_is_nothing_sent_and_an_end_that_is_no_number_is_left_out() {
    let options = Options {
        resource_on_items: false,
        resource_metric: false,
        metric_namespace: false,
        application_id: None,
    };
    let mapper = Mapper::new("the-key", &Resource::builder_empty().build(), &options);
    let series = Series {
        mapper: &mapper,
        name: "h",
        namespace: None,
        standard: None,
        time: SystemTime::UNIX_EPOCH,
    };
    let mut items = Vec::new();
    series.item(&Point::of_many(0.0, 0, None, None), [].iter(), &mut items);
    assert_eq!(items.len(), 0);
    let ends = (Some(f64::NAN), Some(f64::INFINITY));
    series.item(&Point::of_many(3.0, 1, ends.0, ends.1), [].iter(), &mut items);
    let envelope: Value = serde_json::from_slice(&items[0].json).expect("JSON");
    assert_eq!(envelope["time"], "1970-01-01T00:00:00Z");
    let point = json!({"name": "h", "value": 3.0, "count": 1});
    assert_eq!(envelope["data"]["baseData"], metric(&json!({}), &point));
}

#[test]
fn durations_of_http_have_the_dimensions_of_the_portal() {
    let envelopes = envelopes(false, |meter| {
        let new = meter.f64_histogram("http.server.request.duration").build();
        new.record(
            0.25,
            &[KeyValue::new("http.response.status_code", 200), KeyValue::new("http.route", "/a")],
        );
        new.record(
            0.5,
            &[
                KeyValue::new("http.response.status_code", "500"),
                KeyValue::new("user_agent.synthetic.type", "bot"),
            ],
        );
        meter.f64_histogram("http.server.duration").build().record(2.0, &[]);
    });
    let told: Vec<_> = envelopes
        .iter()
        .map(|envelope| {
            let data = &envelope["data"]["baseData"];
            let synthetic = envelope["tags"].get("ai.operation.syntheticSource").cloned();
            (data["properties"].clone(), data["metrics"][0]["value"].clone(), synthetic)
        })
        .collect();
    let properties = |status: &str, success: &str, is_synthetic| {
        let mut properties = json!({
            "_MS.MetricId": "requests/duration", "_MS.IsAutocollected": "True",
            "request/resultCode": status, "Request.Success": success,
            "cloud/roleName": "che\"ckout", "cloud/roleInstance": "instance-7",
        });
        if is_synthetic {
            properties["operation/synthetic"] = json!("True");
        }
        properties
    };
    let mut expected = vec![
        (properties("200", "True", false), json!(0.25), None),
        (properties("500", "False", true), json!(0.5), Some(json!("True"))),
        (properties("0", "False", false), json!(2.0), None),
    ];
    expected.sort_by_key(|(properties, ..)| properties.to_string());
    assert_eq!(told, expected);
}

#[test]
fn the_target_of_a_call_has_a_port_only_where_one_is_known() {
    let targets = |attributes: &[(&'static str, &'static str)]| {
        let data = data(|meter| {
            let attributes: Vec<_> =
                attributes.iter().map(|(key, value)| KeyValue::new(*key, *value)).collect();
            meter.f64_histogram("http.client.request.duration").build().record(1.0, &attributes);
        });
        let properties = &data[0]["properties"];
        assert_eq!(properties["_MS.MetricId"], "dependencies/duration");
        assert_eq!(properties["Dependency.Type"], "http");
        properties.get("dependency/target").cloned()
    };
    let host = ("server.address", "api.example.com");
    for (attributes, target) in [
        (vec![host], "api.example.com"),
        // As of the dependency itself: nobody says `http`.
        (vec![host, ("server.port", "443")], "api.example.com"),
        (vec![host, ("server.port", "443"), ("url.scheme", "https")], "api.example.com"),
        (vec![host, ("server.port", "443"), ("url.scheme", "http")], "api.example.com:443"),
        (vec![("peer.service", "billing"), ("http.host", "h:8080")], "billing"),
        (vec![("net.peer.name", "h"), ("net.peer.port", "8080")], "h:8080"),
        (vec![("http.host", "h:8080")], "h:8080"),
    ] {
        assert_eq!(targets(&attributes), Some(json!(target)));
    }
    assert_eq!(targets(&[]), None);
}

#[test]
fn performance_counters_have_the_names_of_the_portal() {
    let data = data(|meter| {
        let name = "azuremonitor.performancecounter.memoryavailablebytes";
        meter.u64_gauge(name).build().record(123_456, &[KeyValue::new("at", 1)]);
        let unknown = "azuremonitor.performancecounter.other";
        meter.u64_gauge(unknown).build().record(1, &[KeyValue::new("at", 2)]);
    });
    let names: Vec<_> = data.iter().map(|data| &data["metrics"][0]["name"]).collect();
    assert_eq!(names, [r"\Memory\Available Bytes", "azuremonitor.performancecounter.other"]);
}

#[test]
fn what_the_service_counts_itself_is_left_out() {
    let data = data(|meter| {
        meter.i64_up_down_counter("http.server.active_requests").build().add(3, &[]);
        meter.u64_histogram("http.client.request.size").build().record(3, &[]);
        meter.u64_histogram("http.client.request.body.size").build().record(3, &[]);
    });
    assert_eq!(data.len(), 1);
    assert_eq!(data[0]["metrics"][0]["name"], "http.client.request.body.size");
}

#[test]
fn the_scope_is_the_namespace_where_that_is_wanted() {
    let record = |meter: &Meter| meter.u64_counter("x").build().add(1, &[]);
    let namespace = |wanted| {
        let envelopes = envelopes(wanted, record);
        envelopes[0]["data"]["baseData"]["metrics"][0].get("ns").cloned()
    };
    assert_eq!(namespace(true), Some(json!("app.meter")));
    assert_eq!(namespace(false), None);
}

#[test]
fn limits_cut_names_and_values() {
    let data = data(|meter| {
        let attributes =
            [KeyValue::new("v", "x".repeat(9_000)), KeyValue::new("k".repeat(151), "dropped")];
        meter.u64_counter("m".repeat(255)).build().add(1, &attributes);
    });
    assert_eq!(data[0]["properties"], json!({"v": "x".repeat(8_192)}));
    // The SDK lets no longer name pass.
    assert_eq!(data[0]["metrics"][0]["name"], "m".repeat(255));
}
