//! What is looked at, and what was found.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use opentelemetry::{KeyValue, Value};
use opentelemetry_sdk::Resource;

use crate::environment::names;

/// The metadata service of a virtual machine, reachable from that machine alone.
const METADATA: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)), 80);
/// How long it may take. It is on the machine itself and answers in a few milliseconds.
const PATIENCE: Duration = Duration::from_millis(200);
/// The most that is read of a file; what is looked for has a few hundred bytes.
const LARGEST_FILE: u64 = 16 * 1024;

const SERVICE_NAME: &str = "service.name";

/// What of the machine is looked at.
pub(super) struct Host<'a> {
    pub(super) env: &'a dyn Fn(&str) -> Option<String>,
    pub(super) file: &'a dyn Fn(&Path) -> Option<String>,
    pub(super) metadata: SocketAddr,
    pub(super) patience: Duration,
}

impl Host<'static> {
    /// The machine that this runs on.
    pub(super) fn this() -> Self {
        Self {
            env: &|name| std::env::var(name).ok(),
            file: &read,
            metadata: METADATA,
            patience: PATIENCE,
        }
    }
}

impl Host<'_> {
    /// A variable; `None` when it is unset or blank.
    pub(super) fn env(&self, name: &str) -> Option<String> {
        (self.env)(name).as_deref().and_then(present)
    }

    /// A file, likewise.
    pub(super) fn file(&self, path: &str) -> Option<String> {
        (self.file)(Path::new(path)).as_deref().and_then(present)
    }
}

fn present(text: &str) -> Option<String> {
    Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A small file; never a pipe, which could keep the reader waiting.
fn read(path: &Path) -> Option<String> {
    if !path.metadata().ok()?.is_file() {
        return None;
    }
    let mut text = String::new();
    File::open(path).ok()?.take(LARGEST_FILE).read_to_string(&mut text).ok()?;
    Some(text)
}

/// Attributes that were found; the last value of each counts.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Found(BTreeMap<&'static str, Value>);

impl Found {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// An attribute, if its value is known.
    pub(super) fn add(&mut self, name: &'static str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.0.insert(name, value.into());
        }
    }

    /// Takes out what the user says in the environment, for the detector that reads it.
    pub(super) fn leave_to_user(&mut self, host: &Host<'_>) {
        if host.env(names::SERVICE_NAME).is_some() {
            self.0.remove(SERVICE_NAME);
        }
        let said = host.env(names::RESOURCE_ATTRIBUTES).unwrap_or_default();
        for (name, _) in said.split(',').filter_map(|pair| pair.split_once('=')) {
            self.0.remove(name.trim());
        }
    }

    pub(super) fn resource(self) -> Resource {
        let attributes = self.0.into_iter().map(|(name, value)| KeyValue::new(name, value));
        Resource::builder_empty().with_attributes(attributes).build()
    }

    #[cfg(test)]
    pub(super) fn text(&self) -> BTreeMap<&'static str, String> {
        self.0.iter().map(|(name, value)| (*name, value.to_string())).collect()
    }
}
