//! What hides personal data.

use bumpalo::Bump;
use bumpalo::collections::String;

use super::digest::hmac_sha256;
use super::text::{length, substr_from};
use super::{LONGEST, text};
use crate::Fault;

/// What stands for the hidden letters of an address: it does not tell how many they are.
const HIDDEN: &str = "***";

/// `mask(text, left, right, letter)`: all letters but the first and the last so many become the
/// letter. A text that would stay whole is hidden whole.
pub fn mask<'a>(text: &'a str, left: i64, right: i64, letter: &str, arena: &'a Bump) -> Result<&'a str, Fault> {
    let letters = length(text);
    let (left, right) = (left.max(0), right.max(0));
    let kept = left.saturating_add(right);
    let (left, right) = if kept >= letters { (0, 0) } else { (left, right) };
    let hidden = letters - left - right;
    let size = (hidden as usize).saturating_mul(letter.len());
    if size.saturating_add(text.len()) > LONGEST {
        return Err(Fault::TextTooLong);
    }
    let mut made = String::with_capacity_in(text.len() + size, arena);
    made.push_str(text::left(text, left));
    for _ in 0..hidden {
        made.push_str(letter);
    }
    made.push_str(text::right(text, right));
    Ok(made.into_bump_str())
}

/// `mask_email(text)`: the first letter and the domain stay; a text that is no address is hidden
/// whole.
pub fn mask_email<'a>(text: &'a str, arena: &'a Bump) -> Result<&'a str, Fault> {
    let Some((name, domain)) = text.rsplit_once('@') else { return Ok(HIDDEN) };
    let first = text::left(name, 1);
    // A name of one letter would be told by it.
    let first = if substr_from(name, 2).is_empty() { "" } else { first };
    let mut made = String::with_capacity_in(first.len() + HIDDEN.len() + 1 + domain.len(), arena);
    made.push_str(first);
    made.push_str(HIDDEN);
    made.push('@');
    made.push_str(domain);
    Ok(made.into_bump_str())
}

/// `pseudonym(text, key)`: HMAC-SHA-256 in hexadecimal digits. The same text has the same
/// pseudonym under the same key; without the key neither is found from the other.
pub fn pseudonym<'a>(text: &str, key: &str, arena: &'a Bump) -> Result<&'a str, Fault> {
    hmac_sha256(key.as_bytes(), text.as_bytes(), arena)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_hidden() {
        let arena = Bump::new();
        let cases = [
            ("4111111111111111", 4, 4, "4111********1111"),
            ("äöüß", 1, 0, "ä***"),
            ("abc", 2, 2, "***"),
            ("abc", 3, 0, "***"),
            ("abc", -5, 1, "**c"),
            ("", 1, 1, ""),
            ("abc", i64::MAX, i64::MAX, "***"),
        ];
        for (text, left, right, expected) in cases {
            assert_eq!(mask(text, left, right, "*", &arena), Ok(expected));
        }
        assert_eq!(mask("abcd", 1, 1, "", &arena), Ok("ad"));
    }

    #[test]
    fn addresses_keep_their_domain() {
        let arena = Bump::new();
        let cases = [
            ("jane@example.com", "j***@example.com"),
            ("j@example.com", "***@example.com"),
            ("@example.com", "***@example.com"),
            ("a@b@example.com", "a***@example.com"),
            ("jane", "***"),
            ("", "***"),
        ];
        for (text, expected) in cases {
            assert_eq!(mask_email(text, &arena), Ok(expected));
        }
    }

    #[test]
    fn a_pseudonym_depends_on_the_key() {
        let arena = Bump::new();
        assert_ne!(pseudonym("a", "k", &arena), pseudonym("a", "l", &arena));
        assert_eq!(pseudonym("a", "k", &arena).map(str::len), Ok(64));
    }
}
