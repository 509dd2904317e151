//! The batch processors: nothing is lost in a burst, what is lost is counted, and nobody waits.

#[path = "azure_processors/gate.rs"]
mod gate;
#[path = "azure_processors/logs.rs"]
mod logs;
#[path = "azure_processors/results.rs"]
mod results;
#[path = "azure_processors/spans.rs"]
mod spans;
