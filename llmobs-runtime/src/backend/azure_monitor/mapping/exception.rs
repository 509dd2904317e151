//! An exception, of a span's event or of a log record.

use super::envelope::Data;
use super::{json, limits};

/// What stands for a type or a message that nobody said; the service wants both.
const UNNAMED: &str = "Exception";

/// What is known of an exception.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Exception<'a> {
    pub(super) ty: Option<&'a str>,
    pub(super) message: Option<&'a str>,
    pub(super) stack: Option<&'a str>,
}

impl Exception<'_> {
    /// Writes the field `exceptions`; without a stack trace there is no field for one.
    pub(super) fn write(self, data: &mut Data) {
        let said = |text: Option<&'_ str>| text.is_some_and(|text| !text.is_empty());
        let stack = self.stack.filter(|stack| said(Some(stack)));
        let out = data.field("exceptions");
        out.extend_from_slice(b"[{\"typeName\":");
        let ty = self.ty.filter(|ty| said(Some(ty))).unwrap_or(UNNAMED);
        json::string(out, limits::cut(ty, limits::NAME));
        out.extend_from_slice(b",\"message\":");
        let message = self.message.filter(|message| said(Some(message))).unwrap_or(UNNAMED);
        json::string(out, limits::cut(message, limits::MESSAGE));
        match stack {
            Some(stack) => {
                out.extend_from_slice(b",\"hasFullStack\":true,\"stack\":");
                json::string(out, limits::cut(stack, limits::MESSAGE));
            }
            None => out.extend_from_slice(b",\"hasFullStack\":false"),
        }
        out.extend_from_slice(b"}]");
    }
}
