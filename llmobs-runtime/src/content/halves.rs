//! What was cut in two when it was copied, and may be half of something.

use super::{Json, Part};

/// Takes bytes off the end of what was cut in two, string by string, until there were enough of them: what was cut
/// in half stands there.
pub(super) struct Tail(usize);

impl Tail {
    pub(super) fn new(bytes: usize) -> Self {
        Self(bytes)
    }

    pub(super) fn off_part(&mut self, part: &mut Part) {
        match part {
            Part::Text(text) | Part::Reasoning(text) => self.off_text(text),
            Part::ToolCall { name, arguments, .. } => {
                if let Some(arguments) = arguments {
                    self.off_json(arguments);
                }
                self.off_text(name);
            }
            Part::ToolCallResponse { response, .. } => self.off_json(response),
            Part::Other { members, .. } => self.off_members(members),
            // These are kept whole or not at all.
            Part::Blob { .. } | Part::File { .. } | Part::Uri { .. } => {}
        }
    }

    pub(super) fn off_json(&mut self, json: &mut Json) {
        match json {
            Json::Text(text) => self.off_text(text),
            Json::List(items) => {
                for item in items.iter_mut().rev() {
                    self.off_json(item);
                }
            }
            Json::Object(members) => self.off_members(members),
            Json::Null | Json::Flag(_) | Json::Int(_) | Json::Double(_) => {}
        }
    }

    fn off_members(&mut self, members: &mut [(String, Json)]) {
        for (_, value) in members.iter_mut().rev() {
            self.off_json(value);
        }
    }

    fn off_text(&mut self, text: &mut String) {
        if self.0 == 0 || text.is_empty() {
            return;
        }
        let kept = text.floor_char_boundary(text.len().saturating_sub(self.0));
        self.0 = self.0.saturating_sub(text.len() - kept);
        text.truncate(kept);
        text.push('…');
    }
}

/// Whether there is text in a part that may have been cut in two.
pub(super) fn has_text(part: &Part) -> bool {
    match part {
        Part::Text(text) | Part::Reasoning(text) => !text.is_empty(),
        Part::ToolCall { name, arguments, .. } => {
            !name.is_empty() || arguments.as_ref().is_some_and(json_has_text)
        }
        Part::ToolCallResponse { response, .. } => json_has_text(response),
        Part::Other { members, .. } => members.iter().any(|(_, value)| json_has_text(value)),
        Part::Blob { .. } | Part::File { .. } | Part::Uri { .. } => false,
    }
}

fn json_has_text(json: &Json) -> bool {
    match json {
        Json::Text(text) => !text.is_empty(),
        Json::List(items) => items.iter().any(json_has_text),
        Json::Object(members) => members.iter().any(|(_, value)| json_has_text(value)),
        Json::Null | Json::Flag(_) | Json::Int(_) | Json::Double(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_off_the_end_string_by_string() {
        let text = |text: &str| Json::Text(text.to_owned());
        let mut part = Part::ToolCall {
            id: Some("id".to_owned()),
            name: "tool".to_owned(),
            arguments: Some(Json::List(vec![text("one"), text("two"), Json::Int(3), text("")])),
        };
        Tail::new(5).off_part(&mut part);
        let left = Part::ToolCall {
            id: Some("id".to_owned()),
            name: "tool".to_owned(),
            arguments: Some(Json::List(vec![text("o…"), text("…"), Json::Int(3), text("")])),
        };
        assert!(part == left);
        let mut text = Part::Text("éé".to_owned());
        Tail::new(1).off_part(&mut text);
        assert!(text == Part::Text("é…".to_owned()));
    }
}
