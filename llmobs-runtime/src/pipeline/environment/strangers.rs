//! Names that are nobody's, and which known one was probably meant.

/// How many letters may be wrong.
const NEAR: usize = 2;

/// The known name that is at most two letters away; among equals the first.
pub(super) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = known.into_iter().filter_map(|known| Some((distance(name, known)?, known)));
    near.reduce(|best, next| if next.0 < best.0 { next } else { best }).map(|(_, known)| known)
}

/// How many letters to insert, drop, change or swap with a neighbour; `None` for more than [`NEAR`].
///
/// The two names lose what they have in common at either end, so that little is left to be tried.
fn distance(one: &str, other: &str) -> Option<usize> {
    if one.len().abs_diff(other.len()) > 4 * NEAR {
        return None;
    }
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    within(&one, &other, NEAR)
}

fn within(one: &[char], other: &[char], left: usize) -> Option<usize> {
    let same = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (one, other) = (one.get(same..)?, other.get(same..)?);
    let (first, second) = match (one, other) {
        ([], []) => return Some(0),
        ([], rest) | (rest, []) => return (rest.len() <= left).then_some(rest.len()),
        (one, other) => (one.get(1..)?, other.get(1..)?),
    };
    let less = left.checked_sub(1)?;
    let mut tried =
        vec![within(first, second, less), within(first, other, less), within(one, second, less)];
    if let ([a, b, one @ ..], [c, d, other @ ..]) = (one, other)
        && (a, b) == (d, c)
    {
        tried.push(within(one, other, less));
    }
    tried.into_iter().flatten().min().map(|more| more + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::environment::noise::Noise;

    #[test]
    fn distances() {
        for (one, other, far) in [
            ("", "", Some(0)),
            ("otlp", "otlp", Some(0)),
            ("oltp", "otlp", Some(1)),
            ("otpl", "otlp", Some(1)),
            ("otl", "otlp", Some(1)),
            ("otlpp", "otlp", Some(1)),
            ("otlp", "ottl", Some(2)),
            ("ab", "", Some(2)),
            ("abc", "", None),
            ("abcd", "badc", Some(2)),
            ("zipkin", "otlp", None),
            ("äöü", "äöx", Some(1)),
        ] {
            assert_eq!(distance(one, other), far, "{one} {other}");
            assert_eq!(distance(other, one), far, "{other} {one}");
        }
    }

    #[test]
    fn the_nearest_is_found_and_the_first_of_equals() {
        assert_eq!(nearest("cat", ["bat", "hat"]), Some("bat"));
        assert_eq!(nearest("catt", ["bat", "cat"]), Some("cat"));
        assert_eq!(nearest("dog", ["bat", "hat"]), None);
        assert_eq!(nearest("dog", []), None);
    }

    #[test]
    fn no_two_texts_are_too_much() {
        let mut noise = Noise::new(1);
        for _ in 0..20_000 {
            let (one, other) = (noise.text(), noise.text());
            assert_eq!(distance(&one, &other).is_some_and(|far| far == 0), one == other);
            assert_eq!(distance(&one, &other), distance(&other, &one), "{one:?} {other:?}");
        }
    }
}
