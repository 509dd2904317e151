//! OTLP with TLS: whom it trusts, and who it says it is.

use std::io;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use llmobs_runtime::backend::otlp::{Otlp, Protocol};
use llmobs_tests::alone;
use llmobs_tests::ingestion::Connection;
use llmobs_tests::otlp::Receiver;
use opentelemetry::global;
use opentelemetry::trace::{Span as _, Tracer as _};
use rcgen::{CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use tonic::transport::{Certificate, Identity, ServerTlsConfig};

/// Certificates in files, which a child finds where its parent put them.
struct Files(PathBuf);

impl Files {
    const PLACE: &str = "LLMOBS_TESTS_FILES";

    /// An authority, and what it has signed: for a server on loopback, and for a client.
    fn made() -> Self {
        if let Ok(place) = std::env::var(Self::PLACE) {
            return Self(place.into());
        }
        let place = tempdir();
        let files = Self(place);
        let mut authority = CertificateParams::new(Vec::new()).expect("parameters");
        authority.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let root = authority.self_signed(&key).expect("a certificate");
        files.write("root.pem", &root.pem());
        let issuer = Issuer::new(authority, key);
        for (name, host) in [("server", "127.0.0.1"), ("client", "client.example")] {
            let key = KeyPair::generate().expect("a key");
            let of = CertificateParams::new([host.to_owned()]).expect("parameters");
            let signed = of.signed_by(&key, &issuer).expect("a certificate");
            files.write(&format!("{name}.pem"), &signed.pem());
            files.write(&format!("{name}.key"), &key.serialize_pem());
        }
        files
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.join(name), text).expect("a file");
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.0.join(name)).expect("a file")
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    fn place(&self) -> (&'static str, String) {
        (Self::PLACE, self.0.display().to_string())
    }
}

fn tempdir() -> PathBuf {
    let place = std::env::temp_dir().join(format!(
        "llmobs-tls-{}-{:?}",
        std::process::id(),
        std::thread::current().id()
    ));
    std::fs::create_dir_all(&place).expect("a directory");
    place
}

/// Removes the files, in the parent only.
fn remove(files: &Files) {
    if std::env::var(Files::PLACE).is_err() {
        std::fs::remove_dir_all(Path::new(&files.0)).expect("a directory");
    }
}

