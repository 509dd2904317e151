//! The tables of Application Insights, and what of an envelope becomes each of their columns.

use serde_json::Value;

/// The tables that our envelopes go to.
pub(crate) const TABLES: &[&str] =
    &["customEvents", "customMetrics", "dependencies", "exceptions", "requests", "traces"];

/// Where a column comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Origin {
    /// A JSON pointer into the envelope.
    Envelope(&'static str),
    /// A tag.
    Tag(&'static str),
    /// The service makes it of the sample rate, or of nothing.
    Service,
}

use Origin::{Envelope, Service, Tag};

/// Columns of every table.
const COMMON: &[(&str, Origin)] = &[
    ("timestamp", Envelope("/time")),
    ("itemType", Envelope("/name")),
    ("customDimensions", Envelope("/data/baseData/properties")),
    ("operation_Id", Tag("ai.operation.id")),
    ("operation_ParentId", Tag("ai.operation.parentId")),
    ("operation_Name", Tag("ai.operation.name")),
    ("cloud_RoleName", Tag("ai.cloud.role")),
    ("cloud_RoleInstance", Tag("ai.cloud.roleInstance")),
    ("application_Version", Tag("ai.application.ver")),
    ("sdkVersion", Tag("ai.internal.sdkVersion")),
    ("user_Id", Tag("ai.user.id")),
    ("session_Id", Tag("ai.session.id")),
    ("iKey", Envelope("/iKey")),
    ("itemCount", Service),
    ("itemId", Service),
    ("appName", Service),
    ("_ResourceId", Service),
];

const DEPENDENCIES: &[(&str, Origin)] = &[
    ("id", Envelope("/data/baseData/id")),
    ("name", Envelope("/data/baseData/name")),
    ("type", Envelope("/data/baseData/type")),
    ("target", Envelope("/data/baseData/target")),
    ("data", Envelope("/data/baseData/data")),
    ("success", Envelope("/data/baseData/success")),
    ("resultCode", Envelope("/data/baseData/resultCode")),
    ("duration", Envelope("/data/baseData/duration")),
    ("performanceBucket", Service),
];

const CUSTOM_METRICS: &[(&str, Origin)] = &[
    ("name", Envelope("/data/baseData/metrics/0/name")),
    ("value", Envelope("/data/baseData/metrics/0/value")),
    ("valueSum", Envelope("/data/baseData/metrics/0/value")),
    ("valueCount", Envelope("/data/baseData/metrics/0/count")),
    ("valueMin", Envelope("/data/baseData/metrics/0/min")),
    ("valueMax", Envelope("/data/baseData/metrics/0/max")),
    ("valueStdDev", Envelope("/data/baseData/metrics/0/stdDev")),
];

const CUSTOM_EVENTS: &[(&str, Origin)] = &[("name", Envelope("/data/baseData/name"))];

const EXCEPTIONS: &[(&str, Origin)] = &[
    ("type", Envelope("/data/baseData/exceptions/0/typeName")),
    ("outerMessage", Envelope("/data/baseData/exceptions/0/message")),
    ("outerType", Envelope("/data/baseData/exceptions/0/typeName")),
    ("severityLevel", Envelope("/data/baseData/severityLevel")),
    ("problemId", Service),
];

/// The columns of a table.
pub(crate) fn columns(table: &str) -> impl Iterator<Item = (&'static str, Origin)> {
    let own: Option<&[(&str, Origin)]> = match table {
        "dependencies" => Some(DEPENDENCIES),
        "customMetrics" => Some(CUSTOM_METRICS),
        "customEvents" => Some(CUSTOM_EVENTS),
        "exceptions" => Some(EXCEPTIONS),
        _ => None,
    };
    let common = own.map(|_| COMMON);
    own.into_iter().chain(common).flatten().copied()
}

/// The table of an envelope.
pub(crate) fn table(envelope: &Value) -> &'static str {
    match envelope["data"]["baseType"].as_str() {
        Some("RemoteDependencyData") => "dependencies",
        Some("RequestData") => "requests",
        Some("MetricData") => "customMetrics",
        Some("EventData") => "customEvents",
        Some("ExceptionData") => "exceptions",
        Some("MessageData") => "traces",
        other => panic!("an envelope of {other:?}"),
    }
}

/// Whether the envelope has what becomes the column.
pub(crate) fn has(envelope: &Value, from: Origin) -> bool {
    match from {
        Envelope(pointer) => envelope.pointer(pointer).is_some_and(|value| !value.is_null()),
        Tag(tag) => envelope["tags"].get(tag).is_some(),
        Service => true,
    }
}
