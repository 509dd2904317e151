//! The attributes that name the agent a run began with; the portal groups by them.

pub(super) const NAME: &str = "microsoft.gen_ai.main_agent.name";
pub(super) const ID: &str = "microsoft.gen_ai.main_agent.id";
pub(super) const VERSION: &str = "microsoft.gen_ai.main_agent.version";
pub(super) const CONVERSATION_ID: &str = "microsoft.gen_ai.main_agent.conversation_id";

/// All of them.
pub(super) const ALL: [&str; 4] = [NAME, ID, VERSION, CONVERSATION_ID];
