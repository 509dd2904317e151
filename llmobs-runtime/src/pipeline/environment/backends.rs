//! Which backends there are, by the names of `OTEL_TRACES_EXPORTER` and its siblings, and which the environment wants.

use super::check::{Checked, NONE, items, joined, none_and_more};
use super::error::Fault;
use super::note;
use crate::environment::table::{Signal, compiled};

/// A backend that the environment can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pipeline) enum Backend {
    Console,
    Otlp,
    Prometheus,
    AzureMonitor,
    Jaeger,
    Grafana,
    Datadog,
    Langfuse,
}

const ANY: &[Signal] = &Signal::ALL;

impl Backend {
    pub(super) const ALL: [Self; 8] = [
        Self::Console,
        Self::Otlp,
        Self::Prometheus,
        Self::AzureMonitor,
        Self::Jaeger,
        Self::Grafana,
        Self::Datadog,
        Self::Langfuse,
    ];

    /// The name in a variable, and others that it goes by.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Console => &["console"],
            Self::Otlp => &["otlp"],
            Self::Prometheus => &["prometheus"],
            // Also as the exporter of Microsoft's distribution for Python is called.
            Self::AzureMonitor => &["azure_monitor", "azure_monitor_opentelemetry_exporter"],
            Self::Jaeger => &["jaeger"],
            Self::Grafana => &["grafana"],
            Self::Datadog => &["datadog"],
            Self::Langfuse => &["langfuse"],
        }
    }

    pub(in crate::pipeline) fn name(self) -> &'static str {
        self.names().first().copied().unwrap_or_default()
    }

    /// The cargo features that bring it, one of which is enough.
    fn features(self) -> &'static [&'static str] {
        match self {
            Self::Console => &["console"],
            Self::Otlp => &["otlp-http", "otlp-grpc"],
            Self::Prometheus => &["prometheus"],
            Self::AzureMonitor => &["azure-monitor"],
            Self::Jaeger => &["jaeger"],
            Self::Grafana => &["grafana"],
            Self::Datadog => &["datadog"],
            Self::Langfuse => &["langfuse"],
        }
    }

    pub(super) fn takes(self) -> &'static [Signal] {
        match self {
            Self::Jaeger | Self::Langfuse => &[Signal::Traces],
            Self::Prometheus => &[Signal::Metrics],
            Self::Console | Self::Otlp | Self::AzureMonitor | Self::Grafana | Self::Datadog => ANY,
        }
    }

    /// What it takes without being named for it: the console prints nothing but traces then.
    #[cfg(feature = "sdk")]
    pub(super) fn takes_unasked(self) -> &'static [Signal] {
        if self == Self::Console { &[Signal::Traces] } else { self.takes() }
    }

    pub(super) fn is_compiled(self) -> bool {
        self.features().iter().any(|feature| compiled(feature))
    }

    pub(super) fn find(name: &str) -> Option<Self> {
        let is = |backend: &Self| backend.names().iter().any(|its| its.eq_ignore_ascii_case(name));
        Self::ALL.into_iter().find(is)
    }
}

/// What `OTEL_…_EXPORTER` names: backends that are compiled in and take the signal.
pub(super) fn named(signal: Signal, variable: &'static str, said: &str) -> Checked {
    let mut checked = Checked::default();
    let (mut found, mut none, mut all) = (Vec::new(), false, 0_usize);
    for item in items(said) {
        all = all.saturating_add(1);
        if item.eq_ignore_ascii_case(NONE) {
            none = true;
            continue;
        }
        let Some(backend) = Backend::find(item) else {
            checked.notes.push(note::unknown_value(variable, item, &usable(signal)));
            continue;
        };
        let name = backend.name();
        if !backend.takes().contains(&signal) {
            let takes: Vec<_> = backend.takes().iter().map(|signal| signal.name()).collect();
            let takes = takes.join(" and ");
            let wrong = format!(
                " names `{name}`, which takes {takes} only; {} are taken by {}",
                signal.name(),
                takers(signal).join(", ")
            );
            checked.faults.push(Fault::new(variable, wrong));
        } else if !backend.is_compiled() {
            let features = backend.features().join("` or `");
            let wrong = format!(
                " names `{name}`, which is not compiled in: switch on the cargo feature `{features}` of llmobs-runtime"
            );
            checked.faults.push(Fault::new(variable, wrong));
        } else if !found.contains(&name) {
            found.push(name);
        }
    }
    if none && all > 1 {
        checked.faults.push(none_and_more(variable, said));
    }
    if checked.faults.is_empty() {
        checked.value = if none { Some(NONE.to_owned()) } else { joined(&found) };
    }
    checked
}

/// What may be named for a signal here.
fn usable(signal: Signal) -> Vec<&'static str> {
    let taking = Backend::ALL.into_iter().filter(|backend| backend.takes().contains(&signal));
    taking.filter(|backend| backend.is_compiled()).map(Backend::name).chain([NONE]).collect()
}

/// What takes a signal, compiled in or not.
fn takers(signal: Signal) -> Vec<&'static str> {
    let taking = Backend::ALL.into_iter().filter(|backend| backend.takes().contains(&signal));
    taking.map(Backend::name).collect()
}
