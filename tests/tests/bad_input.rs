//! Whatever the application hands over: the call goes on, telemetry stays bounded.

#[path = "bad_input/panics.rs"]
mod panics;
#[path = "bad_input/values.rs"]
mod values;
