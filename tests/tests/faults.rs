//! Backends in trouble: what is lost is counted and told, memory is bounded, and all goes on when it is over.

#[path = "faults/azure_monitor.rs"]
mod azure_monitor;
#[path = "faults/counted.rs"]
mod counted;
#[path = "faults/memory.rs"]
mod memory;
#[path = "faults/otlp.rs"]
mod otlp;
#[path = "faults/told.rs"]
mod told;
