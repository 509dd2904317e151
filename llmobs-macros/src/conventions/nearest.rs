//! Which right name a wrong one probably meant.

/// The candidate that `given` most probably meant, or `None` where nothing is near.
///
/// Near is: the same but for a missing or foreign front (`request.model`), at most a third of the
/// letters mistyped (`gen_ai.requst.model`), or the same last part in the same namespace
/// (`gen_ai.model`), in that order. Among equals the first candidate wins.
pub(crate) fn nearest<'a>(given: &str, among: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let lower = given.to_ascii_lowercase();
    let letters: Vec<char> = lower.chars().collect();
    among
        .filter_map(|candidate| Some((cost(&lower, &letters, candidate)?, candidate)))
        .reduce(|best, next| if next.0 < best.0 { next } else { best })
        .map(|(_, candidate)| candidate)
}

/// How far `given` is from `candidate`: a class of nearness, then a distance within the class.
/// `None` where they have nothing to do with each other.
fn cost(given: &str, letters: &[char], candidate: &str) -> Option<(u8, usize)> {
    let other: Vec<char> = candidate.chars().collect();
    let gap = letters.len().abs_diff(other.len());
    if given == candidate {
        return Some((0, 0));
    }
    if given.len() > 2 && (ends_in(candidate, given) || ends_in(given, candidate)) {
        return Some((1, gap));
    }
    let allowed = letters.len().max(other.len()) / 3;
    // The distance is never below the difference in length: skip the work where that is too far.
    if gap <= allowed {
        let distance = distance(letters, &other);
        if distance <= allowed {
            return Some((1, distance));
        }
    }
    let (front, last) = given.rsplit_once('.')?;
    let same_space = namespace(front) == namespace(candidate);
    (same_space && ends_in(candidate, last)).then_some((2, gap))
}

/// Whether `whole` ends in the dotted parts of `tail`.
fn ends_in(whole: &str, tail: &str) -> bool {
    !tail.is_empty()
        && whole.strip_suffix(tail).is_some_and(|front| front.is_empty() || front.ends_with('.'))
}

fn namespace(key: &str) -> &str {
    key.split('.').next().unwrap_or(key)
}

/// The fewest letters to insert, drop, change or swap with a neighbour to get from one to the
/// other, no letter being touched twice.
fn distance(from: &[char], to: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    let mut from_previous = None;
    for (i, &a) in from.iter().enumerate() {
        let mut row = Vec::with_capacity(to.len() + 1);
        let mut left = i + 1;
        row.push(left);
        let mut to_previous = None;
        // `above` runs over pairs of the row above: the cell up and left, and the one above.
        for (j, (&b, above)) in to.iter().zip(last.windows(2)).enumerate() {
            let (corner, up) = match above {
                [corner, up] => (*corner, *up),
                _ => (left, left),
            };
            let mut cell = (corner + usize::from(a != b)).min(up + 1).min(left + 1);
            if from_previous == Some(b) && to_previous == Some(a) {
                let swapped = j.checked_sub(1).and_then(|j| before_last.get(j));
                cell = swapped.map_or(cell, |swapped| cell.min(swapped + 1));
            }
            row.push(cell);
            left = cell;
            to_previous = Some(b);
        }
        from_previous = Some(a);
        before_last = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(from.len())
}

#[cfg(test)]
mod tests {
    use super::super::{ATTRIBUTES, operations};
    use super::*;

    fn key(given: &str) -> Option<&'static str> {
        nearest(given, ATTRIBUTES.iter().map(|row| row.key))
    }

    fn operation(given: &str) -> Option<&'static str> {
        nearest(given, operations().into_iter())
    }

    fn between(from: &str, to: &str) -> usize {
        let letters = |text: &str| text.chars().collect::<Vec<_>>();
        distance(&letters(from), &letters(to))
    }

    #[test]
    fn distances() {
        assert_eq!(between("", ""), 0);
        assert_eq!(between("", "abc"), 3);
        assert_eq!(between("abc", ""), 3);
        assert_eq!(between("chat", "chat"), 0);
        assert_eq!(between("chat", "cat"), 1);
        assert_eq!(between("chat", "chats"), 1);
        assert_eq!(between("chat", "shat"), 1);
        assert_eq!(between("chat", "caht"), 1);
        assert_eq!(between("kitten", "sitting"), 3);
        assert_eq!(between("ca", "abc"), 3);
    }

    #[test]
    fn mistyped_keys() {
        assert_eq!(key("gen_ai.requst.model"), Some("gen_ai.request.model"));
        assert_eq!(key("gen_ai.reqeust.model"), Some("gen_ai.request.model"));
        assert_eq!(key("gen_ai.request.modle"), Some("gen_ai.request.model"));
        assert_eq!(key("genai.request.model"), Some("gen_ai.request.model"));
        assert_eq!(key("GEN_AI.REQUEST.MODEL"), Some("gen_ai.request.model"));
        assert_eq!(key("gen_ai.usage.input_token"), Some("gen_ai.usage.input_tokens"));
        assert_eq!(key("gen_ai.response.finish_reason"), Some("gen_ai.response.finish_reasons"));
        assert_eq!(key("mcp.method"), Some("mcp.method.name"));
    }

    #[test]
    fn missing_and_extra_fronts() {
        assert_eq!(key("request.model"), Some("gen_ai.request.model"));
        assert_eq!(key("api.type"), Some("openai.api.type"));
        assert_eq!(key("llm.gen_ai.request.model"), Some("gen_ai.request.model"));
    }

    #[test]
    fn same_last_part_in_the_same_namespace() {
        assert_eq!(key("gen_ai.model"), Some("gen_ai.request.model"));
        assert_eq!(
            key("gen_ai.llm.inference.settings.temperature"),
            Some("gen_ai.request.temperature")
        );
        assert_eq!(key("acme.llm.inference.settings.temperature"), None);
    }

    #[test]
    fn nothing_near() {
        assert_eq!(key("tenant"), None);
        assert_eq!(key(""), None);
        assert_eq!(key("gen_ai.zzzzzzzzzzzzzzzzzzzzzzzzzz"), None);
        assert_eq!(nearest("chat", std::iter::empty()), None);
    }

    #[test]
    fn operations_too() {
        assert_eq!(operation("caht"), Some("chat"));
        assert_eq!(operation("embedding"), Some("embeddings"));
        assert_eq!(operation("invoke-agent"), Some("invoke_agent"));
        assert_eq!(operation("tool"), None);
    }

    #[test]
    fn the_first_of_equals_wins() {
        assert_eq!(nearest("cat", ["bat", "hat"].into_iter()), Some("bat"));
        assert_eq!(nearest("x.abc", ["x.c.abd", "x.abd", "x.abe"].into_iter()), Some("x.abd"));
    }
}
