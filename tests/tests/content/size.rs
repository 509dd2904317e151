//! Content of any size costs bounded memory, and what was cut is marked.

use allocation_counter::measure;
use llmobs_runtime::content::{ContentCapture, ContentLimits, Kind};
use llmobs_tests::Recorder;
use serde_json::Value;

use super::chat;

fn limited(limits: ContentLimits) -> Recorder {
    Recorder::built(|builder| {
        builder.capture_content(ContentCapture::SpanAndEvent).content_limits(limits)
    })
}

#[test]
fn fifty_megabytes_are_cut_before_they_are_copied() {
    let recorder = limited(ContentLimits::new());
    let prompt = "Grüße aus Husum. ".repeat(3_000_000);
    assert!(prompt.len() > 50_000_000);
    let cost = |prompt: &str| measure(|| chat().capture(Kind::Input, prompt).start().end());
    // Whatever the first call of a process sets up.
    let _ = cost("");
    let whole = cost(&prompt);
    println!(
        "a prompt of {} bytes: {} allocated, {} at most at a time, exporter included",
        prompt.len(),
        whole.bytes_total,
        whole.bytes_max
    );
    let span = recorder.spans().pop().unwrap();
    let text = span.text("gen_ai.input.messages").unwrap();
    assert!(text.len() <= 64 * 1024 && text.len() > 60 * 1024, "{}", text.len());
    let message: Value = serde_json::from_str(&text).unwrap();
    let kept = message[0]["parts"][0]["content"].as_str().unwrap();
    assert!(prompt.starts_with(kept.strip_suffix('…').unwrap()));
    let marked = span.text("llmobs.content.truncated").unwrap();
    assert_eq!(marked, "[\"gen_ai.input.messages\"]");
    let event = recorder.events().pop().unwrap();
    assert_eq!(event.json("gen_ai.input.messages"), Some(message));
    assert!(event.json("llmobs.content.truncated").is_some());
    // Of fifty times as much no more is copied.
    let part = cost(&prompt[..1_000_000]);
    assert!(whole.bytes_total < part.bytes_total + 10_000, "{whole:?} {part:?}");
}

#[test]
fn a_million_messages_are_not_all_looked_at() {
    let recorder = limited(ContentLimits::new());
    let messages = vec![("user", "Again."); 1_000_000];
    let cost = measure(|| chat().capture(Kind::Input, &messages).start().end());
    println!(
        "{} bytes allocated for a million messages, {} at most at a time",
        cost.bytes_total, cost.bytes_max
    );
    assert!(cost.bytes_max < 4_000_000, "{cost:?}");
    let text = recorder.span().text("gen_ai.input.messages").unwrap();
    assert!(text.len() <= 64 * 1024);
    assert!(serde_json::from_str::<Vec<Value>>(&text).unwrap().len() > 100);
}

#[test]
fn all_of_a_span_stays_within_its_limit() {
    let recorder = limited(ContentLimits::new().attribute_bytes(4_000).span_bytes(5_000));
    let long = "x".repeat(10_000);
    let mut call = chat().capture(Kind::Input, &long).capture(Kind::Instructions, &long).start();
    call.capture(Kind::Output, &long);
    call.end();
    let span = recorder.span();
    let sizes: Vec<usize> =
        ["gen_ai.input.messages", "gen_ai.system_instructions", "gen_ai.output.messages"]
            .into_iter()
            .filter_map(|key| span.text(key))
            .map(|text| {
                assert!(serde_json::from_str::<Value>(&text).is_ok());
                text.len()
            })
            .collect();
    assert!(sizes.iter().all(|size| *size <= 4_000), "{sizes:?}");
    let all: usize = sizes.iter().sum();
    assert!(all <= 5_000 && all > 4_500, "{sizes:?}");
}

#[test]
fn what_is_only_counted_is_bounded_too() {
    struct Asked<'a>(&'a [(&'static str, &'static str)]);
    impl llmobs_runtime::LlmRequest for Asked<'_> {
        fn record(&self, _: &mut llmobs_runtime::Fields) {}

        fn capture(&self, content: &mut llmobs_runtime::content::Content) {
            content.add(Kind::Input, self.0);
        }
    }
    let recorder = Recorder::built(|builder| builder.estimate_tokens(true));
    let messages = vec![("user", "Again."); 1_000_000];
    let cost = measure(|| {
        let mut call = chat().request(&Asked(&messages)).start();
        // Elements of one value are counted up to a limit, values without one.
        for _ in 0..20_000 {
            call.capture(Kind::Output, "noon ");
        }
        call.end();
    });
    println!("{} bytes at most at a time for the tokens of a million messages", cost.bytes_max);
    assert!(cost.bytes_max < 10_000_000, "{cost:?}");
    let span = recorder.span();
    assert!(span.int("gen_ai.usage.input_tokens").is_some_and(|tokens| tokens >= 8_000));
    assert!(span.int("gen_ai.usage.output_tokens").is_some_and(|tokens| tokens >= 20_000));
    assert_eq!(span.value("gen_ai.input.messages"), None);
}

#[test]
fn with_capture_off_nothing_is_copied() {
    let _recorder = Recorder::new();
    let prompt = "x".repeat(1_000_000);
    let cost = |capture: bool| {
        measure(|| {
            let mut call = chat();
            if capture {
                call = call.capture(Kind::Input, &prompt).capture(Kind::Tools, &prompt);
            }
            let mut call = call.start();
            if capture {
                call.capture(Kind::Output, &prompt);
            }
            call.end();
        })
    };
    // The least of some: now and then a call has no buffers of an earlier one.
    let least = |capture| {
        let costs = (0..20).map(|_| cost(capture)).map(|cost| (cost.bytes_total, cost.count_total));
        costs.min()
    };
    assert_eq!(least(true), least(false));
}
