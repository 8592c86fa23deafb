//! LIKE patterns.

use crate::plan::{LikePart, LikePattern};

/// Reads a pattern; none when it ends in its escape letter.
pub(crate) fn parse(pattern: &str, escape: Option<char>, ignore_case: bool) -> Option<LikePattern> {
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        if Some(letter) == escape {
            text.push(letters.next()?);
        } else if letter == '%' {
            finish(&mut text, &mut parts);
            if parts.last() != Some(&LikePart::Any) {
                parts.push(LikePart::Any);
            }
        } else if letter == '_' {
            finish(&mut text, &mut parts);
            parts.push(LikePart::One);
        } else {
            text.push(letter);
        }
    }
    finish(&mut text, &mut parts);
    Some(LikePattern { parts, ignore_case })
}

fn finish(text: &mut String, parts: &mut Vec<LikePart>) {
    if !text.is_empty() {
        parts.push(LikePart::Text(std::mem::take(text)));
    }
}

/// The pattern with `\` as its escape letter.
pub(crate) fn text(pattern: &LikePattern) -> String {
    let mut written = String::new();
    for part in &pattern.parts {
        match part {
            LikePart::Any => written.push('%'),
            LikePart::One => written.push('_'),
            LikePart::Text(text) => {
                for letter in text.chars() {
                    if matches!(letter, '%' | '_' | '\\') {
                        written.push('\\');
                    }
                    written.push(letter);
                }
            }
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_resolved_and_written_back() {
        let pattern = parse(r"a\%b%%_c", Some('\\'), false).expect("a pattern");
        assert_eq!(
            pattern.parts,
            [LikePart::Text("a%b".to_owned()), LikePart::Any, LikePart::One, LikePart::Text("c".to_owned())]
        );
        assert_eq!(parse(&text(&pattern), Some('\\'), false), Some(pattern));
        assert_eq!(parse(r"a\", Some('\\'), false), None);
        assert!(parse(r"a\", None, false).is_some());
    }
}
