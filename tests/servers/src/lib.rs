//! Real servers, asked what arrived.
//!
//! | to | see |
//! |---|---|
//! | know what is sent | [`workload`] |
//! | know what must arrive | [`expectation`] |
//! | know how a server is started and asked | [`server`] |
//! | run a query of a dashboard against a server that holds the workload's metrics | [`promql`] |

pub mod child;
pub mod expectation;
pub mod http;
mod options;
pub mod otlp;
pub mod promql;
pub mod report;
mod run;
pub mod seen;
pub mod server;
pub mod service;
pub mod workload;

use std::process::ExitCode;

use options::Options;

/// The program: the workload where it is asked for, else everything else.
pub fn main(words: impl Iterator<Item = String>) -> ExitCode {
    let options = match Options::read(words) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    // Several crates bring cryptography for rustls, so that a program says which one it takes. It fails where one has
    // been said before, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("no runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    runtime.block_on(async {
        match &options.workload {
            Some(name) => workload::main(name).await,
            None => run::main(&options).await,
        }
    })
}
