//! Servers on loopback, well and in trouble.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// How a server does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Takes,
    Slow,
    Refuses,
    HangsUp,
    Nonsense,
    Silent,
    Absent,
}

/// A server; it ends with the process.
pub(super) struct Server(SocketAddr);

impl Server {
    pub(super) fn start(state: State) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        let address = listener.local_addr().expect("an address");
        if state != State::Absent {
            thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    // A client that goes away is no failure of the server.
                    thread::spawn(move || drop(serve(&stream, state)));
                }
            });
        }
        Self(address)
    }

    pub(super) fn address(&self) -> String {
        self.0.to_string()
    }
}

fn serve(mut stream: &TcpStream, state: State) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut body = Vec::new();
    loop {
        let (mut length, mut line) = (0, String::new());
        let mut path = String::new();
        while reader.read_line(&mut line)? > 2 {
            if path.is_empty() {
                path.clone_from(&line);
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap_or(0);
            }
            line.clear();
        }
        if line.is_empty() {
            return Ok(());
        }
        body.resize(length, 0);
        reader.read_exact(&mut body)?;
        let mut answer = |status: &str, body: &str| {
            write!(stream, "HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
        };
        // What OTLP takes for success is empty.
        let taken = if path.contains("/v1/") {
            ""
        } else {
            r#"{"itemsReceived":512,"itemsAccepted":512,"errors":[]}"#
        };
        match state {
            State::Takes | State::Absent => answer("200 OK", taken)?,
            State::Slow => {
                thread::sleep(Duration::from_secs(2));
                answer("200 OK", taken)?;
            }
            State::Refuses => answer("503 Busy", "")?,
            State::HangsUp => return Ok(()),
            State::Nonsense => {
                stream.write_all(b"SSH-2.0-OpenSSH_9.6\r\n")?;
                return Ok(());
            }
            State::Silent => loop {
                thread::park();
            },
        }
    }
}
