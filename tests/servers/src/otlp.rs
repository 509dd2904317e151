//! OTLP in JSON, as servers hand it back: with names in either case, ids in either coding, enums as either.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use crate::seen::{SeenLog, SeenPoint, SeenSpan};

/// A member, by its name with underscores or the one that JSON has for it.
pub(crate) fn member<'a>(value: &'a Value, snake: &str) -> Option<&'a Value> {
    value.get(snake).or_else(|| value.get(camel(snake)))
}

/// The elements of a member that is an array; none where it is not there.
pub(crate) fn each<'a>(value: &'a Value, snake: &str) -> impl Iterator<Item = &'a Value> {
    member(value, snake).and_then(Value::as_array).into_iter().flatten()
}

fn text(value: &Value, snake: &str) -> String {
    member(value, snake).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn camel(snake: &str) -> String {
    let mut camel = String::with_capacity(snake.len());
    let mut words = snake.split('_');
    camel.push_str(words.next().unwrap_or_default());
    for word in words {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}

/// An id of this many bytes as hexadecimal digits; protobuf's own JSON writes bytes in base64.
pub(crate) fn id(written: &str, bytes: usize) -> String {
    if written.len() == bytes * 2 && written.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return written.to_ascii_lowercase();
    }
    let mut hex = String::with_capacity(bytes * 2);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in written.bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => continue,
        };
        bits = (bits << 6 | u32::from(six)) & 0xffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            let _ = write!(hex, "{:02x}", bits >> held & 0xff);
        }
    }
    hex
}

/// A value, without the wrapper that tells its type.
pub(crate) fn any(value: &Value) -> Value {
    for wrapper in ["string_value", "bool_value", "double_value"] {
        if let Some(inner) = member(value, wrapper) {
            return inner.clone();
        }
    }
    if let Some(int) = member(value, "int_value") {
        let number = int.as_str().and_then(|text| text.parse::<i64>().ok());
        return number.map_or_else(|| int.clone(), Value::from);
    }
    if let Some(array) = member(value, "array_value") {
        return Value::Array(each(array, "values").map(any).collect());
    }
    value.clone()
}

/// Attributes by their keys.
pub(crate) fn attributes(holder: &Value) -> BTreeMap<String, Value> {
    each(holder, "attributes")
        .filter_map(|pair| Some((text(pair, "key"), any(member(pair, "value")?))))
        .collect()
}

/// The name of the service that a resource describes.
fn service(holder: &Value) -> Option<String> {
    let resource = attributes(member(holder, "resource")?);
    resource.get("service.name").and_then(Value::as_str).map(str::to_owned)
}

/// What the resources of this service hold, in any of these requests.
fn of_service<'a>(
    requests: &'a Value,
    resources: &'a str,
    wanted: &'a str,
) -> impl Iterator<Item = &'a Value> {
    let requests = match requests {
        Value::Array(requests) => requests.as_slice(),
        other => std::slice::from_ref(other),
    };
    requests
        .iter()
        .flat_map(move |request| each(request, resources))
        .filter(move |resource| service(resource).as_deref() == Some(wanted))
}

/// The spans of a service in these requests.
pub fn spans(requests: &Value, wanted: &str) -> Vec<SeenSpan> {
    of_service(requests, "resource_spans", wanted)
        .flat_map(|resource| each(resource, "scope_spans"))
        .flat_map(|scope| each(scope, "spans"))
        .map(span)
        .collect()
}

/// One span.
pub(crate) fn span(span: &Value) -> SeenSpan {
    let kind = match member(span, "kind") {
        Some(Value::String(name)) => {
            Some(name.trim_start_matches("SPAN_KIND_").to_ascii_lowercase())
        }
        Some(number) => match number.as_u64() {
            Some(1) => Some("internal".to_owned()),
            Some(3) => Some("client".to_owned()),
            _ => Some(number.to_string()),
        },
        None => None,
    };
    let failed = member(span, "status")
        .and_then(|status| member(status, "code"))
        .is_some_and(|code| code.as_u64() == Some(2) || code.as_str() == Some("STATUS_CODE_ERROR"));
    SeenSpan {
        name: text(span, "name"),
        trace: id(&text(span, "trace_id"), 16),
        id: id(&text(span, "span_id"), 8),
        parent: Some(id(&text(span, "parent_span_id"), 8)).filter(|parent| !parent.is_empty()),
        kind,
        failed: Some(failed),
        attributes: attributes(span),
    }
}

/// The log records of a service in these requests.
pub fn logs(requests: &Value, wanted: &str) -> Vec<SeenLog> {
    of_service(requests, "resource_logs", wanted)
        .flat_map(|resource| each(resource, "scope_logs"))
        .flat_map(|scope| each(scope, "log_records"))
        .map(|record| SeenLog {
            body: member(record, "body")
                .map(any)
                .and_then(|body| body.as_str().map(str::to_owned))
                .unwrap_or_default(),
            trace: id(&text(record, "trace_id"), 16),
            span: id(&text(record, "span_id"), 8),
        })
        .collect()
}

/// How the points of one metric relate to those that were sent before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Temporality {
    /// Each point counts from the start.
    Cumulative,
    /// Each point counts from the one before.
    Delta,
}

