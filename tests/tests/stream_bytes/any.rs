//! What holds for every way to cut a body apart, and for damaged ones.

use futures::executor::block_on;
use futures::{StreamExt, stream};
use llmobs_runtime::sse::{Events, Lines};
use proptest::prelude::*;

use super::{Answer, FILES, Item, answer, body, events, file, fixture, lines};

/// The parts of `bytes` between these places, some of which are empty.
fn cut<'a>(bytes: &'a [u8], places: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<_> = places.iter().map(|place| place.index(bytes.len() + 1)).collect();
    places.extend([0, bytes.len()]);
    places.sort_unstable();
    places.windows(2).map(|ends| &bytes[ends[0]..ends[1]]).collect()
}

fn places() -> impl Strategy<Value = Vec<prop::sample::Index>> {
    prop::collection::vec(any::<prop::sample::Index>(), 0..40)
}

fn names() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&FILES[..])
}

/// The same body with other line ends, and with or without a byte order mark.
fn rewritten(bytes: &[u8], end: &str, marked: bool) -> Vec<u8> {
    let text = std::str::from_utf8(bytes).expect("a fixture is text").replace('\n', end);
    let mark = if marked { "\u{feff}" } else { "" };
    format!("{mark}{text}").into_bytes()
}

/// A body that does harm in one place, or ends there.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let damage = (any::<prop::sample::Index>(), prop::option::of(any::<u8>()), any::<bool>());
    (names(), prop::collection::vec(damage, 1..4)).prop_map(|(name, damages)| {
        let mut bytes = fixture(name);
        for (place, byte, cut) in damages {
            let place = place.index(bytes.len().max(1));
            match (bytes.get_mut(place), byte) {
                (Some(slot), Some(byte)) => *slot = byte,
                (Some(_), None) if cut => bytes.truncate(place),
                (Some(_), None) => drop(bytes.remove(place)),
                (None, _) => {}
            }
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_same_bytes_say_the_same(
        name in names(),
        places in places(),
        end in prop::sample::select(&["\n", "\r\n", "\r"][..]),
        marked in any::<bool>(),
    ) {
        let bytes = fixture(name);
        let whole = events([bytes.as_slice()]);
        prop_assert!(whole.iter().all(|item| matches!(item, Item::Chunk(..))));
        let other = rewritten(&bytes, end, marked);
        let parts = events(cut(&other, &places));
        prop_assert_eq!(&parts, &whole);
        prop_assert_eq!(answer(&parts).state(), answer(&whole).state());
    }

    #[test]
    fn the_same_lines_say_the_same(places in places(), returns in any::<bool>(), marked in any::<bool>()) {
        let bytes = file("chat.jsonl");
        let whole = lines([bytes.as_slice()]);
        prop_assert_eq!(whole.len(), 4);
        let other = rewritten(&bytes, if returns { "\r\n" } else { "\n" }, marked);
        let parts = lines(cut(&other, &places));
        prop_assert_eq!(&parts, &whole);
        prop_assert_eq!(answer(&parts).state(), answer(&whole).state());
    }

    /// Also with errors in between, and at limits that some frames exceed.
    #[test]
    fn damage_does_no_harm_and_says_the_same(bytes in damaged(), places in places(), limit in 0_usize..1500) {
        let parts = cut(&bytes, &places);
        let whole = events([bytes.as_slice()]);
        prop_assert_eq!(events(parts.iter().copied()), whole.clone());
        prop_assert_eq!(lines(parts.iter().copied()), lines([bytes.as_slice()]));
        let limited = |buffers: Vec<&[u8]>| -> Vec<Item> {
            block_on(Events::with_limit(body(buffers), limit).map(Item::of).collect())
        };
        let short = limited(vec![&bytes]);
        prop_assert_eq!(limited(parts.clone()), short.clone());
        // What is too long ends the stream, and what comes before it does not change.
        match short.split_last() {
            Some((Item::Error(error), before)) if error.starts_with("TooLong") => {
                prop_assert_eq!(before, &whole[..before.len()]);
            }
            _ => prop_assert_eq!(short, whole.clone()),
        }
        let limited = |buffers: Vec<&[u8]>| -> Vec<Item> {
            block_on(Lines::with_limit(body(buffers), limit).map(Item::of).collect())
        };
        prop_assert_eq!(limited(parts), limited(vec![&bytes]));
        answer(&whole);
    }

    #[test]
    fn any_bytes_do_no_harm(
        buffers in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..64), 0..8),
    ) {
        let whole = buffers.concat();
        let parts = || buffers.iter().map(Vec::as_slice);
        prop_assert_eq!(events(parts()), events([whole.as_slice()]));
        prop_assert_eq!(lines(parts()), lines([whole.as_slice()]));
    }

    /// Text that is made of what means something to the decoders.
    #[test]
    fn any_frames_say_the_same(
        words in prop::collection::vec(
            prop::sample::select(&[
                "data:", "data: ", "data", "event: error", ":", "id: 1", "retry: 3", "\n", "\r", "\r\n", "\n\n",
                "{}", "{\"id\":", "\"é\"}", "[DONE]", " ", "\u{feff}", "1", "é", "🏔",
            ][..]),
            0..40,
        ),
        places in places(),
    ) {
        let text = words.concat();
        prop_assert_eq!(events(cut(text.as_bytes(), &places)), events([text.as_bytes()]));
        prop_assert_eq!(lines(cut(text.as_bytes(), &places)), lines([text.as_bytes()]));
    }

    /// A transport that breaks off loses nothing of what came before.
    #[test]
    fn a_transport_that_breaks_off_says_so(name in names(), places in places(), left in any::<prop::sample::Index>()) {
        let bytes = fixture(name);
        let came = &bytes[..left.index(bytes.len() + 1)];
        let buffers: Vec<_> = cut(came, &places).into_iter().map(Ok).chain([Err("reset")]).collect();
        let items: Vec<_> = block_on(Events::new(stream::iter(buffers)).map(Item::of).collect());
        let whole = events([bytes.as_slice()]);
        let broken = Item::Error("Transport(\"reset\")".into());
        match items.split_last() {
            Some((last, before)) if *last == broken => prop_assert_eq!(before, &whole[..before.len()]),
            // The end had been said before the transport broke off.
            _ => prop_assert_eq!(items, whole),
        }
    }

    /// Chunks that are whole and yet in no order, or of several formats.
    #[test]
    fn chunks_in_any_order_do_no_harm(
        picks in prop::collection::vec((names(), any::<prop::sample::Index>()), 0..30),
    ) {
        let mut answer = Answer::default();
        for (name, at) in picks {
            let chunks = super::chunks(name);
            answer.add(&chunks[at.index(chunks.len())]);
        }
        let (_, reasons, complete) = answer.state();
        prop_assert!(reasons.is_none_or(|reasons| (1..=128).contains(&reasons.len())));
        prop_assert!(complete || !answer.progress.is_complete());
    }
}

