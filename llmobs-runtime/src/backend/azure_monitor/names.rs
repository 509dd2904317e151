//! The GenAI names that the mapping reads, as the table of the conventions has them.
//!
//! The only place of this backend that names the rest of the crate: lifted out, it would hold the names themselves.

use crate::conventions::{Dialect, attr};

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident = $attribute:ident;)*) => {
        $($(#[$doc])* pub(super) fn $name() -> &'static str {
            attr::$attribute.key(Dialect::Latest)
        })*
    };
}

names! {
    operation_name = GEN_AI_OPERATION_NAME;
    provider_name = GEN_AI_PROVIDER_NAME;
    agent_name = GEN_AI_AGENT_NAME;
    agent_id = GEN_AI_AGENT_ID;
    agent_version = GEN_AI_AGENT_VERSION;
    conversation_id = GEN_AI_CONVERSATION_ID;
}
