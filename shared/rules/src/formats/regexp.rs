//! Regular expressions: the syntax of the `regex` crate, with PostgreSQL's flags and its meaning
//! of `.` (any letter, line breaks too).

use crate::plan::Regexp;

/// Bytes a compiled pattern may take.
const SIZE_LIMIT: usize = 1 << 20;
/// Bytes a pattern may have.
const LENGTH_LIMIT: usize = 10_000;

/// A checked pattern.
pub(crate) struct Checked {
    pub(crate) regexp: Regexp,
    /// How many groups it has, the whole match not counted.
    pub(crate) groups: u32,
    /// Whether the flag `g` was given.
    pub(crate) all: bool,
}

/// Checks a pattern and writes its flags into it.
pub(crate) fn parse(pattern: &str, flags: &str) -> Result<Checked, String> {
    let (mut ignore_case, mut lines, mut spaced, mut all) = (false, false, false, false);
    for flag in flags.chars() {
        match flag {
            'i' => ignore_case = true,
            'c' => ignore_case = false,
            'n' | 'm' => lines = true,
            's' => lines = false,
            'x' => spaced = true,
            't' => spaced = false,
            'g' => all = true,
            other => return Err(format!("no flag `{other}`: the flags are i, c, n, s, x, t and g")),
        }
    }
    if pattern.len() > LENGTH_LIMIT {
        return Err(format!("the pattern has more than {LENGTH_LIMIT} bytes"));
    }
    let written = format!("(?{}{}{}){pattern}", if lines { "m" } else { "s" }, on(ignore_case, "i"), on(spaced, "x"));
    let regex = regex::RegexBuilder::new(&written).size_limit(SIZE_LIMIT).build().map_err(|error| reason(&error))?;
    let groups = u32::try_from(regex.captures_len().saturating_sub(1)).unwrap_or(u32::MAX);
    Ok(Checked { regexp: Regexp { pattern: written }, groups, all })
}

/// Pattern and flags as they were given.
pub(crate) fn parts(regexp: &Regexp) -> (&str, String) {
    let Some((flags, pattern)) = regexp.pattern.strip_prefix("(?").and_then(|rest| rest.split_once(')')) else {
        return (&regexp.pattern, String::new());
    };
    (
        pattern,
        flags
            .chars()
            .filter_map(|flag| {
                if flag == 's' {
                    None
                } else if flag == 'm' {
                    Some('n')
                } else {
                    Some(flag)
                }
            })
            .collect(),
    )
}

fn on(flag: bool, letter: &str) -> &str {
    if flag { letter } else { "" }
}

/// The last line of the crate's error says what is wrong; the lines before repeat the pattern.
fn reason(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => "the pattern is too large".to_owned(),
        other => {
            let text = other.to_string();
            let last = text.lines().last().unwrap_or("not a regular expression");
            last.strip_prefix("error: ").unwrap_or(last).trim_end_matches('.').to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_written_into_the_pattern_and_read_back() {
        let checked = parse("a(b)c", "gin").expect("a pattern");
        assert_eq!(checked.regexp.pattern, "(?mi)a(b)c");
        assert!(checked.all);
        assert_eq!(checked.groups, 1);
        assert_eq!(parts(&checked.regexp), ("a(b)c", "ni".to_owned()));
        assert!(parse("(", "").is_err());
        assert!(parse("a", "z").is_err());
        assert!(parse(r"(a)\1", "").is_err());
    }
}
