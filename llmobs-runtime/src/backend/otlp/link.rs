//! The way from an exporter, which encodes, to a server: everything that may go wrong is dealt with here.

use std::collections::VecDeque;
use std::fmt;
use std::io::Read as _;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use flate2::read::GzDecoder;
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use tokio::time::{Instant, timeout, timeout_at};

use super::answer::Outcome;
#[cfg(feature = "otlp-grpc")]
use super::grpc::Grpc;
use super::halves;
#[cfg(feature = "otlp-http")]
use super::http::Http;
use super::io::{Io, Phase};
use super::settings::Way;
use super::signal::Signal;
use super::{OtlpError, Protocol, endpoint, retry, variables};
use crate::guard::seldom;
use crate::processor::Rejections;

/// So many single items are tried after the first that is too large, while the server has taken nothing.
const LARGE_IN_A_ROW: u64 = 2;

/// One server for one signal.
pub(super) struct Link {
    pub(super) signal: Signal,
    /// As the conventions call the exporter.
    pub(super) name: &'static str,
    /// The address, without secrets.
    pub(super) shown: String,
    server: Server,
    #[cfg(feature = "otlp-http")]
    json: bool,
    timeout: Duration,
    retry_for: Duration,
    io: Arc<Io>,
    /// Items that the server rejected.
    rejected: AtomicU64,
    /// Those of them that nobody has asked for yet.
    untold: AtomicU64,
    /// Requests that had to wait for the server.
    delayed: AtomicU64,
    /// Why the last request failed.
    failure: Mutex<Option<String>>,
}

enum Server {
    #[cfg(feature = "otlp-http")]
    Http(Http),
    #[cfg(feature = "otlp-grpc")]
    Grpc(Box<Grpc>),
}

impl Link {
    pub(super) fn new(way: &Way, signal: Signal, io: &Arc<Io>) -> Result<Arc<Self>, OtlpError> {
        #[cfg(feature = "otlp-http")]
        let json = way.protocol == Protocol::HttpJson;
        let server = match way.protocol {
            #[cfg(feature = "otlp-http")]
            Protocol::HttpProtobuf | Protocol::HttpJson => Server::Http(Http::new(way, json)?),
            #[cfg(feature = "otlp-grpc")]
            Protocol::Grpc => {
                let _runtime = io.handle().enter();
                Server::Grpc(Box::new(Grpc::new(way, signal)?))
            }
            #[cfg(not(all(feature = "otlp-http", feature = "otlp-grpc")))]
            protocol => return Err(OtlpError::NotCompiled { place: "`Otlp`", protocol }),
        };
        Ok(Arc::new(Self {
            signal,
            name: signal.exporter(way.protocol),
            shown: endpoint::masked(&way.endpoint),
            server,
            #[cfg(feature = "otlp-http")]
            json,
            timeout: way.timeout,
            retry_for: way.retry_for,
            io: Arc::clone(io),
            rejected: AtomicU64::new(0),
            untold: AtomicU64::new(0),
            delayed: AtomicU64::new(0),
            failure: Mutex::default(),
        }))
    }

    /// Why the last request failed, once.
    pub(super) fn failure(&self) -> Option<String> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Delivers a request, in parts if it must be.
    async fn deliver(&self, body: Bytes) -> Result<(), String> {
        let latest = retry::later(Instant::now(), self.retry_for);
        let mut parts = VecDeque::from([body]);
        let mut outcome = Ok(());
        // Whether any part was taken, and how many items are too large by themselves, with the reason.
        let (mut taken, mut too_large) = (false, None);
        while let Some(part) = parts.pop_front() {
            match self.deliver_part(&part, latest).await {
                Ok(()) => taken = true,
                Err(Failure::TooLarge(why)) => {
                    if let Some([front, back]) = Self::halves(self, &part) {
                        parts.push_front(back);
                        parts.push_front(front);
                    } else {
                        // All the others may fit.
                        let before = too_large.map_or(0_u64, |(items, _)| items);
                        too_large = Some((before.saturating_add(1), why));
                        // Or it is not their size: gRPC says the same of a quota.
                        if !taken && before >= LARGE_IN_A_ROW {
                            break;
                        }
                    }
                }
                Err(Failure::Final(why)) => outcome = outcome.and(Err(why)),
            }
        }
        match too_large {
            Some((items, _)) if outcome.is_ok() && taken => self.rejects(items),
            Some((_, why)) => outcome = outcome.and(Err(why)),
            None => {}
        }
        outcome
    }

