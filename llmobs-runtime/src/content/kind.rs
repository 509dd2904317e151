//! The kinds of content, one for each attribute that holds some.

use crate::conventions::{AttributeId, attr};

/// One kind of content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What the model was told apart from the messages (`gen_ai.system_instructions`).
    Instructions,
    /// The messages that were sent (`gen_ai.input.messages`).
    Input,
    /// The messages that came back (`gen_ai.output.messages`).
    Output,
    /// The tools that were offered (`gen_ai.tool.definitions`).
    Tools,
    /// What a tool was called with (`gen_ai.tool.call.arguments`).
    Arguments,
    /// What a tool returned (`gen_ai.tool.call.result`).
    Result,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Instructions, Self::Input, Self::Output, Self::Tools, Self::Arguments, Self::Result];

    /// The attribute that holds this kind.
    pub fn attribute(self) -> AttributeId {
        match self {
            Self::Instructions => attr::GEN_AI_SYSTEM_INSTRUCTIONS.id(),
            Self::Input => attr::GEN_AI_INPUT_MESSAGES.id(),
            Self::Output => attr::GEN_AI_OUTPUT_MESSAGES.id(),
            Self::Tools => attr::GEN_AI_TOOL_DEFINITIONS.id(),
            Self::Arguments => attr::GEN_AI_TOOL_CALL_ARGUMENTS.id(),
            Self::Result => attr::GEN_AI_TOOL_CALL_RESULT.id(),
        }
    }
}

/// A set of kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kinds(u8);

impl Kinds {
    /// No kind.
    pub const NONE: Self = Self(0);
    /// Every kind.
    pub const ALL: Self = Self(0b11_1111);

    /// These and `kind`.
    #[must_use]
    pub const fn with(self, kind: Kind) -> Self {
        Self(self.0 | 1 << kind as u8)
    }

    /// Those that are in both.
    #[must_use]
    pub const fn both(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether `kind` is one of them.
    pub const fn has(self, kind: Kind) -> bool {
        self.0 & 1 << kind as u8 != 0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}
