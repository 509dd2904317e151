//! The metadata service of a virtual machine: one request, on a thread of its own, with a bound.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::host::{Found, Host};
use super::platforms::on_azure;

/// The most that is read of an answer; a machine with many tags has some thousand bytes.
const LARGEST_ANSWER: usize = 64 * 1024;
/// A longer value is none of these: the longest is an id of some hundred characters.
const LONGEST_VALUE: usize = 1024;

const REQUEST: &[u8] = b"GET /metadata/instance/compute?api-version=2021-12-13&format=json HTTP/1.1\r\n\
    Host: 169.254.169.254\r\nMetadata: True\r\nAccept: application/json\r\nConnection: close\r\n\r\n";

/// The attributes and what the service calls them.
const ATTRIBUTES: [(&str, &str); 10] = [
    ("azure.vm.scaleset.name", "vmScaleSetName"),
    ("azure.vm.sku", "sku"),
    ("cloud.region", "location"),
    ("cloud.resource_id", "resourceId"),
    ("host.id", "vmId"),
    ("host.name", "name"),
    ("host.type", "vmSize"),
    ("os.type", "osType"),
    ("os.version", "version"),
    ("service.instance.id", "vmId"),
];

/// Asks, and adds what the answer says; nothing where there is none in time.
pub(super) fn virtual_machine(host: &Host<'_>, found: &mut Found) {
    let Some(answer) = ask(host.metadata, host.patience) else {
        tracing::debug!(target: "llmobs", "no answer of a virtual machine's metadata service");
        return;
    };
    on_azure(found, "azure_vm");
    for (attribute, name) in ATTRIBUTES {
        let value = answer.get(name).and_then(Value::as_str);
        let value = value.filter(|value| !value.is_empty() && value.len() <= LONGEST_VALUE);
        found.add(attribute, value.map(str::to_owned));
    }
}

/// The thread is left alone at the bound: its own deadline is the same one.
fn ask(address: SocketAddr, patience: Duration) -> Option<Value> {
    let deadline = Instant::now().checked_add(patience)?;
    let (answer, answers) = mpsc::channel();
    thread::Builder::new()
        .name("llmobs-azure-vm".to_owned())
        .spawn(move || answer.send(get(address, deadline)))
        .ok()?;
    answers.recv_timeout(patience).ok().flatten()
}

fn get(address: SocketAddr, deadline: Instant) -> Option<Value> {
    let mut stream = TcpStream::connect_timeout(&address, left(deadline)?).ok()?;
    stream.set_write_timeout(Some(left(deadline)?)).ok()?;
    stream.write_all(REQUEST).ok()?;
    let mut answer = Vec::new();
    let mut chunk = [0; 4096];
    while !is_complete(&answer) && answer.len() < LARGEST_ANSWER {
        stream.set_read_timeout(Some(left(deadline)?)).ok()?;
        match stream.read(&mut chunk).ok()? {
            0 => break,
            read => answer.extend_from_slice(chunk.get(..read)?),
        }
    }
    body(&answer)
}

/// The time left, if any: sockets take no timeout of zero.
fn left(deadline: Instant) -> Option<Duration> {
    deadline.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
}

fn head_and_body(answer: &[u8]) -> Option<(&str, &[u8])> {
    let at = answer.windows(4).position(|end| end == b"\r\n\r\n")?;
    let head = std::str::from_utf8(answer.get(..at)?).ok()?;
    Some((head, answer.get(at.checked_add(4)?..)?))
}

/// Whether as much has come as the head promises; a server that promises nothing closes at the end.
fn is_complete(answer: &[u8]) -> bool {
    let Some((head, body)) = head_and_body(answer) else {
        return false;
    };
    let length = head.lines().filter_map(|line| line.split_once(':')).find_map(|(name, value)| {
        name.eq_ignore_ascii_case("Content-Length").then(|| value.trim().parse::<usize>().ok())?
    });
    length.is_some_and(|length| body.len() >= length)
}

/// The object in an answer that is a success.
fn body(answer: &[u8]) -> Option<Value> {
    let (head, body) = head_and_body(answer)?;
    let mut status = head.split_ascii_whitespace();
    let is_success = status.next().is_some_and(|version| version.starts_with("HTTP/1."))
        && status.next() == Some("200");
    let value: Value = is_success.then(|| serde_json::from_slice(body).ok())??;
    value.is_object().then_some(value)
}
