//! OTLP to servers that refuse, fail, hang, go away and come back.

use std::io::{Read, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use llmobs_runtime::backend::otlp::{Otlp, Protocol};
use llmobs_runtime::{Builder, Telemetry};
use llmobs_tests::alone;
use llmobs_tests::otlp::{Answer, Payload, Receiver, Request};
use opentelemetry::global;
use opentelemetry::trace::{Span as _, Tracer as _};

const HTTP: Protocol = Protocol::HttpProtobuf;

/// A pipeline for traces that go to a receiver.
fn to(endpoint: String, protocol: Protocol) -> Otlp {
    Otlp::at(endpoint).protocol(protocol).metrics(false).logs(false)
}

fn install(otlp: Otlp) -> Telemetry {
    builder(otlp).install().expect("a pipeline")
}

fn builder(otlp: Otlp) -> Builder {
    llmobs_runtime::builder().otlp(otlp).shutdown_deadline(Duration::from_secs(20))
}

/// Ends spans of these names.
fn end(names: &[&str]) {
    let tracer = global::tracer("of-test");
    for name in names {
        tracer.start((*name).to_owned()).end();
    }
}

fn names(receiver: &Receiver) -> Vec<String> {
    receiver.spans().into_iter().map(|span| span.name).collect()
}

fn bodies(requests: &[Request]) -> Vec<&[u8]> {
    requests.iter().map(|request| request.body.as_slice()).collect()
}

#[test]
fn what_may_be_taken_later_is_sent_again_and_taken_once() {
    alone("what_may_be_taken_later_is_sent_again_and_taken_once", &[], || {
        for status in [429, 502, 503, 504] {
            let receiver = Receiver::http().then([Answer::status(status), Answer::status(status)]);
            let telemetry = install(to(receiver.endpoint(), HTTP));
            end(&["a", "b"]);
            telemetry.force_flush().expect("delivered in the end");
            assert_eq!(names(&receiver), ["a", "b"], "{status}");
            let requests = receiver.requests();
            assert_eq!(requests.len(), 3, "{status}");
            assert_eq!(bodies(&requests)[0], bodies(&requests)[2]);
            telemetry.shutdown().expect("nothing left");
        }
        // CANCELLED, DEADLINE_EXCEEDED, ABORTED, OUT_OF_RANGE, UNAVAILABLE, DATA_LOSS.
        for code in [1, 4, 10, 11, 14, 15] {
            let receiver = Receiver::grpc().then([Answer::Code(code, None)]);
            let telemetry = install(to(receiver.endpoint(), Protocol::Grpc));
            end(&["a", "b"]);
            telemetry.force_flush().expect("delivered in the end");
            assert_eq!((names(&receiver).len(), receiver.requests().len()), (2, 2), "{code}");
            telemetry.shutdown().expect("nothing left");
        }
    });
}

#[test]
fn what_is_refused_is_not_sent_again_and_what_comes_after_is() {
    alone("what_is_refused_is_not_sent_again_and_what_comes_after_is", &[], || {
        for status in [400, 401, 403, 404, 408, 413, 500, 501] {
            let receiver = Receiver::http().then([Answer::status(status)]);
            let telemetry = install(to(receiver.endpoint(), HTTP));
            end(&["lost"]);
            let error = telemetry.force_flush().expect_err("refused").to_string();
            assert!(error.contains(&format!("it answered {status}")), "{error}");
            end(&["next"]);
            telemetry.shutdown().expect("taken");
            assert_eq!((names(&receiver), receiver.requests().len()), (vec!["next".to_owned()], 2));
        }
        // UNKNOWN, INVALID_ARGUMENT, PERMISSION_DENIED, RESOURCE_EXHAUSTED, UNIMPLEMENTED, UNAUTHENTICATED.
        for code in [2, 3, 7, 8, 12, 16] {
            let receiver = Receiver::grpc().then([Answer::Code(code, None)]);
            let telemetry = install(to(receiver.endpoint(), Protocol::Grpc));
            end(&["lost"]);
            let error = telemetry.force_flush().expect_err("refused").to_string();
            assert!(error.contains("it answered "), "{error}");
            end(&["next"]);
            telemetry.shutdown().expect("taken");
            assert_eq!((names(&receiver), receiver.requests().len()), (vec!["next".to_owned()], 2));
        }
    });
}

#[test]
fn a_server_is_not_asked_before_it_wants_to_be() {
    alone("a_server_is_not_asked_before_it_wants_to_be", &[], || {
        let told = Duration::from_secs(1);
        let wait = |receiver: &Receiver, protocol| {
            let telemetry = install(to(receiver.endpoint(), protocol));
            end(&["a"]);
            telemetry.force_flush().expect("delivered in the end");
            let requests = receiver.requests();
            assert_eq!((requests.len(), names(receiver).len()), (2, 1));
            assert!(requests[1].at.duration_since(requests[0].at) >= told);
            telemetry.shutdown().expect("nothing left");
        };
        for status in [429, 503] {
            wait(&Receiver::http().then([Answer::retry_after(status, "1")]), HTTP);
        }
        // Also where the code alone would not do: RESOURCE_EXHAUSTED.
        for code in [8, 14] {
            wait(&Receiver::grpc().then([Answer::Code(code, Some(told))]), Protocol::Grpc);
        }
    });
}

#[test]
fn a_server_that_wants_to_be_left_alone_for_long_is_not_waited_for_at_the_end() {
    alone(
        "a_server_that_wants_to_be_left_alone_for_long_is_not_waited_for_at_the_end",
        &[],
        || {
            // Longer than anything is tried.
            let receiver = Receiver::http().then([Answer::retry_after(503, "600")]);
            let telemetry = install(to(receiver.endpoint(), HTTP));
            end(&["a"]);
            receiver.wait_for_requests(1);
            // By then the answer is there.
            std::thread::sleep(Duration::from_millis(200));
            let error = telemetry.shutdown().expect_err("not taken").to_string();
            assert!(error.contains("it answered 503"), "{error}");
            assert_eq!(receiver.requests().len(), 1);
        },
    );
}

#[test]
fn a_connection_that_breaks_or_hangs_costs_nothing() {
    alone("a_connection_that_breaks_or_hangs_costs_nothing", &[], || {
        let long = Duration::from_mins(1);
        for answer in [Answer::Reset, Answer::Hang(long)] {
            for protocol in [HTTP, Protocol::HttpJson, Protocol::Grpc] {
                let receiver = match protocol {
                    Protocol::Grpc => Receiver::grpc(),
                    _ => Receiver::http(),
                };
                receiver.answers([answer.clone(), answer.clone()]);
                let otlp = to(receiver.endpoint(), protocol).timeout(Duration::from_millis(300));
                let telemetry = install(otlp);
                end(&["a"]);
                telemetry.force_flush().expect("delivered in the end");
                assert_eq!((names(&receiver).len(), receiver.requests().len()), (1, 3));
                telemetry.shutdown().expect("nothing left");
            }
        }
    });
}

#[test]
fn what_was_taken_is_not_sent_again_though_the_answer_never_ends() {
    alone("what_was_taken_is_not_sent_again_though_the_answer_never_ends", &[], || {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let taken = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let counted = Arc::clone(&taken);
        std::thread::spawn(move || {
            let mut open = Vec::new();
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let _ = stream.read(&mut [0; 1024]);
                // So many bytes are promised, and none comes.
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n");
                counted.fetch_add(1, std::sync::atomic::Ordering::AcqRel);
                open.push(stream);
            }
        });
        let telemetry = install(to(endpoint, HTTP).timeout(Duration::from_millis(500)));
        end(&["a"]);
        telemetry.force_flush().expect("taken");
        telemetry.shutdown().expect("nothing left");
        assert_eq!(taken.load(std::sync::atomic::Ordering::Acquire), 1);
    });
}

