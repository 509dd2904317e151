//! Embeddings.

use ::async_openai::types::embeddings::{
    CreateBase64EmbeddingResponse, CreateEmbeddingRequest, CreateEmbeddingResponse, EmbeddingUsage,
    EncodingFormat,
};

use crate::conventions::attr;
use crate::payload::terms::floats_in_base64;
use crate::payload::{Fields, LlmRequest, LlmResponse, LlmUsage, Text, Usage};

#[diagnostic::do_not_recommend]
impl LlmRequest for CreateEmbeddingRequest {
    fn record(&self, fields: &mut Fields) {
        fields.set(attr::GEN_AI_REQUEST_MODEL, &self.model);
        let format = self.encoding_format.as_ref().map(|format| match format {
            EncodingFormat::Float => "float",
            EncodingFormat::Base64 => "base64",
        });
        fields.set(attr::GEN_AI_REQUEST_ENCODING_FORMATS, &format.map(Text::Static));
        fields.set(attr::GEN_AI_EMBEDDINGS_DIMENSION_COUNT, &self.dimensions);
    }
}

#[diagnostic::do_not_recommend]
impl LlmResponse for CreateEmbeddingResponse {
    fn record(&self, fields: &mut Fields) {
        let dimensions =
            self.data.first().map(|it| it.embedding.len()).filter(|length| *length > 0);
        record(&self.model, dimensions, &self.usage, fields);
    }
}

#[diagnostic::do_not_recommend]
impl LlmResponse for CreateBase64EmbeddingResponse {
    fn record(&self, fields: &mut Fields) {
        let dimensions = self.data.first().and_then(|it| floats_in_base64(&it.embedding.0));
        record(&self.model, dimensions, &self.usage, fields);
    }
}

fn record(model: &str, dimensions: Option<usize>, usage: &EmbeddingUsage, fields: &mut Fields) {
    fields.set(attr::GEN_AI_RESPONSE_MODEL, model);
    fields.set(attr::GEN_AI_EMBEDDINGS_DIMENSION_COUNT, &dimensions);
    fields.usage(usage);
}

#[diagnostic::do_not_recommend]
impl LlmUsage for EmbeddingUsage {
    fn usage(&self) -> Usage {
        Usage { input: Some(self.prompt_tokens.into()), ..Usage::default() }
    }
}
