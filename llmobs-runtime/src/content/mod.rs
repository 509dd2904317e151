//! What of prompts and answers may leave the process: nothing, unless somebody says so.

mod capture;
mod collect;
mod kind;
mod message;
mod policy;
mod room;

pub use capture::{Capture, Captured};
pub use collect::Content;
pub use kind::{Kind, Kinds};
pub use message::{Json, Message, Modality, Part};
pub use policy::ContentCapture;
pub use room::Room;

#[cfg(feature = "enable")]
mod pending;
#[cfg(feature = "enable")]
pub(crate) use pending::{Finished, Policy};
#[cfg(feature = "enable")]
pub use pending::{ContentLimits, Redactor};
