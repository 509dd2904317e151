//! A request that is too large, cut in two.

use bytes::Bytes;
use prost::Message;

/// The two halves; `None` of a single item, and of what is no request.
pub(super) fn halves(body: &[u8]) -> Option<[Bytes; 2]> {
    let mut front = Request::decode(body).ok()?;
    let items = front.resources.iter().flat_map(|one| &one.scopes).map(|one| one.items.len()).sum();
    let mut back = front.clone();
    keep(&mut front, half(items)?, true);
    keep(&mut back, half(items)?, false);
    Some([front.encode_to_vec().into(), back.encode_to_vec().into()])
}

/// The same of JSON.
#[cfg(feature = "otlp-http")]
pub(super) fn halves_json(body: &[u8]) -> Option<[Bytes; 2]> {
    let mut front: serde_json::Value = serde_json::from_slice(body).ok()?;
    let mut items = 0_usize;
    each_json(&mut front, |list| items = items.saturating_add(list.len()))?;
    let mut back = front.clone();
    for (half_of, is_front) in [(&mut front, true), (&mut back, false)] {
        let (mut at, half) = (0_usize, half(items)?);
        each_json(half_of, |list| {
            list.retain(|_| {
                let here = at < half;
                at = at.saturating_add(1);
                here == is_front
            });
        })?;
    }
    Some([front.to_string().into(), back.to_string().into()])
}

fn half(items: usize) -> Option<usize> {
    (items > 1).then_some(items / 2)
}

/// Keeps the first items, or those after them. What has none left stays: it is small.
fn keep(request: &mut Request, half: usize, front: bool) {
    let mut at = 0_usize;
    for scope in request.resources.iter_mut().flat_map(|resource| &mut resource.scopes) {
        scope.items.retain(|_| {
            let here = at < half;
            at = at.saturating_add(1);
            here == front
        });
    }
}

/// Hands out each list of items.
#[cfg(feature = "otlp-http")]
fn each_json(
    request: &mut serde_json::Value,
    mut visit: impl FnMut(&mut Vec<serde_json::Value>),
) -> Option<()> {
    const NAMES: [[&str; 3]; 3] = [
        ["resourceSpans", "scopeSpans", "spans"],
        ["resourceMetrics", "scopeMetrics", "metrics"],
        ["resourceLogs", "scopeLogs", "logRecords"],
    ];
    let [resources, scopes, items] =
        NAMES.into_iter().find(|[name, ..]| request.get(name).is_some())?;
    for resource in request.get_mut(resources)?.as_array_mut()? {
        for scope in resource.get_mut(scopes).and_then(|list| list.as_array_mut())? {
            if let Some(list) = scope.get_mut(items).and_then(|list| list.as_array_mut()) {
                visit(list);
            }
        }
    }
    Some(())
}

/// A request of any signal: down to the items they are alike on the wire.
#[derive(Clone, PartialEq, Message)]
struct Request {
    #[prost(message, repeated, tag = "1")]
    resources: Vec<Resource>,
}

#[derive(Clone, PartialEq, Message)]
struct Resource {
    #[prost(bytes = "vec", optional, tag = "1")]
    described: Option<Vec<u8>>,
    #[prost(message, repeated, tag = "2")]
    scopes: Vec<Scope>,
    #[prost(string, tag = "3")]
    schema_url: String,
}

#[derive(Clone, PartialEq, Message)]
struct Scope {
    #[prost(bytes = "vec", optional, tag = "1")]
    described: Option<Vec<u8>>,
    #[prost(bytes = "vec", repeated, tag = "2")]
    items: Vec<Vec<u8>>,
    #[prost(string, tag = "3")]
    schema_url: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(items: &[&[&str]]) -> Request {
        let scope = |items: &&[&str]| Scope {
            described: Some(vec![10, 1, b'a']),
            items: items.iter().map(|item| item.as_bytes().to_vec()).collect(),
            schema_url: "s".to_owned(),
        };
        let resource = Resource {
            described: None,
            scopes: items.iter().map(scope).collect(),
            schema_url: String::new(),
        };
        Request { resources: vec![resource] }
    }

    #[test]
    fn a_request_is_cut_in_two() {
        let whole = request(&[&["1", "2"], &["3"]]).encode_to_vec();
        let cut = halves(&whole).expect("halves");
        let cut = cut.map(|half| Request::decode(half).expect("a request"));
        assert_eq!(cut, [request(&[&["1"], &[]]), request(&[&["2"], &["3"]])]);
        assert_eq!(halves(&request(&[&["1"], &[]]).encode_to_vec()), None);
        assert_eq!(halves(&[0xff]), None);
    }

    #[cfg(feature = "otlp-http")]
    #[test]
    fn json_is_cut_in_two() {
        let of = |first: &[u8], second: &[u8]| {
            serde_json::json!({"resourceSpans": [
                {"resource": 1, "scopeSpans": [{"spans": first}, {"scope": 2, "spans": second}]},
            ]})
        };
        let cut = halves_json(of(&[1, 2], &[3]).to_string().as_bytes()).expect("halves");
        let cut: [serde_json::Value; 2] =
            cut.map(|half| serde_json::from_slice(&half).expect("JSON"));
        assert_eq!(cut, [of(&[1], &[]), of(&[2], &[3])]);
        assert_eq!(halves_json(of(&[1], &[]).to_string().as_bytes()), None);
        assert_eq!(halves_json(b"{}"), None);
        assert_eq!(halves_json(b"[1"), None);
    }
}
