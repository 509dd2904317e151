//! A stand-in for `OpenAI`'s service on this machine, so that the examples run without an account,
//! a key or a network.
//!
//! It is not a model: what it says is written down in [`chat`], and its token counts are the
//! length of the text divided by four. What is real is the wire format, so the client, and what
//! is measured around it, cannot tell it from the service: authentication, errors, rate limits,
//! tool calls, answers of a given schema, images and sounds, cached and reasoning tokens, streams.
//!
//! It answers `POST` to `/chat/completions`, `/responses` and `/embeddings`, and `GET` to `/responses/{id}`, below `/v1`, below
//! Azure's `/openai/v1`, and below Azure's `/openai/deployments/{deployment}` with an `api-version`.

mod chat;
mod embeddings;
mod filled;
mod pieces;
mod prompt;
mod refusal;
mod responses;
mod stored;

use std::{
    convert::Infallible,
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use http_body_util::{BodyExt, Limited};
use hyper::{
    HeaderMap, Method, Request, Response,
    body::Incoming,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

use self::{
    chat::{Answer, PromptCache, Talk},
    pieces::Pieces,
    refusal::Refusal,
    stored::Stored,
};

/// The longest request body that is read, in bytes.
const MAX_BODY: usize = 1 << 20;

/// How the stand-in behaves, beyond answering.
#[derive(Clone, Debug)]
pub struct Behaviour {
    /// The time before the first token of an answer.
    pub first_token: Duration,
    /// The time that each further token of an answer takes.
    pub per_token: Duration,
    /// Which requests are answered with `429`; the first request is number 1. Requests that are
    /// refused for what they are (no key, no such path) do not count.
    pub rate_limited: Vec<u64>,
}

impl Default for Behaviour {
    /// Fast enough for an example, slow enough to be seen in a trace; no rate limit.
    fn default() -> Self {
        Self {
            first_token: Duration::from_millis(40),
            per_token: Duration::from_millis(1),
            rate_limited: Vec::new(),
        }
    }
}

/// A running stand-in. It stops, with all its connections, when this value is dropped.
#[derive(Debug)]
pub struct LoopbackOpenAi {
    base_url: String,
    accepting: JoinHandle<()>,
}

impl LoopbackOpenAi {
    /// Starts on a free port of the loopback interface, in the current tokio runtime.
    ///
    /// # Errors
    ///
    /// When no port can be bound.
    pub async fn start(behaviour: Behaviour) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let base_url = format!("http://{}/v1", listener.local_addr()?);
        let accepting = tokio::spawn(accept(listener, Arc::new(Server::new(behaviour))));
        Ok(Self { base_url, accepting })
    }

    /// What to give a client as `OpenAI`'s base URL: `http://127.0.0.1:{port}/v1`.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }
}

impl Drop for LoopbackOpenAi {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, server: Arc<Server>) {
    // The set ends its connections when this task is aborted.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, Arc::clone(&server)));
                }
                // Out of file descriptors, most likely: they come back.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

async fn serve(stream: TcpStream, server: Arc<Server>) {
    let service = service_fn(|request| {
        let server = Arc::clone(&server);
        async move { Ok::<_, Infallible>(server.respond(request).await) }
    });
    // A client that breaks the connection off is its own concern.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

struct Server {
    behaviour: Behaviour,
    requests: AtomicU64,
    prompts: Mutex<PromptCache>,
    responses: Mutex<Stored>,
}

impl Server {
    fn new(behaviour: Behaviour) -> Self {
        Self {
            behaviour,
            requests: AtomicU64::new(0),
            prompts: Mutex::default(),
            responses: Mutex::default(),
        }
    }

    async fn respond(&self, request: Request<Incoming>) -> Response<Pieces> {
        let answer = self.answer(request).await;
        answer.unwrap_or_else(Refusal::into_response)
    }

    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Pieces>, Refusal> {
        authenticate(request.headers())?;
        let (endpoint, deployment) = route(request.uri().path(), request.uri().query())?;
        let reads = matches!(endpoint, Endpoint::Response(_));
        if request.method() != if reads { Method::GET } else { Method::POST } {
            return Err(Refusal::method());
        }
        let number = self.requests.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        if self.behaviour.rate_limited.contains(&number) {
            return Err(Refusal::rate_limit());
        }

        if let Endpoint::Response(id) = &endpoint {
            return Ok(json(self.stored().response(id)?));
        }
        let body = Limited::new(request.into_body(), MAX_BODY)
            .collect()
            .await
            .map_err(|_| Refusal::invalid(None, "The body is too long or broke off."))?
            .to_bytes();
        let body: Value = serde_json::from_slice(&body)
            .map_err(|_| Refusal::invalid(None, "The body is not valid JSON."))?;
        match endpoint {
            Endpoint::Chat => self.chat(number, deployment.as_deref(), &body).await,
            Endpoint::Responses | Endpoint::Response(_) => {
                self.response(number, deployment.as_deref(), &body).await
            }
            Endpoint::Embeddings => {
                let answer = embeddings::answer(deployment.as_deref(), &body)?;
                tokio::time::sleep(self.behaviour.first_token).await;
                Ok(json(&answer))
            }
        }
    }

    async fn chat(
        &self,
        number: u64,
        deployment: Option<&str>,
        body: &Value,
    ) -> Result<Response<Pieces>, Refusal> {
        let answer = self.think(number, deployment, body)?;
        tokio::time::sleep(self.behaviour.first_token).await;
        if let Some(chunks) = answer.chunks() {
            let events = chunks.iter().map(|chunk| format!("data: {chunk}\n\n"));
            return Ok(self.stream(events.chain(["data: [DONE]\n\n".to_owned()])));
        }
        self.finish(&answer).await;
        Ok(json(&answer.completion()))
    }

    async fn response(
        &self,
        number: u64,
        deployment: Option<&str>,
        body: &Value,
    ) -> Result<Response<Pieces>, Refusal> {
        let chat = responses::as_chat(body, self.stored().before(body)?)?;
        let answer = self.think(number, deployment, &chat)?;
        let whole = responses::whole(&answer, body);
        self.stored().store(&chat, &answer, &whole);
        tokio::time::sleep(self.behaviour.first_token).await;
        if body.get("stream") == Some(&Value::Bool(true)) {
            return Ok(self.stream(responses::events(&answer, &whole).into_iter()));
        }
        self.finish(&answer).await;
        Ok(json(&whole))
    }

    fn stored(&self) -> MutexGuard<'_, Stored> {
        self.responses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn think<'a>(
        &self,
        number: u64,
        deployment: Option<&'a str>,
        chat: &'a Value,
    ) -> Result<Answer<'a>, Refusal> {
        let mut prompts = self.prompts.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Talk::read(deployment, chat)?.answer(number, now(), &mut prompts))
    }

    /// Waits until an answer that does not stream is complete.
    async fn finish(&self, answer: &Answer<'_>) {
        let tokens = answer.completion_tokens();
        tokio::time::sleep(self.behaviour.per_token.saturating_mul(tokens)).await;
    }

    fn stream(&self, events: impl Iterator<Item = String>) -> Response<Pieces> {
        let body = Pieces::spaced(events.map(Into::into).collect(), self.behaviour.per_token);
        with_content_type(body, "text/event-stream; charset=utf-8")
    }
}

