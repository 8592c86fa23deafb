use crate::Fault;
use bumpalo::Bump;
use regex::Regex;

/// As its name in PostgreSQL.
pub fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn is_match(regex: &Regex, text: &str) -> bool {
    todo!()
}

/// As its name in PostgreSQL.
pub fn replace<'a>(
    regex: &Regex,
    text: &'a str,
    replacement: &str,
    all: bool,
    arena: &'a Bump,
) -> Result<&'a str, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn substr<'a>(regex: &Regex, text: &'a str, group: u32) -> Option<&'a str> {
    todo!()
}
