//! Which backends the environment wants.

use super::backends::Backend;
use super::check::items;
use super::read::Environment;
use crate::environment::described::is_described;
use crate::environment::table::Signal;

impl Backend {
    /// Whether variables of its own say where it is.
    fn is_described(self, environment: &Environment, signal: Signal) -> bool {
        is_described(self.name(), signal, |name| environment.get(name).map(str::to_owned))
    }
}

/// A backend that is wanted, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pipeline) struct Wanted {
    pub(in crate::pipeline) backend: Backend,
    pub(in crate::pipeline) traces: bool,
    pub(in crate::pipeline) metrics: bool,
    pub(in crate::pipeline) logs: bool,
}

/// The backends that the environment wants; `None` where it wants one and there is none.
pub(in crate::pipeline) fn wanted(environment: &Environment) -> Option<Vec<Wanted>> {
    wanted_of(environment, Backend::is_compiled)
}

fn wanted_of(
    environment: &Environment,
    is_compiled: impl Fn(Backend) -> bool,
) -> Option<Vec<Wanted>> {
    let of = |signal: Signal| environment.get(signal.exporter());
    let list = |said: &str| items(said).filter_map(Backend::find).collect::<Vec<_>>();
    let named: Vec<Backend> = Signal::ALL.into_iter().filter_map(of).flat_map(list).collect();
    let default = [Backend::Console, Backend::Otlp].into_iter().find(|it| is_compiled(*it));
    let choose = |signal| -> Vec<Backend> {
        if let Some(said) = of(signal) {
            return list(said);
        }
        let takes =
            |backend: &Backend| is_compiled(*backend) && backend.takes_unasked().contains(&signal);
        let all = |wanted: &dyn Fn(Backend) -> bool| -> Vec<Backend> {
            Backend::ALL.into_iter().filter(|backend| takes(backend) && wanted(*backend)).collect()
        };
        let described = all(&|backend| backend.is_described(environment, signal));
        if !described.is_empty() {
            return described;
        }
        let named = all(&|backend| named.contains(&backend));
        if named.is_empty() { default.into_iter().filter(takes).collect() } else { named }
    };
    let [traces, metrics, logs] = Signal::ALL.map(choose);
    let wanted: Vec<Wanted> = Backend::ALL
        .into_iter()
        .map(|backend| Wanted {
            backend,
            traces: traces.contains(&backend),
            metrics: metrics.contains(&backend),
            logs: logs.contains(&backend),
        })
        .filter(|wanted| wanted.traces || wanted.metrics || wanted.logs)
        .collect();
    let is_said = Signal::ALL.into_iter().all(|signal| of(signal).is_some());
    (!wanted.is_empty() || is_said || default.is_some()).then_some(wanted)
}

#[cfg(test)]
mod tests {
    use super::Backend::{Console, Grafana, Jaeger, Otlp, Prometheus};
    use super::*;
    use crate::environment::names;

    /// What is wanted of these when the variables say so: each with the first letters of its signals.
    fn chosen(compiled: &[Backend], said: &[(&'static str, &str)]) -> Option<Vec<String>> {
        let environment = Environment::saying(said);
        let wanted = wanted_of(&environment, |backend| compiled.contains(&backend))?;
        let letters = |of: &Wanted| {
            let all = [(of.traces, 't'), (of.metrics, 'm'), (of.logs, 'l')];
            all.into_iter().filter_map(|(is, letter)| is.then_some(letter)).collect::<String>()
        };
        Some(wanted.iter().map(|of| format!("{} {}", of.backend.name(), letters(of))).collect())
    }

    fn are(wanted: Option<Vec<String>>, expected: &[&str]) {
        assert_eq!(wanted.expect("backends"), expected);
    }

    const ALL: [Backend; 8] = Backend::ALL;
    const ENDPOINT: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318");

    #[test]
    fn without_a_word_it_is_the_console_else_otlp_else_nothing() {
        are(chosen(&ALL, &[]), &["console t"]);
        are(chosen(&[Otlp, Prometheus], &[]), &["otlp tml"]);
        assert_eq!(chosen(&[Prometheus], &[]), None);
        assert_eq!(chosen(&[], &[]), None);
        let none = [
            (names::TRACES_EXPORTER, "none"),
            (names::METRICS_EXPORTER, "none"),
            (names::LOGS_EXPORTER, "none"),
        ];
        are(chosen(&[], &none), &[]);
        assert_eq!(chosen(&[], &none[1..]), None);
    }

    #[test]
    fn what_is_described_takes_all_that_it_can() {
        are(chosen(&ALL, &[ENDPOINT]), &["otlp tml"]);
        are(chosen(&ALL, &[ENDPOINT, (names::JAEGER, "j")]), &["otlp tml", "jaeger t"]);
        are(chosen(&ALL, &[("OTEL_EXPORTER_OTLP_LOGS_HEADERS", "a=b")]), &["console t", "otlp l"]);
        are(chosen(&ALL, &[(names::PROMETHEUS_PORT, "0")]), &["console t", "prometheus m"]);
        are(chosen(&ALL, &[(names::TEMPO, "t"), (names::LOKI, "l")]), &["grafana tl"]);
        are(chosen(&ALL, &[(names::DATADOG_KEY, "k")]), &["datadog tml"]);
        are(chosen(&ALL, &[(names::LANGFUSE_SECRET, "k")]), &["langfuse t"]);
        are(chosen(&ALL, &[(names::CONNECTION_STRING, "c")]), &["azure_monitor tml"]);
        // What is not compiled in is not described.
        are(chosen(&[Console, Grafana], &[ENDPOINT, (names::JAEGER, "j")]), &["console t"]);
    }

    #[test]
    fn what_is_named_is_all_for_its_signal_and_takes_those_of_which_nobody_speaks() {
        let traces = |said| (names::TRACES_EXPORTER, said);
        are(chosen(&ALL, &[traces("otlp")]), &["otlp tml"]);
        are(chosen(&ALL, &[traces("console,jaeger")]), &["console t", "jaeger t"]);
        are(chosen(&ALL, &[traces("none"), ENDPOINT]), &["otlp ml"]);
        are(
            chosen(&ALL, &[traces("jaeger"), (names::CONNECTION_STRING, "c")]),
            &["azure_monitor ml", "jaeger t"],
        );
        are(
            chosen(&ALL, &[(names::METRICS_EXPORTER, "prometheus")]),
            &["console t", "prometheus m"],
        );
        // The console takes what it is named for, and traces.
        let logs = (names::LOGS_EXPORTER, "console");
        are(chosen(&ALL, &[logs]), &["console tl"]);
        are(chosen(&ALL, &[logs, (names::METRICS_EXPORTER, "console")]), &["console tml"]);
        are(chosen(&ALL, &[logs, traces("none")]), &["console l"]);
        are(chosen(&ALL, &[logs, ENDPOINT]), &["console l", "otlp tm"]);
        // Another is described: what is named is for its signal only.
        are(
            chosen(&ALL, &[traces("otlp"), (names::CONNECTION_STRING, "c")]),
            &["otlp t", "azure_monitor ml"],
        );
        are(chosen(&[Jaeger], &[traces("jaeger")]), &["jaeger t"]);
    }
}