#[test]
fn an_outage_costs_nothing() {
    alone("an_outage_costs_nothing", &[], || {
        for protocol in [HTTP, Protocol::Grpc] {
            let at = |address| match protocol {
                Protocol::Grpc => Receiver::grpc_at(address),
                _ => Receiver::http_at(address),
            };
            let mut first = at("127.0.0.1:0".parse().expect("an address"));
            let telemetry = install(to(first.endpoint(), protocol));
            end(&["before"]);
            telemetry.force_flush().expect("a receiver");
            first.stop();
            end(&["during 1"]);
            // The first attempt finds nobody, while more is recorded.
            std::thread::sleep(Duration::from_millis(1_500));
            end(&["during 2"]);
            let second = at(first.address());
            end(&["after"]);
            let spans = second.wait_for_spans(3);
            telemetry.shutdown().expect("delivered");
            assert_eq!(names(&first), ["before"]);
            let mut names: Vec<_> = spans.into_iter().map(|span| span.name).collect();
            names.sort();
            assert_eq!(names, ["after", "during 1", "during 2"]);
        }
    });
}

#[test]
fn an_answer_without_sense_is_an_answer() {
    alone("an_answer_without_sense_is_an_answer", &[], || {
        for answer in [Answer::Garbage, Answer::Long(300_000)] {
            for protocol in [HTTP, Protocol::HttpJson] {
                let receiver = Receiver::http().then([answer.clone()]);
                let telemetry = install(to(receiver.endpoint(), protocol));
                end(&["a"]);
                telemetry.force_flush().expect("taken");
                end(&["b"]);
                telemetry.shutdown().expect("taken");
                assert_eq!(names(&receiver), ["a", "b"]);
                assert_eq!(receiver.requests().len(), 2);
            }
        }
        // Over gRPC it is a failure that says nothing of another time.
        let receiver = Receiver::grpc().then([Answer::Garbage]);
        let telemetry = install(to(receiver.endpoint(), Protocol::Grpc));
        end(&["a"]);
        telemetry.force_flush().expect_err("unknown");
        end(&["b"]);
        telemetry.shutdown().expect("taken");
        assert_eq!(receiver.requests().len(), 2);
    });
}

