//! The nearest right name for a wrong one.

/// Adds ``did you mean `…`?`` to an error that names an unknown key or value and what was expected.
#[must_use]
pub fn with_nearest(message: &str) -> String {
    let Some((before, after)) = message.split_once(", expected ") else { return message.to_owned() };
    let Some(wrong) = before.rsplit('`').nth(1) else { return message.to_owned() };
    let choices = after.trim_start_matches("one of ").split([',', ' ', '`']).filter(|choice| !choice.is_empty());
    match nearest(wrong, choices) {
        Some(right) => format!("{message}; did you mean `{right}`?"),
        None => message.to_owned(),
    }
}

/// The choice most like `wrong`, if any is like it at all.
pub fn nearest<'a>(wrong: &str, choices: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = |choice: &str| strsim::jaro_winkler(&wrong.to_lowercase(), &choice.to_lowercase());
    choices
        .into_iter()
        .map(|choice| (likeness(choice), choice))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, choice)| choice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_key_gets_the_nearest_right_one() {
        for message in [
            "unknown field `primery_key`, expected one of name, primary_key, path",
            "unknown field `primery_key`, expected one of `name`, `primary_key`, `path`",
        ] {
            assert!(with_nearest(message).ends_with("did you mean `primary_key`?"));
        }
    }

    #[test]
    fn a_key_like_nothing_gets_none() {
        let message = "unknown field `zzz`, expected one of name, path";
        assert_eq!(with_nearest(message), message);
    }
}
