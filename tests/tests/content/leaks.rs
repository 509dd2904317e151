//! Content reaches only the attributes that are meant for it: every way to fail, with marked content, and a look at
//! everything that was emitted.

use std::fmt::Write as _;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use futures::{StreamExt, stream};
use llmobs_runtime::content::{Content, ContentCapture, Kind, Redactable};
use llmobs_runtime::conventions::{Dialect, attr, operation};
use llmobs_runtime::payload::wire::Body;
use llmobs_runtime::{Fields, LlmChunk, LlmRequest, LlmResponse, Streamed, call};
use llmobs_tests::Recorder;
use tracing_subscriber::fmt::MakeWriter;

use super::chat;

/// What must not turn up anywhere.
const MARK: &str = "Pole-Poppenspaeler-1874";

/// Everything that is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[derive(Debug, thiserror::Error)]
#[error("could not answer {MARK}")]
struct Marked;

struct Faulty;

impl LlmRequest for Faulty {
    fn record(&self, _: &mut Fields) {
        panic!("{MARK}");
    }
    fn capture(&self, content: &mut Content) {
        content.add(Kind::Input, MARK);
        panic!("{MARK}");
    }
}

impl LlmResponse for Faulty {
    fn record(&self, _: &mut Fields) {
        panic!("{MARK}");
    }
    fn capture(&self, content: &mut Content) {
        content.add(Kind::Output, MARK);
        panic!("{MARK}");
    }
}

impl LlmChunk for Faulty {
    fn record(&self, answer: &mut Streamed<'_>) {
        if let Some(content) = answer.content() {
            content.text_delta(0, MARK);
        }
        panic!("{MARK}");
    }
}

fn bodies() -> Vec<String> {
    vec![
        format!(r#"{{"error": {{"message": "{MARK}", "type": "{MARK} is not allowed"}}}}"#),
        format!(r#"{{"error": {{"message": "{MARK}", "code": "content_filter"}}}}"#),
        format!(r#"{{"choices": [{{"message": {{"content": "{MARK}"}}}}], "usage": "{MARK}"}}"#),
        format!(r#"{{"type": "error", "error": {{"message": "{MARK}"}}}}"#),
        format!(
            r#"{{"object": "response", "status": "incomplete", "incomplete_details": {{"reason": "{MARK} was the reason"}}}}"#
        ),
        format!(r#"{{"messages": [{{"role": "user", "content": "{MARK}"}}], "model": "m""#),
        format!("{MARK}"),
    ]
}

/// Every way in which a call can go wrong, with content in every place.
fn everything_goes_wrong() {
    let quiet = |body: &mut dyn FnMut()| {
        let _ = catch_unwind(AssertUnwindSafe(body));
    };
    let mut failed = chat().request(&Faulty).capture(Kind::Input, MARK).start();
    failed.response(&Faulty);
    failed.capture(Kind::Output, MARK);
    failed.fail(&Marked);
    failed.end();
    for body in bodies() {
        let body = Body(body.as_bytes());
        let mut call = chat().request(&body).start();
        call.response(&body);
        call.chunk(&body);
        call.end();
    }
    drop(chat().capture(Kind::Input, MARK).start());
    quiet(&mut || {
        let _call = chat().capture(Kind::Input, MARK).start();
        panic!("{MARK}");
    });
    call(&operation::EXECUTE_TOOL).capture(Kind::Arguments, MARK).start().end();
    let items = || stream::iter([Ok(Faulty), Err(Marked), Ok(Faulty)]);
    // A runtime of its own: the exporter in memory blocks on an executor that cannot be nested.
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let mut whole = chat().stream(items());
        while whole.next().await.is_some() {}
        let mut left = chat().stream(items());
        let _ = left.next().await;
        drop(left);
    });
    quiet(&mut || {
        let mut broken = chat().stream(stream::poll_fn(
            |_| -> std::task::Poll<Option<Result<Faulty, Marked>>> { panic!("{MARK}") },
        ));
        let _ = runtime.block_on(broken.next());
    });
    // What is no identifier is no error type either.
    let mut call = chat().start();
    call.set(attr::GEN_AI_RESPONSE_ID, "answer-1");
    call.fail_as("timeout");
    call.end();
}

/// Everything that was emitted, but for the attributes that are meant to hold content.
fn emitted(recorder: &Recorder, meant: bool) -> String {
    let mut all = String::new();
    let is_content = |key: &str| {
        meant
            && llmobs_runtime::conventions::AttributeId::find(key)
                .is_some_and(|id| id.row().content)
    };
    for span in recorder.spans() {
        let mut span = span.0;
        span.attributes.retain(|attribute| !is_content(attribute.key.as_str()));
        writeln!(all, "{span:?}").unwrap();
    }
    for event in recorder.events() {
        for (key, value) in event.0.attributes_iter() {
            if !is_content(key.as_str()) {
                writeln!(all, "{key} = {value:?}").unwrap();
            }
        }
        writeln!(all, "{:?} {:?}", event.name(), event.0.body()).unwrap();
    }
    for point in recorder.points() {
        writeln!(all, "{point:?}").unwrap();
    }
    all
}

#[test]
fn marked_content_is_found_nowhere_else() {
    let log = Log::default();
    for dialect in [Dialect::Released, Dialect::Latest] {
        for capture in [ContentCapture::NoContent, ContentCapture::SpanAndEvent] {
            let recorder = Recorder::built(|builder| {
                builder.dialect(dialect).capture_content(capture).redact(
                    |kind: Kind, _: Redactable<'_>| {
                        assert!(kind != Kind::Arguments, "{MARK}");
                        if kind == Kind::Instructions { Err(MARK.into()) } else { Ok(()) }
                    },
                )
            });
            tracing::subscriber::with_default(subscriber_of(&log), everything_goes_wrong);
            assert!(recorder.spans().len() > 12, "{}", recorder.spans().len());
            let all = emitted(&recorder, capture != ContentCapture::NoContent);
            assert!(!all.contains(MARK), "{dialect:?} {capture:?}: {all}");
            if capture != ContentCapture::NoContent {
                // The mark is there, where it is meant to be.
                let whole = recorder.spans().iter().any(|span| {
                    span.text("gen_ai.input.messages").is_some_and(|text| text.contains(MARK))
                });
                assert!(whole);
            }
        }
    }
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("panicked"), "warnings were logged: {logged}");
    assert!(!logged.contains(MARK), "{logged}");
}

fn subscriber_of(log: &Log) -> impl tracing::Subscriber + Send + Sync + use<> {
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish()
}

#[test]
fn what_is_shown_for_debugging_holds_no_content() {
    use llmobs_runtime::content::{Captured, Json, Message, Part, Room};
    let recorder = Recorder::built(|builder| builder.capture_content(ContentCapture::SpanAndEvent));
    let call = chat().capture(Kind::Input, MARK);
    let shown = format!("{call:?}");
    let call = call.start();
    let shown = shown + &format!("{call:?}");
    call.end();
    let message = Message::new("user").with(Part::Text(MARK.to_owned()));
    let captured = Captured::Text(MARK.to_owned());
    let shown = shown
        + &format!(
            "{message:?}{captured:?}{:?}{:?}",
            Json::Text(MARK.to_owned()),
            Body(MARK.as_bytes())
        );
    assert!(!shown.contains(MARK), "{shown}");
    drop(recorder);
    let _ = std::marker::PhantomData::<Room>;
}
