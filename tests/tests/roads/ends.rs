//! How a call may end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context as Waking, Poll, Waker};

use futures::{StreamExt, stream};
use llmobs_runtime::conventions::{Dialect, OPERATIONS, SpanKind, attr};
use llmobs_runtime::{LlmChunk, Streamed, Usage, call, instrument_llm};
use llmobs_tests::Recorder;
use opentelemetry::trace::{SpanKind as OtelKind, Status};

use super::both::{Parent, assert_lasted, block_on, both, chat, one, only, plainly};

#[instrument_llm(provider = "openai", model = "m", response = none, attributes("shop.tenant" = tenant))]
async fn ask(tenant: &str, fails: bool) -> Result<Usage, std::io::Error> {
    std::future::ready(()).await;
    if fails { Err(std::io::ErrorKind::TimedOut.into()) } else { Ok(Usage::default()) }
}

#[test]
fn well() {
    let span = one(|| {
        let mut call = chat().kind(SpanKind::Internal).start();
        call.set(attr::GEN_AI_RESPONSE_ID, "r-1");
        call.attribute("shop.answered", true);
        call.usage(&Usage { input: Some(3), output: Some(5), ..Usage::default() });
        call.end();
    });
    assert_eq!((span.name.as_str(), &span.kind), ("chat m", &OtelKind::Internal));
    assert_eq!((&span.status, span.parent), (&Status::Unset, Parent::None));
    let expected = [
        "gen_ai.operation.name",
        "gen_ai.provider.name",
        "gen_ai.request.model",
        "shop.tenant",
        "gen_ai.response.id",
        "gen_ai.usage.input_tokens",
        "gen_ai.usage.output_tokens",
        "shop.answered",
    ];
    assert_eq!(span.keys(), expected);
    let seen = plainly(|| {
        assert!(block_on(ask("north", false)).is_ok());
    });
    assert_eq!(only(seen).values("shop.tenant"), ["north"]);
}

#[test]
fn in_both_dialects_and_under_a_name_of_its_own() {
    for dialect in [Dialect::Released, Dialect::Latest] {
        let seen = both(
            |builder| builder.dialect(dialect),
            || {
                for operation in OPERATIONS {
                    call(operation).provider("openai").model("m").start().end();
                }
                chat().name("mine").metric_attribute("region", "north").start().end();
            },
        );
        assert_eq!(seen.spans.len(), OPERATIONS.len() + 1);
        assert_eq!(seen.spans.last().map(|span| span.name.as_str()), Some("mine"));
    }
}

#[test]
fn with_an_error() {
    let span = one(|| assert!(block_on(ask("north", true)).is_err()));
    assert_eq!(span.values("error.type"), ["timeout"]);
    assert_eq!(span.status, Status::error("timeout"));
    let span = one(|| {
        let mut call = chat().start();
        call.fail_as("429");
        call.end();
    });
    assert_eq!(span.status, Status::error("429"));
}

#[test]
fn with_an_error_that_was_known_before() {
    let span = one(|| chat().set(attr::ERROR_TYPE, "500").start().end());
    assert_eq!(span.values("error.type"), ["500"]);
    assert_eq!(span.status, Status::error("500"));
}

#[test]
fn with_a_panic() {
    let span = one(|| {
        let call = chat().start();
        let panicked = catch_unwind(AssertUnwindSafe(move || {
            let _call = call;
            std::panic::resume_unwind(Box::new("on purpose"));
        }));
        assert!(panicked.is_err());
    });
    assert_eq!(span.values("error.type"), ["panic"]);
}

#[test]
fn as_a_future_that_is_dropped() {
    let span = one(|| {
        let future = async {
            let call = chat().start();
            call.run(std::future::pending::<()>()).await;
            call.end();
        };
        let mut future = Box::pin(future);
        let waking = &mut Waking::from_waker(Waker::noop());
        assert_eq!(pin!(&mut future).poll(waking), Poll::Pending);
    });
    assert_eq!(span.values("error.type"), ["cancelled"]);
}

