//! The three kinds of telemetry, and what is named after them.

use super::Protocol;

/// A kind of telemetry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    Traces,
    Metrics,
    Logs,
}

/// A value for each of them.
#[derive(Clone, Debug, Default)]
pub(super) struct PerSignal<T> {
    pub(super) traces: T,
    pub(super) metrics: T,
    pub(super) logs: T,
}

impl<T> PerSignal<T> {
    pub(super) fn of(&self, signal: Signal) -> &T {
        match signal {
            Signal::Traces => &self.traces,
            Signal::Metrics => &self.metrics,
            Signal::Logs => &self.logs,
        }
    }
}

impl Signal {
    /// What is put behind a base address.
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Traces => "/v1/traces",
            Self::Metrics => "/v1/metrics",
            Self::Logs => "/v1/logs",
        }
    }

    /// The method of gRPC.
    #[cfg(feature = "otlp-grpc")]
    pub(super) const fn method(self) -> &'static str {
        match self {
            Self::Traces => "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
            Self::Metrics => "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
            Self::Logs => "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
        }
    }

    /// An exporter as the conventions call it (`otel.component.type`).
    pub(super) const fn exporter(self, protocol: Protocol) -> &'static str {
        match (self, protocol) {
            (Self::Traces, Protocol::HttpProtobuf) => "otlp_http_span_exporter",
            (Self::Traces, Protocol::HttpJson) => "otlp_http_json_span_exporter",
            (Self::Traces, Protocol::Grpc) => "otlp_grpc_span_exporter",
            (Self::Metrics, Protocol::HttpProtobuf) => "otlp_http_metric_exporter",
            (Self::Metrics, Protocol::HttpJson) => "otlp_http_json_metric_exporter",
            (Self::Metrics, Protocol::Grpc) => "otlp_grpc_metric_exporter",
            (Self::Logs, Protocol::HttpProtobuf) => "otlp_http_log_exporter",
            (Self::Logs, Protocol::HttpJson) => "otlp_http_json_log_exporter",
            (Self::Logs, Protocol::Grpc) => "otlp_grpc_log_exporter",
        }
    }

    /// What one of them is called, for messages.
    pub(super) const fn items(self) -> &'static str {
        match self {
            Self::Traces => "spans",
            Self::Metrics => "metric points",
            Self::Logs => "log records",
        }
    }
}
