//! Where everything is to arrive: counts spans by their ids, and keeps nothing else.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use tonic::codec::CompressionEncoding;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

#[derive(Default)]
struct Counts {
    ids: Mutex<HashSet<[u8; 8]>>,
    twice: AtomicU64,
    requests: AtomicU64,
}

pub(super) struct Sink {
    address: SocketAddr,
    counts: Arc<Counts>,
    _runtime: tokio::runtime::Runtime,
}

struct Service(Arc<Counts>);

#[tonic::async_trait]
impl TraceService for Service {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.0.requests.fetch_add(1, Ordering::Relaxed);
        let resources = request.into_inner().resource_spans.into_iter();
        let spans =
            resources.flat_map(|resource| resource.scope_spans).flat_map(|scope| scope.spans);
        let mut twice = 0;
        let mut ids = self.0.ids.lock().unwrap_or_else(PoisonError::into_inner);
        for span in spans {
            let id = <[u8; 8]>::try_from(span.span_id.as_slice());
            let id = id.map_err(|_| Status::invalid_argument("a span without an id"))?;
            twice += u64::from(!ids.insert(id));
        }
        self.0.twice.fetch_add(twice, Ordering::Relaxed);
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

impl Sink {
    pub(super) fn start() -> Result<Self, String> {
        let text = |error: &dyn std::error::Error| error.to_string();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.map_err(|error| text(&error))?;
        let counts = Arc::new(Counts::default());
        let service = TraceServiceServer::new(Service(Arc::clone(&counts)))
            .accept_compressed(CompressionEncoding::Gzip)
            .max_decoding_message_size(64 << 20);
        let entered = runtime.enter();
        let incoming = TcpIncoming::bind(SocketAddr::from(([127, 0, 0, 1], 0)));
        let incoming = incoming.map_err(|error| text(&error))?;
        let address = incoming.local_addr().map_err(|error| text(&error))?;
        drop(entered);
        runtime.spawn(
            tonic::transport::Server::builder().add_service(service).serve_with_incoming(incoming),
        );
        Ok(Self { address, counts, _runtime: runtime })
    }

    pub(super) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Different spans so far.
    pub(super) fn arrived(&self) -> u64 {
        let ids = self.counts.ids.lock().unwrap_or_else(PoisonError::into_inner);
        u64::try_from(ids.len()).unwrap_or(u64::MAX)
    }

    /// Spans that came again.
    pub(super) fn twice(&self) -> u64 {
        self.counts.twice.load(Ordering::Relaxed)
    }

    pub(super) fn requests(&self) -> u64 {
        self.counts.requests.load(Ordering::Relaxed)
    }
}
