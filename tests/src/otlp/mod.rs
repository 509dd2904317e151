//! An OTLP receiver on loopback, over HTTP or gRPC: takes what is sent and answers as it is told.
//!
//! ```no_run
//! use llmobs_tests::otlp::{Answer, Receiver};
//!
//! let receiver = Receiver::http().then([Answer::status(503), Answer::Accept]);
//! // … an application sends to `receiver.endpoint()` …
//! let spans = receiver.wait_for_spans(2);
//! assert_eq!(spans[0].attributes["gen_ai.usage.input_tokens"], 12);
//! ```

mod decode;
mod grpc;
mod http;
mod model;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub use decode::Payload;
pub use http::Wrap;
pub use model::{Attributes, Log, Point, Span};

/// How long a test waits for what must come.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// One request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    /// The path, as `/v1/traces` or `/opentelemetry.proto.collector.trace.v1.TraceService/Export`.
    pub path: String,
    /// The headers or the metadata, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, decompressed; empty over gRPC.
    pub body: Vec<u8>,
    /// Bytes of the body on the wire; 0 over gRPC.
    pub wire_bytes: usize,
    /// What it carried.
    pub payload: Payload,
    /// Whether it was accepted, at least in part.
    pub accepted: bool,
    /// When it had arrived.
    pub at: Instant,
}

impl Request {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    ///
    /// # Panics
    ///
    /// When it is something else.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("a body in JSON")
    }
}

/// What the receiver does with a request.
#[derive(Clone, Debug)]
pub enum Answer {
    /// All is accepted.
    Accept,
    /// Accepted but for so many items, with this message.
    Partial(i64, &'static str),
    /// A status, headers and a body; over gRPC the code that the status stands for.
    Reply(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// A code of gRPC, and how long to wait as a `RetryInfo` tells; over HTTP the status that it stands for, and
    /// `Retry-After`.
    Code(i32, Option<Duration>),
    /// The connection is closed without an answer; over gRPC `UNAVAILABLE`.
    Reset,
    /// No answer for so long, then as `Reset`.
    Hang(Duration),
    /// 200 with bytes that are no answer; over gRPC `UNKNOWN` with such bytes for details.
    Garbage,
    /// Accepted, with an answer of so many bytes that mean nothing.
    Long(usize),
}

impl Answer {
    /// A status and nothing else.
    pub fn status(status: u16) -> Self {
        Self::Reply(status, Vec::new(), Vec::new())
    }

    /// A status and when to come back.
    pub fn retry_after(status: u16, after: impl Into<String>) -> Self {
        Self::Reply(status, vec![("retry-after", after.into())], Vec::new())
    }

    /// Whether a client must take this for delivered.
    fn accepts(&self) -> bool {
        match self {
            Self::Accept | Self::Partial(..) | Self::Garbage | Self::Long(_) => true,
            Self::Reply(status, ..) => (200..300).contains(status),
            Self::Code(code, _) => *code == 0,
            Self::Reset | Self::Hang(_) => false,
        }
    }
}

type Decide = Box<dyn FnMut(&Request) -> Answer + Send>;

#[derive(Default)]
struct State {
    requests: Vec<Request>,
    script: VecDeque<Answer>,
}

struct Shared {
    state: Mutex<State>,
    arrived: Condvar,
    decide: Mutex<Decide>,
    connections: AtomicUsize,
    closing: AtomicBool,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a request, and what is done with it.
    fn take(&self, mut request: Request) -> Answer {
        let scripted = self.state().script.pop_front();
        let answer = scripted.unwrap_or_else(|| {
            (self.decide.lock().unwrap_or_else(PoisonError::into_inner))(&request)
        });
        request.accepted = answer.accepts();
        self.state().requests.push(request);
        self.arrived.notify_all();
        answer
    }
}

enum Server {
    Http(http::Server),
    Grpc(grpc::Server),
}

/// The receiver; it ends when dropped.
pub struct Receiver {
    address: SocketAddr,
    secure: bool,
    shared: Arc<Shared>,
    server: Option<Server>,
}

impl Receiver {
    /// Over HTTP, protobuf and JSON, gzip or not. Accepts everything.
    pub fn http() -> Self {
        Self::http_at(loopback(0))
    }

    /// The same at an address, as one that was there before had.
    ///
    /// # Panics
    ///
    /// When the address is not free.
    pub fn http_at(address: SocketAddr) -> Self {
        Self::start(false, |shared| {
            let (address, server) = http::Server::start(address, shared, None);
            (address, Server::Http(server))
        })
    }

    /// The same over HTTPS: each connection is what `wrap` makes of it.
    pub fn https(wrap: Wrap) -> Self {
        Self::start(true, |shared| {
            let (address, server) = http::Server::start(loopback(0), shared, Some(wrap));
            (address, Server::Http(server))
        })
    }

    /// Over gRPC, gzip or not. Accepts everything.
    pub fn grpc() -> Self {
        Self::grpc_at(loopback(0))
    }

    /// The same at an address, as one that was there before had.
    ///
    /// # Panics
    ///
    /// When the address is not free.
    pub fn grpc_at(address: SocketAddr) -> Self {
        Self::start(false, |shared| {
            let (address, server) = grpc::Server::start(address, shared, None);
            (address, Server::Grpc(server))
        })
    }

    /// The same with TLS.
    ///
    /// # Panics
    ///
    /// When the certificate or the key is none.
    pub fn grpc_tls(tls: tonic::transport::ServerTlsConfig) -> Self {
        Self::start(true, |shared| {
            let (address, server) = grpc::Server::start(loopback(0), shared, Some(tls));
            (address, Server::Grpc(server))
        })
    }

    fn start(secure: bool, serve: impl FnOnce(Arc<Shared>) -> (SocketAddr, Server)) -> Self {
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            arrived: Condvar::new(),
            decide: Mutex::new(Box::new(|_| Answer::Accept)),
            connections: AtomicUsize::new(0),
            closing: AtomicBool::new(false),
        });
        let (address, server) = serve(Arc::clone(&shared));
        Self { address, secure, shared, server: Some(server) }
    }

