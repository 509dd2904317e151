//! What the examples share: a client for the service that the environment names, and a stand-in for that service.

pub mod connect;
pub mod loopback_openai;
