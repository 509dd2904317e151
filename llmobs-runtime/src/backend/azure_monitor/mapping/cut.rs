//! Items that are larger than the service takes: their longest texts are cut, so that the rest arrives.

#[cfg(test)]
mod tests;

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::super::item::Item;
use super::super::names;
use super::fields::{self, Place};
use super::json;

/// No text is cut below so many bytes of JSON: what is that short identifies something.
const SHORT: usize = 128;
/// The same of what dashboards count: no identifier, name or list of reasons is longer.
const SHORT_COUNTED: usize = 1_024;
/// Names of properties that the service itself reads; cut, they would say something else.
const READ_BY_SERVICE: &str = "_MS.";
/// How many properties an item had and has no more.
const DROPPED: &str = "otel.dropped_attributes_count";
/// The texts beside the properties that may be long.
const FIELDS: [&str; 3] = ["message", "data", "url"];
const MEASUREMENTS: &str = "measurements";
const EXCEPTION_FIELDS: [&str; 2] = ["message", "stack"];

/// The item in no more than `longest` bytes. `None` where that cannot be done, and of what is no envelope.
///
/// First the contents are cut, the longest to the length of the next and so on, then the other texts in the same
/// way, those that dashboards count last and least. Then properties and measurements are left out from the last on,
/// what dashboards count only when nothing else is left. The property `llmobs.content.truncated` has the names of the
/// properties that were cut.
pub(in super::super) fn cut(item: &Item, longest: usize) -> Option<Item> {
    if item.json.len() <= longest {
        return Some(item.clone());
    }
    let mut open = Open::read(&item.json)?;
    for texts in [Texts::Contents, Texts::Others, Texts::Counted] {
        // What was cut is named, which takes room again; names are short, so a few rounds do.
        for _ in 0..4 {
            let json = open.encode()?;
            let Some(excess) = json.len().checked_sub(longest).filter(|excess| *excess > 0) else {
                return Some(Item { kind: item.kind, json });
            };
            if !open.cut(texts, excess) {
                break;
            }
        }
    }
    loop {
        let json = open.encode()?;
        let Some(excess) = json.len().checked_sub(longest).filter(|excess| *excess > 0) else {
            return Some(Item { kind: item.kind, json });
        };
        if !open.leave_out(excess) {
            return None;
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Texts {
    Contents,
    Others,
    Counted,
}

impl Texts {
    fn of(place: Place) -> Self {
        match place {
            Place::First => Self::Counted,
            Place::Middle => Self::Others,
            Place::Last => Self::Contents,
        }
    }

    /// The bytes of JSON below which none is cut.
    fn shortest(self) -> usize {
        match self {
            Self::Contents | Self::Others => SHORT,
            Self::Counted => SHORT_COUNTED,
        }
    }
}

/// An envelope taken apart.
struct Open {
    /// Without `data`.
    envelope: Map<String, Value>,
    base_type: Value,
    /// Without `properties`.
    base: Map<String, Value>,
    properties: Vec<Property>,
}

struct Property {
    key: String,
    place: Place,
    text: String,
}

impl Open {
    fn read(json: &[u8]) -> Option<Self> {
        let mut envelope = object(serde_json::from_slice(json).ok()?)?;
        let mut data = object(envelope.remove("data")?)?;
        let mut base = object(data.remove("baseData")?)?;
        let properties = base.remove("properties").and_then(object).unwrap_or_default();
        let mut properties: Vec<_> = properties
            .into_iter()
            .map(|(key, value)| Property {
                place: fields::about(&key).place,
                text: match value {
                    Value::String(text) => text,
                    other => other.to_string(),
                },
                key,
            })
            .collect();
        // A parsed object may have lost its order.
        properties.sort_by_key(|property| property.place as u8);
        Some(Self { envelope, base_type: data.remove("baseType")?, base, properties })
    }

    fn encode(&self) -> Option<Vec<u8>> {
        let mut out = serde_json::to_vec(&self.envelope).ok()?;
        reopen(&mut out);
        out.extend_from_slice(b"\"data\":{\"baseData\":");
        out.extend(serde_json::to_vec(&self.base).ok()?);
        reopen(&mut out);
        out.extend_from_slice(b"\"properties\":{");
        for (at, property) in self.properties.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            json::string(&mut out, &property.key);
            out.push(b':');
            json::string(&mut out, &property.text);
        }
        out.extend_from_slice(b"}},\"baseType\":");
        out.extend(serde_json::to_vec(&self.base_type).ok()?);
        out.extend_from_slice(b"}}");
        Some(out)
    }

    /// Cuts texts so that `excess` bytes fewer are encoded, as far as they reach; whether any was cut.
    fn cut(&mut self, texts: Texts, excess: usize) -> bool {
        let mut cut = Vec::new();
        {
            let (Self { base, properties, .. }, mut all) = (&mut *self, Vec::new());
            for property in properties.iter_mut() {
                if Texts::of(property.place) == texts
                    && property.key != names::TRUNCATED
                    && !property.key.starts_with(READ_BY_SERVICE)
                {
                    all.push((Some(property.key.as_str()), &mut property.text));
                }
            }
            if texts == Texts::Others {
                all.extend(long_fields(base).map(|text| (None, text)));
            }
            let lengths: Vec<_> = all.iter().map(|(_, text)| encoded_length(text)).collect();
            let level = level(&lengths, excess, texts.shortest());
            for ((key, text), length) in all.into_iter().zip(lengths) {
                if length > level {
                    shorten(text, level);
                    cut.push(key.map(str::to_owned));
                }
            }
        }
        let any = !cut.is_empty();
        self.say_cut(cut.into_iter().flatten());
        any
    }

    /// Names what was cut beside what was before.
    fn say_cut(&mut self, keys: impl Iterator<Item = String>) {
        let said = self.properties.iter_mut().find(|property| property.key == names::TRUNCATED);
        let before = said.as_ref().and_then(|said| serde_json::from_str(&said.text).ok());
        let mut all: Vec<String> = before.unwrap_or_default();
        for key in keys {
            if !all.contains(&key) && key != names::TRUNCATED {
                all.push(key);
            }
        }
        if all.is_empty() {
            return;
        }
        self.say(names::TRUNCATED, Value::from(all).to_string());
    }

    /// Names what was cut no more where it is left out.
    fn say_cut_of_those_left(&mut self) {
        let Some(at) = self.properties.iter().position(|said| said.key == names::TRUNCATED) else {
            return;
        };
        let said = self.properties.remove(at);
        let keys: Vec<String> = serde_json::from_str(&said.text).unwrap_or_default();
        let left: HashSet<_> = self.properties.iter().map(|one| one.key.as_str()).collect();
        let keys: Vec<_> = keys.into_iter().filter(|key| left.contains(key.as_str())).collect();
        self.say_cut(keys.into_iter());
    }

    fn say(&mut self, key: &str, text: String) {
        if let Some(said) = self.properties.iter_mut().find(|property| property.key == key) {
            said.text = text;
        } else {
            let property = Property { key: key.to_owned(), place: Place::First, text };
            self.properties.insert(0, property);
        }
    }

    /// Leaves out the last properties, or measurements where those take more, as many as take `excess` bytes, and says
    /// how many; whether there was one.
    fn leave_out(&mut self, excess: usize) -> bool {
        let before = self.properties.iter().find(|property| property.key == DROPPED);
        let before: u64 = before.and_then(|said| said.text.parse().ok()).unwrap_or(0);
        let others = self
            .properties
            .iter()
            .filter(|property| property.place != Place::First && property.key != DROPPED);
        let others = others.fold(0_usize, |sum, property| sum.saturating_add(property.size()));
        let gone = if self.measured() > others {
            self.leave_out_measurements(excess)
        } else {
            self.leave_out_properties(excess, others > 0)
        };
        if gone > 0 {
            self.say(DROPPED, before.saturating_add(gone).to_string());
            self.say_cut_of_those_left();
        }
        gone > 0
    }

    /// How many properties are left out, of what dashboards count none if there are `others`.
    fn leave_out_properties(&mut self, excess: usize, others: bool) -> u64 {
        let (mut gone, mut room) = (0_u64, 0_usize);
        while room < excess
            && let Some(property) = self.properties.pop_if(|property| {
                property.key != names::TRUNCATED && (property.place != Place::First || !others)
            })
        {
            // What counts them is written anew.
            if property.key != DROPPED {
                room = room.saturating_add(property.size());
                gone = gone.saturating_add(1);
            }
        }
        gone
    }

    fn leave_out_measurements(&mut self, excess: usize) -> u64 {
        let (mut gone, mut room) = (0_u64, 0_usize);
        while room < excess
            && let Some(Value::Object(members)) = self.base.get_mut(MEASUREMENTS)
            && let Some(last) = members.keys().next_back().cloned()
            && let Some(value) = members.remove(&last)
        {
            room = room.saturating_add(measured(&last, &value));
            gone = gone.saturating_add(1);
        }
        gone
    }

    /// How many bytes of JSON the measurements take.
    fn measured(&self) -> usize {
        let Some(Value::Object(members)) = self.base.get(MEASUREMENTS) else { return 0 };
        members.iter().fold(0, |sum, (key, value)| sum.saturating_add(measured(key, value)))
    }
}

impl Property {
    fn size(&self) -> usize {
        encoded_length(&self.key).saturating_add(encoded_length(&self.text))
    }
}

fn measured(key: &str, value: &Value) -> usize {
    encoded_length(key).saturating_add(value.to_string().len())
}

fn object(value: Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(members) => Some(members),
        _ => None,
    }
}

/// Makes room for another member at the end of an encoded object.
fn reopen(out: &mut Vec<u8>) {
    out.pop();
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
}

fn long_fields(base: &mut Map<String, Value>) -> impl Iterator<Item = &mut String> {
    base.iter_mut().flat_map(|(key, value)| -> Vec<&mut String> {
        match value {
            Value::String(text) if FIELDS.contains(&key.as_str()) => vec![text],
            Value::Array(exceptions) if key == "exceptions" => exceptions
                .iter_mut()
                .filter_map(Value::as_object_mut)
                .flat_map(|exception| exception.iter_mut())
                .filter(|(key, _)| EXCEPTION_FIELDS.contains(&key.as_str()))
                .filter_map(|(_, value)| match value {
                    Value::String(text) => Some(text),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        }
    })
}

/// The length to which all longer ones have to be cut to be `excess` less in sum; never below `shortest`.
fn level(lengths: &[usize], excess: usize, shortest: usize) -> usize {
    let mut sorted = lengths.to_vec();
    sorted.sort_unstable_by(|one, other| other.cmp(one));
    let mut sum = 0_usize;
    for (at, length) in sorted.iter().enumerate() {
        sum = sum.saturating_add(*length);
        let count = at.saturating_add(1);
        let next = sorted.get(count).copied().unwrap_or(0).max(shortest);
        // So much is saved when all up to here are as long as the next.
        if sum.saturating_sub(next.saturating_mul(count)) >= excess {
            return (sum.saturating_sub(excess) / count).max(shortest);
        }
    }
    shortest
}

/// How many bytes of JSON a text takes, without the quotes.
fn encoded_length(text: &str) -> usize {
    text.bytes().fold(0_usize, |sum, byte| sum.saturating_add(json::width(byte)))
}

/// Cuts a text between two characters, to no more than `longest` bytes of JSON.
fn shorten(text: &mut String, longest: usize) {
    let mut sum = 0_usize;
    let end = text.bytes().position(|byte| {
        sum = sum.saturating_add(json::width(byte));
        sum > longest
    });
    if let Some(end) = end {
        text.truncate(text.floor_char_boundary(end));
    }
}
