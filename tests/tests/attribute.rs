//! `#[instrument_llm]`: what it records, on every kind of function.

#[path = "attribute/records.rs"]
mod records;
