//! What a prompt is made of, and what its text, its images and its sounds count.

use serde_json::Value;

use super::{
    chat::{list, text},
    tokens,
};

/// What the service bills for an image in low resolution.
const IMAGE: u32 = 85;
/// So many characters of base64 are a token of sound.
const SOUND: usize = 64;

/// Tokens by what they encode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counted {
    pub(super) text: u32,
    pub(super) image: u32,
    pub(super) audio: u32,
}

impl Counted {
    /// Those of a message or a tool.
    pub(super) fn of(part: &Value) -> Self {
        let (mut image, mut audio) = (0_u32, 0_u32);
        let mut rest = part.clone();
        if let Some(parts) = rest.get_mut("content").and_then(Value::as_array_mut) {
            parts.retain(|part| match text(part, "type") {
                Some("image_url") => {
                    image = image.saturating_add(IMAGE);
                    false
                }
                Some("input_audio") => {
                    let data = part.pointer("/input_audio/data").and_then(Value::as_str);
                    let long = data.map_or(0, str::len).div_ceil(SOUND);
                    audio = audio.saturating_add(u32::try_from(long).unwrap_or(u32::MAX));
                    false
                }
                _ => true,
            });
        }
        Self { text: tokens(&rest.to_string()), image, audio }
    }

    pub(super) fn and(self, more: Self) -> Self {
        Self {
            text: self.text.saturating_add(more.text),
            image: self.image.saturating_add(more.image),
            audio: self.audio.saturating_add(more.audio),
        }
    }

    pub(super) fn total(self) -> u32 {
        self.text.saturating_add(self.image).saturating_add(self.audio)
    }

    /// Whether there is anything but text.
    pub(super) fn is_mixed(self) -> bool {
        self.image > 0 || self.audio > 0
    }
}

/// The words of a message: its content, or the text in its parts.
pub(super) fn words(message: &Value) -> String {
    if let Some(words) = text(message, "content") {
        return words.to_owned();
    }
    let parts = list(message, "content").unwrap_or_default();
    parts.iter().filter_map(|part| text(part, "text")).collect::<Vec<_>>().join(" ")
}