/// What is left of a body that ends early is read as if an empty line followed, and cut off if that is no use.
fn as_if_ended(bytes: &[u8]) -> Vec<Item> {
    let mut items = events([bytes, b"\r\r"]);
    let mark = "\u{feff}".as_bytes();
    let bytes =
        bytes.strip_prefix(mark).or(mark.starts_with(bytes).then_some(b"")).unwrap_or(bytes);
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n").replace('\r', "\n");
    let rest = text.rsplit("\n\n").next().unwrap_or_default();
    let known = |line: &str| line.contains(':') || ["", "data", "event", "id"].contains(&line);
    match items.last() {
        Some(Item::Error(_)) => drop(items.pop()),
        _ if rest.is_empty() || rest.lines().any(known) => return items,
        _ => {}
    }
    items.push(Item::Error("CutOff".into()));
    items
}

/// Every place at which a body can end.
#[test]
fn a_body_that_ends_early_says_what_came() {
    for name in ["chat", "chat_compatible", "messages"] {
        let bytes = fixture(name);
        let whole = events([bytes.as_slice()]);
        for end in 0..=bytes.len() {
            let came = &bytes[..end];
            let items = events([came]);
            assert_eq!(items, as_if_ended(came), "{name} ends at {end}");
            assert_eq!(events(came.chunks(1)), items, "{name} ends at {end}");
            let chunks = items.iter().take_while(|item| matches!(item, Item::Chunk(..))).count();
            assert!(chunks + 1 >= items.len(), "{name} ends at {end}");
            assert_eq!(items[..chunks], whole[..chunks], "{name} ends at {end}");
        }
    }
    let bytes = file("chat.jsonl");
    let whole = lines([bytes.as_slice()]);
    for end in 0..=bytes.len() {
        let items = lines([&bytes[..end]]);
        let rest = bytes[..end].rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        let chunks = items.iter().take_while(|item| matches!(item, Item::Chunk(..))).count();
        assert_eq!(items[..chunks], whole[..chunks], "ends at {end}");
        let whole = rest.trim_ascii().is_empty()
            || serde_json::from_slice::<serde_json::Value>(rest).is_ok();
        let error = (!whole).then(|| Item::Error("CutOff".into()));
        assert_eq!(items[chunks..], *error.as_slice(), "ends at {end}");
    }
}

/// Every place at which a body can be cut in two.
#[test]
fn two_parts_say_the_same_as_one() {
    for name in ["chat", "chat_compatible", "messages"] {
        let bytes = fixture(name);
        let whole = events([bytes.as_slice()]);
        for place in 0..=bytes.len() {
            let (before, after) = bytes.split_at(place);
            assert_eq!(events([before, after]), whole, "{name} cut at {place}");
        }
    }
    let bytes = file("chat.jsonl");
    let whole = lines([bytes.as_slice()]);
    for place in 0..=bytes.len() {
        let (before, after) = bytes.split_at(place);
        assert_eq!(lines([before, after]), whole, "cut at {place}");
    }
}

#[test]
fn single_bytes_say_the_same() {
    for name in FILES {
        for end in ["\n", "\r\n", "\r"] {
            let bytes = rewritten(&fixture(name), end, true);
            assert_eq!(events(bytes.chunks(1)), events([fixture(name).as_slice()]), "{name}");
        }
    }
}