enum Endpoint {
    Chat,
    Responses,
    /// A response that was stored, by its id.
    Response(String),
    Embeddings,
}

/// Finds the endpoint, and the deployment that stands for the model in Azure's form of the path.
fn route(path: &str, query: Option<&str>) -> Result<(Endpoint, Option<String>), Refusal> {
    let (rest, deployment) = if let Some(rest) = path.strip_prefix("/openai/deployments/") {
        let (deployment, rest) = rest.split_once('/').ok_or_else(Refusal::not_found)?;
        let mut pairs = query.unwrap_or_default().split('&');
        if deployment.is_empty()
            || !pairs.any(|pair| pair.strip_prefix("api-version=").is_some_and(|v| !v.is_empty()))
        {
            return Err(Refusal::not_found());
        }
        (rest, Some(deployment.to_owned()))
    } else {
        let rest = path.strip_prefix("/openai").unwrap_or(path).strip_prefix("/v1/");
        (rest.ok_or_else(Refusal::not_found)?, None)
    };
    match rest {
        "chat/completions" => Ok((Endpoint::Chat, deployment)),
        "responses" => Ok((Endpoint::Responses, deployment)),
        "embeddings" => Ok((Endpoint::Embeddings, deployment)),
        _ => match rest.strip_prefix("responses/") {
            Some(id) => Ok((Endpoint::Response(id.to_owned()), deployment)),
            None => Err(Refusal::not_found()),
        },
    }
}

/// Any key will do, but there must be one: `OpenAI`'s bearer token or Azure's `api-key`.
fn authenticate(headers: &HeaderMap) -> Result<(), Refusal> {
    let bearer =
        headers.get(AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    let api_key = headers.get("api-key").map(HeaderValue::as_bytes);
    match bearer.or(api_key) {
        Some(key) if !key.trim_ascii().is_empty() => Ok(()),
        _ => Err(Refusal::unauthenticated()),
    }
}

fn json(value: &Value) -> Response<Pieces> {
    with_content_type(Pieces::whole(value.to_string().into()), "application/json")
}

fn with_content_type(body: Pieces, content_type: &'static str) -> Response<Pieces> {
    let mut response = Response::new(body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// Tokens as this stand-in counts them: four characters each, a started one counts.
fn tokens(text: &str) -> u32 {
    u32::try_from(text.chars().count().div_ceil(4)).unwrap_or(u32::MAX)
}

/// The model that the request names; on Azure the deployment stands for it.
fn model<'a>(deployment: Option<&'a str>, body: &'a Value) -> Result<&'a str, Refusal> {
    deployment
        .or_else(|| body.get("model")?.as_str())
        .filter(|model| !model.is_empty())
        .ok_or_else(|| Refusal::invalid(Some("model"), "You must provide a model parameter."))
}

/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
}
