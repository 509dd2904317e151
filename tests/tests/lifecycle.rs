//! How a call begins and ends, whatever becomes of it.

#[path = "lifecycle/concurrency.rs"]
mod concurrency;
#[path = "lifecycle/end.rs"]
mod end;
#[path = "lifecycle/global.rs"]
mod global;
#[path = "lifecycle/nesting.rs"]
mod nesting;
