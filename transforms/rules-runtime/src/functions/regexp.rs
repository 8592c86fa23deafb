//! Regular expressions of the `regex` crate's syntax.

use bumpalo::Bump;
use bumpalo::collections::String;
use regex::{Captures, Regex};

use super::LONGEST;
use crate::Fault;

/// Makes a regular expression of its pattern.
///
/// # Errors
///
/// A pattern that is none, or too large a one.
pub fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    Regex::new(pattern)
}

/// `regexp_like(text, pattern)`, `text ~ pattern`.
#[inline]
#[must_use]
pub fn is_match(regex: &Regex, text: &str) -> bool {
    regex.is_match(text)
}

/// `regexp_replace(text, pattern, replacement)`, of all matches with the flag `g`: `\1` to `\9`
/// stand for groups, `\&` for the whole match.
pub fn replace<'a>(
    regex: &Regex,
    text: &'a str,
    replacement: &str,
    all: bool,
    arena: &'a Bump,
) -> Result<&'a str, Fault> {
    let mut made = String::new_in(arena);
    let mut done = 0;
    for captures in regex.captures_iter(text).take(if all { usize::MAX } else { 1 }) {
        let Some(whole) = captures.get(0) else { break };
        if made.is_empty() {
            made.reserve(text.len() + replacement.len());
        }
        made.push_str(text.get(done..whole.start()).unwrap_or_default());
        push_replacement(&mut made, replacement, &captures);
        if made.len() > LONGEST {
            return Err(Fault::TextTooLong);
        }
        done = whole.end();
    }
    made.push_str(text.get(done..).unwrap_or_default());
    Ok(made.into_bump_str())
}

fn push_replacement(made: &mut String<'_>, replacement: &str, captures: &Captures<'_>) {
    let mut letters = replacement.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            made.push(letter);
            continue;
        }
        let mut after = letters.clone();
        let group = match after.next() {
            Some('&') => 0,
            Some(digit @ '1'..='9') => digit as usize - '0' as usize,
            Some('\\') => {
                made.push('\\');
                letters = after;
                continue;
            }
            // A backslash before any other letter stands for itself.
            _ => {
                made.push('\\');
                continue;
            }
        };
        letters = after;
        if let Some(group) = captures.get(group) {
            made.push_str(group.as_str());
        }
    }
}

/// `regexp_substr(text, pattern)`: a group of the first match, 0 for all of it; none when nothing
/// matches.
#[must_use]
pub fn substr<'a>(regex: &Regex, text: &'a str, group: u32) -> Option<&'a str> {
    if group == 0 {
        return regex.find(text).map(|found| found.as_str());
    }
    regex.captures(text)?.get(group as usize).map(|group| group.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_are_replaced() {
        let arena = Bump::new();
        let cases = [
            ("foobarbaz", "b..", "X", false, "fooXbaz"),
            ("foobarbaz", "b..", "X", true, "fooXX"),
            ("foobarbaz", "b(..)", "X\\1Y", true, "fooXarYXazY"),
            ("abc", "b", "<\\&>", true, "a<b>c"),
            ("abc", "b", "\\\\x\\q\\", true, "a\\x\\q\\c"),
            ("abc", "(x)?b", "[\\1\\2]", true, "a[]c"),
            ("abc", "z", "X", true, "abc"),
            ("äöü", "ö", "\\&\\&", true, "äööü"),
        ];
        for (text, pattern, replacement, all, expected) in cases {
            let regex = compile(pattern).unwrap();
            assert_eq!(replace(&regex, text, replacement, all, &arena), Ok(expected), "{text} {pattern}");
        }
    }

    #[test]
    fn groups_are_cut_out() {
        let regex = compile("(a)(x)?(b+)").unwrap();
        assert_eq!(substr(&regex, "zabbz", 0), Some("abb"));
        assert_eq!(substr(&regex, "zabbz", 3), Some("bb"));
        assert_eq!(substr(&regex, "zabbz", 2), None);
        assert_eq!(substr(&regex, "zabbz", 9), None);
        assert_eq!(substr(&regex, "z", 0), None);
        assert!(is_match(&regex, "ab") && !is_match(&regex, "a"));
    }
}
