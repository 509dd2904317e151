//! One request: the pipeline of `azure_core`, where it leads, and who sends.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::Poll;
use std::time::{Duration, Instant, SystemTime};

use azure_core::credentials::TokenCredential;
use azure_core::error::ErrorKind;
use azure_core::http::headers::{HeaderName, Headers};
use azure_core::http::policies::Policy;
use azure_core::http::policies::auth::BearerTokenAuthorizationPolicy;
use azure_core::http::response::AsyncResponseBody;
use azure_core::http::{
    AsyncRawResponse, ClientOptions, Context, Method, Pipeline, PipelineStreamOptions, Request,
    RetryOptions, Transport, Url,
};
use futures_core::Stream;

use super::answer::Answer;
use super::buffer::after;
use super::{pace, redirect};

/// An answer longer than this is not read to its end.
const ANSWER: usize = 4 << 20;
/// How long a redirection is remembered where it does not say, and at most.
const REMEMBERED: Duration = Duration::from_hours(12);

/// Why there was no answer. Nothing of what the cause says is kept: it may quote a token or an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The client could not be made, or its code panicked.
    Client,
    /// A token would have gone over plain HTTP.
    Plaintext,
    Credential,
    Connection,
    /// The connection broke when the request may have been sent.
    Broken,
    Timeout,
    Other,
}

impl Failure {
    /// As it is said in a log line.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Client => "the HTTP client failed",
            Self::Plaintext => {
                "tokens are sent over HTTPS only: the ingestion endpoint must begin with `https://`"
            }
            Self::Credential => "the credential gave no token",
            Self::Connection => "no connection",
            Self::Broken => "the connection broke off",
            Self::Timeout => "no answer in time",
            Self::Other => "the request could not be made",
        }
    }
}

pub(super) type Exchange = Pin<Box<dyn Future<Output = Result<Answer, Failure>>>>;

pub(super) struct Link {
    endpoint: Url,
    /// Where a redirection led, and until when.
    away: Option<(Url, Instant)>,
    credential: Option<Arc<dyn TokenCredential>>,
    scope: String,
    timeout: Duration,
    transport: Arc<OnceLock<Transport>>,
    pipeline: Arc<OnceLock<Pipeline>>,
}

impl Link {
    pub(super) fn new(
        endpoint: Url,
        credential: Option<Arc<dyn TokenCredential>>,
        scope: String,
        timeout: Duration,
        transport: Option<Transport>,
    ) -> Self {
        let transport = Arc::new(transport.map(OnceLock::from).unwrap_or_default());
        let pipeline = Arc::default();
        Self { endpoint, away: None, credential, scope, timeout, transport, pipeline }
    }

    /// Where the next request goes.
    fn url(&mut self) -> Url {
        if self.away.as_ref().is_some_and(|(_, until)| *until <= Instant::now()) {
            self.away = None;
        }
        self.away.as_ref().map_or_else(|| self.endpoint.clone(), |(url, _)| url.clone())
    }

    /// The host that the next request goes to.
    pub(super) fn host(&mut self) -> String {
        self.url().host_str().unwrap_or_default().to_owned()
    }

    pub(super) fn has_credential(&self) -> bool {
        self.credential.is_some()
    }

    /// Sends a compressed batch. The future is independent of this, bounded in time, and does not panic.
    pub(super) fn send(&mut self, body: Vec<u8>) -> Exchange {
        let url = self.url();
        if self.credential.is_some() && url.scheme() != "https" {
            return Box::pin(async { Err(Failure::Plaintext) });
        }
        let mut request = Request::new(url, Method::Post);
        request.insert_header("content-type", "application/json");
        request.insert_header("content-encoding", "gzip");
        request.insert_header("accept", "application/json");
        request.set_body(body);
        let pipeline = self.pipeline();
        let exchange = tokio::time::timeout(self.timeout, async move {
            let pipeline = pipeline.await?;
            let options = PipelineStreamOptions { skip_checks: true, ..Default::default() };
            let response = pipeline.stream(&Context::new(), &mut request, Some(options)).await;
            match response {
                Ok(response) => Ok(read(response).await),
                Err(error) => Err(match error.kind() {
                    ErrorKind::Credential => Failure::Credential,
                    ErrorKind::Connection => Failure::Connection,
                    ErrorKind::Io => Failure::Broken,
                    _ => Failure::Other,
                }),
            }
        });
        let mut exchange = Box::pin(exchange);
        // A credential or a transport of the application's may panic.
        Box::pin(poll_fn(move |context| {
            match catch_unwind(AssertUnwindSafe(|| exchange.as_mut().poll(context))) {
                Ok(poll) => poll.map(|in_time| in_time.unwrap_or(Err(Failure::Timeout))),
                Err(panic) => {
                    forget(panic);
                    Poll::Ready(Err(Failure::Client))
                }
            }
        }))
    }

