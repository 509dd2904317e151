//! What each feature of the runtime brings, and what a first build with it takes.

use llmobs_bench::{Report, Table, figure};

use super::place::Place;

/// Those that bring crates, each with what it is compared with.
const FEATURES: [(&str, &str); 19] = [
    ("", ""),
    ("enable", ""),
    ("sdk", "enable"),
    ("console", "sdk"),
    ("azure-monitor", "sdk"),
    ("azure-identity", "azure-monitor"),
    ("azure-sdk-tracing", "enable"),
    ("otlp-http", "sdk"),
    ("otlp-grpc", "sdk"),
    ("otlp-http,otlp-grpc", "sdk"),
    ("jaeger,grafana,datadog,langfuse", "sdk"),
    ("prometheus", "sdk"),
    ("tracing-events", "sdk"),
    ("tracing-spans", "sdk"),
    ("redact", "enable"),
    ("sse", "enable"),
    ("token-estimates", "enable"),
    ("async-openai", "enable"),
    ("async-openai-responses", "enable"),
];

pub(crate) fn measure(place: &Place, report: &mut Report) {
    let note = "A first `cargo build` of llmobs-runtime, debug, one each: crates, its own two and those of macros and build \
                scripts among them, and processor seconds; and both beyond those of the feature that it is compared with.";
    let columns = ["feature", "crates", "seconds", "beyond", "crates more", "seconds more"];
    let mut table = Table::new("Features", note, &columns);
    let mut known: Vec<(&str, usize, f64)> = Vec::new();
    for (feature, beyond) in FEATURES {
        place.with_features(feature);
        let (crates, seconds) = (place.crates(), place.first_build());
        let before = known.iter().find(|(name, ..)| *name == beyond).copied();
        known.push((feature, crates, seconds));
        let (_, less, sooner) = before.unwrap_or_default();
        let of = |name: &str| if name.is_empty() { "none".to_owned() } else { format!("`{name}`") };
        let more = crates.saturating_sub(less).to_string();
        table.row([
            of(feature),
            crates.to_string(),
            figure(seconds),
            if feature.is_empty() { String::new() } else { of(beyond) },
            more,
            figure(seconds - sooner),
        ]);
    }
    report.table(table);
}
