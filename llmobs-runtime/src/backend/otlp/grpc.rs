//! Requests over gRPC.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::{Buf, BufMut, Bytes};
use prost::Message;
use tonic::client::Grpc as Client;
use tonic::codec::{Codec, CompressionEncoding, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::http::uri::PathAndQuery;
use tonic::metadata::{AsciiMetadataKey, AsciiMetadataValue, MetadataMap};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic::{Code, Request, Status};

use super::answer::{Outcome, rejected};
use super::settings::{AGENT, Tls, Way};
use super::signal::Signal;
use super::{Compression, OtlpError, endpoint, retry};

/// A server over gRPC.
#[derive(Debug)]
pub(super) struct Grpc {
    endpoint: Endpoint,
    channel: Mutex<Channel>,
    path: PathAndQuery,
    metadata: MetadataMap,
    gzip: bool,
}

impl Grpc {
    /// Within the runtime that it will be used from.
    pub(super) fn new(way: &Way, signal: Signal) -> Result<Self, OtlpError> {
        let failed =
            |cause: String| OtlpError::Client { endpoint: endpoint::masked(&way.endpoint), cause };
        let built = |error: tonic::transport::Error| failed(chain(&error));
        let mut endpoint = Endpoint::from_shared(way.endpoint.clone())
            .and_then(|endpoint| endpoint.user_agent(AGENT))
            .map_err(built)?
            .connect_timeout(way.timeout);
        if endpoint.uri().scheme_str() == Some("https") {
            let Tls { trusted, identity } = &way.tls;
            let mut tls = ClientTlsConfig::new();
            tls = match trusted {
                Some(trusted) => tls.ca_certificate(Certificate::from_pem(trusted)),
                None => tls.with_native_roots(),
            };
            if let Some((certificate, key)) = identity {
                tls = tls.identity(Identity::from_pem(certificate, key));
            }
            endpoint = endpoint.tls_config(tls).map_err(built)?;
        }
        let mut metadata = MetadataMap::new();
        for (name, value) in way.headers.iter() {
            let pair = AsciiMetadataKey::from_bytes(name.as_bytes())
                .ok()
                .zip(AsciiMetadataValue::try_from(value).ok());
            let Some((key, mut value)) = pair else {
                return Err(failed(format!("{name} can be no header of gRPC")));
            };
            value.set_sensitive(true);
            metadata.insert(key, value);
        }
        let channel = Mutex::new(endpoint.connect_lazy());
        let path = PathAndQuery::from_static(signal.method());
        let gzip = way.compression == Compression::Gzip;
        Ok(Self { endpoint, channel, path, metadata, gzip })
    }

    pub(super) async fn send(&self, body: Bytes) -> Outcome {
        let channel = self.channel.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut client = Client::new(channel);
        if self.gzip {
            client = client.send_compressed(CompressionEncoding::Gzip);
        }
        client = client.accept_compressed(CompressionEncoding::Gzip);
        if let Err(error) = client.ready().await {
            return Outcome::Later { why: chain(&error), after: None, unreachable: true };
        }
        let mut request = Request::new(body);
        *request.metadata_mut() = self.metadata.clone();
        match client.unary(request, self.path.clone(), Raw).await {
            Ok(response) => Outcome::Delivered { rejected: rejected(response.get_ref()) },
            Err(status) => of_status(&status),
        }
    }

    /// Connects anew: a connection that does not answer may be one that leads nowhere.
    pub(super) fn reconnect(&self) {
        let fresh = self.endpoint.connect_lazy();
        *self.channel.lock().unwrap_or_else(PoisonError::into_inner) = fresh;
    }
}

/// As <https://opentelemetry.io/docs/specs/otlp/#failures> has it. The status's message may quote what was sent.
fn of_status(status: &Status) -> Outcome {
    // Made on this side: there was no answer.
    if let Some(cause) = std::error::Error::source(status) {
        return Outcome::Later { why: chain(cause), after: None, unreachable: true };
    }
    let after = retry_info(status.details());
    let why = format!("it answered {:?}", status.code());
    match status.code() {
        Code::Unavailable
        | Code::Cancelled
        | Code::DeadlineExceeded
        | Code::Aborted
        | Code::OutOfRange
        | Code::DataLoss => Outcome::Later { why, after, unreachable: false },
        // Only with the word when to come back; else it is the request that is too large.
        Code::ResourceExhausted if after.is_some() => {
            Outcome::Later { why, after, unreachable: false }
        }
        Code::ResourceExhausted => Outcome::TooLarge(why),
        _ => Outcome::Refused(why),
    }
}

/// When to come back, as the details of a status tell: a `google.rpc.Status` with a `google.rpc.RetryInfo`.
fn retry_info(details: &[u8]) -> Option<Duration> {
    let Details { more } = Details::decode(details).ok()?;
    let info = more.iter().find(|any| any.kind.ends_with("/google.rpc.RetryInfo"))?;
    let Time { seconds, nanos } = RetryInfo::decode(info.value.as_slice()).ok()?.delay?;
    let time = Duration::new(u64::try_from(seconds).ok()?, u32::try_from(nanos).ok()?);
    Some(time.min(retry::PATIENCE))
}

fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

#[derive(Clone, PartialEq, Message)]
struct Details {
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
    delay: Option<Time>,
}

/// A `google.protobuf.Duration`.
#[derive(Clone, PartialEq, Message)]
struct Time {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}

/// Messages that are encoded already, and those that are decoded elsewhere.
#[derive(Clone, Copy)]
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, message: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(message);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, message: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(message.copy_to_bytes(message.remaining())))
    }
}
