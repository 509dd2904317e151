//! The guard: nothing is lost however a process ends, and nothing holds it up.

#[path = "guard/backends.rs"]
mod backends;
#[path = "guard/ends.rs"]
mod ends;
#[path = "guard/processes.rs"]
mod processes;
#[path = "guard/runtimes.rs"]
mod runtimes;
