//! The guard that keeps telemetry running.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{GLOBAL, STATE};

/// Why telemetry could not be delivered when it was asked for.
#[derive(Debug, thiserror::Error)]
#[error("could not {doing} {signal}: {cause}")]
pub struct DeliveryError {
    doing: &'static str,
    signal: &'static str,
    cause: String,
}

/// Keeps telemetry running; dropping it delivers what is left and shuts down, within the deadline.
///
/// Keep it in `main`: it is dropped however `main` ends, also by a panic, and whatever other threads do. It works
/// with or without a runtime, on any thread. It waits on the thread that drops it: all backends are asked at the same
/// time, and none is waited for beyond the [deadline](crate::Builder::shutdown_deadline).
///
/// # What ends a process without dropping it
///
/// `std::process::exit` and `abort` run no destructors: call [`shutdown`](Self::shutdown) before. So do signals that
/// nobody handles. Of a process that is killed, what is lost is what waited in memory: the last second, where the
/// backend keeps up.
///
/// A service is mostly ended by SIGTERM; let `main` return when it comes:
///
/// ```no_run
/// # #[cfg(unix)] {
/// use tokio::signal::unix::{SignalKind, signal};
///
/// #[tokio::main]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let telemetry = llmobs_runtime::configure()?;
///     let (mut terminate, mut interrupt) =
///         (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
///     tokio::select! {
///         () = serve() => {}
///         _ = terminate.recv() => {}
///         _ = interrupt.recv() => {}
///     }
///     telemetry.shutdown()?; // waits no longer than the deadline
///     Ok(())
/// }
/// # async fn serve() {}
/// # }
/// ```
///
/// # A process that lives for one request
///
/// A command-line tool just returns from `main`. A function of a serverless platform is frozen between invocations,
/// perhaps for ever: what is not delivered then may never be. It flushes at the end of each, while the platform still
/// waits for it, with a deadline that is shorter than the platform's:
///
/// ```
/// # #[cfg(feature = "console")] {
/// use std::time::Duration;
/// use llmobs_runtime::Telemetry;
///
/// fn start() -> Result<Telemetry, llmobs_runtime::ConfigureError> {
///     llmobs_runtime::builder().shutdown_deadline(Duration::from_secs(2)).install()
/// }
///
/// async fn invoke(telemetry: &Telemetry, question: String) -> String {
///     let answer = answer(question).await;
///     if let Err(error) = telemetry.force_flush() {
///         eprintln!("{error}"); // what was not delivered is tried again at the next flush, where the backend keeps it
///     }
///     answer
/// }
/// # async fn answer(question: String) -> String { question }
/// # let telemetry = start().unwrap();
/// # let _ = invoke(&telemetry, String::new());
/// # }
/// ```
///
/// # Exporters that need a runtime
///
/// Our backends bring what they need. An exporter of your own that needs tokio must bring it, as with OpenTelemetry's
/// batch processors: it is polled on a thread of ours, outside of any runtime. One that runs on the runtime from which
/// this is flushed needs a thread of it that is free: on a current-thread runtime use `spawn_blocking`, or the flush
/// ends with the deadline.
#[derive(Debug)]
#[must_use = "telemetry stops when this is dropped: keep it until the end of `main`"]
pub struct Telemetry {
    #[cfg_attr(
        not(feature = "sdk"),
        expect(dead_code, reason = "only our own providers are shut down")
    )]
    deadline: Duration,
    down: bool,
    #[cfg(feature = "sdk")]
    pub(super) sdk: Option<super::sdk::Providers>,
}

impl Telemetry {
    /// Keeps a pipeline running whose providers are the application's.
    pub(super) fn new(deadline: Duration) -> Self {
        Self {
            deadline,
            down: false,
            #[cfg(feature = "sdk")]
            sdk: None,
        }
    }

    /// Shuts these providers down at its end.
    #[cfg(feature = "sdk")]
    pub(super) fn owns(&mut self, providers: super::sdk::Providers) {
        self.sdk = Some(providers);
    }

