//! A request as HTTP/1.1 brings it, for the servers of the tests.

use std::io::{self, BufRead, Read};

use flate2::read::GzDecoder;

/// One request.
pub(crate) struct Request {
    /// The request line.
    pub(crate) line: String,
    /// The headers, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// The body, decompressed.
    pub(crate) body: Vec<u8>,
    /// Bytes of the body on the wire.
    pub(crate) wire_bytes: usize,
}

impl Request {
    /// The next one of a connection; `None` when it is closed.
    pub(crate) fn read(reader: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let mut headers = Vec::new();
        loop {
            let mut header = String::new();
            reader.read_line(&mut header)?;
            let Some((name, value)) = header.trim_end().split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut request =
            Self { line: line.trim_end().to_owned(), headers, body: Vec::new(), wire_bytes: 0 };
        let length = request.header("content-length").and_then(|value| value.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        reader.read_exact(&mut body)?;
        request.wire_bytes = body.len();
        if request.header("content-encoding") == Some("gzip") {
            GzDecoder::new(body.as_slice()).read_to_end(&mut request.body)?;
        } else {
            request.body = body;
        }
        Ok(Some(request))
    }

    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}