struct Piece(bool);

impl LlmChunk for Piece {
    fn record(&self, answer: &mut Streamed<'_>) {
        answer.fields().set(attr::GEN_AI_RESPONSE_ID, "r-1");
        if self.0 {
            answer.finish_reason(0, "stop");
        }
    }
}

use std::future::Future;

#[test]
fn as_a_stream() {
    // Exhausted, complete and left, abandoned after one item and before the first.
    for (items, read, error) in [
        (vec![Piece(false), Piece(true)], 3, None),
        (vec![Piece(false), Piece(true)], 2, None),
        (vec![Piece(false), Piece(true)], 1, Some("abandoned")),
    ] {
        let items = &items;
        let body = || {
            let pieces = items.iter().map(|piece| Piece(piece.0)).collect::<Vec<_>>();
            let mut answer = chat().stream(stream::iter(pieces));
            for _ in 0..read {
                let _ = block_on(answer.next());
            }
        };
        for road in [llmobs_tests::Road::Ours, llmobs_tests::Road::Sdk] {
            let recorder = Recorder::on(road, |builder| builder);
            body();
            assert_lasted(&recorder);
        }
        let span = only(plainly(body));
        assert_eq!(span.values("error.type"), error.into_iter().collect::<Vec<_>>());
        assert_eq!(span.values("llmobs.response.chunk_count"), [read.min(2).to_string()]);
        assert_eq!(span.values("gen_ai.response.id"), ["r-1"]);
    }
}

#[test]
fn what_is_learnt_later_changes_nothing_that_the_span_began_with() {
    let span = one(|| {
        // A port without its host says nothing, until the host is known.
        let mut call = chat()
            .set(attr::SERVER_PORT, &8_080)
            .attribute("gen_ai.response.id", "mine")
            .attribute("server.address", "mine too")
            .start();
        call.set(attr::GEN_AI_REQUEST_MODEL, "another");
        call.set(attr::SERVER_ADDRESS, "localhost");
        call.set(attr::GEN_AI_RESPONSE_ID, "r-1");
        call.attribute("shop.tenant", "south");
        call.attribute("gen_ai.provider.name", "mine again");
        call.end();
    });
    assert_eq!(span.values("gen_ai.request.model"), ["m"]);
    assert_eq!(span.values("gen_ai.response.id"), ["mine"]);
    assert_eq!(span.values("server.address"), ["mine too"]);
    assert_eq!(span.values("shop.tenant"), ["north"]);
}

#[test]
fn with_a_host_that_is_known_only_later() {
    one(|| {
        let mut call = chat().set(attr::SERVER_PORT, &8_080).start();
        call.set(attr::SERVER_ADDRESS, "localhost");
        call.end();
    });
    one(|| {
        let mut call = chat().attribute("server.port", "mine").set(attr::SERVER_PORT, &80).start();
        call.set(attr::SERVER_ADDRESS, "localhost");
        call.end();
    });
}

#[test]
fn with_ids_of_any_length() {
    for length in [100, 255, 8_192, 8_193, 70_000, 1_000_000] {
        let id = "x".repeat(length);
        let body = || {
            let mut call = chat().conversation_id(id.as_str()).start();
            call.set(attr::GEN_AI_RESPONSE_ID, id.as_str());
            call.attribute("shop.id", id.as_str());
            call.set(attr::GEN_AI_RESPONSE_MODEL, id.as_str());
            call.end();
            chat().start().end();
        };
        let seen = plainly(body);
        assert_eq!(seen.spans.len(), 2);
        for key in ["gen_ai.conversation.id", "gen_ai.response.id", "shop.id"] {
            let [kept] = <[String; 1]>::try_from(seen.spans[0].values(key)).expect(key);
            assert!(id.starts_with(&kept) && kept.len() >= length.min(8_000), "{key} {length}");
            assert!(seen.spans[1].values(key).is_empty(), "{key}");
        }
    }
}