/// A receiver that asks for a client's certificate, or does not.
fn receiver(protocol: Protocol, files: &Files, asks: bool) -> Receiver {
    if protocol == Protocol::Grpc {
        let identity = Identity::from_pem(files.read("server.pem"), files.read("server.key"));
        let tls = ServerTlsConfig::new().identity(identity);
        return Receiver::grpc_tls(if asks {
            tls.client_ca_root(Certificate::from_pem(files.read("root.pem")))
        } else {
            tls
        });
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .expect("versions");
    let config = if asks {
        let mut roots = rustls::RootCertStore::empty();
        let root = CertificateDer::from_pem_slice(&files.read("root.pem")).expect("a certificate");
        roots.add(root).expect("a certificate");
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        config.with_client_cert_verifier(verifier.build().expect("a verifier"))
    } else {
        config.with_no_client_auth()
    };
    let chain =
        vec![CertificateDer::from_pem_slice(&files.read("server.pem")).expect("a certificate")];
    let key = PrivateKeyDer::from_pem_slice(&files.read("server.key")).expect("a key");
    let config = Arc::new(config.with_single_cert(chain, key).expect("a certificate and its key"));
    Receiver::https(Box::new(move |stream: TcpStream| {
        let session =
            rustls::ServerConnection::new(Arc::clone(&config)).map_err(io::Error::other)?;
        Ok(Box::new(rustls::StreamOwned::new(session, stream)) as Box<dyn Connection>)
    }))
}

/// Sends a span; what came of it.
fn send(otlp: Otlp, receiver: &Receiver) -> Result<(), String> {
    let telemetry = llmobs_runtime::builder()
        .otlp(otlp.metrics(false).logs(false))
        .install()
        .map_err(|error| error.to_string())?;
    global::tracer("of-test").start("span").end();
    telemetry.shutdown().map_err(|error| error.to_string())?;
    assert_eq!(receiver.spans().len(), 1);
    Ok(())
}

const PROTOCOLS: [Protocol; 2] = [Protocol::HttpProtobuf, Protocol::Grpc];

#[test]
fn who_is_trusted_and_who_one_is_stand_in_files_that_variables_name() {
    let test = "who_is_trusted_and_who_one_is_stand_in_files_that_variables_name";
    let files = Files::made();
    let variables = [
        files.place(),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", files.path("root.pem")),
        ("OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE", files.path("client.pem")),
        ("OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", files.path("client.key")),
    ];
    let variables = variables.each_ref().map(|(name, value)| (*name, value.as_str()));
    alone(test, &variables, || {
        for protocol in PROTOCOLS {
            if protocol == Protocol::Grpc {
                // For the receiver: with the features of all tests there are two to choose from.
                let _ = rustls::crypto::ring::default_provider().install_default();
            }
            for asks in [false, true] {
                let receiver = receiver(protocol, &files, asks);
                let otlp = Otlp::new().endpoint(receiver.endpoint()).protocol(protocol);
                assert_eq!(send(otlp, &receiver), Ok(()), "{protocol} {asks}");
            }
        }
    });
    remove(&files);
}

#[test]
fn who_is_not_trusted_gets_nothing() {
    let files = Files::made();
    let place = files.place();
    alone("who_is_not_trusted_gets_nothing", &[(place.0, place.1.as_str())], || {
        for protocol in PROTOCOLS {
            // One that any client shakes hands with, if it trusts it.
            let receiver = receiver(Protocol::HttpProtobuf, &files, false);
            let otlp = Otlp::at(receiver.endpoint()).protocol(protocol);
            let error = send(otlp, &receiver).expect_err("nobody trusts it");
            assert!(error.contains("certificate"), "{error}");
            assert!(receiver.requests().is_empty());
        }
    });
    remove(&files);
}

#[test]
fn two_providers_of_cryptography_are_not_too_many() {
    // As the features of all tests have it, which would let rustls panic where nobody chooses.
    let test = "two_providers_of_cryptography_are_not_too_many";
    let files = Files::made();
    let variables = [files.place(), ("OTEL_EXPORTER_OTLP_CERTIFICATE", files.path("root.pem"))];
    let variables = variables.each_ref().map(|(name, value)| (*name, value.as_str()));
    alone(test, &variables, || {
        let receiver = receiver(Protocol::HttpProtobuf, &files, false);
        let otlp = || Otlp::new().endpoint(receiver.endpoint());
        assert_eq!(send(otlp(), &receiver), Ok(()));
        // It shakes hands, and finds that this server does not speak HTTP/2.
        let error = send(otlp().protocol(Protocol::Grpc), &receiver).expect_err("HTTP/1.1");
        assert!(error.contains("HTTP/2"), "{error}");
        assert!(rustls::crypto::CryptoProvider::get_default().is_none());
    });
    remove(&files);
}

#[test]
fn a_certificate_without_its_key_is_an_error() {
    let test = "a_certificate_without_its_key_is_an_error";
    let files = Files::made();
    let variables =
        [files.place(), ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", files.path("client.pem"))];
    let variables = variables.each_ref().map(|(name, value)| (*name, value.as_str()));
    alone(test, &variables, || {
        let receiver = receiver(Protocol::HttpProtobuf, &files, false);
        let error = send(Otlp::new().endpoint(receiver.endpoint()), &receiver).expect_err("half");
        assert!(error.contains("OTEL_EXPORTER_OTLP_CLIENT_KEY"), "{error}");
    });
    remove(&files);
}
