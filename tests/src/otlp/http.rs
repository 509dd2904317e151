//! OTLP over HTTP/1.1.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceResponse,
};
use prost::Message;

use super::{Answer, Payload, Request, Shared};
use crate::ingestion::Connection;
use crate::request;

/// What encrypts a connection.
pub type Wrap = Box<dyn Fn(TcpStream) -> io::Result<Box<dyn Connection>> + Send + Sync>;

pub(super) struct Server {
    accepting: JoinHandle<()>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Server {
    pub(super) fn start(
        address: SocketAddr,
        shared: Arc<Shared>,
        wrap: Option<Wrap>,
    ) -> (SocketAddr, Self) {
        let listener = TcpListener::bind(address).expect("a port on loopback");
        let address = listener.local_addr().expect("an address");
        let open = Arc::<Mutex<Vec<TcpStream>>>::default();
        let wrap = wrap.map(Arc::new);
        let opened = Arc::clone(&open);
        let accepting = thread::spawn(move || {
            for stream in listener.incoming() {
                if shared.closing.load(Ordering::Relaxed) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                shared.connections.fetch_add(1, Ordering::Relaxed);
                let mut open = opened.lock().unwrap_or_else(PoisonError::into_inner);
                open.extend(stream.try_clone());
                drop(open);
                let (shared, wrap) = (Arc::clone(&shared), wrap.clone());
                // A client that goes away is no failure of the server.
                thread::spawn(move || match wrap {
                    Some(wrap) => drop(wrap(stream).map(|stream| serve(&shared, stream))),
                    None => serve(&shared, Box::new(stream)),
                });
            }
        });
        (address, Self { accepting, open })
    }

    pub(super) fn stop(self, address: SocketAddr) {
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(address);
        let _ = self.accepting.join();
        for stream in &*self.open.lock().unwrap_or_else(PoisonError::into_inner) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn serve(shared: &Shared, stream: Box<dyn Connection>) {
    let mut reader = BufReader::new(stream);
    while let Ok(Some(request)) = read(&mut reader) {
        let json = request
            .header("content-type")
            .is_some_and(|known| known.starts_with("application/json"));
        let answer = shared.take(request);
        if !reply(reader.get_mut(), answer, json).unwrap_or(false) {
            break;
        }
    }
}

fn read(reader: &mut impl BufRead) -> io::Result<Option<Request>> {
    let Some(raw) = request::Request::read(reader)? else { return Ok(None) };
    let path = raw.line.split(' ').nth(1).unwrap_or_default().to_owned();
    let route = path.split('?').next().unwrap_or_default();
    let payload = Payload::read(route, raw.header("content-type").unwrap_or_default(), &raw.body);
    let request::Request { headers, body, wire_bytes, .. } = raw;
    let at = Instant::now();
    Ok(Some(Request { path, headers, body, wire_bytes, payload, accepted: false, at }))
}

/// Whether the connection stays open.
fn reply(stream: &mut impl Write, answer: Answer, json: bool) -> io::Result<bool> {
    let kind = if json { "application/json" } else { "application/x-protobuf" };
    let kind = ("content-type", kind.to_owned());
    let (status, headers, body) = match answer {
        Answer::Accept => {
            (200, vec![kind], if json { b"{\"partialSuccess\":{}}".to_vec() } else { Vec::new() })
        }
        Answer::Partial(rejected, message) => (200, vec![kind], partial(rejected, message, json)),
        Answer::Reply(status, headers, body) => (status, headers, body),
        Answer::Code(code, after) => {
            let after = after.map(|after| ("retry-after", seconds(after)));
            (status_of(code), after.into_iter().collect(), Vec::new())
        }
        Answer::Garbage => (200, vec![kind], vec![0xff; 64]),
        Answer::Long(bytes) => (200, vec![kind], vec![b' '; bytes]),
        Answer::Reset => return Ok(false),
        Answer::Hang(time) => {
            thread::sleep(time);
            return Ok(false);
        }
    };
    let mut head = format!("HTTP/1.1 {status} Told\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        head.extend([name, ": ", &value, "\r\n"]);
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes())?;
    stream.write_all(&body)?;
    stream.flush()?;
    Ok(true)
}

/// The answers of all three signals are the same on the wire.
fn partial(rejected: i64, message: &str, json: bool) -> Vec<u8> {
    if json {
        let said = serde_json::json!({ "partialSuccess": {
            "rejectedSpans": rejected.to_string(),
            "rejectedDataPoints": rejected.to_string(),
            "rejectedLogRecords": rejected.to_string(),
            "errorMessage": message,
        } });
        return said.to_string().into_bytes();
    }
    let partial =
        ExportTracePartialSuccess { rejected_spans: rejected, error_message: message.to_owned() };
    ExportTraceServiceResponse { partial_success: Some(partial) }.encode_to_vec()
}

fn seconds(time: Duration) -> String {
    time.as_secs().to_string()
}

/// The HTTP status that a code of gRPC stands for.
fn status_of(code: i32) -> u16 {
    match code {
        0 => 200,
        3 => 400,
        4 => 504,
        7 => 403,
        8 => 429,
        12 => 404,
        14 => 503,
        16 => 401,
        _ => 500,
    }
}
