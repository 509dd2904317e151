//! The agent that a run began with, on everything below it.

#[path = "azure_main_agent/by_hand.rs"]
mod by_hand;
#[path = "azure_main_agent/runs.rs"]
mod runs;
