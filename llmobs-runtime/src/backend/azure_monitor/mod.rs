//! Azure Monitor (Application Insights): traces, metrics and logs, and nothing of them lost.
//!
//! A pipeline of ours is one line, [`configure_azure_monitor`](crate::configure_azure_monitor); what can be said
//! is said to [`AzureMonitor`], which the [builder](crate::Builder::azure_monitor) takes. The
//! [exporters](AzureMonitor::exporters) also work in any pipeline of OpenTelemetry's SDK, with nothing else of this
//! crate.

mod authentication;
mod connection;
mod diagnostics;
mod export;
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
pub use export::{Exporters, LogExporter, MetricExporter, SpanExporter};
pub use main_agent::{MainAgent, MainAgentAround};
pub use resource::AzureResourceDetector;
pub use settings::{AzureMonitor, AzureMonitorError};
pub(crate) use settings::{Share, Signals, is_in_env};
pub use statistics::{DropReason, Statistics};
pub use storage::Storage;
