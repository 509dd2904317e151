//! Who sends: tokens of a credential, over HTTPS only, and in no log.

use std::io;
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::http::Transport;
use azure_core::time::OffsetDateTime;
use futures::executor::block_on;
use llmobs_runtime::backend::azure_monitor::{AzureMonitor, SpanExporter, Statistics, Storage};
use llmobs_tests::Memory;
use llmobs_tests::ingestion::{Answer, Connection, Ingestion, Received};
use opentelemetry_sdk::trace::SpanExporter as _;

#[path = "azure_transmission/sender.rs"]
#[expect(dead_code, reason = "shared with the tests of the transmission")]
mod sender;

use sender::{Directory, names, span};

/// Gives `token-1`, `token-2`, … or fails, and remembers what it was asked for.
#[derive(Debug, Default)]
struct Credential {
    asked: Mutex<Vec<String>>,
    /// It fails so often first.
    failures: usize,
    panics: bool,
    /// How long a token is good for.
    lifetime: Option<Duration>,
}

impl Credential {
    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no panic").clone()
    }
}

#[async_trait::async_trait]
impl TokenCredential for Credential {
    async fn get_token(
        &self,
        scopes: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let number = {
            let mut asked = self.asked.lock().expect("no panic");
            asked.push(scopes.join(" "));
            asked.len()
        };
        if number <= self.failures {
            assert!(!self.panics, "the credential panics with token-{number}");
            return Err(azure_core::Error::with_message(
                azure_core::error::ErrorKind::Credential,
                format!("no token: the secret was token-{number}"),
            ));
        }
        let lifetime = self.lifetime.unwrap_or(Duration::from_hours(1));
        let end = OffsetDateTime::from(SystemTime::now() + lifetime);
        Ok(AccessToken::new(format!("token-{number}"), end))
    }
}

/// A server over HTTPS, and a transport that trusts it.
fn secure(decide: impl FnMut(&Received) -> Answer + Send + 'static) -> (Ingestion, Transport) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let key = rustls::pki_types::PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .expect("a certificate");
    let config = Arc::new(config);
    let wrap = move |stream: TcpStream| {
        let session =
            rustls::ServerConnection::new(Arc::clone(&config)).map_err(io::Error::other)?;
        Ok(Box::new(rustls::StreamOwned::new(session, stream)) as Box<dyn Connection>)
    };
    let root = reqwest::Certificate::from_der(made.cert.der()).expect("a certificate");
    let client = reqwest::Client::builder()
        .tls_certs_only([root])
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client");
    (Ingestion::wrapped(wrap, decide), Transport::new(Arc::new(client)))
}

/// An exporter with a credential, and storage of its own.
struct Known {
    exporter: SpanExporter,
    credential: Arc<Credential>,
    _directory: Directory,
}

impl Known {
    fn to(server: &Ingestion, transport: Option<Transport>, credential: Credential) -> Self {
        let (directory, credential) = (Directory::new(), Arc::new(credential));
        let mut azure = AzureMonitor::new()
            .connection_string(format!(
                "{};AADAudience=https://monitor.example",
                server.connection_string()
            ))
            .credential(Arc::clone(&credential) as Arc<dyn TokenCredential>)
            .resource_metric(false)
            .retry_delay(Duration::from_millis(20), Duration::from_millis(200))
            .storage(Storage::at(directory.path()));
        if let Some(transport) = transport {
            azure = azure.transport(transport);
        }
        let exporter = azure.exporters().expect("a connection string").spans;
        Self { exporter, credential, _directory: directory }
    }

    fn send(&self, name: &str) {
        block_on(self.exporter.export(vec![span(name, &[])])).expect("an exporter in use");
    }

