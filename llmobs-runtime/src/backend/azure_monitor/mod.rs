//! Azure Monitor (Application Insights): traces, metrics and logs, and nothing of them lost.
//!
//! A pipeline of ours is one line, [`configure_azure_monitor`](crate::configure_azure_monitor); what can be said
//! is said to [`AzureMonitor`], which the [builder](crate::Builder::azure_monitor) takes. The
//! [exporters](AzureMonitor::exporters) also work in any pipeline of OpenTelemetry's SDK, with nothing else of this
//! crate.
//!
//! # The portal's view of agents
//!
//! It reads agents, their models and tools from dependencies: what a run of an agent calls must be directly below it,
//! as it is where both are annotated. [`MainAgent`] names the topmost agent on everything below; a pipeline of ours has
//! it. Record the released conventions, which are the default: the latest ones give an agent that runs in this
//! process no provider, no id and no version, so the view has no platform for it and does not find evaluations by its
//! id.
//!
//! # What is not here
//!
//! Live metrics, performance counters, Microsoft's statistics of the exporter itself and its remote configuration:
//! nothing is sent or asked for but what the application recorded, and the variables that switch those on or off
//! are not read. A span keeps of HTTP, databases, messaging and the like what the envelope has a field for; their
//! other attributes are left out, as Microsoft's own exporters do.

mod authentication;
mod connection;
mod diagnostics;
mod error;
mod export;
mod gzip;
mod item;
mod main_agent;
mod main_agent_names;
mod mapping;
mod names;
mod resource;
pub mod sampling;
mod settings;
mod statistics;
mod storage;
mod transmission;

pub use authentication::AuthenticationError;
pub use connection::{ConnectionString, ConnectionStringError};
pub use error::AzureMonitorError;
pub(crate) use export::Watch;
pub use export::{Exporters, LogExporter, MetricExporter, SpanExporter};
pub use main_agent::{MainAgent, MainAgentAround};
pub use resource::AzureResourceDetector;
pub use settings::AzureMonitor;
pub(crate) use settings::{Share, Signals};
pub use statistics::{DropReason, Statistics};
pub use storage::Storage;
