//! OTLP over gRPC.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::collector::logs::v1::logs_service_server::{
    LogsService, LogsServiceServer,
};
use opentelemetry_proto::tonic::collector::logs::v1::{
    ExportLogsPartialSuccess, ExportLogsServiceRequest, ExportLogsServiceResponse,
};
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsPartialSuccess, ExportMetricsServiceRequest, ExportMetricsServiceResponse,
};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use prost::Message;
use tokio::runtime::Runtime;
use tonic::codec::CompressionEncoding::Gzip;
use tonic::metadata::KeyAndValueRef;
use tonic::transport::server::TcpIncoming;
use tonic::{Code, Response, Status};

use super::{Answer, Payload, Request, Shared};

pub(super) struct Server(Runtime);

impl Server {
    pub(super) fn start(
        address: SocketAddr,
        shared: Arc<Shared>,
        tls: Option<tonic::transport::ServerTlsConfig>,
    ) -> (SocketAddr, Self) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let incoming = {
            let _entered = runtime.enter();
            TcpIncoming::bind(address).expect("a port on loopback")
        };
        let address = incoming.local_addr().expect("an address");
        let service = Service(shared);
        let mut server = tonic::transport::Server::builder();
        if let Some(tls) = tls {
            server = server.tls_config(tls).expect("a certificate and a key");
        }
        let router = server
            .add_service(TraceServiceServer::new(service.clone()).accept_compressed(Gzip))
            .add_service(MetricsServiceServer::new(service.clone()).accept_compressed(Gzip))
            .add_service(LogsServiceServer::new(service).accept_compressed(Gzip));
        runtime.spawn(router.serve_with_incoming(incoming));
        (address, Self(runtime))
    }

    /// Ends all connections.
    pub(super) fn stop(self) {
        // A request that hangs is not waited for.
        self.0.shutdown_timeout(Duration::from_millis(100));
    }
}

#[derive(Clone)]
struct Service(Arc<Shared>);

impl Service {
    /// Whether the request is accepted: how many are rejected and why; or the failure.
    async fn take<T>(
        &self,
        service: &str,
        request: tonic::Request<T>,
        payload: impl FnOnce(T) -> Payload,
    ) -> Result<Option<(i64, String)>, Status> {
        let headers = request
            .metadata()
            .iter()
            .map(|pair| match pair {
                KeyAndValueRef::Ascii(key, value) => {
                    (key.to_string(), value.to_str().unwrap_or_default().to_owned())
                }
                KeyAndValueRef::Binary(key, value) => (key.to_string(), format!("{value:?}")),
            })
            .collect();
        let answer = self.0.take(Request {
            path: format!("/opentelemetry.proto.collector.{service}/Export"),
            headers,
            body: Vec::new(),
            wire_bytes: 0,
            payload: payload(request.into_inner()),
            accepted: false,
            at: Instant::now(),
        });
        match answer {
            Answer::Accept => Ok(None),
            Answer::Partial(rejected, message) => Ok(Some((rejected, message.to_owned()))),
            Answer::Long(bytes) => Ok(Some((0, " ".repeat(bytes)))),
            Answer::Code(code, after) => Err(status(Code::from_i32(code), after)),
            Answer::Reply(status, ..) if (200..300).contains(&status) => Ok(None),
            Answer::Reply(http, ..) => Err(status(code_of(http), None)),
            Answer::Garbage => {
                let details = vec![0xff; 64].into();
                Err(Status::with_details(Code::Unknown, "as told", details))
            }
            Answer::Reset => Err(Status::unavailable("as told")),
            Answer::Hang(time) => {
                tokio::time::sleep(time).await;
                Err(Status::unavailable("as told"))
            }
        }
    }
}

/// With the details that tell when to come back: a `google.rpc.Status` with a `google.rpc.RetryInfo`.
fn status(code: Code, after: Option<Duration>) -> Status {
    let Some(after) = after else { return Status::new(code, "as told") };
    let retry = RetryInfo {
        delay: Some(Span {
            seconds: i64::try_from(after.as_secs()).expect("a short time"),
            nanos: i32::try_from(after.subsec_nanos()).expect("less than a second"),
        }),
    };
    let kind = "type.googleapis.com/google.rpc.RetryInfo".to_owned();
    let details = Details {
        code: code.into(),
        message: "as told".to_owned(),
        more: vec![Any { kind, value: retry.encode_to_vec() }],
    };
    Status::with_details(code, "as told", details.encode_to_vec().into())
}

#[derive(Clone, PartialEq, Message)]
struct Details {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    more: Vec<Any>,
}

#[derive(Clone, PartialEq, Message)]
struct Any {
    #[prost(string, tag = "1")]
    kind: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct RetryInfo {
    #[prost(message, optional, tag = "1")]
    delay: Option<Span>,
}

/// A `google.protobuf.Duration`.
#[derive(Clone, PartialEq, Message)]
struct Span {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}

/// The code that an HTTP status stands for.
fn code_of(status: u16) -> Code {
    match status {
        400 | 413 => Code::InvalidArgument,
        401 => Code::Unauthenticated,
        403 => Code::PermissionDenied,
        404 => Code::Unimplemented,
        429 | 502 | 503 | 504 => Code::Unavailable,
        _ => Code::Unknown,
    }
}

#[tonic::async_trait]
impl TraceService for Service {
    async fn export(
        &self,
        request: tonic::Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let partial = self.take("trace.v1.TraceService", request, Payload::Traces).await?;
        let partial_success = partial.map(|(rejected_spans, error_message)| {
            ExportTracePartialSuccess { rejected_spans, error_message }
        });
        Ok(Response::new(ExportTraceServiceResponse { partial_success }))
    }
}

#[tonic::async_trait]
impl MetricsService for Service {
    async fn export(
        &self,
        request: tonic::Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        let partial = self.take("metrics.v1.MetricsService", request, Payload::Metrics).await?;
        let partial_success = partial.map(|(rejected_data_points, error_message)| {
            ExportMetricsPartialSuccess { rejected_data_points, error_message }
        });
        Ok(Response::new(ExportMetricsServiceResponse { partial_success }))
    }
}

#[tonic::async_trait]
impl LogsService for Service {
    async fn export(
        &self,
        request: tonic::Request<ExportLogsServiceRequest>,
    ) -> Result<Response<ExportLogsServiceResponse>, Status> {
        let partial = self.take("logs.v1.LogsService", request, Payload::Logs).await?;
        let partial_success = partial.map(|(rejected_log_records, error_message)| {
            ExportLogsPartialSuccess { rejected_log_records, error_message }
        });
        Ok(Response::new(ExportLogsServiceResponse { partial_success }))
    }
}
