//! A service that keeps a ledger: what it took, of each numbered span, and what it refused. It keeps no envelopes,
//! of which there are too many here.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use flate2::read::GzDecoder;

/// What the service does with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// 200: all is taken.
    Accept,
    /// 206: at these places, with these statuses, something is not taken.
    Partial(Vec<(usize, u16)>),
    /// A status, and perhaps the seconds until the next attempt. Nothing is taken.
    Status(u16, Option<u64>),
    /// 307 to the same address.
    Redirect,
    /// The connection ends without an answer, and all is taken or not.
    Reset { taken: bool },
    /// Nothing comes until the client goes away, and all is taken or not.
    Hang { taken: bool },
    /// An answer begins and does not end, and all is taken or not.
    Truncated { taken: bool },
}

impl Answer {
    fn name(&self) -> String {
        match self {
            Self::Accept => "200".to_owned(),
            Self::Partial(_) => "206".to_owned(),
            Self::Status(status, _) => status.to_string(),
            Self::Redirect => "307".to_owned(),
            Self::Reset { .. } => "reset".to_owned(),
            Self::Hang { .. } => "hang".to_owned(),
            Self::Truncated { .. } => "truncated".to_owned(),
        }
    }
}

/// What became of the spans, as the service knows it.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// How often each answer was given.
    pub(crate) answers: BTreeMap<String, usize>,
    /// How often each span was taken.
    pub(crate) taken: Vec<u32>,
    /// How often each span was refused for good.
    pub(crate) refused: Vec<u32>,
    /// Spans in answers that left open whether they were taken, where they were.
    pub(crate) ambiguous: usize,
}

impl Ledger {
    fn count(counts: &mut Vec<u32>, span: usize) {
        if counts.len() <= span {
            counts.resize(span + 1, 0);
        }
        counts[span] += 1;
    }

    /// How many spans the service took at least once.
    pub(crate) fn delivered(&self) -> usize {
        self.taken.iter().filter(|count| **count > 0).count()
    }

    /// How many times it took a span that it had taken before.
    pub(crate) fn duplicates(&self) -> usize {
        self.taken.iter().map(|count| count.saturating_sub(1) as usize).sum()
    }
}

type Decide = Box<dyn FnMut(usize) -> Answer + Send>;

struct Shared {
    ledger: Mutex<Ledger>,
    decide: Mutex<Decide>,
    address: SocketAddr,
    closing: AtomicBool,
}

/// The service; it ends when dropped.
pub(crate) struct Service {
    shared: Arc<Shared>,
}

impl Service {
    /// Answers a request with so many spans as the closure says.
    pub(crate) fn deciding(decide: impl FnMut(usize) -> Answer + Send + 'static) -> Self {
        Self::at("127.0.0.1:0".parse().expect("an address"), decide)
    }

    /// The same at an address that is known before.
    pub(crate) fn at(
        address: SocketAddr,
        decide: impl FnMut(usize) -> Answer + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).expect("a port on loopback");
        let shared = Arc::new(Shared {
            ledger: Mutex::default(),
            decide: Mutex::new(Box::new(decide)),
            address: listener.local_addr().expect("an address"),
            closing: AtomicBool::new(false),
        });
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if serving.closing.load(Ordering::Relaxed) {
                    return;
                }
                let serving = Arc::clone(&serving);
                // A client that goes away, or is killed, is no failure of the service.
                thread::spawn(move || serve(&serving, &stream));
            }
        });
        Self { shared }
    }

    /// From now on all is accepted.
    pub(crate) fn accept_all(&self) {
        *self.shared.decide.lock().unwrap_or_else(PoisonError::into_inner) =
            Box::new(|_| Answer::Accept);
    }

    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.shared.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.shared.address
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.shared.closing.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(self.shared.address);
    }
}

/// A connection string for a service at this address.
pub(crate) fn connection_string(address: SocketAddr) -> String {
    format!(
        "InstrumentationKey=11111111-2222-3333-4444-555555555555;IngestionEndpoint=http://{address}/"
    )
}

