//! Buckets and counters lead to the traces of calls.

use std::collections::BTreeSet;
use std::time::{Duration, UNIX_EPOCH};

use llmobs_runtime::backend::prometheus::Page;
use llmobs_runtime::conventions::{Dialect, operation};
use llmobs_runtime::{Usage, call};
use llmobs_tests::Road;
use llmobs_tests::exposition::Sample;
use opentelemetry_sdk::trace::Sampler;

use super::{chat, open_metrics, shown};

/// Of samples of a name: the value of each exemplar, its trace and its span.
fn exemplars(
    page: &Page,
    name: &str,
    which: impl Fn(&Sample) -> bool,
) -> Vec<(f64, String, String)> {
    let page = open_metrics(page);
    let samples = page.samples(name).filter(|one| which(one));
    samples
        .filter_map(|one| one.exemplar.as_ref())
        .map(|of| {
            assert_eq!(of.labels.len(), 2);
            (of.value, of.labels["trace_id"].clone(), of.labels["span_id"].clone())
        })
        .collect()
}

fn input(sample: &Sample) -> bool {
    sample.label("gen_ai_token_type") == Some("input")
}

#[test]
fn a_bucket_names_the_last_call_in_it_as_it_was_exported() {
    for road in [Road::Ours, Road::Sdk] {
        let (recorder, page) = shown(road, |builder| builder.dialect(Dialect::Released));
        // Two in one bucket, and one in another.
        for tokens in [5, 6, 1_000] {
            chat("m", tokens, 0);
        }
        let of_tokens = exemplars(&page, "gen_ai_client_token_usage_bucket", input);
        let spans = recorder.spans();
        let span = |tokens: i64| {
            let span =
                spans.iter().find(|span| span.int("gen_ai.usage.input_tokens") == Some(tokens));
            let context = &span.expect("a span").0.span_context;
            (context.trace_id().to_string(), context.span_id().to_string())
        };
        let named = |value: f64, (trace, span): (String, String)| (value, trace, span);
        assert_eq!(of_tokens, [named(6.0, span(6)), named(1_000.0, span(1_000))], "{road:?}");

        // Seconds are those of the span, at its end.
        let read = open_metrics(&page);
        let durations = read.samples("gen_ai_client_operation_duration_seconds_bucket");
        let last =
            durations.filter_map(|one| one.exemplar.as_ref()).max_by(|a, b| a.at.total_cmp(&b.at));
        let last = last.expect("an exemplar");
        let of = spans
            .iter()
            .find(|span| span.0.span_context.span_id().to_string() == last.labels["span_id"]);
        let of = &of.expect("a span of ours").0;
        let length = of.end_time.duration_since(of.start_time).unwrap().as_secs_f64();
        assert_eq!(last.value.to_bits(), length.to_bits());
        let ended = of.end_time.duration_since(UNIX_EPOCH).unwrap();
        let apart = ended.saturating_sub(Duration::from_secs_f64(last.at));
        assert!(apart <= Duration::from_millis(1), "{ended:?} {}", last.at);
    }
}

#[test]
fn a_counter_names_the_last_call() {
    for road in [Road::Ours, Road::Sdk] {
        let (recorder, page) = shown(road, |builder| builder.dialect(Dialect::Latest));
        chat("m", 5, 1);
        chat("m", 7, 1);
        let name = "gen_ai_client_inference_usage_input_tokens_total";
        let of_counter = exemplars(&page, name, |_| true);
        let spans = recorder.spans();
        let last = &spans.last().unwrap().0.span_context;
        let (trace, span) = (last.trace_id().to_string(), last.span_id().to_string());
        assert_eq!(of_counter, [(7.0, trace, span)], "{road:?}");
        assert_eq!(open_metrics(&page).value(name, &[]).to_bits(), 12_f64.to_bits());
    }
}

