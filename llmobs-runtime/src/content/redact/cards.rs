//! Card numbers in text.

use std::ops::Range;

/// Digits of a card number.
const DIGITS: std::ops::RangeInclusive<usize> = 13..=19;

/// Replaces card numbers: 13 to 19 digits, in groups that a space or a hyphen separates or in one, that begin as
/// card numbers do and pass the Luhn check.
pub(super) fn replace(text: &mut String, by: &str) {
    let found = find(text.as_bytes());
    // From the end, so that the places of those before stay.
    for range in found.into_iter().rev() {
        text.replace_range(range, by);
    }
}

pub(super) fn is_card(text: &str) -> bool {
    find(text.as_bytes()).first() == Some(&(0..text.len()))
}

fn find(text: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let groups = groups(text);
    let mut first = 0;
    while let Some(group) = groups.get(first) {
        match card(text, groups.get(first..).unwrap_or_default()) {
            Some(count) => {
                let end = groups.get(first + count - 1).map_or(group.end, |last| last.end);
                found.push(group.start..end);
                first += count;
            }
            None => first += 1,
        }
    }
    found
}

/// The runs of digits.
fn groups(text: &[u8]) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    for (place, byte) in text.iter().enumerate() {
        if !byte.is_ascii_digit() {
            continue;
        }
        match groups.last_mut() {
            Some(last) if last.end == place => last.end += 1,
            _ => groups.push(place..place + 1),
        }
    }
    groups
}

/// How many of the groups, from the first on, are a card number: as many as can be.
fn card(text: &[u8], groups: &[Range<usize>]) -> Option<usize> {
    let mut digits = Vec::with_capacity(*DIGITS.end());
    let mut last: Option<&Range<usize>> = None;
    let mut best = None;
    for (place, group) in groups.iter().enumerate() {
        if let Some(last) = last
            && !matches!(text.get(last.end..group.start), Some(b" " | b"-"))
        {
            break;
        }
        if digits.len() + group.len() > *DIGITS.end() {
            break;
        }
        digits.extend(text.get(group.clone()).unwrap_or_default().iter().map(|digit| digit & 15));
        if DIGITS.contains(&digits.len()) && luhn(&digits) {
            best = Some(place + 1);
        }
        last = Some(group);
    }
    // 2 to 6: the networks. Other numbers, such as times in milliseconds, begin lower.
    best.filter(|_| digits.first().is_some_and(|digit| (2..=6).contains(digit)))
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, *digit) {
            (0, digit) => u32::from(digit),
            (_, digit) => u32::from(digit) * 2 - if digit > 4 { 9 } else { 0 },
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(text: &str) -> String {
        let mut text = text.to_owned();
        replace(&mut text, "[CARD]");
        text
    }

    #[test]
    fn test_numbers_of_the_networks_are_found() {
        for card in [
            "4111111111111111",
            "4111 1111 1111 1111",
            "4111-1111-1111-1111",
            "5555555555554444",
            "2223003122003222",
            "378282246310005",
            "3782 822463 10005",
            "6011111111111117",
            "30569309025904",
            "3530111333300000",
            "4222222222222",
        ] {
            assert_eq!(replaced(&format!("pay with {card}, please")), "pay with [CARD], please");
            assert!(is_card(card), "{card}");
        }
    }

    #[test]
    fn other_numbers_stay() {
        for other in [
            "4111111111111112",
            "1763812345678",
            "41111111111111111111111",
            "order 123-456",
            "4111 1111\n1111 1111",
            "4111  1111  1111  1111",
            "",
            "0000000000000000",
        ] {
            assert_eq!(replaced(other), other);
        }
    }

    #[test]
    fn a_card_is_found_beside_other_numbers() {
        assert_eq!(replaced("1234 4111 1111 1111 1111"), "1234 [CARD]");
        assert_eq!(replaced("4111 1111 1111 1111 1234"), "[CARD] 1234");
        assert_eq!(replaced("4111111111111111 5555555555554444"), "[CARD] [CARD]");
    }
}
