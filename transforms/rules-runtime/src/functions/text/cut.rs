use super::{find, length};
use crate::Fault;
use crate::constants::TrimSide;
use crate::functions::ascii::without;

/// `trim(both letters from text)`, `ltrim`, `rtrim`.
#[inline]
#[must_use]
pub fn trim<'a>(text: &'a str, letters: &str, side: TrimSide) -> &'a str {
    if letters == " " {
        return without(text, side, |byte| byte == b' ');
    }
    if letters.is_ascii() {
        return without(text, side, |byte| letters.bytes().any(|letter| letter == byte));
    }
    let is_among = |letter: char| letters.contains(letter);
    match side {
        TrimSide::Both => text.trim_matches(is_among),
        TrimSide::Leading => text.trim_start_matches(is_among),
        TrimSide::Trailing => text.trim_end_matches(is_among),
    }
}

/// `substr(text, start)`: from a letter on, counted from 1.
#[inline]
#[must_use]
pub fn substr_from(text: &str, start: i64) -> &str {
    let skipped = start.saturating_sub(1).max(0);
    text.get(byte_of_letter(text, skipped)..).unwrap_or_default()
}

/// `substr(text, start, length)`: letters before the first count as well.
#[inline]
pub fn substr(text: &str, start: i64, length: i64) -> Result<&str, Fault> {
    if length < 0 {
        return Err(Fault::NegativeLength);
    }
    let end = start.saturating_add(length).saturating_sub(1).max(0);
    let rest = substr_from(text, start);
    let kept = end - start.saturating_sub(1).max(0).min(end);
    Ok(rest.get(..byte_of_letter(rest, kept)).unwrap_or_default())
}

/// `left(text, count)`: the first letters; of a negative count, all but the last.
#[inline]
#[must_use]
pub fn left(text: &str, count: i64) -> &str {
    let end = if count >= 0 { byte_of_letter(text, count) } else { byte_from_end(text, count.unsigned_abs()) };
    text.get(..end).unwrap_or_default()
}

/// `right(text, count)`: the last letters; of a negative count, all but the first.
#[inline]
#[must_use]
pub fn right(text: &str, count: i64) -> &str {
    let start = if count >= 0 {
        byte_from_end(text, count.unsigned_abs())
    } else {
        byte_of_letter(text, count.checked_neg().unwrap_or(i64::MAX))
    };
    text.get(start..).unwrap_or_default()
}

/// `split_part(text, delimiter, field)`: fields count from 1, from the end when negative.
pub fn split_part<'a>(text: &'a str, delimiter: &str, field: i64) -> Result<&'a str, Fault> {
    if field == 0 {
        return Err(Fault::FieldZero);
    }
    if delimiter.is_empty() {
        return Ok(if field == 1 || field == -1 { text } else { "" });
    }
    let wanted = if field > 0 {
        field - 1
    } else {
        // Fields are cut from the left whichever end they are counted from.
        fields(text, delimiter) + field
    };
    let mut rest = text;
    for _ in 0..wanted.min(text.len() as i64 + 1) {
        match find(rest.as_bytes(), delimiter.as_bytes()) {
            Some(at) => rest = rest.get(at + delimiter.len()..).unwrap_or_default(),
            None => return Ok(""),
        }
    }
    if wanted < 0 {
        return Ok("");
    }
    let end = find(rest.as_bytes(), delimiter.as_bytes()).unwrap_or(rest.len());
    Ok(rest.get(..end).unwrap_or_default())
}

fn fields(text: &str, delimiter: &str) -> i64 {
    let mut count = 1;
    let mut rest = text.as_bytes();
    while let Some(at) = find(rest, delimiter.as_bytes()) {
        count += 1;
        rest = &rest[at + delimiter.len()..];
    }
    count
}

