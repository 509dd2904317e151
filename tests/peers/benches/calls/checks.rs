//! All variants record the same.

use llmobs_bench::Child;

use super::figures::run;

/// What two calls of a variant have recorded.
fn written(variant: &str) -> String {
    Child::start(&run("--check", variant, &[])).end()
}

/// Without the types of the values: some peers know only text.
fn untyped(text: &str) -> String {
    let line = |line: &str| match line.strip_suffix(')').and_then(|line| line.rsplit_once(" (")) {
        Some((line, _)) if line.starts_with(' ') => line.to_owned(),
        _ => line.to_owned(),
    };
    text.lines().map(|it| line(it) + "\n").collect()
}

fn spans(text: &str) -> String {
    text.lines().filter(|it| !it.starts_with("gen_ai.")).map(|it| it.to_owned() + "\n").collect()
}

/// Compares all variants with what is written by hand.
///
/// # Panics
///
/// When they differ: their figures could not be compared.
pub(crate) fn same_data() {
    let by_hand = written("by-hand:sampled:async:takes");
    let points = by_hand.lines().filter(|line| line.contains(" 2 times "));
    assert_eq!(by_hand.matches("\n  ").count(), 24, "12 attributes of two spans: {by_hand}");
    assert_eq!(points.count(), 3, "three points, each of two calls: {by_hand}");
    for shape in ["async", "sync"] {
        for who in ["by-hand", "own", "users", "called"] {
            assert_eq!(written(&format!("{who}:sampled:{shape}:takes")), by_hand, "{who} {shape}");
        }
        let traced = written(&format!("traced:sampled:{shape}:takes"));
        assert_eq!(untyped(&traced), untyped(&by_hand), "traced {shape}");
        let fast = written(&format!("fastrace:sampled:{shape}:takes"));
        assert_eq!(untyped(&fast), untyped(&spans(&by_hand)), "fastrace {shape}");
        let metrics = by_hand.replace(&spans(&by_hand), "");
        for who in ["by-hand", "traced", "own", "users", "called"] {
            assert_eq!(
                written(&format!("{who}:sampled-out:{shape}:takes")),
                metrics,
                "{who} {shape}"
            );
            assert_eq!(written(&format!("{who}:nobody:{shape}:takes")), "", "{who} {shape}");
        }
        assert_eq!(written(&format!("own:off:{shape}:takes")), "", "off {shape}");
    }
}
