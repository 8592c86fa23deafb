use crate::Fault;
use crate::constants::TrimSide;
use bumpalo::Bump;

/// As its name in PostgreSQL.
pub fn trim<'a>(text: &'a str, letters: &str, side: TrimSide) -> &'a str {
    todo!()
}

/// As its name in PostgreSQL.
pub fn lower_letter(letter: char) -> char {
    todo!()
}

/// As its name in PostgreSQL.
pub fn upper_letter(letter: char) -> char {
    todo!()
}

/// As its name in PostgreSQL.
pub fn lower<'a>(text: &'a str, arena: &'a Bump) -> &'a str {
    todo!()
}

/// As its name in PostgreSQL.
pub fn upper<'a>(text: &'a str, arena: &'a Bump) -> &'a str {
    todo!()
}

/// As its name in PostgreSQL.
pub fn initcap<'a>(text: &'a str, arena: &'a Bump) -> &'a str {
    todo!()
}

/// As its name in PostgreSQL.
pub fn substr_from(text: &str, start: i64) -> &str {
    todo!()
}

/// As its name in PostgreSQL.
pub fn substr(text: &str, start: i64, length: i64) -> Result<&str, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn left(text: &str, count: i64) -> &str {
    todo!()
}

/// As its name in PostgreSQL.
pub fn right(text: &str, count: i64) -> &str {
    todo!()
}

/// As its name in PostgreSQL.
pub fn replace<'a>(text: &'a str, from: &str, to: &str, arena: &'a Bump) -> Result<&'a str, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn translate<'a>(text: &'a str, from: &str, to: &str, arena: &'a Bump) -> Result<&'a str, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn split_part<'a>(text: &'a str, delimiter: &str, field: i64) -> Result<&'a str, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn join<'a>(left: &'a str, right: &'a str, arena: &'a Bump) -> Result<&'a str, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn join_bytes<'a>(left: &'a [u8], right: &'a [u8], arena: &'a Bump) -> Result<&'a [u8], Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn concat<'a>(parts: &[Option<&'a str>], arena: &'a Bump) -> Result<&'a str, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn concat_ws<'a>(separator: &str, parts: &[Option<&'a str>], arena: &'a Bump) -> Result<&'a str, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn lpad<'a>(text: &'a str, length: i64, fill: &str, arena: &'a Bump) -> Result<&'a str, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn rpad<'a>(text: &'a str, length: i64, fill: &str, arena: &'a Bump) -> Result<&'a str, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn repeat<'a>(text: &'a str, count: i64, arena: &'a Bump) -> Result<&'a str, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn length(text: &str) -> i64 {
    todo!()
}

/// As its name in PostgreSQL.
pub fn octet_length(bytes: &[u8]) -> i64 {
    todo!()
}

/// As its name in PostgreSQL.
pub fn position(text: &str, part: &str) -> i64 {
    todo!()
}

/// As its name in PostgreSQL.
pub fn starts_with(text: &str, start: &str) -> bool {
    todo!()
}

/// As its name in PostgreSQL.
pub fn reverse<'a>(text: &'a str, arena: &'a Bump) -> &'a str {
    todo!()
}