/// The byte a letter begins at; the text's end beyond its last.
#[inline]
fn byte_of_letter(text: &str, letters: i64) -> usize {
    let Ok(letters) = usize::try_from(letters) else { return text.len() };
    if letters >= text.len() {
        return text.len();
    }
    // So far every letter is a byte.
    if text.as_bytes()[..letters].is_ascii() {
        return letters;
    }
    text.char_indices().nth(letters).map_or(text.len(), |(at, _)| at)
}

/// The byte the last so many letters begin at; 0 when there are fewer.
fn byte_from_end(text: &str, letters: u64) -> usize {
    if letters == 0 {
        return text.len();
    }
    let kept = length(text).unsigned_abs().saturating_sub(letters);
    byte_of_letter(text, i64::try_from(kept).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_trimmed_from_the_ends() {
        assert_eq!(trim("  a b ", " ", TrimSide::Both), "a b");
        assert_eq!(trim("xyaxy", "yx", TrimSide::Leading), "axy");
        assert_eq!(trim("äaää", "ä", TrimSide::Trailing), "äa");
        assert_eq!(trim("\ta ", " ", TrimSide::Both), "\ta");
        assert_eq!(trim("   ", " ", TrimSide::Both), "");
        assert_eq!(trim("   ", " ", TrimSide::Leading), "");
        assert_eq!(trim("  ä\u{a0} ", " ", TrimSide::Both), "ä\u{a0}");
        assert_eq!(trim("xyäyx", "yx", TrimSide::Both), "ä");
        assert_eq!(trim("abc", "", TrimSide::Both), "abc");
    }

    #[test]
    fn parts_are_cut_by_letters() {
        let cases = [
            ("alphabet", 3, 2, Ok("ph")),
            ("alphabet", -1, 4, Ok("al")),
            ("alphabet", 0, 1, Ok("")),
            ("alphabet", 3, 100, Ok("phabet")),
            ("alphabet", 100, 1, Ok("")),
            ("äöü", 2, 1, Ok("ö")),
            ("abc", 1, -1, Err(Fault::NegativeLength)),
            ("abc", i64::MIN, i64::MAX, Ok("")),
            ("abc", 2, i64::MAX, Ok("bc")),
            ("abc", i64::MAX, i64::MAX, Ok("")),
        ];
        for (text, start, length, expected) in cases {
            assert_eq!(substr(text, start, length), expected, "{text} {start} {length}");
        }
        assert_eq!(substr_from("äöü", 2), "öü");
        assert_eq!(substr_from("äöü", i64::MIN), "äöü");
    }

    #[test]
    fn ends_are_cut_by_letters() {
        let cases = [
            ("abcde", 2, "ab", "de"),
            ("abcde", -2, "abc", "cde"),
            ("abcde", 0, "", ""),
            ("äöü", 1, "ä", "ü"),
            ("äöü", -1, "äö", "öü"),
            ("ab", 5, "ab", "ab"),
            ("ab", -5, "", ""),
            ("ab", i64::MIN, "", ""),
            ("ab", i64::MAX, "ab", "ab"),
        ];
        for (text, count, first, last) in cases {
            assert_eq!((left(text, count), right(text, count)), (first, last), "{text} {count}");
        }
    }

    #[test]
    fn fields_count_from_both_ends() {
        let cases = [
            ("a,b,c", ",", 2, "b"),
            ("a,b,c", ",", -1, "c"),
            ("a,b,c", ",", -3, "a"),
            ("a,b,c", ",", -4, ""),
            ("a,b,c", ",", 4, ""),
            ("a,,c", ",", 2, ""),
            ("abc", "", 1, "abc"),
            ("abc", "", -1, "abc"),
            ("abc", "", 2, ""),
            ("", ",", 1, ""),
            ("aXXXb", "XX", 2, "Xb"),
            ("aXXXb", "XX", -1, "Xb"),
            ("a", ",", i64::MAX, ""),
            ("a", ",", i64::MIN, ""),
        ];
        for (text, delimiter, field, expected) in cases {
            assert_eq!(split_part(text, delimiter, field), Ok(expected), "{text} {field}");
        }
        assert_eq!(split_part("a", ",", 0), Err(Fault::FieldZero));
    }
}
