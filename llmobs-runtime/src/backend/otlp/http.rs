//! Requests over HTTP.

use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use flate2::write::GzEncoder;
use reqwest::header::{
    CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, USER_AGENT,
};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Identity, Url};

use super::answer::{Outcome, rejected, rejected_json};
use super::settings::{AGENT, Tls, Way};
use super::{Compression, OtlpError, endpoint, retry};

/// What is read of an answer: how many items were rejected, and a word on why.
const LONGEST_ANSWER: usize = 64 * 1024;

/// A server over HTTP.
#[derive(Debug)]
pub(super) struct Http {
    client: Client,
    url: Url,
    headers: HeaderMap,
    gzip: bool,
}

impl Http {
    pub(super) fn new(way: &Way, json: bool) -> Result<Self, OtlpError> {
        let failed =
            |cause: String| OtlpError::Client { endpoint: endpoint::masked(&way.endpoint), cause };
        let url = Url::parse(&way.endpoint).map_err(|error| failed(error.to_string()))?;
        let trusted = trusted(&way.tls).map_err(failed)?;
        let identity = identity(&way.tls).map_err(failed)?;
        let built = |trusted: Option<Vec<Certificate>>| {
            // A redirection would take telemetry and keys to somebody whom nobody named.
            let mut client = Client::builder()
                .redirect(Policy::none())
                .connect_timeout(way.timeout)
                .referer(false);
            if let Some(trusted) = trusted {
                client = client.tls_certs_only(trusted);
            }
            if let Some(identity) = identity.clone() {
                client = client.identity(identity);
            }
            client.build()
        };
        let client = match built(trusted) {
            // The client wants those of the system also where nothing is encrypted, and small images have none.
            Err(_) if url.scheme() == "http" => built(Some(Vec::new())),
            built => built,
        };
        let client = client.map_err(|error| failed(chain(&error)))?;
        let gzip = way.compression == Compression::Gzip;
        Ok(Self { client, url, headers: headers(way, json, gzip), gzip })
    }

    /// What is sent of a body.
    pub(super) fn packed(&self, body: &Bytes) -> Bytes {
        if !self.gzip {
            return body.clone();
        }
        let mut packed = GzEncoder::new(Vec::new(), flate2::Compression::default());
        // Into memory, which does not fail.
        let _ = packed.write_all(body);
        packed.finish().unwrap_or_default().into()
    }

    pub(super) async fn send(&self, packed: Bytes, json: bool, taken: &AtomicBool) -> Outcome {
        let request = self.client.post(self.url.clone()).headers(self.headers.clone()).body(packed);
        let mut response = match request.send().await {
            Ok(response) => response,
            Err(error) if error.is_builder() => return Outcome::Refused(chain(&error)),
            Err(error) => return lost(&error),
        };
        let status = response.status();
        match status.as_u16() {
            200..=299 => {
                taken.store(true, Ordering::Relaxed);
                let mut body = BytesMut::new();
                loop {
                    match response.chunk().await {
                        Ok(Some(chunk))
                            if body.len().saturating_add(chunk.len()) <= LONGEST_ANSWER =>
                        {
                            body.extend_from_slice(&chunk);
                        }
                        // It was taken, whatever the answer's end is.
                        _ => break,
                    }
                }
                let rejected = if json { rejected_json(&body) } else { rejected(&body) };
                Outcome::Delivered { rejected }
            }
            413 => Outcome::TooLarge("it answered 413, that the request is too large".to_owned()),
            429 | 502 | 503 | 504 => {
                let after = response.headers().get(RETRY_AFTER).and_then(|said| said.to_str().ok());
                let after = after.and_then(|said| retry::after(said, SystemTime::now()));
                Outcome::Later { why: format!("it answered {status}"), after, unreachable: false }
            }
            _ => Outcome::Refused(format!("it answered {status}")),
        }
    }
}

/// Whom to trust, where that is said.
fn trusted(Tls { trusted, .. }: &Tls) -> Result<Option<Vec<Certificate>>, String> {
    let Some(trusted) = trusted else { return Ok(None) };
    let trusted = Certificate::from_pem_bundle(trusted).map_err(|error| chain(&error))?;
    if trusted.is_empty() {
        return Err("there is no certificate in the file to trust".to_owned());
    }
    Ok(Some(trusted))
}

/// Who one is, where that is said.
fn identity(Tls { identity, .. }: &Tls) -> Result<Option<Identity>, String> {
    let Some((certificate, key)) = identity else { return Ok(None) };
    let both = [certificate.as_slice(), b"\n", key.as_slice()].concat();
    Identity::from_pem(&both).map(Some).map_err(|error| chain(&error))
}

/// All headers but those of the connection. Ours win: what is sent is what they say.
fn headers(way: &Way, json: bool, gzip: bool) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    for (name, value) in way.headers.iter() {
        let pair =
            HeaderName::from_bytes(name.as_bytes()).ok().zip(HeaderValue::from_str(value).ok());
        if let Some((name, mut value)) = pair {
            value.set_sensitive(true);
            headers.insert(name, value);
        }
    }
    let kind = if json { "application/json" } else { "application/x-protobuf" };
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    if gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    } else {
        headers.remove(CONTENT_ENCODING);
    }
    headers
}

fn lost(error: &reqwest::Error) -> Outcome {
    Outcome::Later { why: chain(error), after: None::<Duration>, unreachable: true }
}

/// An error and its causes. That of the client would show the address.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let outermost = if error.is::<reqwest::Error>() { None } else { Some(error.to_string()) };
    let mut causes: Vec<_> = outermost.into_iter().collect();
    let mut next = error.source();
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    if causes.is_empty() { "the request failed".to_owned() } else { causes.join(": ") }
}
