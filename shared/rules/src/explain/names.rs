//! Names as SQL writes them.

use sqlparser::keywords::{
    ALL_KEYWORDS, ALL_KEYWORDS_INDEX, Keyword, RESERVED_FOR_COLUMN_ALIAS, RESERVED_FOR_IDENTIFIER,
    RESERVED_FOR_TABLE_ALIAS,
};

/// Words that begin an expression of their own.
const FORMS: &[&str] = &[
    "array",
    "case",
    "cast",
    "ceil",
    "convert",
    "current_date",
    "current_time",
    "current_timestamp",
    "current_user",
    "date",
    "exists",
    "extract",
    "false",
    "floor",
    "interval",
    "json",
    "lambda",
    "left",
    "localtime",
    "localtimestamp",
    "map",
    "match",
    "not",
    "null",
    "overlay",
    "position",
    "prior",
    "replace",
    "right",
    "safe_cast",
    "session_user",
    "struct",
    "substr",
    "substring",
    "time",
    "timestamp",
    "timestamptz",
    "trim",
    "true",
    "truncate",
    "try_cast",
    "try_convert",
    "user",
    "xmlconcat",
];

/// A name, in double quotes where SQL would read it otherwise.
pub(crate) fn quoted(name: &str) -> String {
    if is_plain(name) { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// What a value of the plan's lets is called.
pub(crate) fn of_let(index: usize) -> String {
    format!("\"step {}\"", index + 1)
}

fn is_plain(name: &str) -> bool {
    let mut letters = name.bytes();
    let begins = letters.next().is_some_and(|letter| letter.is_ascii_lowercase() || letter == b'_');
    begins
        && letters.all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'_')
        && !is_reserved(name)
}

fn is_reserved(name: &str) -> bool {
    if FORMS.contains(&name) {
        return true;
    }
    let Ok(index) = ALL_KEYWORDS.binary_search(&name.to_ascii_uppercase().as_str()) else {
        return false;
    };
    let keyword = ALL_KEYWORDS_INDEX.get(index).copied().unwrap_or(Keyword::NoKeyword);
    RESERVED_FOR_COLUMN_ALIAS.contains(&keyword)
        || RESERVED_FOR_TABLE_ALIAS.contains(&keyword)
        || RESERVED_FOR_IDENTIFIER.contains(&keyword)
}
