//! Items of the client's types as JSON, where there is no more to say of them, up to a bounded length.

use std::io::{self, Write};

use serde_json::{Map, Value};

/// Nothing is written out further than this many bytes.
const LIMIT: usize = 65_536;

/// An item as the wire has it.
pub(super) struct Written {
    /// Its `type`.
    pub(super) kind: String,
    /// The other members, or `None` where they are too long: half of them would not be valid.
    pub(super) members: Option<Map<String, Value>>,
}

/// The item that `write` writes.
pub(super) fn item(write: impl FnOnce(&mut Buffer) -> serde_json::Result<()>) -> Written {
    let mut buffer = Buffer(Vec::new());
    let whole = write(&mut buffer).and_then(|()| serde_json::from_slice(&buffer.0));
    let mut members: Option<Map<String, Value>> = whole.ok();
    members.iter_mut().for_each(without_null);
    let kind = match members.as_mut().and_then(|members| members.remove("type")) {
        Some(Value::String(kind)) => kind,
        _ => begun(&buffer.0).unwrap_or_else(|| "unknown".to_owned()),
    };
    Written { kind, members }
}

/// Takes out what the client writes for members that are absent.
fn without_null(members: &mut Map<String, Value>) {
    members.retain(|_, value| !value.is_null());
    for value in members.values_mut() {
        match value {
            Value::Object(members) => without_null(members),
            Value::Array(list) => {
                list.iter_mut().filter_map(Value::as_object_mut).for_each(without_null);
            }
            _ => {}
        }
    }
}

/// The type of an item whose text broke off: it is written first.
fn begun(text: &[u8]) -> Option<String> {
    let rest = text.strip_prefix(br#"{"type":""#)?;
    let end = rest.iter().position(|byte| *byte == b'"')?;
    Some(String::from_utf8_lossy(rest.get(..end)?).into_owned())
}

/// Takes so many bytes and then none, which ends a serialisation that would write more.
pub(super) struct Buffer(Vec<u8>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > LIMIT.saturating_sub(self.0.len()) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