    fn delivered(&self, items: u64) -> Statistics {
        let end = std::time::Instant::now() + Duration::from_secs(30);
        while self.exporter.statistics().delivered < items {
            let statistics = self.exporter.statistics();
            assert!(std::time::Instant::now() < end, "not within 30 s: {statistics:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
        self.exporter.statistics()
    }
}

fn bearers(server: &Ingestion) -> Vec<String> {
    let header = |request: &Received| request.header("authorization").unwrap_or("none").to_owned();
    server.received().iter().map(header).collect()
}

#[test]
fn a_token_is_asked_for_once_and_sent_with_each_request() {
    let (server, transport) = secure(|_| Answer::Accept);
    let known = Known::to(&server, Some(transport), Credential::default());
    for name in ["a", "b", "c"] {
        known.send(name);
        known.exporter.force_flush().expect("an answer");
    }
    assert_eq!(known.exporter.statistics().delivered, 3);
    assert_eq!(bearers(&server), ["Bearer token-1"; 3]);
    assert_eq!(known.credential.asked(), ["https://monitor.example/.default"]);
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_token_that_is_refused_is_renewed_at_once() {
    for status in [401, 403] {
        let (server, transport) = secure(|_| Answer::Accept);
        server.then([Answer::status(status)]);
        let known = Known::to(&server, Some(transport), Credential::default());
        known.send("a");
        known.exporter.force_flush().expect("an answer");
        let statistics = known.exporter.statistics();
        assert_eq!((statistics.delivered, statistics.stored), (1, 0), "{status}");
        assert_eq!(bearers(&server), ["Bearer token-1", "Bearer token-2"], "{status}");
        // Connections stay.
        assert_eq!(server.connections(), 1, "{status}");
    }
}

#[test]
fn who_has_no_right_yet_loses_nothing() {
    let (server, transport) = secure(|_| Answer::Accept);
    server.then(std::iter::repeat_n(Answer::status(403), 5));
    let known = Known::to(&server, Some(transport), Credential::default());
    known.send("a");
    let statistics = known.delivered(1);
    assert_eq!((statistics.dropped_in_all(), statistics.requests), (0, 6));
    assert!(statistics.stored >= 1);
    let last = server.received().pop().expect("one");
    assert_eq!(names(&last), ["a"]);
}

#[test]
fn a_token_near_its_end_is_renewed_before() {
    let (server, transport) = secure(|_| Answer::Accept);
    let credential = Credential { lifetime: Some(Duration::from_mins(1)), ..Credential::default() };
    let known = Known::to(&server, Some(transport), credential);
    for name in ["a", "b"] {
        known.send(name);
        known.exporter.force_flush().expect("an answer");
    }
    assert_eq!(bearers(&server), ["Bearer token-1", "Bearer token-2"]);
}

#[test]
fn a_credential_that_fails_or_panics_keeps_the_batch() {
    for panics in [false, true] {
        let (server, transport) = secure(|_| Answer::Accept);
        let credential = Credential { failures: 3, panics, ..Credential::default() };
        let known = Known::to(&server, Some(transport), credential);
        known.send("a");
        let statistics = known.delivered(1);
        assert_eq!((statistics.dropped_in_all(), statistics.delivered), (0, 1));
        assert_eq!(bearers(&server), ["Bearer token-4"], "{panics}");
    }
}

#[test]
fn a_token_never_travels_over_plain_http() {
    let server = Ingestion::start();
    let known = Known::to(&server, None, Credential::default());
    known.send("a");
    known.exporter.force_flush().expect("storage");
    let statistics = known.exporter.statistics();
    assert_eq!((statistics.delivered, statistics.dropped_in_all()), (0, 0));
    assert!(statistics.stored >= 1);
    assert_eq!((server.received().len(), server.connections()), (0, 0));
    assert_eq!(known.credential.asked(), Vec::<String>::new());

    // Not even where a redirection leads there.
    let location = format!("{}v2.1/track", server.endpoint());
    let (redirecting, transport) =
        secure(move |_| Answer::Reply(307, vec![("location", location.clone())], String::new()));
    let known = Known::to(&redirecting, Some(transport), Credential::default());
    known.send("b");
    known.exporter.force_flush().expect("storage");
    assert_eq!(known.exporter.statistics().delivered, 0);
    assert!(!redirecting.received().is_empty());
    assert_eq!((server.received().len(), server.connections()), (0, 0));
}

#[test]
fn a_server_that_is_not_trusted_gets_nothing() {
    let (server, _) = secure(|_| Answer::Accept);
    let known = Known::to(&server, None, Credential::default());
    known.send("a");
    known.exporter.force_flush().expect("storage");
    let statistics = known.exporter.statistics();
    assert_eq!((statistics.delivered, statistics.dropped_in_all()), (0, 0));
    assert_eq!(server.received().len(), 0);
}

#[test]
fn no_log_and_no_debug_output_shows_a_token() {
    llmobs_tests::alone("no_log_and_no_debug_output_shows_a_token", &[], || {
        let lines = Memory::default();
        let writer = lines.clone();
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(move || writer.clone())
            .init();
        let (server, transport) = secure(|_| Answer::Accept);
        server.then([Answer::status(401), Answer::status(403), Answer::Reset]);
        let credential = Credential { failures: 2, ..Credential::default() };
        let known = Known::to(&server, Some(transport), credential);
        known.send("a");
        known.delivered(1);
        let shown = format!("{:?}", known.exporter);
        known.exporter.shutdown_with_timeout(Duration::from_secs(10)).expect("an end");
        assert!(bearers(&server).iter().all(|bearer| bearer.starts_with("Bearer token-")));
        let lines = lines.text();
        assert!(lines.contains("the credential gave no token"), "{lines}");
        assert!(lines.contains("not authorized"), "{lines}");
        for text in [&lines, &shown] {
            for secret in ["token-", "11111111-2222"] {
                assert_eq!(text.lines().find(|line| line.contains(secret)), None);
            }
        }
    });
}
