//! A value of a variable as a message may show it.

/// The most characters of it.
const MOST: usize = 60;

/// One line, not long, and without what may be secret in an address: who asks, and what is asked for.
pub(super) fn shown(value: &str) -> String {
    let masked = match value.split_once("://") {
        Some((scheme, rest)) => format!("{scheme}://{}", address(rest)),
        None => value.to_owned(),
    };
    let mut line: String = masked.chars().take(MOST).flat_map(char::escape_debug).collect();
    if masked.chars().nth(MOST).is_some() {
        line.push('…');
    }
    line
}

/// What stands behind `://` without user, password and query: the host and the path.
fn address(rest: &str) -> String {
    let (before, query) = match rest.split_once(['?', '#']) {
        // What stands before it may be the beginning of a password.
        Some((_, behind)) if behind.contains('@') => return "…".to_owned(),
        Some((before, _)) => (before, "?…"),
        None => (rest, ""),
    };
    // Whatever stands before the last `@` may be a password with a slash in it.
    match before.rsplit_once('@') {
        Some((_, host)) => format!("…@{host}{query}"),
        None => format!("{before}{query}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::environment::noise::Noise;

    #[test]
    fn what_is_long_is_cut_and_what_is_secret_is_left_out() {
        assert_eq!(shown("many"), "many");
        assert_eq!(shown("a\nb\"c"), "a\\nb\\\"c");
        assert_eq!(shown(&"ä".repeat(60)), "ä".repeat(60));
        assert_eq!(shown(&"ä".repeat(61)), format!("{}…", "ä".repeat(60)));
        assert_eq!(shown("https://me:secret@host/path"), "https://…@host/path");
        assert_eq!(shown("https://me:sec/re@t@host"), "https://…@host");
        assert_eq!(shown("http://host/path?key=secret#part"), "http://host/path?…");
        assert_eq!(shown("http://me:sec?ret@host"), "http://…");
        assert_eq!(shown("http://me:sec#ret@host"), "http://…");
    }

    #[test]
    fn whatever_it_is_a_message_stays_one_line_without_its_secret() {
        let mut noise = Noise::new(7);
        for _ in 0..20_000 {
            let (before, after) = (noise.text(), noise.text());
            let any = shown(&before);
            assert!(any.chars().count() <= 10 * MOST + 1 && !any.contains('\n'), "{before:?}");
            let address = shown(&format!("http://{before}:hunter2@{}", after.replace('@', "")));
            assert!(!address.contains("hunter2"), "{address}");
            let asked = shown(&format!("http://host?{before}hunter2{after}"));
            assert!(!asked.contains("hunter2"), "{asked}");
        }
    }
}