/// The histograms of a service in these requests, added up or the last one taken as their temporality says; with all
/// temporalities that there were.
pub fn histograms(requests: &Value, wanted: &str) -> (Vec<SeenPoint>, Vec<Temporality>) {
    // With the time that each is as of: a server may hand requests back in any order.
    let mut points: Vec<(SeenPoint, u64)> = Vec::new();
    let mut temporalities = Vec::new();
    let metrics = of_service(requests, "resource_metrics", wanted)
        .flat_map(|resource| each(resource, "scope_metrics"))
        .flat_map(|scope| each(scope, "metrics"));
    for metric in metrics {
        let Some(histogram) = member(metric, "histogram") else { continue };
        let temporality = match member(histogram, "aggregation_temporality") {
            Some(Value::String(name)) if name.ends_with("DELTA") => Temporality::Delta,
            Some(number) if number.as_u64() == Some(1) => Temporality::Delta,
            _ => Temporality::Cumulative,
        };
        if !temporalities.contains(&temporality) {
            temporalities.push(temporality);
        }
        for point in each(histogram, "data_points") {
            let seen = SeenPoint {
                metric: text(metric, "name"),
                attributes: attributes(point)
                    .into_iter()
                    .map(|(key, value)| match value {
                        Value::String(text) => (key, text),
                        other => (key, other.to_string()),
                    })
                    .collect(),
                count: number(point, "count"),
                sum: number(point, "sum"),
            };
            let time = nanoseconds(point);
            let known = points.iter_mut().find(|(known, _)| {
                known.metric == seen.metric && known.attributes == seen.attributes
            });
            match (known, temporality) {
                (None, _) => points.push((seen, time)),
                (Some(known), Temporality::Cumulative) if known.1 <= time => *known = (seen, time),
                (Some(_), Temporality::Cumulative) => {}
                (Some((known, _)), Temporality::Delta) => {
                    known.count += seen.count;
                    known.sum += seen.sum;
                }
            }
        }
    }
    (points.into_iter().map(|(point, _)| point).collect(), temporalities)
}

/// The time of a point.
fn nanoseconds(point: &Value) -> u64 {
    let found = member(point, "time_unix_nano");
    found.and_then(|time| time.as_u64().or_else(|| time.as_str()?.parse().ok())).unwrap_or_default()
}

/// A number; protobuf's own JSON writes those of 64 bits as text.
fn number(value: &Value, snake: &str) -> f64 {
    let found = member(value, snake);
    found
        .and_then(|number| number.as_f64().or_else(|| number.as_str()?.parse().ok()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_are_read_in_either_coding() {
        let hex = "0af7651916cd43dd8448eb211c80319c";
        assert_eq!(id(hex, 16), hex);
        assert_eq!(id("CvdlGRbNQ92ESOshHIAxnA==", 16), hex);
        assert_eq!(id("t61rcWkgMzE=", 8), "b7ad6b7169203331");
        assert_eq!(id("", 8), "");
    }

    #[test]
    fn a_span_is_the_same_in_either_case() {
        let snake = json!([{"resource_spans": [{
            "resource": {"attributes": [{"key": "service.name", "value": {"string_value": "s"}}]},
            "scope_spans": [{"spans": [{
                "name": "chat m", "kind": "SPAN_KIND_CLIENT", "trace_id": "CvdlGRbNQ92ESOshHIAxnA==",
                "span_id": "t61rcWkgMzE=", "status": {"code": "STATUS_CODE_ERROR"},
                "attributes": [{"key": "a", "value": {"int_value": "3"}}]
            }]}]
        }]}]);
        let camel = json!([{"resourceSpans": [{
            "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "s"}}]},
            "scopeSpans": [{"spans": [{
                "name": "chat m", "kind": 3, "traceId": "0af7651916cd43dd8448eb211c80319c",
                "spanId": "b7ad6b7169203331", "parentSpanId": "", "status": {"code": 2},
                "attributes": [{"key": "a", "value": {"intValue": "3"}}]
            }]}]
        }]}]);
        let seen = spans(&snake, "s");
        assert_eq!(seen, spans(&camel, "s"));
        assert_eq!((seen[0].kind.as_deref(), seen[0].failed), (Some("client"), Some(true)));
        assert_eq!((seen[0].number("a"), &seen[0].parent), (Some(3), &None));
        assert!(spans(&snake, "another").is_empty());
    }

    #[test]
    fn points_are_added_up_or_replaced_as_their_temporality_says() {
        // The larger a point is, the later it was.
        let request = |temporality: u8, count: u8| {
            json!({"resourceMetrics": [{
                "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "s"}}]},
                "scopeMetrics": [{"metrics": [{"name": "m", "histogram": {
                    "aggregationTemporality": temporality,
                    "dataPoints": [{"count": count.to_string(), "sum": 1.5, "attributes": [],
                        "timeUnixNano": (1_795_000_000_000_000_000_u64 + u64::from(count)).to_string()}]
                }}]}]
            }]})
        };
        let total = |temporality| {
            let requests = json!([request(temporality, 2), request(temporality, 1)]);
            let (points, temporalities) = histograms(&requests, "s");
            let [point] = &points[..] else { panic!("{points:?}") };
            let [told] = temporalities[..] else { panic!("{temporalities:?}") };
            (told, point.count.to_string(), point.sum.to_string())
        };
        assert_eq!(total(1), (Temporality::Delta, "3".to_owned(), "3".to_owned()));
        assert_eq!(total(2), (Temporality::Cumulative, "2".to_owned(), "1.5".to_owned()));
    }
}
