//! The backends that the environment chooses, as parts of our pipeline.

#[cfg(any(
    feature = "azure-monitor",
    feature = "console",
    feature = "otlp-grpc",
    feature = "otlp-http",
    feature = "prometheus"
))]
use super::environment::Backend;
#[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
use super::environment::Fault;
use super::environment::{Environment, Wanted};
use super::sdk::Parts;
#[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
use crate::backend::otlp::{Otlp, OtlpError};
#[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
use crate::environment::table::Signal;

/// What is to be known for the environment to choose backends.
#[derive(Debug, Default)]
pub(super) struct Choice {
    /// Whether they are wanted beside those that code gives.
    pub(super) asked: bool,
    /// Whether code gives a console.
    #[cfg(feature = "console")]
    pub(super) prints: bool,
}

impl Parts {
    /// Whether the environment chooses backends.
    pub(super) fn chooses(&self) -> bool {
        self.choice.asked || !self.is_given()
    }

    /// Whether code gives a backend.
    pub(super) fn is_given(&self) -> bool {
        #[cfg(feature = "azure-monitor")]
        if self.azure.is_some() {
            return true;
        }
        self.given
    }

    /// Whether code says which spans are kept.
    pub(super) fn says_sampler(&self) -> bool {
        #[cfg(feature = "azure-monitor")]
        if self.azure.as_ref().is_some_and(|azure| azure.share().is_some()) {
            return true;
        }
        self.sampling.is_some()
    }

    /// Takes a backend that the environment wants, without starting it; what it misses is a fault of the environment's.
    #[cfg_attr(
        not(any(feature = "azure-monitor", feature = "otlp-grpc", feature = "otlp-http")),
        expect(unused_variables, reason = "none of them misses anything")
    )]
    #[cfg_attr(
        not(any(
            feature = "azure-monitor",
            feature = "console",
            feature = "otlp-grpc",
            feature = "otlp-http",
            feature = "prometheus"
        )),
        expect(clippy::unused_self, reason = "there is none")
    )]
    pub(super) fn choose(&mut self, wanted: Wanted, environment: &mut Environment) {
        match wanted.backend {
            #[cfg(feature = "console")]
            Backend::Console => self.choose_console(wanted),
            #[cfg(feature = "azure-monitor")]
            Backend::AzureMonitor => self.choose_azure(wanted, environment),
            #[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
            Backend::Otlp => self.choose_otlp(Ok(Otlp::new()), wanted, environment),
            #[cfg(feature = "jaeger")]
            Backend::Jaeger => self.choose_otlp(Otlp::jaeger(), wanted, environment),
            #[cfg(feature = "grafana")]
            Backend::Grafana => self.choose_otlp(Otlp::grafana(), wanted, environment),
            #[cfg(feature = "datadog")]
            Backend::Datadog => self.choose_otlp(Otlp::datadog(), wanted, environment),
            #[cfg(feature = "langfuse")]
            Backend::Langfuse => self.choose_otlp(Otlp::langfuse(), wanted, environment),
            #[cfg(feature = "prometheus")]
            Backend::Prometheus if self.prometheus.is_none() => {
                self.add_prometheus(crate::backend::prometheus::Prometheus::new());
            }
            // Is not compiled in, so that it is not wanted, or is there already.
            _ => {}
        }
    }

    /// Prints, unless code says so already.
    #[cfg(feature = "console")]
    fn choose_console(&mut self, wanted: Wanted) {
        let Wanted { traces, metrics, logs, .. } = wanted;
        if !self.choice.prints {
            let console = crate::backend::console::Console::builder();
            self.add_console(console.traces(traces).metrics(metrics).logs(logs).build());
        }
    }

    /// Sends to Azure Monitor, unless code says so already.
    #[cfg(feature = "azure-monitor")]
    fn choose_azure(&mut self, wanted: Wanted, environment: &mut Environment) {
        let Wanted { traces, metrics, logs, .. } = wanted;
        if self.azure.is_none() {
            let azure = crate::backend::azure_monitor::AzureMonitor::new();
            let azure = azure.traces(traces).metrics(metrics).logs(logs);
            environment.faults.extend(azure.wrong().map(super::azure::fault));
            self.azure = Some(azure);
        }
    }

    /// Sends over OTLP what is wanted and what the destination takes.
    #[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
    fn choose_otlp(
        &mut self,
        otlp: Result<Otlp, OtlpError>,
        wanted: Wanted,
        environment: &mut Environment,
    ) {
        let otlp = match otlp {
            Ok(otlp) => otlp,
            Err(error) => return add_fault(environment, fault(error)),
        };
        let sends = otlp.sends();
        let wants = [wanted.traces, wanted.metrics, wanted.logs];
        for ((signal, wants), sends) in Signal::ALL.into_iter().zip(wants).zip(sends) {
            let variable = signal.exporter();
            if wants && !sends && environment.get(variable).is_some() {
                let name = wanted.backend.name();
                let wrong = format!(
                    " names `{name}`, and no variable says where {name} takes {}",
                    signal.name()
                );
                environment.faults.push(Fault::new(variable, wrong));
            }
        }
        let [traces, metrics, logs] = [0, 1, 2].map(|at| {
            wants.get(at).zip(sends.get(at)).is_some_and(|(wants, sends)| *wants && *sends)
        });
        let otlp = otlp.traces(traces).metrics(metrics).logs(logs);
        for error in otlp.wrong() {
            add_fault(environment, fault(error));
        }
        self.add_otlp(otlp);
    }
}

/// Adds a fault, unless the variable is known to have one, or it is the same one of another signal.
#[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
fn add_fault(environment: &mut Environment, fault: Fault) {
    let is_known = |known: &Fault| {
        *known == fault || (fault.variable().is_some() && known.variable() == fault.variable())
    };
    if !environment.faults.iter().any(is_known) {
        environment.faults.push(fault);
    }
}

/// What is wrong in the environment, for which nothing may be sent.
#[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
fn fault(error: OtlpError) -> Fault {
    let said = error.to_string();
    match error {
        OtlpError::Malformed { place, value, expected } => Fault::of_value(place, &value, expected),
        OtlpError::NotCompiled { place, .. } | OtlpError::Unreadable { variable: place, .. } => {
            let wrong = said.strip_prefix(place).map(str::to_owned);
            Fault::new(place, wrong.unwrap_or_else(|| format!(": {said}")))
        }
        _ => Fault::of_backend(said),
    }
}