fn serve(shared: &Shared, stream: &TcpStream) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    while let Some(spans) = read(&mut reader)? {
        let answer = (shared.decide.lock().unwrap_or_else(PoisonError::into_inner))(spans.len());
        enter(&mut shared.ledger.lock().unwrap_or_else(PoisonError::into_inner), &spans, &answer);
        if !reply(stream, shared, &answer, spans.len())? {
            break;
        }
    }
    Ok(())
}

/// Writes it down before the client learns of it.
fn enter(ledger: &mut Ledger, spans: &[usize], answer: &Answer) {
    *ledger.answers.entry(answer.name()).or_default() += 1;
    match answer {
        Answer::Accept => spans.iter().for_each(|span| Ledger::count(&mut ledger.taken, *span)),
        Answer::Partial(failures) => {
            for (at, span) in spans.iter().enumerate() {
                match failures.iter().find(|(place, _)| *place == at) {
                    None => Ledger::count(&mut ledger.taken, *span),
                    Some((_, 400)) => Ledger::count(&mut ledger.refused, *span),
                    Some(_) => {}
                }
            }
        }
        Answer::Reset { taken } | Answer::Hang { taken } | Answer::Truncated { taken } => {
            if *taken {
                for span in spans {
                    Ledger::count(&mut ledger.taken, *span);
                }
                ledger.ambiguous += spans.len();
            }
        }
        Answer::Status(..) | Answer::Redirect => {}
    }
}

/// The numbers of the spans in the next request.
fn read(reader: &mut impl BufRead) -> io::Result<Option<Vec<usize>>> {
    let (mut length, mut is_gzip, mut lines) = (0, false, 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        lines += 1;
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() && lines > 1 {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
        is_gzip |= line == "content-encoding: gzip";
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    if is_gzip {
        let mut plain = Vec::new();
        GzDecoder::new(body.as_slice()).read_to_end(&mut plain)?;
        body = plain;
    }
    let spans = numbers(&String::from_utf8(body).map_err(io::Error::other)?);
    Ok(Some(spans))
}

/// In the order of the envelopes, of which each has one.
fn numbers(body: &str) -> Vec<usize> {
    let values = body.split("\"seq\":\"").skip(1);
    let numbers: Vec<usize> = values
        .map(|rest| {
            let digits = rest.split('"').next().unwrap_or_default();
            digits.parse().expect("a number")
        })
        .collect();
    assert_eq!(numbers.len(), body.matches("\"iKey\":").count(), "one number in each envelope");
    numbers
}

/// Whether the connection stays open.
fn reply(
    mut stream: &TcpStream,
    shared: &Shared,
    answer: &Answer,
    spans: usize,
) -> io::Result<bool> {
    let mut more = String::new();
    let (status, body) = match answer {
        Answer::Accept => (200, report(spans, &[])),
        Answer::Partial(failures) => (206, report(spans, failures)),
        Answer::Status(status, after) => {
            if let Some(after) = after {
                more = format!("retry-after: {after}\r\n");
            }
            (*status, String::new())
        }
        Answer::Redirect => {
            more = format!("location: http://{}/v2.1/track\r\n", shared.address);
            (307, String::new())
        }
        Answer::Reset { .. } => return Ok(false),
        Answer::Truncated { .. } => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"itemsRec")?;
            return Ok(false);
        }
        Answer::Hang { .. } => {
            return stream.read(&mut [0]).map(|_| false);
        }
    };
    let length = body.len();
    let head = format!("HTTP/1.1 {status} Told\r\n{more}content-length: {length}\r\n\r\n");
    stream.write_all([head, body].concat().as_bytes())?;
    Ok(true)
}

fn report(spans: usize, failures: &[(usize, u16)]) -> String {
    let errors: Vec<String> = failures
        .iter()
        .map(|(at, status)| {
            format!("{{\"index\":{at},\"statusCode\":{status},\"message\":\"told\"}}")
        })
        .collect();
    let accepted = spans.saturating_sub(failures.len());
    let errors = errors.join(",");
    format!("{{\"itemsReceived\":{spans},\"itemsAccepted\":{accepted},\"errors\":[{errors}]}}")
}
