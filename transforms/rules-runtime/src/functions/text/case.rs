use bumpalo::Bump;
use bumpalo::collections::String;

use super::words::{self, Change};

/// A letter's small form, where it is one letter.
#[inline]
#[must_use]
pub fn lower_letter(letter: char) -> char {
    match letter {
        letter if letter.is_ascii() => letter.to_ascii_lowercase(),
        // Its full mapping is two letters.
        '\u{130}' => 'i',
        letter => only(letter.to_lowercase(), letter),
    }
}

/// A letter's capital, where it is one letter.
#[inline]
#[must_use]
pub fn upper_letter(letter: char) -> char {
    match letter {
        letter if letter.is_ascii() => letter.to_ascii_uppercase(),
        // Greek letters with iota have a capital of one letter beside the full one of two.
        '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => shifted(letter, 8),
        '\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}' => shifted(letter, 9),
        letter => only(letter.to_uppercase(), letter),
    }
}

fn only(mut mapped: impl Iterator<Item = char>, letter: char) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(one), None) => one,
        _ => letter,
    }
}

fn shifted(letter: char, by: u32) -> char {
    char::from_u32(u32::from(letter) + by).unwrap_or(letter)
}

/// `lower(text)`.
#[must_use]
pub fn lower<'a>(text: &'a str, arena: &'a Bump) -> &'a str {
    match words::needed(text, words::capitals) {
        Change::None => text,
        Change::Ascii => words::changed(text, words::capitals, arena),
        Change::Other => mapped(text, arena, lower_letter),
    }
}

/// `upper(text)`.
#[must_use]
pub fn upper<'a>(text: &'a str, arena: &'a Bump) -> &'a str {
    match words::needed(text, words::small) {
        Change::None => text,
        Change::Ascii => words::changed(text, words::small, arena),
        Change::Other => mapped(text, arena, upper_letter),
    }
}

/// `initcap(text)`: the first letter of each run of letters and digits a capital, the others small.
#[must_use]
pub fn initcap<'a>(text: &'a str, arena: &'a Bump) -> &'a str {
    let mut inside = false;
    mapped(text, arena, |letter| {
        let mapped = if inside { lower_letter(letter) } else { upper_letter(letter) };
        inside = is_word(letter);
        mapped
    })
}

/// Whether a letter belongs to a word: letters and digits, but no superscripts, fractions and
/// circled numbers.
fn is_word(letter: char) -> bool {
    letter.is_alphabetic() || (letter.is_numeric() && !matches!(letter, '\u{b2}'..='\u{be}' | '\u{2070}'..='\u{32ff}'))
}

fn mapped<'a>(text: &str, arena: &'a Bump, mut map: impl FnMut(char) -> char) -> &'a str {
    let mut made = String::with_capacity_in(text.len(), arena);
    for letter in text.chars() {
        made.push(map(letter));
    }
    made.into_bump_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_change_one_for_one() {
        let arena = Bump::new();
        let cases = [
            ("", "", "", ""),
            ("abc", "abc", "ABC", "Abc"),
            ("hELLO wORLD-x2y", "hello world-x2y", "HELLO WORLD-X2Y", "Hello World-X2y"),
            ("Straße", "straße", "STRAßE", "Straße"),
            ("ÉÀ", "éà", "ÉÀ", "Éà"),
            ("İx", "ix", "İX", "İx"),
            ("ᾳ", "ᾳ", "ᾼ", "ᾼ"),
            ("1a", "1a", "1A", "1a"),
            ("m²a ①a", "m²a ①a", "M²A ①A", "M²A ①A"),
        ];
        for (text, small, large, capital) in cases {
            assert_eq!(lower(text, &arena), small);
            assert_eq!(upper(text, &arena), large);
            assert_eq!(initcap(text, &arena), capital);
        }
    }

    #[test]
    fn ascii_letters_change_wherever_they_stand() {
        let arena = Bump::new();
        let all: std::string::String = (0..128).map(|byte| char::from(byte as u8)).collect();
        for start in 0..=all.len() {
            for end in start..=all.len().min(start + 40) {
                let part = &all[start..end];
                assert_eq!(lower(part, &arena), part.to_ascii_lowercase(), "{part:?}");
                assert_eq!(upper(part, &arena), part.to_ascii_uppercase(), "{part:?}");
            }
        }
        for at in 0..20 {
            let mut text = "A".repeat(20);
            text.insert(at, 'É');
            assert_eq!(lower(&text, &arena), text.to_lowercase());
        }
    }

    #[test]
    fn a_text_that_stays_is_not_copied() {
        let arena = Bump::new();
        let text = "lower";
        assert_eq!(lower(text, &arena).as_ptr(), text.as_ptr());
    }
}
