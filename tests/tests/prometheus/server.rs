//! The server: what it answers, to whom, and how it ends.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use llmobs_runtime::backend::prometheus::{Page, Prometheus};
use llmobs_runtime::{ConfigureError, Telemetry};
use llmobs_tests::exposition::Exposition;
use llmobs_tests::scrape::{ask, connect, scrape};
use llmobs_tests::{Recorder, Road};

use super::chat;

const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
const OPEN_METRICS: &str =
    "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores";

fn served() -> (Recorder, Page, SocketAddr) {
    let prometheus = Prometheus::new().host("127.0.0.1").port(0);
    let page = prometheus.page();
    assert_eq!(page.address(), None, "not yet");
    // What a pipeline tells of itself differs from one page to the next.
    let recorder =
        Recorder::on(Road::Ours, |builder| builder.prometheus(prometheus).self_metrics(false));
    let address = page.address().expect("a server");
    (recorder, page, address)
}

#[test]
fn a_scraper_gets_the_format_that_it_asks_for() {
    let (_recorder, page, at) = served();
    chat("m", 3, 4);
    let asked = |accept: &str| ask(at, "GET", "/metrics", &[("accept", accept)]);
    let newer =
        asked("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3");
    assert_eq!((newer.status, newer.header("content-type")), (200, Some(OPEN_METRICS)));
    let read = Exposition::open_metrics(&newer.body);
    let input = [("gen_ai_token_type", "input")];
    assert_eq!(read.value("gen_ai_client_token_usage_sum", &input).to_bits(), 3_f64.to_bits());
    assert!(newer.body.contains(" # {span_id=\""), "{}", newer.body);
    for older in [asked("text/plain"), ask(at, "GET", "/metrics", &[]), asked("*/*")] {
        assert_eq!((older.status, older.header("content-type")), (200, Some(TEXT)));
        let read = Exposition::text(&older.body);
        assert_eq!(read.value("gen_ai_client_token_usage_sum", &input).to_bits(), 3_f64.to_bits());
        assert_eq!(older.body, page.text().unwrap());
    }
    // Two headers are one list.
    let two = [("accept", "text/plain;q=0.1"), ("accept", "application/openmetrics-text")];
    assert_eq!(ask(at, "GET", "/metrics", &two).header("content-type"), Some(OPEN_METRICS));
    assert_eq!(scrape(at).body, page.open_metrics().unwrap());
}

#[test]
fn only_one_path_can_be_read_and_nothing_can_be_written() {
    let (_recorder, page, at) = served();
    chat("m", 3, 4);
    let whole = page.text().unwrap();
    let head = ask(at, "HEAD", "/metrics", &[]);
    assert_eq!(
        (head.status, head.header("content-type"), head.body.as_str()),
        (200, Some(TEXT), "")
    );
    assert_eq!(head.header("content-length"), Some(whole.len().to_string().as_str()));
    assert_eq!(ask(at, "GET", "/metrics?name[]=up", &[]).body, whole);
    for path in ["/", "/metrics/", "/metric", "/metrics/x", "//metrics", "/METRICS"] {
        let answer = ask(at, "GET", path, &[]);
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (404, "the metrics are at /metrics\n"),
            "{path}"
        );
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"] {
        let answer = ask(at, method, "/metrics", &[("content-length", "0")]);
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD")), "{method}");
        assert!(!answer.body.contains("gen_ai"));
    }
}

#[test]
fn who_is_slow_or_talks_nonsense_is_in_nobodys_way() {
    let (_recorder, _, at) = served();
    chat("m", 3, 4);
    // Many more than may be open: those that say nothing, half a request, or never read the answer.
    let mut idle: Vec<TcpStream> = Vec::new();
    for number in 0..60 {
        let mut stream = connect(at);
        let says: &[u8] = match number % 3 {
            0 => b"",
            1 => b"GET /metrics HT",
            _ => b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n",
        };
        // The oldest have been shown out by now.
        let _ = stream.write_all(says);
        idle.push(stream);
        if number % 10 == 9 {
            assert_eq!(scrape(at).status, 200);
        }
    }
    for nonsense in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"\r\n\r\n\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /metrics HTTP/9.9\r\n\r\n",
        b"\xff\xfe\xfd /metrics HTTP/1.1\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\nhost: x\r\naccept: \xff\xff\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let mut stream = connect(at);
        let _ = stream.write_all(nonsense);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer);
        assert!(
            !answer.contains("gen_ai") || nonsense.starts_with(b"GET /metrics HTTP/1.1"),
            "{answer}"
        );
        assert_eq!(scrape(at).status, 200);
    }
    let mut endless = connect(at);
    let _ = endless.write_all(b"GET /metrics HTTP/1.1\r\n");
    // More headers than there is room for: the server ends it.
    let line = format!("x: {}\r\n", "y".repeat(8_000));
    while endless.write_all(line.as_bytes()).is_ok() {}
    assert_eq!(scrape(at).status, 200);
}

