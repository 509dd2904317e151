//! Token counts that a provider did not report, estimated and marked as that.

use crate::conventions::{Attribute, attr};

/// Says which counts are estimates: on a span the attributes, on the point of a metric that it is one.
pub(super) const ESTIMATED: &str = "llmobs.usage.estimated";

/// Which counts of a call are estimates.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Estimated {
    input: bool,
    output: bool,
}

impl Estimated {
    /// Whether a count is an estimate, and its metric point to be marked as one.
    pub(super) fn of<T>(self, attribute: Attribute<T>) -> bool {
        (self.input && attribute.id() == attr::GEN_AI_USAGE_INPUT_TOKENS.id())
            || (self.output && attribute.id() == attr::GEN_AI_USAGE_OUTPUT_TOKENS.id())
    }
}

#[cfg(feature = "token-estimates")]
mod filled {
    use super::super::Draft;
    use super::ESTIMATED;
    use crate::conventions::{Dialect, attr};
    use crate::payload::{Str, Text};

    impl Draft {
        /// Lets content that is handed over from here on be counted, where estimates are wanted.
        pub(in crate::call) fn tally(&mut self) {
            let Self { pipeline, fields, content: Some(content), .. } = self else { return };
            if pipeline.content().estimates() {
                content.estimate(|| {
                    let model = fields.text(attr::GEN_AI_REQUEST_MODEL);
                    crate::estimate::encoding_for(model.as_ref().map_or("", Str::as_str))
                });
            }
        }

        /// Fills in what the provider did not report; nothing where there was no answer.
        pub(in crate::call) fn estimate(&mut self) {
            let Some((input, Some(output))) = self.content.as_mut().map(|it| it.estimated()) else {
                return;
            };
            let mut keys = Vec::new();
            for (attribute, tokens) in [
                (attr::GEN_AI_USAGE_INPUT_TOKENS, input),
                (attr::GEN_AI_USAGE_OUTPUT_TOKENS, Some(output)),
            ] {
                if let Some(tokens) = tokens
                    && !self.fields.has(attribute.id())
                    && self.operation.span.has(attribute.id(), self.pipeline.dialect())
                {
                    self.fields.set(attribute, &tokens);
                    self.estimated.input |= attribute == attr::GEN_AI_USAGE_INPUT_TOKENS;
                    self.estimated.output |= attribute == attr::GEN_AI_USAGE_OUTPUT_TOKENS;
                    // The same name in both dialects.
                    keys.push(Text::Static(attribute.key(Dialect::Latest)));
                }
            }
            if !keys.is_empty() {
                self.fields.attribute(ESTIMATED, &keys);
            }
        }
    }
}
