//! Values are those that were recorded, under Prometheus's names.

use std::collections::BTreeMap;

use llmobs_runtime::conventions::Dialect;
use llmobs_tests::exposition::{Exposition, Sample};
use llmobs_tests::{Point, Road};

use super::{chat, open_metrics, shown};

/// A name as Prometheus has it: written out here, not worked out.
fn named(metric: &str) -> &'static str {
    match metric {
        "gen_ai.client.operation.duration" => "gen_ai_client_operation_duration_seconds",
        "gen_ai.client.token.usage" => "gen_ai_client_token_usage",
        "gen_ai.client.inference.duration" => "gen_ai_client_inference_duration_seconds",
        "gen_ai.client.inference.operation.input_tokens" => {
            "gen_ai_client_inference_operation_input_tokens"
        }
        "gen_ai.client.inference.operation.output_tokens" => {
            "gen_ai_client_inference_operation_output_tokens"
        }
        "gen_ai.client.inference.usage.input_tokens" => {
            "gen_ai_client_inference_usage_input_tokens"
        }
        "gen_ai.client.inference.usage.output_tokens" => {
            "gen_ai_client_inference_usage_output_tokens"
        }
        other => panic!("another metric: {other}"),
    }
}

/// The labels that a point has beside those of its scope.
fn labels(point: &Point) -> BTreeMap<String, String> {
    let named = |(key, value): (&String, &String)| (key.replace('.', "_"), value.clone());
    point.attributes.iter().map(named).collect()
}

fn without_scope(sample: &Sample) -> BTreeMap<String, String> {
    let mut labels = sample.labels.clone();
    labels.retain(|name, _| !name.starts_with("otel_scope_"));
    labels
}

#[track_caller]
fn the(page: &Exposition, name: &str, labels: &BTreeMap<String, String>) -> f64 {
    let found: Vec<_> = page
        .samples(name)
        .filter(|one| without_scope(one) == *labels)
        .map(Sample::number)
        .collect();
    assert_eq!(found.len(), 1, "{name}{labels:?}");
    found[0]
}

#[test]
fn what_another_reader_has_is_on_the_page_in_both_dialects_on_both_roads() {
    for road in [Road::Ours, Road::Sdk] {
        for dialect in [Dialect::Released, Dialect::Latest] {
            let (recorder, page) = shown(road, |builder| builder.dialect(dialect));
            for tokens in [1, 4, 5, 100_000] {
                chat("m", tokens, tokens * 2);
            }
            chat("other", 7, 0);
            // Without anybody having flushed.
            let newer = page.open_metrics().expect("a pipeline");
            let points = recorder.points();
            let metrics: std::collections::BTreeSet<_> =
                points.iter().map(|point| point.metric.as_str()).collect();
            assert_eq!(
                metrics.len(),
                if dialect == Dialect::Released { 2 } else { 5 },
                "{metrics:?}"
            );
            let older = Exposition::text(&page.text().expect("a pipeline"));
            let newer = Exposition::open_metrics(&newer);
            for point in &points {
                let (name, labels) = (named(&point.metric), labels(point));
                for page in [&older, &newer] {
                    if point.bounds.is_empty() {
                        let value = the(page, &format!("{name}_total"), &labels);
                        assert_eq!(value.to_bits(), point.sum.to_bits(), "{name}");
                        assert_eq!(page.family(name).kind, "counter");
                        continue;
                    }
                    assert_eq!(page.family(name).kind, "histogram");
                    let sum = the(page, &format!("{name}_sum"), &labels);
                    assert_eq!(sum.to_bits(), point.sum.to_bits(), "{name}");
                    let count = the(page, &format!("{name}_count"), &labels);
                    assert_eq!(
                        count.to_bits(),
                        f64::from(u32::try_from(point.count).unwrap()).to_bits()
                    );
                    let of_point = |one: &&Sample| {
                        let mut labels_of_one = without_scope(one);
                        labels_of_one.remove("le");
                        labels_of_one == labels
                    };
                    let bucket = format!("{name}_bucket");
                    let bounds = page.samples(&bucket).filter(of_point);
                    let bounds = bounds.filter_map(|one| one.label("le")?.parse::<f64>().ok());
                    let bounds: Vec<_> = bounds.filter(|bound| bound.is_finite()).collect();
                    assert_eq!(bounds, point.bounds, "{name}");
                }
            }
        }
    }
}

#[test]
fn buckets_add_up() {
    let (_recorder, page) = shown(Road::Ours, |builder| builder.dialect(Dialect::Released));
    for tokens in [1, 4, 5, 100_000] {
        chat("m", tokens, 0);
    }
    let text = page.open_metrics().expect("a pipeline");
    let page = Exposition::open_metrics(&text);
    let buckets: Vec<_> = page
        .samples("gen_ai_client_token_usage_bucket")
        .filter(|one| one.label("gen_ai_token_type") == Some("input"))
        .map(|one| (one.label("le").unwrap(), one.value.as_str()))
        .collect();
    assert_eq!(
        buckets,
        [
            ("1.0", "1"),
            ("4.0", "2"),
            ("16.0", "3"),
            ("64.0", "3"),
            ("256.0", "3"),
            ("1024.0", "3"),
            ("4096.0", "3"),
            ("16384.0", "3"),
            ("65536.0", "3"),
            ("262144.0", "4"),
            ("1048576.0", "4"),
            ("4194304.0", "4"),
            ("16777216.0", "4"),
            ("67108864.0", "4"),
            ("+Inf", "4"),
        ]
    );
    let of = [("gen_ai_token_type", "input")];
    assert_eq!(page.value("gen_ai_client_token_usage_sum", &of).to_bits(), 100_010_f64.to_bits());
    assert!(text.contains("\n# TYPE gen_ai_client_token_usage histogram\n"));
    assert!(!text.contains("# UNIT gen_ai_client_token_usage"), "counts have no unit");
    assert!(text.contains(
        "\n# UNIT gen_ai_client_operation_duration_seconds seconds\n\
         gen_ai_client_operation_duration_seconds_bucket{"
    ));
    let family = page.family("gen_ai_client_token_usage");
    assert_eq!(family.help.as_deref(), Some("Tokens used by one operation, in and out"));
}

