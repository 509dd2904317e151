//! What a request carries.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;

/// The telemetry of one request.
#[derive(Clone, Debug)]
pub enum Payload {
    /// Spans.
    Traces(ExportTraceServiceRequest),
    /// Metrics.
    Metrics(ExportMetricsServiceRequest),
    /// Log records.
    Logs(ExportLogsServiceRequest),
    /// None of these paths, or not to be decoded: why.
    Unknown(String),
}

impl Payload {
    /// Of a body that came over HTTP: which signal tells the path's end, which format the content type.
    pub(super) fn read(path: &str, content_type: &str, body: &[u8]) -> Self {
        let json = content_type.starts_with("application/json");
        if !json && content_type != "application/x-protobuf" {
            return Self::Unknown(format!("content type {content_type:?}"));
        }
        let read = if path.ends_with("/v1/traces") {
            decoded(json, body).map(Self::Traces)
        } else if path.ends_with("/v1/metrics") {
            decoded(json, body).map(Self::Metrics)
        } else if path.ends_with("/v1/logs") {
            decoded(json, body).map(Self::Logs)
        } else {
            Err(format!("path {path:?}"))
        };
        read.unwrap_or_else(Self::Unknown)
    }
}

fn decoded<T: Message + Default + serde::de::DeserializeOwned>(
    json: bool,
    body: &[u8],
) -> Result<T, String> {
    if json {
        serde_json::from_slice(body).map_err(|error| error.to_string())
    } else {
        T::decode(body).map_err(|error| error.to_string())
    }
}