#[test]
fn scrapers_side_by_side_see_the_same() {
    let (_recorder, _, at) = served();
    chat("m", 3, 4);
    let first = scrape(at).body;
    std::thread::scope(|scope| {
        let many: Vec<_> = (0..8).map(|_| scope.spawn(|| scrape(at).body)).collect();
        for one in many {
            assert_eq!(one.join().unwrap(), first);
        }
    });
}

fn installed(prometheus: Prometheus) -> Result<Telemetry, ConfigureError> {
    llmobs_runtime::builder().prometheus(prometheus).install()
}

#[test]
fn a_port_that_another_has_is_an_error_and_nothing_stays_behind() {
    let recorder = Recorder::new().without_pipeline();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = other.local_addr().unwrap().port();
    let error = installed(Prometheus::new().host("127.0.0.1").port(port)).unwrap_err().to_string();
    for says in [
        format!("Prometheus: the page for Prometheus cannot be served at 127.0.0.1:{port}: "),
        "OTEL_EXPORTER_PROMETHEUS_PORT".to_owned(),
        "without_server".to_owned(),
    ] {
        assert!(error.contains(&says), "{error}");
    }
    drop(other);
    // The same port, and a pipeline, can be had now.
    let telemetry = installed(Prometheus::new().host("127.0.0.1").port(port)).unwrap();
    assert_eq!(scrape(SocketAddr::from(([127, 0, 0, 1], port))).status, 200);
    drop(telemetry);
    drop(recorder);
}

#[test]
fn the_port_is_free_when_something_else_cannot_be_installed() {
    let recorder = Recorder::new().without_pipeline();
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = free.local_addr().unwrap();
    drop(free);
    for _ in 0..20 {
        let prometheus = Prometheus::new().host("127.0.0.1").port(at.port());
        let nowhere = llmobs_runtime::backend::otlp::Otlp::at("nowhere");
        let builder = llmobs_runtime::builder().prometheus(prometheus).otlp(nowhere);
        let error = builder.install().unwrap_err().to_string();
        assert!(error.starts_with("OTLP: "), "{error}");
        assert!(TcpListener::bind(at).is_ok());
    }
    drop(recorder);
}

#[test]
fn the_port_is_free_when_telemetry_is_shut_down() {
    let recorder = Recorder::new().without_pipeline();
    let mut port = 0;
    for _ in 0..5 {
        let prometheus = Prometheus::new().host("localhost").port(port);
        let page = prometheus.page();
        let telemetry = installed(prometheus).unwrap();
        let at = page.address().unwrap();
        port = at.port();
        chat("m", 1, 1);
        // One that is under way does not hold it up.
        let mut half = connect(at);
        half.write_all(b"GET /metrics").unwrap();
        assert!(scrape(at).body.contains("gen_ai_client_operation_duration_seconds_count"));
        telemetry.shutdown().unwrap();
        assert!(TcpStream::connect_timeout(&at, Duration::from_secs(5)).is_err());
        assert_eq!(page.response(None).status(), 503);
        assert_eq!((page.text(), page.open_metrics()), (None, None));
        assert_eq!(half.read(&mut [0; 1]).unwrap_or(0), 0, "closed");
    }
    drop(recorder);
}

#[test]
fn at_localhost_it_is_at_both_addresses() {
    let recorder = Recorder::new().without_pipeline();
    let prometheus = Prometheus::new().port(0);
    let page = prometheus.page();
    let telemetry = installed(prometheus).unwrap();
    let at = page.address().unwrap();
    assert!(at.is_ipv4() && at.ip().is_loopback(), "{at}");
    assert_eq!(scrape(at).status, 200);
    let six = SocketAddr::from(([0, 0, 0, 0, 0, 0, 0, 1], at.port()));
    let has_six = std::net::ToSocketAddrs::to_socket_addrs("localhost:0")
        .is_ok_and(|mut all| all.any(|one| one.is_ipv6()))
        && TcpListener::bind("[::1]:0").is_ok();
    if has_six {
        assert_eq!(scrape(six).status, 200);
    }
    drop(telemetry);
    drop(recorder);
}

#[test]
fn without_a_server_nothing_listens() {
    let recorder = Recorder::new().without_pipeline();
    let prometheus = Prometheus::new().without_server();
    let page = prometheus.page();
    assert_eq!(page.response(None).status(), 503, "not installed yet");
    let telemetry = installed(prometheus).unwrap();
    assert_eq!(page.address(), None);
    chat("m", 1, 1);
    let response = page.response(Some("application/openmetrics-text"));
    assert_eq!((response.status(), response.content_type()), (200, OPEN_METRICS));
    assert!(response.body().contains("gen_ai_client_operation_duration_seconds_count"));
    let response = page.clone().response(None);
    assert_eq!((response.status(), response.content_type()), (200, TEXT));
    Exposition::text(&response.into_body());
    drop(telemetry);
    drop(recorder);
}
