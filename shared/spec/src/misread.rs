//! What is told of a text that cannot be read as a spec: where, which key, what was expected, what came.

use serde_saphyr::Error;

use crate::nearest::with_nearest;

/// The longest value that is repeated.
const SHOWN_LETTERS: usize = 40;

/// One line about the first thing wrong with `text`.
pub(crate) fn message(error: &Error, text: &str) -> String {
    let cause = error.without_snippet();
    let told = match cause {
        Error::InvalidScalar { ty, .. } => Some((expected_scalar(ty), true)),
        Error::Unexpected { expected, .. } => expected_shape(expected).map(|expected| (expected, false)),
        _ => None,
    };
    match (told, error.location()) {
        (Some((expected, is_scalar)), Some(location)) => {
            let place = Place::at(text, location.line(), location.column());
            let key = place.key.map(|key| format!("`{key}`: ")).unwrap_or_default();
            // Only of a number or a truth value: anything else may be a secret in the wrong place.
            let came = place.value.filter(|_| is_scalar).map(|value| format!(", came `{value}`")).unwrap_or_default();
            format!("line {} column {}: {key}expected {expected}{came}", location.line(), location.column())
        }
        _ => with_nearest(&first_line(error)),
    }
}

fn expected_scalar(scalar: &str) -> &'static str {
    match scalar {
        "boolean" => "true or false",
        "floating point" => "a number",
        unsigned if unsigned.starts_with('u') => "a whole number from 0",
        _ => "a whole number",
    }
}

fn expected_shape(shape: &str) -> Option<&'static str> {
    match shape {
        "sequence start" => Some("a list (`[a, b]`, or one `- …` a line)"),
        "mapping start" => Some("keys with values (`{ key: value }`, or one `key: value` a line)"),
        "string scalar" | "scalar" => Some("one value, not a list or keys"),
        _ => None,
    }
}

/// What stands at a place of the text.
struct Place<'a> {
    key: Option<&'a str>,
    value: Option<String>,
}

impl<'a> Place<'a> {
    fn at(text: &'a str, line: u64, column: u64) -> Self {
        let index = |number: u64| usize::try_from(number).unwrap_or(0).saturating_sub(1);
        let lines: Vec<&str> = text.lines().take(index(line) + 1).collect();
        let Some((here, above)) = lines.split_last() else { return Self { key: None, value: None } };
        let split = here.char_indices().nth(index(column)).map_or(here.len(), |(at, _)| at);
        let (before, after) = here.split_at(split);
        let on_this_line = before.trim_end().trim_end_matches(['"', '\'']).trim_end().strip_suffix(':').map(last_word);
        let key = on_this_line
            .or_else(|| above.iter().rev().find_map(|line| line.trim_end().strip_suffix(':').map(last_word)));
        let end = after.find([',', '}', ']', '#']).unwrap_or(after.len());
        let value: String = after[..end].trim().chars().take(SHOWN_LETTERS).collect();
        Self { key: key.filter(|key| !key.is_empty()), value: Some(value).filter(|value| !value.is_empty()) }
    }
}

fn last_word(text: &str) -> &str {
    let word = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.trim_end_matches(['"', '\'']).rsplit(|letter| !word(letter)).next().unwrap_or_default()
}

fn first_line(error: &Error) -> String {
    let text = error.to_string();
    text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_stands_before_the_value_or_on_a_line_above() {
        assert_eq!(Place::at("a: 1\nbatch: { rows: many }", 2, 16).key, Some("rows"));
        assert_eq!(Place::at("a: 1\nbatch: { rows: many }", 2, 16).value.as_deref(), Some("many"));
        assert_eq!(Place::at("checks:\n  - 7", 2, 5).key, Some("checks"));
        assert_eq!(Place::at("[1]", 1, 1).key, None);
        assert_eq!(Place::at("", 7, 9).key, None);
    }
}
