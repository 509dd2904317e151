//! Azure Monitor's ingestion endpoint on loopback: takes what is sent and answers as it is told.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::request::Request;

/// One request as it came.
#[derive(Clone, Debug)]
pub struct Received {
    /// The request line.
    pub line: String,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Bytes of the body on the wire.
    pub wire_bytes: usize,
    /// The envelopes, decompressed.
    pub envelopes: Vec<Value>,
    /// When it had arrived.
    pub at: Instant,
}

impl Received {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What the server does with a request.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A status, headers and a body.
    Reply(u16, Vec<(&'static str, String)>, String),
    /// 200 and all items accepted.
    Accept,
    /// 206: the items at these places failed with these statuses, the others were accepted.
    Partial(Vec<(usize, u16, &'static str)>),
    /// The connection is closed without an answer.
    Reset,
    /// No answer for so long, then the connection is closed.
    Hang(Duration),
    /// The head of an answer that promises more than comes.
    Truncated,
    /// These bytes, then the connection is closed.
    Raw(Vec<u8>),
}

impl Answer {
    /// A status and nothing else.
    pub fn status(status: u16) -> Self {
        Self::Reply(status, Vec::new(), String::new())
    }

    /// A status and when to come back.
    pub fn retry_after(status: u16, after: impl Into<String>) -> Self {
        Self::Reply(status, vec![("retry-after", after.into())], String::new())
    }
}

/// Any port.
const LOOPBACK: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

type Decide = Box<dyn FnMut(&Received) -> Answer + Send>;

/// What a client is served over: a connection, or what encrypts one.
pub trait Connection: Read + Write + Send {}

impl<T: Read + Write + Send> Connection for T {}

type Wrap = Box<dyn Fn(TcpStream) -> io::Result<Box<dyn Connection>> + Send + Sync>;

#[derive(Default)]
struct State {
    received: Vec<Received>,
    connections: usize,
    script: VecDeque<Answer>,
}

struct Shared {
    state: Mutex<State>,
    arrived: Condvar,
    decide: Mutex<Decide>,
    wrap: Option<Wrap>,
    closing: AtomicBool,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The server; it ends when dropped.
pub struct Ingestion {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Ingestion {
    /// Accepts everything.
    pub fn start() -> Self {
        Self::deciding(|_| Answer::Accept)
    }

    /// Accepts everything, at an address that was free until now.
    ///
    /// # Panics
    ///
    /// When it is not.
    pub fn start_at(address: SocketAddr) -> Self {
        Self::serving(address, Box::new(|_| Answer::Accept), None)
    }

    /// Answers the first requests in this order, and accepts what comes after.
    pub fn scripted(script: impl IntoIterator<Item = Answer>) -> Self {
        let server = Self::start();
        server.shared.state().script.extend(script);
        server
    }

    /// Answers each request as the closure says.
    ///
    /// # Panics
    ///
    /// When there is no port on loopback.
    pub fn deciding(decide: impl FnMut(&Received) -> Answer + Send + 'static) -> Self {
        Self::serving(LOOPBACK, Box::new(decide), None)
    }

    /// The same over HTTPS: each connection is what `wrap` makes of it.
    ///
    /// # Panics
    ///
    /// When there is no port on loopback.
    pub fn wrapped(
        wrap: impl Fn(TcpStream) -> io::Result<Box<dyn Connection>> + Send + Sync + 'static,
        decide: impl FnMut(&Received) -> Answer + Send + 'static,
    ) -> Self {
        Self::serving(LOOPBACK, Box::new(decide), Some(Box::new(wrap)))
    }

    fn serving(address: SocketAddr, decide: Decide, wrap: Option<Wrap>) -> Self {
        let listener = TcpListener::bind(address).expect("a port on loopback");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            arrived: Condvar::new(),
            decide: Mutex::new(decide),
            wrap,
            closing: AtomicBool::new(false),
        });
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if serving.closing.load(Ordering::Relaxed) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                serving.state().connections += 1;
                let serving = Arc::clone(&serving);
                // A client that goes away is no failure of the server.
                thread::spawn(move || {
                    if let Some(wrap) = &serving.wrap {
                        let _ = wrap(stream).map(|stream| serve(&serving, stream));
                    } else {
                        serve(&serving, Box::new(stream));
                    }
                });
            }
        });
        Self { address, shared }
    }

    /// The base address, as `http://127.0.0.1:…/`.
    pub fn endpoint(&self) -> String {
        let scheme = if self.shared.wrap.is_some() { "https" } else { "http" };
        format!("{scheme}://{}/", self.address)
    }

    /// How often a client has connected.
    pub fn connections(&self) -> usize {
        self.shared.state().connections
    }

    /// A connection string for it.
    pub fn connection_string(&self) -> String {
        format!(
            "InstrumentationKey=11111111-2222-3333-4444-555555555555;IngestionEndpoint={}",
            self.endpoint()
        )
    }

    /// The next requests are answered so.
    pub fn then(&self, script: impl IntoIterator<Item = Answer>) {
        self.shared.state().script.extend(script);
    }

    /// All requests so far.
    pub fn received(&self) -> Vec<Received> {
        self.shared.state().received.clone()
    }

    /// All envelopes so far, whatever was answered.
    pub fn envelopes(&self) -> Vec<Value> {
        self.shared.state().received.iter().flat_map(|one| one.envelopes.clone()).collect()
    }

    /// Waits until the condition holds of the requests so far.
    ///
    /// # Panics
    ///
    /// When it does not within 30 seconds.
    pub fn wait_until(&self, condition: impl Fn(&[Received]) -> bool) {
        let end = Instant::now() + Duration::from_secs(30);
        let mut state = self.shared.state();
        while !condition(&state.received) {
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "not within 30 s: {} requests came", state.received.len());
            let waited = self.shared.arrived.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Drop for Ingestion {
    fn drop(&mut self) {
        self.shared.closing.store(true, Ordering::Relaxed);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(shared: &Shared, stream: Box<dyn Connection>) {
    let mut reader = BufReader::new(stream);
    while let Ok(Some(received)) = read(&mut reader) {
        let scripted = {
            let mut state = shared.state();
            state.received.push(received.clone());
            state.script.pop_front()
        };
        shared.arrived.notify_all();
        let answer = scripted.unwrap_or_else(|| {
            (shared.decide.lock().unwrap_or_else(PoisonError::into_inner))(&received)
        });
        if !reply(reader.get_mut(), answer, received.envelopes.len()).unwrap_or(false) {
            break;
        }
    }
}

fn read(reader: &mut impl BufRead) -> io::Result<Option<Received>> {
    let Some(Request { line, headers, body, wire_bytes }) = Request::read(reader)? else {
        return Ok(None);
    };
    let envelopes = serde_json::from_slice(&body).map_err(io::Error::other)?;
    Ok(Some(Received { line, headers, wire_bytes, envelopes, at: Instant::now() }))
}

/// Whether the connection stays open.
fn reply(stream: &mut impl Write, answer: Answer, items: usize) -> io::Result<bool> {
    let (status, headers, body) = match answer {
        Answer::Reply(status, headers, body) => (status, headers, body),
        Answer::Accept => (200, Vec::new(), report(items, &[])),
        Answer::Partial(errors) => (206, Vec::new(), report(items, &errors)),
        Answer::Reset => return Ok(false),
        Answer::Hang(time) => {
            thread::sleep(time);
            return Ok(false);
        }
        Answer::Raw(bytes) => {
            stream.write_all(&bytes)?;
            stream.flush()?;
            return Ok(false);
        }
        Answer::Truncated => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"itemsRec")?;
            stream.flush()?;
            return Ok(false);
        }
    };
    let mut head = format!("HTTP/1.1 {status} Told\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        head.extend([name, ": ", &value, "\r\n"]);
    }
    head.push_str("\r\n");
    head.push_str(&body);
    stream.write_all(head.as_bytes())?;
    stream.flush()?;
    Ok(true)
}

fn report(items: usize, errors: &[(usize, u16, &str)]) -> String {
    let failed: Vec<_> = errors
        .iter()
        .map(|(index, status, message)| {
            serde_json::json!({ "index": index, "statusCode": status, "message": message })
        })
        .collect();
    serde_json::json!({
        "itemsReceived": items,
        "itemsAccepted": items.saturating_sub(errors.len()),
        "errors": failed,
    })
    .to_string()
}
