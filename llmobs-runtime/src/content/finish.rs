//! Content as it leaves the process.

use super::assemble::{ASSISTANT, Assembled};
use super::collect::{Kept, Split};
use super::cut::{Shape, fit, prune, size};
use super::data_urls::strip;
use super::halves::Tail;
use super::policy::SLACK;
use super::{Content, ContentLimits, Json, Kind, Kinds, Message, Policy, Redactable, Redactor};
use super::{schema, tools};
use crate::conventions::{AttributeId, Dialect};
use crate::text::Text;

/// Which kind may use up the bytes of a span first: what is short and telling before what is long.
const ORDER: [Kind; 6] =
    [Kind::Output, Kind::Instructions, Kind::Arguments, Kind::Result, Kind::Input, Kind::Tools];

/// The finish reason in the place of one that nobody named, where the schema requires one: of a choice among
/// others that have one, and of an answer that has none.
const MISSING: [&str; 2] = ["error", "unknown"];

/// What of the content may be recorded: redacted, in the schema of the dialect, and within the limits.
#[derive(Debug, Default)]
pub(crate) struct Finished {
    values: Vec<(AttributeId, Json)>,
    truncated: Vec<AttributeId>,
}

impl Finished {
    /// The values, each at most as long as the limit when written as text.
    pub(crate) fn values(&self) -> impl Iterator<Item = (AttributeId, &Json)> {
        self.values.iter().map(|(id, value)| (*id, value))
    }

    /// The attributes that do not hold everything; of those without a value nothing fitted.
    pub(crate) fn truncated(&self) -> impl Iterator<Item = AttributeId> {
        self.truncated.iter().copied()
    }
}

impl Content {
    /// Redacts, renders and cuts. A kind for which a hook fails is left out.
    pub(crate) fn finish(mut self, policy: &Policy, dialect: Dialect) -> Option<Finished> {
        let mut finished = Finished::default();
        if self.is_empty() && !Kind::ALL.into_iter().any(|kind| self.was_cut(kind)) {
            return None;
        }
        let limits = policy.limits();
        let mut left = limits.of_span();
        for kind in ORDER {
            let mut cut = self.was_cut(kind);
            let drawn = self.kept.draw(kind, policy, dialect, &mut cut);
            let value = drawn.and_then(|(mut value, shape)| {
                cut |= prune(&mut value);
                let whole = size(&value);
                let value = fit(value, shape, limits.of_attribute().min(left));
                cut |= value.as_ref().is_none_or(|value| size(value) < whole);
                value
            });
            if let Some(value) = value {
                left = left.saturating_sub(size(&value));
                finished.values.push((kind.attribute(), value));
            }
            if cut {
                finished.truncated.push(kind.attribute());
            }
        }
        Some(finished)
    }
}

impl Kept {
    /// The content of a kind, redacted and rendered; `None` where there is none, or a hook failed.
    fn draw(
        &mut self,
        kind: Kind,
        policy: &Policy,
        dialect: Dialect,
        cut: &mut bool,
    ) -> Option<(Json, Shape)> {
        let split = self.split.get(kind as usize).copied().flatten();
        let mut drawing = Drawing { kind, policy, cut, inline_blobs: policy.inline_blobs() };
        match kind {
            Kind::Input => {
                let messages = marked(std::mem::take(&mut self.input), split);
                drawing.messages(messages).map(|list| (list, Shape::Messages))
            }
            Kind::Output => {
                let mut messages = marked(std::mem::take(&mut self.output), split);
                if !self.streamed.is_empty() {
                    let streamed = std::mem::take(&mut self.streamed);
                    messages.extend(streamed.into_messages(drawing.inline_blobs));
                }
                reasons(&mut messages, &self.reasons, dialect);
                drawing.messages(messages).map(|list| (list, Shape::Messages))
            }
            Kind::Instructions => {
                let message = self.instructions.take()?;
                let mut parts = marked(vec![message], split).pop()?;
                drawing.parts(&mut parts)?;
                let parts = parts.message.parts.into_iter();
                let parts: Vec<_> = parts.map(|part| drawing.part(part)).collect();
                (!parts.is_empty()).then_some((Json::List(parts), Shape::Parts))
            }
            Kind::Tools => {
                let mut list = Vec::new();
                for mut definition in tools::definitions(std::mem::take(&mut self.tools)) {
                    if let Some(definition) = &mut definition {
                        drawing.redacted(Redactable::Tool(definition))?;
                    }
                    let definition = definition.filter(tools::is_definition);
                    *drawing.cut |= definition.is_none();
                    list.extend(definition);
                }
                if list.is_empty() {
                    return None;
                }
                let mut list = Json::List(list);
                drawing.without_half(&mut list, split.is_some());
                Some((list, Shape::Tools))
            }
            Kind::Arguments => drawing.object(self.arguments.take()?, split.is_some()),
            Kind::Result => drawing.object(self.result.take()?, split.is_some()),
        }
    }
}

/// The messages, with the mark of the one that was cut in two.
fn marked(messages: Vec<Message>, split: Option<Split>) -> Vec<Assembled> {
    let marked = messages.into_iter().enumerate().map(|(index, message)| {
        let split = split.filter(|split| split.message == index);
        let parts = split.and_then(|split| split.part).into_iter().collect();
        Assembled { message, split: parts, named_by_half: split.is_some() }
    });
    marked.collect()
}