    /// The client is made aside: it reads the certificates of the system, and meanwhile somebody may wait for us.
    fn pipeline(&self) -> impl Future<Output = Result<Pipeline, Failure>> + use<> {
        let (pipeline, transport) = (Arc::clone(&self.pipeline), Arc::clone(&self.transport));
        let (credential, scope) = (self.credential.clone(), self.scope.clone());
        async move {
            if let Some(made) = pipeline.get() {
                return Ok(made.clone());
            }
            if transport.get().is_none() {
                // Made once, though this request may not live to see it.
                let made = Arc::clone(&transport);
                let task = tokio::task::spawn_blocking(move || {
                    let _suppressed = opentelemetry::Context::enter_telemetry_suppressed_scope();
                    made.get_or_init(Transport::default);
                });
                task.await.map_err(|_| Failure::Client)?;
            }
            let transport = transport.get().cloned();
            Ok(pipeline.get_or_init(|| make(transport, credential, scope)).clone())
        }
    }

    /// Forgets the token: the next request asks for one. Connections stay.
    pub(super) fn renew(&mut self) {
        self.pipeline = Arc::default();
    }

    /// Follows a redirection, where it leads to a place that may have our telemetry.
    pub(super) fn redirect(&mut self, answer: &Answer) -> bool {
        let from = self.url();
        let to = answer.location.as_deref();
        let Some(to) = to.and_then(|to| redirect::allowed(&self.endpoint, &from, to)) else {
            self.away = None;
            return false;
        };
        // One request at least: what may not be remembered is still followed now.
        let lifetime =
            answer.max_age.unwrap_or(REMEMBERED).clamp(Duration::from_secs(1), REMEMBERED);
        self.away = Some((to, after(Instant::now(), lifetime)));
        true
    }

    /// Whether a redirection is in force.
    pub(super) fn is_away(&self) -> bool {
        self.away.is_some()
    }

    /// Goes back to the configured endpoint.
    pub(super) fn come_back(&mut self) {
        self.away = None;
    }
}

fn make(
    transport: Option<Transport>,
    credential: Option<Arc<dyn TokenCredential>>,
    scope: String,
) -> Pipeline {
    let options = ClientOptions {
        // We try again ourselves: for hours, and not with a batch in hand.
        retry: RetryOptions::none(),
        transport,
        ..ClientOptions::default()
    };
    let bearer = credential.map(|credential| {
        Arc::new(BearerTokenAuthorizationPolicy::new(credential, [scope])) as Arc<dyn Policy>
    });
    Pipeline::new(
        Some("llmobs"),
        option_env!("CARGO_PKG_VERSION"),
        options,
        Vec::new(),
        bearer.into_iter().collect(),
        None,
    )
}

/// The value of a panic may panic when it is dropped.
fn forget<T>(panic: T) {
    std::mem::forget(panic);
}

async fn read(response: AsyncRawResponse) -> Answer {
    let (status, headers, body) = response.deconstruct();
    let header = |name: &'static str| header(&headers, name);
    Answer {
        status: status.into(),
        retry_after: header("x-ms-retry-after-ms")
            .or_else(|| header("retry-after-ms"))
            .and_then(pace::retry_after_ms)
            .or_else(|| pace::retry_after(header("retry-after")?, SystemTime::now())),
        location: header("location").map(str::to_owned),
        max_age: header("cache-control").and_then(pace::max_age),
        body: collect(body).await,
    }
}

fn header<'a>(headers: &'a Headers, name: &'static str) -> Option<&'a str> {
    headers.get_optional_str(&HeaderName::from_static(name))
}

/// `None`: it broke off.
async fn collect(body: AsyncResponseBody) -> Option<Vec<u8>> {
    let mut body = Box::pin(body);
    let mut read = Vec::new();
    while let Some(chunk) = poll_fn(|context| body.as_mut().poll_next(context)).await {
        let chunk = chunk.ok()?;
        read.extend_from_slice(&chunk);
        if read.len() > ANSWER {
            break;
        }
    }
    Some(read)
}