#[test]
fn what_finds_nobody_is_given_up_in_the_end_and_what_comes_later_is_not() {
    alone("what_finds_nobody_is_given_up_in_the_end_and_what_comes_later_is_not", &[], || {
        let receiver = Receiver::http().deciding(|_| Answer::status(503));
        let telemetry =
            install(to(receiver.endpoint(), HTTP).retry_for(Duration::from_millis(600)));
        end(&["lost"]);
        let error = telemetry.force_flush().expect_err("503").to_string();
        assert!(error.contains("it answered 503"), "{error}");
        assert!(receiver.requests().len() > 1);
        let receiver = receiver.deciding(|_| Answer::Accept);
        end(&["next"]);
        telemetry.shutdown().expect("taken");
        assert_eq!(names(&receiver), ["next"]);
    });
}

#[test]
fn whose_patience_has_no_end_says_so_with_the_longest_time() {
    alone("whose_patience_has_no_end_says_so_with_the_longest_time", &[], || {
        for protocol in [HTTP, Protocol::Grpc] {
            let (receiver, busy) = match protocol {
                Protocol::Grpc => (Receiver::grpc(), Answer::Code(14, None)),
                _ => (Receiver::http(), Answer::status(503)),
            };
            let receiver = receiver.then([busy.clone(), busy.clone()]);
            // No time at all is none for an answer, which nobody means: as in a variable, it is without end.
            let otlp = Otlp::at(receiver.endpoint())
                .protocol(protocol)
                .metrics(false)
                .retry_for(Duration::MAX)
                .timeout(Duration::ZERO);
            let telemetry = llmobs_runtime::builder()
                .otlp(otlp)
                .shutdown_deadline(Duration::MAX)
                .install()
                .expect("a pipeline");
            end(&["a"]);
            telemetry.force_flush().expect("taken");
            receiver.answers([busy]);
            end(&["b"]);
            telemetry.shutdown().expect("taken");
            assert_eq!(names(&receiver), ["a", "b"]);
        }
    });
}