    async fn deliver_part(&self, body: &Bytes, latest: Instant) -> Result<(), Failure> {
        let mut phases = self.io.watch();
        let packed = match &self.server {
            #[cfg(feature = "otlp-http")]
            Server::Http(http) => http.packed(body),
            #[cfg(feature = "otlp-grpc")]
            Server::Grpc(_) => body.clone(),
        };
        let mut attempts = 0_u32;
        let taken = AtomicBool::new(false);
        loop {
            let (why, after, unreachable) =
                match timeout(self.timeout, self.send(packed.clone(), &taken)).await {
                    Ok(Outcome::Delivered { rejected: 0 }) => return Ok(()),
                    Ok(Outcome::Delivered { rejected }) => {
                        self.rejects(rejected);
                        return Ok(());
                    }
                    Ok(Outcome::TooLarge(why)) => return Err(Failure::TooLarge(why)),
                    Ok(Outcome::Refused(why)) => return Err(Failure::Final(why)),
                    Ok(Outcome::Later { why, after, unreachable }) => (why, after, unreachable),
                    // Only the rest of the answer is missing: sent again it would be there twice.
                    Err(_) if taken.load(Ordering::Relaxed) => return Ok(()),
                    Err(_) => {
                        match &self.server {
                            #[cfg(feature = "otlp-http")]
                            Server::Http(_) => {}
                            #[cfg(feature = "otlp-grpc")]
                            Server::Grpc(grpc) => grpc.reconnect(),
                        }
                        (format!("no answer within {:?}", self.timeout), None, false)
                    }
                };
            if attempts == 0 {
                self.delays(&why);
            }
            let pause = after.map_or_else(
                || retry::pause(attempts),
                // Many were told the same.
                |after| after.saturating_add(retry::pause(0) / 4),
            );
            attempts = attempts.saturating_add(1);
            let due = retry::later(Instant::now(), pause);
            loop {
                let phase = *phases.borrow_and_update();
                let end = retry::end(phase, latest, unreachable);
                if due >= end {
                    // The server wants to be left alone until then; whoever shuts down need not wait for that.
                    if phase == Phase::Running
                        && let Ok(Ok(())) = timeout_at(end, phases.changed()).await
                    {
                        continue;
                    }
                    return Err(Failure::Final(why));
                }
                // Ready before its time: the pipeline shuts down.
                match timeout_at(due, phases.changed()).await {
                    Ok(Ok(())) if after.is_none() => break,
                    Ok(Ok(())) => {}
                    Ok(Err(_)) => return Err(Failure::Final(why)),
                    Err(_) => break,
                }
            }
        }
    }

    /// Tells `taken` as soon as the server has taken it, before all of the answer is there.
    async fn send(&self, packed: Bytes, taken: &AtomicBool) -> Outcome {
        match &self.server {
            #[cfg(feature = "otlp-http")]
            Server::Http(http) => http.send(packed, self.json, taken).await,
            #[cfg(feature = "otlp-grpc")]
            Server::Grpc(grpc) => {
                // What became of it stands at the end of the answer.
                let _ = taken;
                grpc.send(packed).await
            }
        }
    }

    #[cfg(feature = "otlp-http")]
    fn halves(link: &Self, body: &Bytes) -> Option<[Bytes; 2]> {
        if link.json { halves::halves_json(body) } else { halves::halves(body) }
    }

    #[cfg(not(feature = "otlp-http"))]
    fn halves(_: &Self, body: &Bytes) -> Option<[Bytes; 2]> {
        halves::halves(body)
    }

    fn rejects(&self, items: u64) {
        let (what, shown) = (self.signal.items(), &self.shown);
        self.untold.fetch_add(items, Ordering::AcqRel);
        let before = self.rejected.fetch_add(items, Ordering::Relaxed);
        let so_far = before.saturating_add(items);
        // Of the 1st, 2nd, 4th, 8th … item.
        if before.checked_ilog2() != so_far.checked_ilog2() {
            tracing::warn!(target: "llmobs", "{shown} rejected {what}: {so_far} so far");
        }
    }

    fn delays(&self, why: &str) {
        let (what, shown) = (self.signal.items(), &self.shown);
        seldom(&self.delayed, (), |times| {
            tracing::warn!(
                target: "llmobs",
                times,
                "{what} cannot be sent to {shown} at present: {why}; they are kept and sent later"
            );
        });
    }
}

impl Rejections for Link {
    fn rejected(&self) -> u64 {
        self.untold.swap(0, Ordering::AcqRel)
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("signal", &self.signal)
            .field("endpoint", &self.shown)
            .field("rejected", &self.rejected)
            .finish_non_exhaustive()
    }
}

enum Failure {
    TooLarge(String),
    Final(String),
}

/// The body of a request as it was before it was compressed.
///
/// Whether that happens here is said by the [`Way`]. The exporter does it as well where a variable asks for it and the
/// application, or another crate in it, has switched on `gzip-http` of `opentelemetry-otlp`; nobody can tell it not to.
fn plain(request: Request<Bytes>) -> Result<Bytes, String> {
    match request.headers().get("content-encoding") {
        None => Ok(request.into_body()),
        Some(encoding) if encoding == "gzip" => {
            let mut plain = Vec::new();
            let done = GzDecoder::new(&**request.body()).read_to_end(&mut plain);
            done.map(|_| plain.into()).map_err(|error| error.to_string())
        }
        Some(_) => Err(format!(
            "it was compressed before, as {} says, and with something else than gzip",
            variables::COMPRESSION.names().first().copied().unwrap_or_default()
        )),
    }
}

/// What an exporter of `opentelemetry-otlp` takes for a client of HTTP.
#[derive(Clone, Debug)]
pub(super) struct Carrier(pub(super) Arc<Link>);

impl HttpClient for Carrier {
    fn send_bytes<'a, 'f>(
        &'a self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'f>>
    where
        'a: 'f,
        Self: 'f,
    {
        let link = Arc::clone(&self.0);
        let task = plain(request).map(|body| {
            // Where the exporter runs there is no runtime, or the application's.
            self.0.io.handle().spawn(async move { link.deliver(body).await })
        });
        Box::pin(async move {
            let why = match task {
                Ok(task) => match task.await {
                    Ok(Ok(())) => return Ok(Response::new(Bytes::new())),
                    Ok(Err(why)) => why,
                    Err(error) if error.is_panic() => "the client panicked".to_owned(),
                    Err(_) => "shut down before it was delivered".to_owned(),
                },
                Err(why) => why,
            };
            let failure = format!("{}: {why}", self.0.shown);
            *self.0.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure.clone());
            Err(failure.into())
        })
    }
}