    /// The next requests are answered so, in this order; those after them as before.
    #[must_use]
    pub fn then(self, script: impl IntoIterator<Item = Answer>) -> Self {
        self.answers(script);
        self
    }

    /// The same later.
    pub fn answers(&self, script: impl IntoIterator<Item = Answer>) {
        self.shared.state().script.extend(script);
    }

    /// What is not in a script is answered as the closure says.
    #[must_use]
    pub fn deciding(self, decide: impl FnMut(&Request) -> Answer + Send + 'static) -> Self {
        *self.shared.decide.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(decide);
        self
    }

    /// The base address, as `http://127.0.0.1:…`, without a slash at its end.
    pub fn endpoint(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How often a client has connected; not counted over gRPC.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::Relaxed)
    }

    /// Ends the server and all its connections: from here on they are refused. What came stays.
    pub fn stop(&mut self) {
        self.shared.closing.store(true, Ordering::Relaxed);
        match self.server.take() {
            Some(Server::Http(server)) => server.stop(self.address),
            Some(Server::Grpc(server)) => server.stop(),
            None => {}
        }
    }

    /// All requests so far, whatever was answered.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.state().requests.clone()
    }

    /// The spans that were accepted so far.
    pub fn spans(&self) -> Vec<Span> {
        accepted(&self.shared.state().requests, model::spans)
    }

    /// The metric points that were accepted so far, those of later exports after those of earlier ones.
    pub fn points(&self) -> Vec<Point> {
        accepted(&self.shared.state().requests, model::points)
    }

    /// The log records that were accepted so far.
    pub fn logs(&self) -> Vec<Log> {
        accepted(&self.shared.state().requests, model::logs)
    }

    /// Waits until so many spans were accepted.
    ///
    /// # Panics
    ///
    /// When they are not in time.
    #[track_caller]
    pub fn wait_for_spans(&self, count: usize) -> Vec<Span> {
        self.wait(|requests| count <= accepted(requests, model::spans).len());
        self.spans()
    }

    /// Waits until so many log records were accepted.
    ///
    /// # Panics
    ///
    /// When they are not in time.
    #[track_caller]
    pub fn wait_for_logs(&self, count: usize) -> Vec<Log> {
        self.wait(|requests| count <= accepted(requests, model::logs).len());
        self.logs()
    }

    /// Waits until so many requests came, whatever was answered.
    ///
    /// # Panics
    ///
    /// When they do not in time.
    #[track_caller]
    pub fn wait_for_requests(&self, count: usize) -> Vec<Request> {
        self.wait(|requests| count <= requests.len());
        self.requests()
    }

    /// Waits until the condition holds of the requests so far.
    ///
    /// # Panics
    ///
    /// When it does not in time.
    #[track_caller]
    pub fn wait(&self, condition: impl Fn(&[Request]) -> bool) {
        let end = Instant::now() + PATIENCE;
        let mut state = self.shared.state();
        while !condition(&state.requests) {
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "not within {PATIENCE:?}: {} requests", state.requests.len());
            let waited = self.shared.arrived.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.stop();
    }
}

fn accepted<T>(requests: &[Request], of: impl Fn(&Payload) -> Vec<T>) -> Vec<T> {
    let accepted = requests.iter().filter(|request| request.accepted);
    accepted.flat_map(|request| of(&request.payload)).collect()
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}