#[test]
fn a_server_that_is_slow_gets_the_last_metrics_within_the_deadline() {
    alone("a_server_that_is_slow_gets_the_last_metrics_within_the_deadline", &[], || {
        // The SDK waits five seconds, whatever it is told.
        let receiver = Receiver::http().deciding(|_| {
            std::thread::sleep(Duration::from_secs(6));
            Answer::Accept
        });
        let otlp = Otlp::at(receiver.endpoint()).traces(false).logs(false);
        let telemetry = builder(otlp).install().expect("a pipeline");
        global::meter("of-test").u64_counter("counted").build().add(1, &[]);
        telemetry.shutdown().expect("taken");
        assert!(receiver.points().iter().any(|point| point.metric == "counted"));
        // One that refuses them late is told of all the same.
        let receiver = Receiver::http().deciding(|_| {
            std::thread::sleep(Duration::from_secs(6));
            Answer::status(400)
        });
        let otlp = Otlp::at(receiver.endpoint()).traces(false).logs(false);
        let telemetry = builder(otlp).install().expect("a pipeline");
        global::meter("of-test").u64_counter("counted").build().add(1, &[]);
        telemetry.shutdown().expect_err("refused");
    });
}

#[test]
fn a_request_that_is_too_large_is_sent_in_parts() {
    alone("a_request_that_is_too_large_is_sent_in_parts", &[], || {
        for (protocol, answer) in [
            (HTTP, Answer::status(413)),
            (Protocol::HttpJson, Answer::status(413)),
            (Protocol::Grpc, Answer::Code(8, None)),
        ] {
            let receiver = match protocol {
                Protocol::Grpc => Receiver::grpc(),
                _ => Receiver::http(),
            };
            let receiver = receiver.deciding(move |request| {
                let Payload::Traces(traces) = &request.payload else { return Answer::Accept };
                let scopes = traces.resource_spans.iter().flat_map(|one| &one.scope_spans);
                let spans: usize = scopes.map(|scope| scope.spans.len()).sum();
                let huge = format!("{:?}", request.payload).contains("\"huge\"");
                if spans > 2 || huge { answer.clone() } else { Answer::Accept }
            });
            let telemetry = install(to(receiver.endpoint(), protocol));
            let all: Vec<_> = (0..9).map(|number| number.to_string()).collect();
            end(&all.iter().map(String::as_str).collect::<Vec<_>>());
            telemetry.force_flush().expect("taken in parts");
            assert_eq!(names(&receiver), all);
            // What is too large by itself costs only itself.
            end(&["huge", "small"]);
            telemetry.force_flush().expect("taken in part");
            assert_eq!(names(&receiver).last().map(String::as_str), Some("small"));
            // Wherever it stands.
            end(&["last", "huge"]);
            telemetry.force_flush().expect("taken in part");
            assert_eq!(names(&receiver).last().map(String::as_str), Some("last"));
            end(&["huge", "huge"]);
            telemetry.force_flush().expect_err("nothing was taken");
            telemetry.shutdown().expect("nothing left");
        }
    });
}

#[test]
fn a_server_that_takes_nothing_at_all_is_not_asked_for_every_item() {
    alone("a_server_that_takes_nothing_at_all_is_not_asked_for_every_item", &[], || {
        let receiver = Receiver::grpc().deciding(|_| Answer::Code(8, None));
        let telemetry = install(to(receiver.endpoint(), Protocol::Grpc).metrics(false));
        let all: Vec<_> = (0..64).map(|number| number.to_string()).collect();
        end(&all.iter().map(String::as_str).collect::<Vec<_>>());
        telemetry.force_flush().expect_err("nothing was taken");
        // 64, 32, 16, 8, 4, 2, two single ones, the other two of these four, a single one.
        assert_eq!(receiver.requests().len(), 10);
        drop(telemetry);
    });
}

