//! What was measured, by what it is and of what.

use std::collections::BTreeMap;

use llmobs_bench::Run;

/// Figures per call, the bare function subtracted.
#[derive(Debug, Default)]
pub(crate) struct Figures(BTreeMap<(&'static str, String), f64>);

impl Figures {
    pub(crate) fn put(&mut self, kind: &'static str, of: &str, figure: f64) {
        self.0.insert((kind, of.to_owned()), figure);
    }

    /// NaN where it was not measured.
    pub(crate) fn get(&self, kind: &'static str, of: &str) -> f64 {
        self.0.get(&(kind, of.to_owned())).copied().unwrap_or(f64::NAN)
    }
}

/// How people call who records.
pub(crate) fn label(who: &str) -> &'static str {
    match who {
        "by-hand" => "OpenTelemetry by hand",
        "traced" => "tracing-opentelemetry + metrics by hand",
        "fastrace" => "fastrace-opentelemetry, no metrics",
        "own" => "#[instrument_llm], our pipeline",
        "users" => "#[instrument_llm], the user's pipeline",
        "called" => "call(…), our pipeline",
        _ => "the bare function",
    }
}

/// And whether it is recorded.
pub(crate) fn state(how: &str) -> &'static str {
    match how {
        "sampled-out" => ", sampled out",
        "nobody" => ", no provider",
        "off" => ", switched off",
        _ => "",
    }
}

/// A variant as a process.
pub(crate) fn run(mode: &str, name: &str, rest: &[&str]) -> Run {
    let run = Run::new(&[&[mode, name], rest].concat());
    if name.contains(":off:") { run.with("OTEL_SDK_DISABLED", "true") } else { run }
}
