//! Envelopes made comparable, and compared.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::OnceLock;

use serde_json::{Map, Value};

/// The name of this machine, which stands in the tags.
pub fn host() -> &'static str {
    static HOST: OnceLock<String> = OnceLock::new();
    HOST.get_or_init(|| {
        let from_file = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
        let asked = || {
            let output = std::process::Command::new("hostname").output().ok()?;
            String::from_utf8(output.stdout).ok()
        };
        from_file.or_else(asked).unwrap_or_default().trim().to_owned()
    })
}

/// The locale of this environment, as `en_US`; empty where it names none.
fn locale() -> &'static str {
    static LOCALE: OnceLock<String> = OnceLock::new();
    LOCALE.get_or_init(|| {
        let said = ["LC_ALL", "LANG"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|said| !said.is_empty()));
        let said = said.unwrap_or_default();
        let locale = said.split(['.', '@']).next().unwrap_or_default();
        if ["C", "POSIX"].contains(&locale) { String::new() } else { locale.to_owned() }
    })
}

/// Our envelopes with what differs from machine to machine and from moment to moment replaced by its name, where it
/// has the right shape, and those of metrics in the order of `like`: a metric's points have none.
pub fn normalised(envelopes: &[Value], like: &[Value]) -> Vec<Value> {
    let mut envelopes = envelopes.to_vec();
    for envelope in &mut envelopes {
        tags(&mut envelope["tags"]);
        time(envelope);
    }
    if envelopes.iter().all(|envelope| envelope["data"]["baseType"] == "MetricData") {
        envelopes.sort_by_key(|envelope| like.iter().position(|other| alike(envelope, other)));
    }
    envelopes
}

/// The recorded envelopes, likewise.
pub fn of_recorded(envelopes: &[Value]) -> Vec<Value> {
    let mut envelopes = envelopes.to_vec();
    envelopes.iter_mut().for_each(time);
    envelopes
}

fn alike(one: &Value, other: &Value) -> bool {
    let properties = |envelope: &Value| envelope["data"]["baseData"]["properties"].clone();
    one["tags"] == other["tags"] && properties(one) == properties(other)
}

/// Metrics are recorded now, whatever time they had in the file.
fn time(envelope: &mut Value) {
    let is_time = envelope["time"].as_str().is_some_and(|time| time == "<NOW>" || is_time(time));
    if envelope["data"]["baseType"] == "MetricData" && is_time {
        envelope["time"] = "<NOW>".into();
    }
}

/// As in `2025-10-09T08:53:20.123456Z`.
fn is_time(text: &str) -> bool {
    let mut shape: String =
        text.chars().map(|one| if one.is_ascii_digit() { '0' } else { one }).collect();
    if let Some(point) = shape.find('.') {
        let digits = shape[point + 1..].chars().take_while(|one| *one == '0').count();
        shape.replace_range(point..=point + digits, "");
    }
    shape == "0000-00-00T00:00:00Z"
}

fn tags(tags: &mut Value) {
    let Some(tags) = tags.as_object_mut() else { return };
    let mut replace = |tag: &str, name: &str, fits: fn(&str) -> bool| {
        if let Some(value) = tags.get_mut(tag)
            && value.as_str().is_some_and(fits)
        {
            *value = name.into();
        }
    };
    for tag in ["ai.device.id", "ai.cloud.roleInstance", "ai.internal.nodeName"] {
        replace(tag, "<HOST>", |value| !value.is_empty() && value == host());
    }
    replace("ai.device.locale", "<LOCALE>", |value| value == locale());
    replace("ai.internal.sdkVersion", "<SDK_VERSION>", is_sdk_version);
    // An environment without a locale gives no tag.
    if locale().is_empty() && !tags.contains_key("ai.device.locale") {
        tags.insert("ai.device.locale".to_owned(), "<LOCALE>".into());
    }
}

/// A prefix of three letters for the platform, the system and the way of attaching; then the language, the SDK and
/// the exporter with their versions: `ulm_rust1.95.0:otel0.33.1:ext0.1.0`.
fn is_sdk_version(text: &str) -> bool {
    let Some((prefix, rest)) = text.split_once('_') else { return false };
    let [platform, system, attached] = prefix.as_bytes() else { return false };
    let known = b"afku".contains(platform) && b"lwu".contains(system) && b"im".contains(attached);
    let mut parts = rest.split(':');
    let mut next = |name: &str| {
        parts.next().and_then(|part| part.strip_prefix(name)).is_some_and(|version| {
            version.starts_with(|one: char| one.is_ascii_digit()) && version.is_ascii()
        })
    };
    known && next("rust") && next("otel") && next("ext") && parts.next().is_none()
}

/// What stands at a path in one and not, or differently, in the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// As in `0/data/baseData/properties/url.full`: the envelope's number comes first.
    pub path: String,
    /// What the file holds there.
    pub recorded: Option<Value>,
    /// What we send there.
    pub ours: Option<Value>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = |value: &Option<Value>| match value {
            None => "nothing".to_owned(),
            Some(value) => {
                let mut text = value.to_string();
                if let Some((cut, _)) = text.char_indices().nth(400) {
                    let length = text.chars().count();
                    text.truncate(cut);
                    return format!("{text}… ({length} characters)");
                }
                text
            }
        };
        writeln!(f, "  {}", self.path)?;
        writeln!(f, "    - {}", short(&self.recorded))?;
        write!(f, "    + {}", short(&self.ours))
    }
}

/// Every difference between lists of envelopes that have been [`normalised`]. Properties are compared as maps, the
/// whole number 3 is the same as 3.0.
pub fn differences(recorded: &[Value], ours: &[Value]) -> Vec<Difference> {
    let mut found = Vec::new();
    for index in 0..recorded.len().max(ours.len()) {
        compare(&index.to_string(), recorded.get(index), ours.get(index), &mut found);
    }
    found
}

fn compare(
    path: &str,
    recorded: Option<&Value>,
    ours: Option<&Value>,
    found: &mut Vec<Difference>,
) {
    match (recorded, ours) {
        (Some(Value::Object(one)), Some(Value::Object(other))) => members(path, one, other, found),
        (Some(Value::Array(one)), Some(Value::Array(other))) => {
            for index in 0..one.len().max(other.len()) {
                compare(&format!("{path}/{index}"), one.get(index), other.get(index), found);
            }
        }
        (Some(Value::Number(one)), Some(Value::Number(other)))
            if one == other
                || (one.is_f64() || other.is_f64()) && one.as_f64() == other.as_f64() => {}
        (one, other) if one == other => {}
        (one, other) => found.push(Difference {
            path: path.to_owned(),
            recorded: one.cloned(),
            ours: other.cloned(),
        }),
    }
}

fn members(
    path: &str,
    one: &Map<String, Value>,
    other: &Map<String, Value>,
    found: &mut Vec<Difference>,
) {
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    for name in names {
        compare(&format!("{path}/{name}"), one.get(name), other.get(name), found);
    }
}
