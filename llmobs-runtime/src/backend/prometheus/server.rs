//! A small HTTP server for one page, on a thread of its own.
//!
//! What a client can take from others is bounded: the time that a request takes, and how many are open. Where there
//! are too many, the oldest goes: one that asks for the page has it within milliseconds.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::TcpListener;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{ACCEPT, ALLOW, CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use super::PrometheusError;
use super::page::{Page, Response};
use crate::guard::seldom;

/// Where the page is.
const PATH: &str = "/metrics";
/// How many connections are open at most: each may hold a whole page.
const CONNECTIONS: usize = 16;
/// How long a client may take for its request.
const REQUEST: Duration = Duration::from_secs(5);
/// How long all of it may take.
const CONNECTION: Duration = Duration::from_secs(20);
/// The pause after a connection that could not be taken: there may be no files left.
const PAUSE: Duration = Duration::from_millis(50);
/// The room for a request.
const BUFFER: usize = 16 * 1024;

static REFUSED: AtomicU64 = AtomicU64::new(0);

/// A server that runs until it is stopped or dropped.
pub(super) struct Server {
    stop: oneshot::Sender<()>,
    stopped: mpsc::Receiver<()>,
}

impl Server {
    /// Serves the page to whoever comes.
    pub(super) fn start(page: Page, listeners: Vec<TcpListener>) -> Result<Self, PrometheusError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()
            .map_err(PrometheusError::Start)?;
        let (stop, stopping) = oneshot::channel();
        let (done, stopped) = mpsc::channel();
        let run = move || {
            runtime.block_on(async {
                let open = Open::default();
                for listener in listeners {
                    match tokio::net::TcpListener::from_std(listener) {
                        Ok(listener) => {
                            tokio::spawn(accept(listener, page.clone(), open.clone()));
                        }
                        Err(error) => refused(&error),
                    }
                }
                // Also where the server was dropped.
                let _ = stopping.await;
            });
            // With it go the listeners and what is open.
            drop(runtime);
            let _ = done.send(());
        };
        let thread = thread::Builder::new().name("llmobs-prometheus".to_owned()).spawn(run);
        thread.map(|_| Self { stop, stopped }).map_err(PrometheusError::Start)
    }

    /// Ends it; when this succeeds the port is free.
    pub(super) fn stop(self, timeout: Duration) -> OTelSdkResult {
        let Self { stop, stopped } = self;
        // It may have ended itself.
        let _ = stop.send(());
        match stopped.recv_timeout(timeout) {
            Err(mpsc::RecvTimeoutError::Timeout) => Err(OTelSdkError::Timeout(timeout)),
            Ok(()) | Err(mpsc::RecvTimeoutError::Disconnected) => Ok(()),
        }
    }
}

#[cold]
fn refused(error: &std::io::Error) {
    seldom(&REFUSED, (), |times| {
        tracing::warn!(target: "llmobs", %error, times, "the page for Prometheus was not served");
    });
}

/// Connections that may be open, the oldest first.
#[derive(Clone, Default)]
struct Open(Arc<Mutex<VecDeque<AbortHandle>>>);

impl Open {
    fn add(&self, connection: AbortHandle) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|connection| !connection.is_finished());
        if open.len() >= CONNECTIONS
            && let Some(oldest) = open.pop_front()
        {
            oldest.abort();
        }
        open.push_back(connection);
    }
}

async fn accept(listener: tokio::net::TcpListener, page: Page, open: Open) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let connection = tokio::spawn(serve(stream, page.clone()));
                open.add(connection.abort_handle());
            }
            Err(error) => {
                refused(&error);
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Answers one request.
async fn serve(stream: tokio::net::TcpStream, page: Page) {
    let service = service_fn(move |request: Request<_>| {
        let answer = answer(&page, request.method(), request.uri().path(), request.headers());
        async move { Ok::<_, Infallible>(answer) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(REQUEST)
        .max_buf_size(BUFFER)
        // One that is kept open for the next scrape would count against others.
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    // What a client does wrong is its own affair.
    let _ = tokio::time::timeout(CONNECTION, connection).await;
}

fn answer(
    page: &Page,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
) -> hyper::Response<Full<Bytes>> {
    let response = if path != PATH {
        Response::failed(404, "the metrics are at /metrics\n")
    } else if matches!(*method, Method::GET | Method::HEAD) {
        page.response(accepted(headers).as_deref())
    } else {
        Response::failed(405, "the metrics can only be read: GET, HEAD\n")
    };
    let status = StatusCode::from_u16(response.status()).unwrap_or_default();
    let content_type = HeaderValue::from_static(response.content_type());
    let mut answer = hyper::Response::new(Full::new(Bytes::from(response.into_body())));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, content_type);
    if status == StatusCode::METHOD_NOT_ALLOWED {
        answer.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    }
    answer
}

/// All headers of the kind as one; `None` where there are none.
fn accepted(headers: &HeaderMap) -> Option<String> {
    let all: Vec<_> = headers.get_all(ACCEPT).iter().filter_map(|one| one.to_str().ok()).collect();
    (!all.is_empty()).then(|| all.join(","))
}