#[test]
fn each_series_has_its_own() {
    for road in [Road::Ours, Road::Sdk] {
        let (recorder, page) = shown(road, |builder| builder.dialect(Dialect::Released));
        let models: Vec<String> = (0..50).map(|number| format!("model \"{number}\"")).collect();
        // More than once: what a thread keeps ready goes another way than what comes first.
        for _ in 0..4 {
            for model in &models {
                chat(model, 5, 0);
            }
            assert!(!open_metrics(&page).0.is_empty(), "handles are made anew after this");
        }
        let spans = recorder.spans();
        for model in &models {
            let of = exemplars(&page, "gen_ai_client_token_usage_bucket", |sample| {
                input(sample) && sample.label("gen_ai_request_model") == Some(model)
            });
            let last = spans
                .iter()
                .rfind(|span| span.text("gen_ai.request.model").as_deref() == Some(model.as_str()));
            let last = &last.unwrap().0.span_context;
            let (trace, span) = (last.trace_id().to_string(), last.span_id().to_string());
            assert_eq!(of, [(5.0, trace, span)], "{road:?} {model}");
        }
    }
}

#[test]
fn a_call_whose_span_goes_nowhere_is_none() {
    for road in [Road::Ours, Road::Sdk] {
        let (recorder, page) = shown(road, |builder| builder.sampler(Sampler::AlwaysOff));
        chat("m", 5, 0);
        let text = page.open_metrics().unwrap();
        assert_eq!(recorder.spans().len(), 0);
        assert!(text.contains("gen_ai_client_token_usage_count"), "{text}");
        assert!(!text.contains("trace_id"), "{text}");
    }
}

#[tokio::test]
async fn distances_of_chunks_lead_to_their_stream() {
    use futures::{StreamExt, stream};
    use llmobs_runtime::{LlmChunk, Streamed};

    struct Piece;
    impl LlmChunk for Piece {
        fn record(&self, _: &mut Streamed<'_>) {}
    }
    for road in [Road::Ours, Road::Sdk] {
        let (recorder, page) = shown(road, |builder| builder.dialect(Dialect::Released));
        for _ in 0..3 {
            let pieces = stream::iter([Piece, Piece, Piece].map(Ok::<_, std::io::Error>));
            let answer = call(&operation::CHAT).provider("openai").model("m").stream(pieces);
            answer.for_each(|_| async {}).await;
        }
        let of = exemplars(
            &page,
            "gen_ai_client_operation_time_per_output_chunk_seconds_bucket",
            |_| true,
        );
        let spans: BTreeSet<_> =
            recorder.spans().iter().map(|span| span.0.span_context.span_id().to_string()).collect();
        assert!(!of.is_empty(), "{road:?}");
        assert!(of.iter().all(|(.., span)| spans.contains(span)), "{of:?} {spans:?}");
    }
}

#[test]
fn calls_of_many_threads_are_noted_while_others_scrape() {
    for road in [Road::Ours, Road::Sdk] {
        let (recorder, page) = shown(road, |builder| builder.dialect(Dialect::Released));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..200).for_each(|_| chat("m", 5, 0)));
            }
            for _ in 0..20 {
                open_metrics(&page);
            }
        });
        // One after all others, by nobody disturbed.
        let mut last = call(&operation::CHAT).provider("openai").model("m").start();
        last.set(llmobs_runtime::conventions::attr::GEN_AI_RESPONSE_MODEL, "m");
        last.usage(&Usage { input: Some(6), ..Usage::default() });
        last.end();
        let of = exemplars(&page, "gen_ai_client_token_usage_bucket", input);
        let last = recorder.spans().last().unwrap().0.span_context.clone();
        assert_eq!(of, [(6.0, last.trace_id().to_string(), last.span_id().to_string())]);
        let read = open_metrics(&page);
        let count =
            read.value("gen_ai_client_token_usage_count", &[("gen_ai_token_type", "input")]);
        assert_eq!(count.to_bits(), 801_f64.to_bits());
    }
}
