//! What is recorded of a stream, in both dialects.

use std::time::Duration;

use futures::{Stream, StreamExt};
use llmobs_runtime::conventions::Dialect;
use llmobs_tests::Recorder;
use opentelemetry_sdk::trace::Sampler;

use super::{Piece, STOP, TEXT, USAGE, chat, slowly};

#[tokio::test]
async fn the_metrics_of_both_dialects() {
    for (dialect, prefix) in [
        (Dialect::Released, "gen_ai.client.operation"),
        (Dialect::Latest, "gen_ai.client.inference"),
    ] {
        let recorder = Recorder::with(dialect, Sampler::AlwaysOn);
        let answer = chat().stream(slowly(vec![Ok(TEXT), Ok(TEXT), Ok(TEXT), Ok(STOP), Ok(USAGE)]));
        answer.for_each(|_| tokio::time::sleep(Duration::from_millis(2))).await;
        let span = recorder.span();
        let length = span.0.end_time.duration_since(span.0.start_time).unwrap().as_secs_f64();
        assert_eq!(span.text("gen_ai.request.stream").as_deref(), Some("true"));
        let Some(opentelemetry::Value::F64(first)) =
            span.value("gen_ai.response.time_to_first_chunk")
        else {
            panic!("no time to first chunk: {span:?}");
        };

        let points = recorder.points_of(&format!("{prefix}.time_to_first_chunk"));
        assert_eq!(points.len(), 1);
        assert_eq!((points[0].count, points[0].sum.to_bits()), (1, first.to_bits()));
        assert_eq!(points[0].unit, "s");
        assert_eq!(points[0].attribute("gen_ai.response.model"), Some("m-2026"));

        let points = recorder.points_of(&format!("{prefix}.time_per_output_chunk"));
        assert_eq!(points.len(), 1);
        assert_eq!(points[0].count, 4, "one for each chunk after the first");
        // All chunks lie between the first one and the end, and the consumer's pauses between them.
        assert!(points[0].sum >= 4.0 * 0.002 && points[0].sum <= length - first, "{points:?}");
        assert_eq!(points[0].attributes, {
            let first = recorder.points_of(&format!("{prefix}.time_to_first_chunk"));
            first[0].attributes.clone()
        });
    }
}

#[tokio::test]
async fn metrics_are_recorded_though_the_span_is_not() {
    let recorder = Recorder::with(Dialect::Released, Sampler::AlwaysOff);
    assert_eq!(chat().stream(slowly(vec![Ok(TEXT), Ok(STOP), Ok(USAGE)])).count().await, 3);
    assert!(recorder.spans().is_empty());
    let points = recorder.points_of("gen_ai.client.operation.time_per_output_chunk");
    assert_eq!(points[0].count, 2);
    let tokens = recorder.points_of("gen_ai.client.token.usage");
    assert_eq!((tokens.len(), tokens[0].sum.to_bits()), (1, 7_f64.to_bits()));
}

#[tokio::test]
async fn of_a_count_that_comes_again_the_last_holds() {
    let recorder = Recorder::new();
    let counted = |tokens| Ok(Piece { tokens: Some(tokens), ..TEXT });
    let items = vec![counted(1), counted(2), Ok(STOP), counted(3)];
    assert_eq!(chat().stream(slowly(items)).count().await, 4);
    assert_eq!(recorder.span().int("gen_ai.usage.output_tokens"), Some(3));
}

#[tokio::test]
async fn a_stream_of_many_chunks_has_a_point_for_each() {
    let recorder = Recorder::new();
    let items = futures::stream::iter((0..5_000).map(|_| Ok::<_, super::Broken>(TEXT)));
    assert_eq!(chat().stream(items).count().await, 5_000);
    let points = recorder.points_of("gen_ai.client.operation.time_per_output_chunk");
    assert_eq!(points[0].count, 4_999);
    assert_eq!(recorder.span().int("llmobs.response.chunk_count"), Some(5_000));
}

#[tokio::test]
async fn a_call_that_is_no_stream_has_none_of_it() {
    let recorder = Recorder::new();
    chat().start().end();
    let span = recorder.span();
    for key in [
        "gen_ai.request.stream",
        "gen_ai.response.time_to_first_chunk",
        "llmobs.response.chunk_count",
    ] {
        assert_eq!(span.value(key), None, "{key}");
    }
    assert_eq!(recorder.points().len(), 1);
}

#[tokio::test]
async fn a_chunk_that_panics_while_it_is_read_costs_only_what_it_had_to_say() {
    struct Bad;
    impl llmobs_runtime::LlmChunk for Bad {
        fn record(&self, _: &mut llmobs_runtime::Streamed<'_>) {
            panic!("on purpose");
        }
    }
    let recorder = Recorder::new();
    let items = futures::stream::iter([Ok::<_, super::Broken>(Bad), Ok(Bad)]);
    assert_eq!(chat().stream(items).count().await, 2);
    assert_eq!(recorder.span().int("llmobs.response.chunk_count"), Some(2));
}

#[test]
fn the_size_of_a_stream_is_known_as_before() {
    let _recorder = Recorder::new();
    let items = futures::stream::iter([Ok::<_, super::Broken>(TEXT), Ok(STOP)]);
    assert_eq!(chat().stream(items).size_hint(), (2, Some(2)));
}