    /// The provider of loggers, where a backend takes log records: for a bridge from another way of logging.
    ///
    /// ```
    /// # #[cfg(all(feature = "azure-monitor", feature = "tracing-events"))] {
    /// use llmobs_runtime::backend::azure_monitor::AzureMonitor;
    /// use tracing_subscriber::layer::SubscriberExt;
    /// use tracing_subscriber::util::SubscriberInitExt;
    ///
    /// let azure = AzureMonitor::new().write_to(std::io::sink());
    /// let telemetry = llmobs_runtime::builder().azure_monitor(azure).install()?;
    /// let events = telemetry.logger_provider().map(llmobs_runtime::tracing_events::layer);
    /// tracing_subscriber::registry().with(events).init();
    /// tracing::warn!(attempts = 3, "the model was too busy");
    /// # }
    /// # Ok::<(), llmobs_runtime::ConfigureError>(())
    /// ```
    #[cfg(feature = "sdk")]
    pub fn logger_provider(&self) -> Option<&opentelemetry_sdk::logs::SdkLoggerProvider> {
        self.sdk.as_ref()?.loggers.as_ref()
    }

    /// A layer for a registry of `tracing` that makes spans and log records of what is written there; see
    /// [`tracing_layers`](crate::tracing_layers). It does nothing where the pipeline is not one of ours.
    #[cfg(feature = "tracing-spans")]
    pub fn tracing_layer<S>(&self) -> impl tracing_subscriber::Layer<S> + Send + Sync + use<S>
    where
        S: tracing::Subscriber
            + for<'span> tracing_subscriber::registry::LookupSpan<'span>
            + Send
            + Sync
            + 'static,
    {
        use tracing_subscriber::Layer;
        match &self.sdk {
            Some(sdk) => crate::tracing_layers::layer(&sdk.tracers, sdk.loggers.as_ref()).boxed(),
            None => tracing_subscriber::layer::Identity::new().boxed(),
        }
    }

    /// Installs a subscriber of `tracing` with [`tracing_layer`](Self::tracing_layer) for the whole process; it writes
    /// nothing itself. `RUST_LOG` says what passes (`warn,my_crate=debug`), unless said `INFO` and above.
    ///
    /// Nothing is installed where the pipeline is not one of ours. There is one such subscriber for the life of a process:
    /// it stays with this pipeline.
    ///
    /// # Errors
    ///
    /// When there is a global subscriber, or `RUST_LOG` is malformed.
    #[cfg(feature = "tracing-spans")]
    pub fn install_tracing(&self) -> Result<(), crate::tracing_layers::TracingError> {
        match &self.sdk {
            Some(sdk) => crate::tracing_layers::install(&sdk.tracers, sdk.loggers.as_ref()),
            None => Ok(()),
        }
    }

    /// Delivers everything recorded so far; all backends are asked at the same time.
    ///
    /// # Errors
    ///
    /// When a backend did not take it within the deadline. What it still holds then it goes on to deliver.
    pub fn force_flush(&self) -> Result<(), DeliveryError> {
        #[cfg(feature = "sdk")]
        if let Some(sdk) = &self.sdk {
            let failed = |(signal, cause)| DeliveryError { doing: "flush", signal, cause };
            sdk.flush(self.deadline).map_err(failed)?;
        }
        Ok(())
    }

    /// Delivers what is left and ends all recording; afterwards telemetry can be configured anew.
    ///
    /// All signals are delivered at the same time. A backend that is late is not waited for; it goes on in a
    /// thread of its own. Providers that the application handed over are left alone.
    ///
    /// # Errors
    ///
    /// When a backend did not take everything within the deadline.
    pub fn shutdown(mut self) -> Result<(), DeliveryError> {
        self.stop()
    }

    fn stop(&mut self) -> Result<(), DeliveryError> {
        if std::mem::replace(&mut self.down, true) {
            return Ok(());
        }
        super::set(None);
        #[cfg(feature = "sdk")]
        let outcome = self.sdk.take().map_or(Ok(()), |sdk| {
            let failed = |(signal, cause)| DeliveryError { doing: "shut down", signal, cause };
            sdk.shut_down(self.deadline).map_err(failed)
        });
        #[cfg(not(feature = "sdk"))]
        let outcome = Ok(());
        STATE.store(GLOBAL, Ordering::Release);
        outcome
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        // The subscriber is the application's, and `main` may be unwinding: another panic would abort it.
        crate::guard::guarded("the end of telemetry", &mut || {
            if let Err(error) = self.stop() {
                tracing::warn!(target: "llmobs", %error, "telemetry was not delivered in full");
            }
        });
    }
}
