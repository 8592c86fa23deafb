//! JSON kept as its text: checked, and cut without building a tree.
//!
//! A document is read to its end whatever is asked of it: of a key that occurs twice the last
//! counts, and what text cannot hold is a fault wherever it stands.

mod scan;

use bumpalo::Bump;
use bumpalo::collections::String;

use self::scan::{Escapes, Scanner, unescape};
use crate::Fault;

/// Whether a text is JSON: at most a thousand values deep.
pub fn check(text: &str) -> Result<(), Fault> {
    let mut scanner = Scanner::new(text, Escapes::Unread);
    scanner.value()?;
    scanner.end()
}

/// `json -> key`.
pub fn field<'a>(json: &'a str, key: &str) -> Result<Option<&'a str>, Fault> {
    let mut scanner = Scanner::new(json, Escapes::Read);
    let mut found = None;
    if scanner.take(b'{') {
        let mut more = !scanner.take(b'}');
        while more {
            let name = scanner.string()?;
            let is_wanted = if name.contains('\\') { unescape(name).eq(key.chars()) } else { name == key };
            scanner.expect(b':')?;
            let value = scanner.value()?;
            if is_wanted {
                found = Some(value);
            }
            more = scanner.next_of(b'}')?;
        }
    } else {
        scanner.value()?;
    }
    scanner.end()?;
    Ok(found)
}

/// `json ->> key`.
pub fn field_text<'a>(json: &'a str, key: &str, arena: &'a Bump) -> Result<Option<&'a str>, Fault> {
    Ok(field(json, key)?.and_then(|value| as_text(value, arena)))
}

/// `json -> index`: from 0, from the end when negative.
pub fn element(json: &str, index: i64) -> Result<Option<&str>, Fault> {
    let wanted = if index < 0 { each_element(json, |_, _| {})? as i64 + index } else { index };
    let mut found = None;
    each_element(json, |place, value| {
        if place as i64 == wanted {
            found = Some(value);
        }
    })?;
    Ok(found)
}

/// `json ->> index`.
pub fn element_text<'a>(json: &'a str, index: i64, arena: &'a Bump) -> Result<Option<&'a str>, Fault> {
    Ok(element(json, index)?.and_then(|value| as_text(value, arena)))
}

/// How many elements an array has; none for what is no array.
fn each_element<'a>(json: &'a str, mut see: impl FnMut(usize, &'a str)) -> Result<usize, Fault> {
    let mut scanner = Scanner::new(json, Escapes::Read);
    let mut count = 0;
    if scanner.take(b'[') {
        let mut more = !scanner.take(b']');
        while more {
            see(count, scanner.value()?);
            count += 1;
            more = scanner.next_of(b']')?;
        }
    } else {
        scanner.value()?;
    }
    scanner.end()?;
    Ok(count)
}

/// `json_typeof(json)`.
pub fn type_of(json: &str) -> Result<&'static str, Fault> {
    check(json)?;
    Ok(match json.bytes().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => "object",
        Some(b'[') => "array",
        Some(b'"') => "string",
        Some(b't' | b'f') => "boolean",
        Some(b'n') => "null",
        _ => "number",
    })
}

/// A value as text: a string without its quotes, none for null.
fn as_text<'a>(value: &'a str, arena: &'a Bump) -> Option<&'a str> {
    if value == "null" {
        return None;
    }
    let Some(inner) = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) else { return Some(value) };
    if !inner.contains('\\') {
        return Some(inner);
    }
    let mut made = String::with_capacity_in(inner.len(), arena);
    made.extend(unescape(inner));
    Some(made.into_bump_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_checked() {
        let good = [
            "0",
            "-0",
            "1.5e+10",
            " [ ] ",
            "{}",
            "[1,[2,{\"a\":null}],true,false]",
            "\"\\u0000\"",
            "\"\\ud800\"",
            "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
            "\"ä😀\"",
            "\n{ \"a\" : 1 }\t",
        ];
        for text in good {
            assert_eq!(check(text), Ok(()), "{text}");
        }
        let bad = [
            "",
            " ",
            "01",
            "+1",
            ".5",
            "1.",
            "1e",
            "-",
            "nul",
            "nulll",
            "True",
            "[1,]",
            "[,1]",
            "{\"a\"}",
            "{\"a\":}",
            "{a:1}",
            "{\"a\":1,}",
            "[1",
            "]",
            "\"",
            "\"\\x\"",
            "\"\\u12g4\"",
            "\"a\nb\"",
            "1 2",
            "'a'",
            "[1 2]",
            "{]",
            "[}",
            "\u{a0}1",
            "NaN",
        ];
        for text in bad {
            assert_eq!(check(text), Err(Fault::TextNotJson), "{text}");
        }
        assert_eq!(check(&("[".repeat(1000) + &"]".repeat(1000))), Ok(()));
        assert_eq!(check(&("[".repeat(100_000) + &"]".repeat(100_000))), Err(Fault::TextNotJson));
    }

    #[test]
    fn fields_are_found() {
        let arena = Bump::new();
        let json = r#" { "a" : [1, {"b": 2}] , "s":"x\u00e4\n", "n":null, "a\u0062":true, "a": {"c" : 3 } } "#;
        let cases = [
            ("a", Some(r#"{"c" : 3 }"#), Some(r#"{"c" : 3 }"#)),
            ("s", Some(r#""x\u00e4\n""#), Some("xä\n")),
            ("n", Some("null"), None),
            ("ab", Some("true"), Some("true")),
            ("b", None, None),
            ("", None, None),
        ];
        for (key, value, text) in cases {
            assert_eq!(field(json, key), Ok(value), "{key}");
            assert_eq!(field_text(json, key, &arena), Ok(text), "{key}");
        }
        assert_eq!(field("[1]", "a"), Ok(None));
        assert_eq!(field("1", "a"), Ok(None));
        assert_eq!(field("{\"a\":1", "a"), Err(Fault::TextNotJson));
        assert_eq!(field_text(r#"{"a":"\ud83d\ude00"}"#, "a", &arena), Ok(Some("😀")));
    }

    #[test]
    fn what_text_cannot_hold_is_a_fault_anywhere() {
        for json in [r#"{"a":1,"b":"\u0000"}"#, r#"{"a":"\ud800"}"#, r#"{"a":"\udc00"}"#, r#"{"a":"\ud800\u0041"}"#] {
            assert_eq!(field(json, "a"), Err(Fault::JsonNotText), "{json}");
        }
    }

    #[test]
    fn elements_count_from_both_ends() {
        let arena = Bump::new();
        let json = r#"[ 1 , "two" , [3] , null]"#;
        let cases = [
            (0, Some("1")),
            (1, Some("\"two\"")),
            (2, Some("[3]")),
            (3, Some("null")),
            (4, None),
            (-1, Some("null")),
            (-4, Some("1")),
            (-5, None),
        ];
        for (index, expected) in cases {
            assert_eq!(element(json, index), Ok(expected), "{index}");
        }
        assert_eq!(element_text(json, 1, &arena), Ok(Some("two")));
        assert_eq!(element_text(json, 3, &arena), Ok(None));
        assert_eq!(element("{}", 0), Ok(None));
        assert_eq!(element("[]", -1), Ok(None));
        assert_eq!(element(json, i64::MIN), Ok(None));
    }

    #[test]
    fn types_have_names() {
        let cases = [
            ("{}", "object"),
            (" []", "array"),
            ("\"\"", "string"),
            ("-1", "number"),
            ("true", "boolean"),
            ("null", "null"),
        ];
        for (json, expected) in cases {
            assert_eq!(type_of(json), Ok(expected));
        }
    }
}
