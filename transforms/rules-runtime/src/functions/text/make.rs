use bumpalo::Bump;
use bumpalo::collections::{String, Vec};

use super::{find, length};
use crate::Fault;
use crate::functions::LONGEST;

/// `replace(text, from, to)`.
pub fn replace<'a>(text: &'a str, from: &str, to: &str, arena: &'a Bump) -> Result<&'a str, Fault> {
    let mut rest = text;
    let mut made = String::new_in(arena);
    if from.is_empty() {
        return Ok(text);
    }
    while let Some(at) = find(rest.as_bytes(), from.as_bytes()) {
        if made.is_empty() {
            made.reserve(text.len() + to.len());
        }
        made.push_str(rest.get(..at).unwrap_or_default());
        made.push_str(to);
        checked_length(made.len())?;
        rest = rest.get(at + from.len()..).unwrap_or_default();
    }
    if rest.len() == text.len() {
        return Ok(text);
    }
    made.push_str(rest);
    Ok(made.into_bump_str())
}

/// `translate(text, from, to)`: each letter of `from` becomes the letter of `to` at its place, or
/// goes.
pub fn translate<'a>(text: &'a str, from: &str, to: &str, arena: &'a Bump) -> Result<&'a str, Fault> {
    let mut made = String::with_capacity_in(text.len(), arena);
    for letter in text.chars() {
        match from.chars().position(|wanted| wanted == letter) {
            None => made.push(letter),
            Some(place) => made.extend(to.chars().nth(place)),
        }
    }
    checked_length(made.len())?;
    Ok(made.into_bump_str())
}

/// `left || right` of texts.
#[inline]
pub fn join<'a>(left: &'a str, right: &'a str, arena: &'a Bump) -> Result<&'a str, Fault> {
    if right.is_empty() {
        return Ok(left);
    }
    if left.is_empty() {
        return Ok(right);
    }
    let mut made = String::with_capacity_in(checked_length(left.len() + right.len())?, arena);
    made.push_str(left);
    made.push_str(right);
    Ok(made.into_bump_str())
}

/// `left || right` of bytes.
pub fn join_bytes<'a>(left: &'a [u8], right: &'a [u8], arena: &'a Bump) -> Result<&'a [u8], Fault> {
    let mut made = Vec::with_capacity_in(checked_length(left.len() + right.len())?, arena);
    made.extend_from_slice_copy(left);
    made.extend_from_slice_copy(right);
    Ok(made.into_bump_slice())
}

/// `concat(…)`: NULLs count as nothing.
pub fn concat<'a>(parts: &[Option<&'a str>], arena: &'a Bump) -> Result<&'a str, Fault> {
    concat_ws("", parts, arena)
}

/// `concat_ws(separator, …)`: NULLs are left out with their separator.
pub fn concat_ws<'a>(separator: &str, parts: &[Option<&'a str>], arena: &'a Bump) -> Result<&'a str, Fault> {
    let longest = parts.iter().flatten().map(|part| part.len() + separator.len()).sum();
    let mut made = String::with_capacity_in(checked_length(longest)?, arena);
    let mut first = true;
    for part in parts.iter().flatten() {
        if !first {
            made.push_str(separator);
        }
        made.push_str(part);
        first = false;
    }
    Ok(made.into_bump_str())
}

/// `lpad(text, length, fill)`: cut at the right when it is longer.
pub fn lpad<'a>(text: &'a str, length: i64, fill: &str, arena: &'a Bump) -> Result<&'a str, Fault> {
    pad(text, length, fill, arena, Side::Left)
}

/// `rpad(text, length, fill)`: cut at the right when it is longer.
pub fn rpad<'a>(text: &'a str, length: i64, fill: &str, arena: &'a Bump) -> Result<&'a str, Fault> {
    pad(text, length, fill, arena, Side::Right)
}

#[derive(PartialEq)]
enum Side {
    Left,
    Right,
}

fn pad<'a>(text: &'a str, wanted: i64, fill: &str, arena: &'a Bump, side: Side) -> Result<&'a str, Fault> {
    let missing = wanted.saturating_sub(length(text));
    if missing <= 0 {
        return Ok(super::left(text, wanted.max(0)));
    }
    if fill.is_empty() {
        return Ok(text);
    }
    let missing = usize::try_from(missing).map_err(|_| Fault::TextTooLong)?;
    // A letter is at least a byte.
    checked_length(text.len().saturating_add(missing))?;
    let mut made = String::with_capacity_in(text.len() + missing, arena);
    if side == Side::Right {
        made.push_str(text);
    }
    for letter in fill.chars().cycle().take(missing) {
        made.push(letter);
    }
    if side == Side::Left {
        made.push_str(text);
    }
    checked_length(made.len())?;
    Ok(made.into_bump_str())
}

