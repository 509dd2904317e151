//! The backends that the environment chooses, as parts of our pipeline.

#[cfg(any(feature = "console", feature = "azure-monitor"))]
use super::environment::Backend;
use super::environment::{Environment, Wanted};
use super::sdk::Parts;

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
        not(any(feature = "console", feature = "azure-monitor")),
        expect(unused_variables, clippy::unused_self, reason = "there is none")
    )]
    pub(super) fn choose(&mut self, wanted: Wanted, environment: &mut Environment) {
        match wanted.backend {
            #[cfg(feature = "console")]
            Backend::Console => self.choose_console(),
            #[cfg(feature = "azure-monitor")]
            Backend::AzureMonitor => self.choose_azure(wanted, environment),
            // Is not compiled in, so that it is not wanted.
            _ => {}
        }
    }

    /// Prints, unless code says so already.
    #[cfg(feature = "console")]
    fn choose_console(&mut self) {
        if !self.choice.prints {
            self.add_processor(crate::backend::console::Console::new());
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
}
