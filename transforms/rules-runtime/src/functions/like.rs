//! LIKE and ILIKE.

use bumpalo::Bump;

use super::text::{find, lower};
use crate::constants::{LikeItem, LikeView};

/// `text LIKE pattern`.
#[inline]
#[must_use]
pub fn matches(text: &str, pattern: LikeView<'_>, arena: &Bump) -> bool {
    if pattern.ignores_case() {
        return matches_bytes(lower(text, arena).as_bytes(), pattern);
    }
    matches_bytes(text.as_bytes(), pattern)
}

/// Walks both from the left. The parts behind a `%` are tried further and further on; a later `%`
/// forgets the earlier one, which never needs to move again.
fn matches_bytes(text: &[u8], pattern: LikeView<'_>) -> bool {
    let mut rest = text;
    let mut parts = pattern;
    let mut retry: Option<(LikeView<'_>, &[u8])> = None;
    loop {
        let after = match parts.next() {
            None if rest.is_empty() => return true,
            None => None,
            Some(LikeItem::One) => without_letter(rest),
            Some(LikeItem::Text(letters)) => rest.strip_prefix(letters),
            Some(LikeItem::Any) => match settle(parts, rest) {
                Settled::Is(answer) => return answer,
                Settled::From(start) => {
                    retry = Some((parts, start));
                    Some(start)
                }
            },
        };
        if let Some(after) = after {
            rest = after;
            continue;
        }
        let Some((tail, start)) = retry else { return false };
        let Some(further) = without_letter(start) else { return false };
        match settle(tail, further) {
            Settled::Is(answer) => return answer,
            Settled::From(start) => {
                (parts, rest) = (tail, start);
                retry = Some((tail, start));
            }
        }
    }
}

enum Settled<'a> {
    /// Nothing more needs to be looked at.
    Is(bool),
    /// The first place the parts may begin at.
    From(&'a [u8]),
}

/// Where the parts behind a `%` may begin.
#[inline]
fn settle<'a>(mut parts: LikeView<'_>, rest: &'a [u8]) -> Settled<'a> {
    match parts.next() {
        None => Settled::Is(true),
        Some(LikeItem::Text(letters)) => match parts.next() {
            None => Settled::Is(rest.ends_with(letters)),
            Some(_) => match find(rest, letters) {
                Some(at) => Settled::From(&rest[at..]),
                None => Settled::Is(false),
            },
        },
        Some(_) => Settled::From(rest),
    }
}

/// The UTF-8 text without its first letter.
#[inline]
fn without_letter(text: &[u8]) -> Option<&[u8]> {
    let (first, rest) = text.split_first()?;
    let others = match first {
        0xf0.. => 3,
        0xe0.. => 2,
        0xc0.. => 1,
        _ => 0,
    };
    rest.get(others..)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::constants::{LikePart, LikePattern};

    fn pattern(text: &str, ignore_case: bool) -> Vec<u8> {
        let parts = text
            .chars()
            .map(|letter| match letter {
                '%' => LikePart::Any,
                '_' => LikePart::One,
                letter => LikePart::Text(letter.to_string()),
            })
            .collect();
        LikePattern { parts, ignore_case }.encode()
    }

    #[test]
    fn patterns_match_whole_texts() {
        let arena = Bump::new();
        let cases = [
            ("abc", "abc", true),
            ("abc", "ab", false),
            ("abc", "a%", true),
            ("abc", "%c", true),
            ("abc", "%b%", true),
            ("abc", "_b_", true),
            ("abc", "__", false),
            ("abc", "%_", true),
            ("", "%", true),
            ("", "_", false),
            ("", "", true),
            ("aaab", "%ab", true),
            ("abab", "%ab", true),
            ("abcabd", "%ab_", true),
            ("abcabde", "%ab_", false),
            ("xaybzc", "%a%b%c", true),
            ("xaybz", "%a%b%c", false),
            ("äöü", "_ö_", true),
            ("äöü", "___", true),
            ("äöü", "____", false),
            ("mississippi", "m%iss%ip%i", true),
            ("mississippi", "m%iss%ipx%i", false),
            ("ab", "%a_b", false),
            ("aacb", "%a_b", true),
            ("a%c", "a_c", true),
            ("ABC", "abc", false),
        ];
        for (text, like, expected) in cases {
            let bytes = pattern(like, false);
            assert_eq!(matches(text, LikeView::of(&bytes), &arena), expected, "{text} like {like}");
        }
    }

    #[test]
    fn ilike_ignores_case_beyond_ascii() {
        let arena = Bump::new();
        for (text, like, expected) in [("ÄbC", "äB%", true), ("straße", "STRASSE", false), ("ABC", "abd", false)] {
            let bytes = pattern(like, true);
            assert_eq!(matches(text, LikeView::of(&bytes), &arena), expected, "{text} ilike {like}");
        }
    }
}
