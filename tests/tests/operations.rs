//! Every operation of the conventions, in both dialects: its span, its attributes, its metrics.

#[path = "operations/attribute.rs"]
mod attribute;
#[path = "operations/metrics.rs"]
mod metrics;
#[path = "operations/sampling.rs"]
mod sampling;
#[path = "operations/table.rs"]
mod table;