/// `repeat(text, count)`.
pub fn repeat<'a>(text: &'a str, count: i64, arena: &'a Bump) -> Result<&'a str, Fault> {
    if count <= 0 || text.is_empty() {
        return Ok("");
    }
    let count = usize::try_from(count).map_err(|_| Fault::TextTooLong)?;
    let mut made = String::with_capacity_in(checked_length(text.len().saturating_mul(count))?, arena);
    for _ in 0..count {
        made.push_str(text);
    }
    Ok(made.into_bump_str())
}

/// `reverse(text)`.
#[must_use]
pub fn reverse<'a>(text: &'a str, arena: &'a Bump) -> &'a str {
    let mut made = String::with_capacity_in(text.len(), arena);
    made.extend(text.chars().rev());
    made.into_bump_str()
}

/// The length, when a text may have it.
#[inline]
fn checked_length(bytes: usize) -> Result<usize, Fault> {
    if bytes > LONGEST { Err(Fault::TextTooLong) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_replaced() {
        let arena = Bump::new();
        let cases = [
            ("abcabc", "b", "XY", "aXYcaXYc"),
            ("aaa", "aa", "b", "ba"),
            ("abc", "", "x", "abc"),
            ("abc", "z", "x", "abc"),
            ("äöä", "ä", "", "ö"),
            ("", "a", "b", ""),
            ("aa", "a", "", ""),
        ];
        for (text, from, to, expected) in cases {
            assert_eq!(replace(text, from, to, &arena), Ok(expected));
        }
        assert_eq!(translate("12345", "143", "ax", &arena), Ok("a2x5"));
        assert_eq!(translate("aäa", "äa", "b", &arena), Ok("b"));
        assert_eq!(translate("aa", "aa", "xy", &arena), Ok("xx"));
    }

    #[test]
    fn texts_are_put_together() {
        let arena = Bump::new();
        assert_eq!(join("a", "ö", &arena), Ok("aö"));
        assert_eq!(join("", "", &arena), Ok(""));
        assert_eq!(join_bytes(b"a", b"\xff", &arena), Ok(&b"a\xff"[..]));
        assert_eq!(concat(&[Some("a"), None, Some("b")], &arena), Ok("ab"));
        assert_eq!(concat(&[None], &arena), Ok(""));
        assert_eq!(concat_ws(",", &[None, Some(""), None, Some("b")], &arena), Ok(",b"));
    }

    #[test]
    fn texts_are_padded_and_cut() {
        let arena = Bump::new();
        let cases = [
            ("hi", 5, "xy", "xyxhi", "hixyx"),
            ("hello", 3, "x", "hel", "hel"),
            ("hi", 5, "", "hi", "hi"),
            ("ä", 3, "é", "ééä", "äéé"),
            ("hi", 0, "x", "", ""),
            ("hi", -1, "x", "", ""),
        ];
        for (text, length, fill, at_left, at_right) in cases {
            assert_eq!(lpad(text, length, fill, &arena), Ok(at_left));
            assert_eq!(rpad(text, length, fill, &arena), Ok(at_right));
        }
        assert_eq!(repeat("ab", 3, &arena), Ok("ababab"));
        assert_eq!(repeat("ab", -3, &arena), Ok(""));
        assert_eq!(reverse("abä", &arena), "äba");
    }

    #[test]
    fn no_text_becomes_too_long() {
        let arena = Bump::new();
        assert_eq!(repeat("ab", i64::MAX, &arena), Err(Fault::TextTooLong));
        assert_eq!(lpad("ab", i64::MAX, "x", &arena), Err(Fault::TextTooLong));
        assert_eq!(rpad("", LONGEST as i64, "ä", &arena), Err(Fault::TextTooLong));
        let long = "x".repeat(LONGEST / 2 + 1);
        assert_eq!(join(&long, &long, &arena), Err(Fault::TextTooLong));
        assert_eq!(replace(&long, "x", "yyy", &arena), Err(Fault::TextTooLong));
    }
}