/// Gives every message that came back a finish reason, or none, as the dialect wants: its own, or that of the
/// choice in its place.
fn reasons(messages: &mut [Assembled], known: &[Text], dialect: Dialect) {
    for (Assembled { message, .. }, reason) in messages.iter_mut().zip(known) {
        if message.finish_reason.is_none() {
            message.finish_reason = super::copy::reason(reason.as_str());
        }
    }
    let any = messages.iter().any(|one| one.message.finish_reason.is_some());
    let [among_others, alone] = MISSING;
    let missing = Text::Static(if any { among_others } else { alone });
    for Assembled { message, .. } in messages {
        match dialect {
            Dialect::Latest => message.finish_reason = None,
            Dialect::Released => {
                message.finish_reason.get_or_insert_with(|| missing.clone());
            }
        }
    }
}

/// Content of one kind on its way out.
struct Drawing<'a> {
    kind: Kind,
    policy: &'a Policy,
    cut: &'a mut bool,
    inline_blobs: bool,
}

impl Drawing<'_> {
    fn messages(&mut self, messages: Vec<Assembled>) -> Option<Json> {
        let mut list = Vec::with_capacity(messages.len());
        for mut one in messages {
            let before = one.message.parts.len();
            self.redacted(Redactable::Message(&mut one.message))?;
            self.without_halves(&mut one, before);
            if self.kind == Kind::Input {
                one.message.finish_reason = None;
            }
            if one.message.role.as_str().is_empty() {
                let role = if self.kind == Kind::Output { ASSISTANT } else { "user" };
                one.message.role = Text::Static(role);
            }
            list.push(schema::message(one.message, self.inline_blobs));
        }
        (!list.is_empty()).then_some(Json::List(list))
    }

    fn parts(&mut self, one: &mut Assembled) -> Option<()> {
        let before = one.message.parts.len();
        self.redacted(Redactable::Parts(&mut one.message.parts))?;
        self.without_halves(one, before);
        Some(())
    }

    fn part(&self, part: super::Part) -> Json {
        schema::part(part, self.inline_blobs)
    }

    fn value(&mut self, mut value: Json, split: bool) -> Option<Json> {
        self.redacted(Redactable::Value(&mut value))?;
        self.without_half(&mut value, split);
        Some(value)
    }

    fn without_half(&mut self, value: &mut Json, split: bool) {
        if split && self.policy.redacts() {
            Tail::new(SLACK).off_json(value);
        }
    }

    /// The conventions expect an object; any other value is the member `value` of one.
    fn object(&mut self, value: Json, split: bool) -> Option<(Json, Shape)> {
        let value = match self.value(value, split)? {
            Json::Null => return None,
            Json::Object(members) => Json::Object(members),
            other => Json::Object(vec![("value".to_owned(), other)]),
        };
        Some((value, Shape::Any))
    }

    /// Without bytes that are not wanted, which stand in streamed text and in what was not copied through the room.
    fn redacted(&self, mut content: Redactable<'_>) -> Option<()> {
        if !self.inline_blobs {
            content.texts_mut(strip);
        }
        self.policy.redact(self.kind, content)
    }

    /// Takes off what may be half of something that a hook would have removed, had it seen the other half.
    ///
    /// Hooks that change the number of parts leave it open where it stands; then the message goes.
    fn without_halves(&mut self, one: &mut Assembled, before: usize) {
        if !self.policy.redacts() {
            return;
        }
        if one.named_by_half {
            one.message.name = None;
            // Without a text the role came last.
            if one.split.is_empty() && matches!(one.message.role, Text::Shared(_)) {
                one.message.role = Text::Static("");
            }
            *self.cut = true;
        }
        if one.split.is_empty() {
            return;
        }
        *self.cut = true;
        let parts = &mut one.message.parts;
        if parts.len() != before {
            parts.clear();
        }
        for place in &one.split {
            if let Some(part) = parts.get_mut(*place) {
                Tail::new(SLACK).off_part(part);
            }
        }
    }
}

/// What comes of content, for the tests of this workspace: the attribute, its JSON text, and whether it was cut.
#[doc(hidden)]
pub fn __finished(
    limits: ContentLimits,
    redactors: Vec<Redactor>,
    inline_blobs: bool,
    dialect: Dialect,
    fill: impl FnOnce(&mut Content),
) -> Vec<(AttributeId, Option<String>, bool)> {
    let policy = Policy::new(
        Some(super::ContentCapture::SpanAndEvent),
        limits,
        inline_blobs,
        redactors,
        |_| None,
    );
    let mut content = Content::new(Kinds::ALL, &policy);
    fill(&mut content);
    let finished = content.finish(&policy, dialect).unwrap_or_default();
    let cut = |id| finished.truncated().any(|cut| cut == id);
    let with = finished.values().map(|(id, value)| (id, Some(value.to_text()), cut(id)));
    let without = finished.truncated().filter(|id| finished.values().all(|(with, _)| with != *id));
    with.chain(without.map(|id| (id, None, true))).collect()
}
