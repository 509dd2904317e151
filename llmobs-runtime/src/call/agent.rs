//! What an agent or workflow hands down to the calls that run below it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use opentelemetry::Context;

use crate::conventions::{Operation, attr, operation};
use crate::payload::{Fields, Text};

/// The context, in which the agent around hands down another conversation, where there is an agent.
pub(crate) fn in_conversation(context: Context, id: &Text) -> Context {
    match context.get::<Arc<Agent>>() {
        Some(agent) => context.with_value(Arc::new(agent.in_conversation(id))),
        None => context,
    }
}

/// A running agent; it stands in the OpenTelemetry context of everything below it, the nearest one on top.
#[derive(Debug)]
pub(super) struct Agent {
    name: Option<Text>,
    conversation: Option<Text>,
    counts: Option<Arc<Counts>>,
}

/// Calls that an agent itself made; those of agents below it are theirs.
#[derive(Debug, Default)]
struct Counts {
    inferences: AtomicU64,
    tools: AtomicU64,
}

impl Agent {
    /// The agent that a call of this operation is, if it is one.
    ///
    /// A workflow is none, but hands down its conversation. Inside an agent it is that agent's work: name and
    /// counts are those of the agent around it.
    pub(super) fn of(
        operation: &'static Operation,
        fields: &Fields,
        enclosing: Option<&Arc<Self>>,
    ) -> Option<Arc<Self>> {
        let is_agent = operation.name == operation::INVOKE_AGENT.name;
        if !is_agent && operation.name != operation::INVOKE_WORKFLOW.name {
            return None;
        }
        let text = |attribute| fields.text(attribute).map(|text| text.to_text());
        Some(Arc::new(Self {
            name: text(attr::GEN_AI_AGENT_NAME),
            conversation: text(attr::GEN_AI_CONVERSATION_ID),
            counts: if is_agent {
                Some(Arc::default())
            } else {
                enclosing.and_then(|enclosing| enclosing.counts.clone())
            },
        }))
    }

    /// The same agent, of which the calls from here on down belong to another conversation.
    fn in_conversation(&self, id: &Text) -> Self {
        let Self { name, counts, .. } = self;
        Self { name: name.clone(), conversation: Some(id.clone()), counts: counts.clone() }
    }

    /// Takes note of a call that starts below this agent, and hands down what the call does not say itself.
    pub(super) fn contains(&self, operation: &'static Operation, fields: &mut Fields) {
        if let Some(counts) = &self.counts {
            if std::ptr::eq(operation.span, operation::CHAT.span) {
                counts.inferences.fetch_add(1, Ordering::Relaxed);
            } else if std::ptr::eq(operation.span, operation::EXECUTE_TOOL.span) {
                counts.tools.fetch_add(1, Ordering::Relaxed);
            }
        }
        let names_its_own_agent = operation.name == operation::INVOKE_AGENT.name
            || operation.name == operation::CREATE_AGENT.name;
        if !names_its_own_agent && fields.get(attr::GEN_AI_AGENT_NAME).is_none() {
            fields.set(attr::GEN_AI_AGENT_NAME, &self.name);
        }
        if fields.get(attr::GEN_AI_CONVERSATION_ID).is_none() {
            fields.set(attr::GEN_AI_CONVERSATION_ID, &self.conversation);
        }
    }

    /// How many inference and tool calls ran below this agent; `None` for a workflow outside of any.
    pub(super) fn counts(&self) -> Option<(u64, u64)> {
        self.counts.as_ref().map(|counts| {
            (counts.inferences.load(Ordering::Relaxed), counts.tools.load(Ordering::Relaxed))
        })
    }
}
