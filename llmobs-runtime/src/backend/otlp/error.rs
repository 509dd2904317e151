//! Why nothing can be sent.

use std::fmt;

use super::Protocol;

/// Why nothing can be sent over OTLP. No message holds a header's value, a key, or what stands before an `@` or
/// behind a `?` in an address.
///
/// `Debug` shows the message too: it is what a `main` that returns a `Result` prints.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum OtlpError {
    /// A variable, or what was given in code, is not what it must be.
    #[error("{place} is {value:?}, which is not {expected}")]
    Malformed {
        /// The variable, or the method.
        place: &'static str,
        /// What it says, without secrets.
        value: String,
        /// What it may say.
        expected: &'static str,
    },
    /// A protocol that is not compiled in.
    #[error(
        "{place} asks for {protocol}, which is not compiled in: switch on the cargo feature `{}` of llmobs-runtime",
        .protocol.feature()
    )]
    NotCompiled {
        /// The variable, or the method.
        place: &'static str,
        /// The protocol.
        protocol: Protocol,
    },
    /// A product needs to be told more.
    #[error("{product}: {missing}")]
    Missing {
        /// The product.
        product: &'static str,
        /// What is missing and where it is to be found.
        missing: &'static str,
    },
    /// A file of a certificate or a key cannot be read.
    #[error("{variable} names the file {path:?}, which cannot be read: {cause}")]
    Unreadable {
        /// The variable.
        variable: &'static str,
        /// The file.
        path: String,
        /// Why.
        cause: std::io::Error,
    },
    /// A certificate or a key is none, or there is no way to encrypt.
    #[error("no client for {endpoint}: {cause}")]
    Client {
        /// The address, without secrets.
        endpoint: String,
        /// Why.
        cause: String,
    },
    /// The system refuses the thread that sends.
    #[error("the system refused a thread to send from: {0}")]
    Thread(std::io::Error),
}

impl fmt::Debug for OtlpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