#[test]
fn each_series_says_what_recorded_it_and_the_page_what_the_target_is() {
    let (_recorder, page) = shown(Road::Ours, |builder| builder.service_name("shop \"one\""));
    chat("m", 1, 1);
    let (older, newer) = (page.text().unwrap(), page.open_metrics().unwrap());
    for text in [&older, &newer] {
        assert!(text.contains("service_name=\"shop \\\"one\\\"\""), "{text}");
    }
    let read = Exposition::open_metrics(&newer);
    for family in read.0.iter().filter(|(name, _)| *name != "target").map(|(_, family)| family) {
        for sample in &family.samples {
            assert_eq!(sample.label("otel_scope_name"), Some("llmobs"));
            assert_eq!(sample.label("otel_scope_version"), Some(env!("CARGO_PKG_VERSION")));
            let schema = sample.label("otel_scope_schema_url").unwrap();
            assert!(schema.starts_with("https://opentelemetry.io/schemas/"), "{schema}");
        }
    }
    assert_eq!(read.family("target").kind, "info");
    let of = [("service_name", "shop \"one\"")];
    assert_eq!(read.value("target_info", &of).to_bits(), 1_f64.to_bits());
    let read = Exposition::text(&older);
    assert_eq!(read.family("target").kind, "gauge");
    assert_eq!(read.value("target_info", &of).to_bits(), 1_f64.to_bits());
}

/// One whole page, but for what differs from run to run.
#[test]
fn a_page_of_the_older_format() {
    let prometheus =
        llmobs_runtime::backend::prometheus::Prometheus::new().without_server().scope_labels(false);
    let page = prometheus.target_info(false);
    let shown = page.page();
    let _recorder = llmobs_tests::Recorder::on(Road::Ours, |builder| {
        builder.dialect(Dialect::Latest).prometheus(page)
    });
    chat("m", 3, 0);
    let text = shown.text().unwrap();
    let counters: Vec<_> =
        text.lines().filter(|line| line.contains("usage_input_tokens")).collect();
    assert_eq!(counters.len(), 3, "{text}");
    assert!(counters[0].starts_with("# HELP gen_ai_client_inference_usage_input_tokens_total "));
    assert_eq!(counters[1], "# TYPE gen_ai_client_inference_usage_input_tokens_total counter");
    assert!(counters[2].starts_with("gen_ai_client_inference_usage_input_tokens_total{"));
    assert!(counters[2].ends_with("} 3"), "{}", counters[2]);
    assert!(!text.contains("otel_scope"), "{text}");
    assert!(!text.contains("target_info"), "{text}");
    assert!(
        !text.contains("# UNIT") && !text.contains("# EOF") && !text.contains("trace_id"),
        "{text}"
    );
    let newer = shown.open_metrics().unwrap();
    assert!(
        newer.contains("\n# TYPE gen_ai_client_inference_usage_input_tokens counter\n"),
        "{newer}"
    );
}

/// The points of a stream wait for whoever collects; who collects puts the call together first.
#[tokio::test]
async fn a_stream_that_is_over_is_on_the_next_page_as_a_whole() {
    use futures::{StreamExt, stream};
    use llmobs_runtime::{LlmChunk, Streamed, call, conventions::operation};

    struct Piece;
    impl LlmChunk for Piece {
        fn record(&self, _: &mut Streamed<'_>) {}
    }
    for road in [Road::Ours, Road::Sdk] {
        let (_recorder, page) = shown(road, |builder| builder.dialect(Dialect::Released));
        let pieces = stream::iter([Piece, Piece, Piece].map(Ok::<_, std::io::Error>));
        let answer = call(&operation::CHAT).provider("openai").model("m").stream(pieces);
        answer.for_each(|_| async {}).await;
        let page = open_metrics(&page);
        let counted =
            |name: &str| page.value(&format!("gen_ai_client_operation_{name}_count"), &[]);
        assert_eq!(counted("duration_seconds").to_bits(), 1_f64.to_bits());
        assert_eq!(counted("time_to_first_chunk_seconds").to_bits(), 1_f64.to_bits());
        assert_eq!(counted("time_per_output_chunk_seconds").to_bits(), 2_f64.to_bits(), "{road:?}");
    }
}

/// As `promtool` sees it, where there is one.
#[test]
fn promtool_has_nothing_to_say() {
    use std::io::Write;
    use std::process::{Command, Stdio};

    let (_recorder, page) = shown(Road::Ours, |builder| builder.dialect(Dialect::Latest));
    chat("m \\ \"x\"\n", 3, 4);
    let tool = Command::new("promtool").args(["check", "metrics"]).stdin(Stdio::piped()).spawn();
    let Ok(mut tool) = tool else { return };
    let text = page.text().unwrap();
    tool.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let out = tool.wait_with_output().unwrap();
    // 3: what it would name otherwise.
    assert!(matches!(out.status.code(), Some(0 | 3)), "{out:?}\n{text}");
}