#[test]
fn a_redirection_is_not_followed() {
    alone("a_redirection_is_not_followed", &[], || {
        let elsewhere = Receiver::http();
        let location = format!("{}/v1/traces", elsewhere.endpoint());
        let receiver =
            Receiver::http().then([Answer::Reply(307, vec![("location", location)], Vec::new())]);
        let telemetry = install(to(receiver.endpoint(), HTTP).header("api-key", "secret"));
        end(&["a"]);
        let error = telemetry.force_flush().expect_err("307").to_string();
        assert!(error.contains("it answered 307") && !error.contains("secret"), "{error}");
        assert_eq!((receiver.requests().len(), elsewhere.requests().len()), (1, 0));
        telemetry.shutdown().expect("nothing left");
    });
}

/// What was logged.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn what_a_server_rejects_is_counted_and_said_seldom_without_its_words() {
    alone("what_a_server_rejects_is_counted_and_said_seldom_without_its_words", &[], || {
        let lines = Lines::default();
        let writer = lines.clone();
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::WARN)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .init();
        for protocol in [HTTP, Protocol::HttpJson, Protocol::Grpc] {
            let receiver = match protocol {
                Protocol::Grpc => Receiver::grpc(),
                _ => Receiver::http(),
            };
            let receiver = receiver.deciding(|_| Answer::Partial(1, "the prompt was: secret"));
            let endpoint = receiver.endpoint().replace("http://", "http://user:secret@");
            let telemetry = install(to(endpoint, protocol));
            for _ in 0..5 {
                end(&["a"]);
                telemetry.force_flush().expect("taken");
            }
            telemetry.shutdown().expect("nothing left");
            assert_eq!(receiver.requests().len(), 5);
            let text = lines.text();
            let said = |count: &str| text.contains(&format!("rejected spans: {count} so far"));
            let told = ["1", "2", "3", "4", "5"].map(said);
            assert_eq!(told, [true, true, false, true, false], "{text}");
            assert!(!text.contains("secret"), "{text}");
            lines.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
    });
}

/// Whether the thread that sends is there.
#[cfg(target_os = "linux")]
fn is_sending() -> bool {
    let tasks = std::fs::read_dir("/proc/self/task").expect("threads");
    tasks.flatten().any(|task| {
        let name = std::fs::read_to_string(task.path().join("comm")).unwrap_or_default();
        name.trim() == "llmobs-otlp"
    })
}

#[cfg(target_os = "linux")]
#[test]
fn the_thread_ends_at_the_deadline_though_a_server_hangs() {
    alone("the_thread_ends_at_the_deadline_though_a_server_hangs", &[], || {
        for protocol in [HTTP, Protocol::Grpc] {
            let receiver = match protocol {
                Protocol::Grpc => Receiver::grpc(),
                _ => Receiver::http(),
            };
            let receiver = receiver.deciding(|_| Answer::Hang(Duration::from_mins(10)));
            // Of traces, metrics and logs.
            let telemetry = llmobs_runtime::builder()
                .otlp(Otlp::at(receiver.endpoint()).protocol(protocol))
                .shutdown_deadline(Duration::from_millis(500))
                .install()
                .expect("a pipeline");
            assert!(is_sending());
            end(&["a"]);
            global::meter("of-test").u64_counter("counted").build().add(1, &[]);
            telemetry.shutdown().expect_err("no answer");
            let end = Instant::now() + llmobs_tests::otlp::PATIENCE;
            while is_sending() {
                assert!(Instant::now() < end, "the thread goes on");
                std::thread::yield_now();
            }
        }
    });
}

#[test]
fn who_is_not_there_is_not_waited_for_at_the_end() {
    alone("who_is_not_there_is_not_waited_for_at_the_end", &[], || {
        for protocol in [HTTP, Protocol::Grpc] {
            let mut nobody = Receiver::http();
            nobody.stop();
            let patient = Duration::from_mins(10);
            let telemetry = builder(to(nobody.endpoint(), protocol))
                .shutdown_deadline(patient)
                .install()
                .expect("a pipeline");
            end(&["a"]);
            let error = telemetry.shutdown().expect_err("nobody").to_string();
            assert!(!error.contains("not done within"), "{error}");
            assert!(error.contains(&nobody.endpoint()), "{error}");
        }
    });
}
