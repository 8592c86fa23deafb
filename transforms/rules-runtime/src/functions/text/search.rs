/// Where a part begins in a run of bytes.
#[inline]
pub(in crate::functions) fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    let Some((first, rest)) = part.split_first() else { return Some(0) };
    let last = bytes.len().checked_sub(part.len())?;
    let mut at = 0;
    while at <= last {
        at += bytes[at..=last].iter().position(|byte| byte == first)?;
        if bytes[at + 1..at + part.len()] == *rest {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// `length(text)`, in letters.
#[inline]
#[must_use]
pub fn length(text: &str) -> i64 {
    text.chars().count() as i64
}

/// `octet_length(text)`, `octet_length(bytes)`.
#[inline]
#[must_use]
pub fn octet_length(bytes: &[u8]) -> i64 {
    bytes.len() as i64
}

/// `position(part in text)`, `strpos(text, part)`: in letters from 1, 0 when it is not there.
#[must_use]
pub fn position(text: &str, part: &str) -> i64 {
    match find(text.as_bytes(), part.as_bytes()) {
        Some(at) => length(text.get(..at).unwrap_or_default()) + 1,
        None => 0,
    }
}

/// `starts_with(text, start)`.
#[inline]
#[must_use]
pub fn starts_with(text: &str, start: &str) -> bool {
    text.starts_with(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_by_letters() {
        let cases = [
            ("high", "ig", 2),
            ("", "", 1),
            ("abc", "", 1),
            ("", "a", 0),
            ("äöü", "ü", 3),
            ("aaab", "aab", 2),
            ("abc", "abcd", 0),
            ("abc", "c", 3),
            ("abab", "bb", 0),
        ];
        for (text, part, expected) in cases {
            assert_eq!(position(text, part), expected, "{part:?} in {text:?}");
        }
    }

    #[test]
    fn lengths_count_letters_and_bytes() {
        assert_eq!((length("aé😀"), octet_length("aé😀".as_bytes())), (3, 7));
        assert!(starts_with("abc", "ab") && starts_with("abc", "") && !starts_with("a", "ab"));
    }
}
