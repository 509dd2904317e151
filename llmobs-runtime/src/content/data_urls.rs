//! Data URLs inside text.

use std::ops::Range;

/// No more bytes of one are passed over: what comes after so many is left out with them.
pub(super) const LONGEST: usize = 8 << 20;

/// Where the data of the first base64 data URL stands whose head ends within the first `window` bytes.
pub(super) fn first_data(text: &str, window: usize) -> Option<Range<usize>> {
    /// No media type with its parameters is longer.
    const HEAD: usize = 256;
    const MARK: &str = ";base64,";
    let within = text.get(..text.floor_char_boundary(window))?;
    within.match_indices(MARK).find_map(|(place, mark)| {
        let head = text.as_bytes().get(place.saturating_sub(HEAD)..place)?;
        head.windows(5).find(|five| five.eq_ignore_ascii_case(b"data:"))?;
        let start = place + mark.len();
        let length = data(text.as_bytes().get(start..)?);
        let end = if length < LONGEST { start + length } else { text.len() };
        (length > 0).then_some(start..end)
    })
}

/// How many bytes are base64 text, also where its slashes or percents are escaped.
fn data(bytes: &[u8]) -> usize {
    let is_data = |place: &usize| match bytes.get(*place) {
        Some(b'\\') => bytes.get(place + 1) == Some(&b'/'),
        Some(byte) => byte.is_ascii_alphanumeric() || b"+/-_=%".contains(byte),
        None => false,
    };
    (0..LONGEST).take_while(is_data).count()
}

/// Takes out the data of every data URL; its head says what there was.
#[cfg(feature = "enable")]
pub(super) fn strip(text: &mut String) {
    let mut short = String::new();
    let mut rest = text.as_str();
    while let Some(data) = first_data(rest, rest.len()) {
        short.push_str(rest.get(..data.start).unwrap_or_default());
        short.push('…');
        rest = rest.get(data.end..).unwrap_or_default();
    }
    if !short.is_empty() {
        short.push_str(rest);
        *text = short;
    }
}

#[cfg(all(test, feature = "enable"))]
mod tests {
    use super::*;

    fn stripped(text: &str) -> String {
        let mut text = text.to_owned();
        strip(&mut text);
        text
    }

    #[test]
    fn the_data_goes_and_the_text_stays() {
        for (text, expected) in [
            ("![x](data:image/png;base64,iVBO/+R==) ü", "![x](data:image/png;base64,…) ü"),
            (
                "DATA:;base64,QUJD and data:a/b;c=d;base64,QUJD",
                "DATA:;base64,… and data:a/b;c=d;base64,…",
            ),
            (
                r#"{"u":"data:image\/png;base64,iV\/BO%3D\"}"#,
                r#"{"u":"data:image\/png;base64,…\"}"#,
            ),
            ("data:image/png;base64,…", "data:image/png;base64,…"),
            ("not a URL;base64,QUJD", "not a URL;base64,QUJD"),
            ("data: and more", "data: and more"),
            ("", ""),
        ] {
            assert_eq!(stripped(text), expected);
            assert_eq!(stripped(expected), expected);
        }
    }

    #[test]
    fn what_is_too_long_takes_the_rest_with_it() {
        let text = format!("a data:a/b;base64,{} rest", "A".repeat(LONGEST));
        assert_eq!(stripped(&text), "a data:a/b;base64,…");
    }
}
