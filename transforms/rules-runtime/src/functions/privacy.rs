use crate::Fault;
use bumpalo::Bump;

/// As its name in PostgreSQL.
pub fn mask<'a>(text: &'a str, left: i64, right: i64, letter: &str, arena: &'a Bump) -> Result<&'a str, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn mask_email<'a>(text: &'a str, arena: &'a Bump) -> Result<&'a str, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn pseudonym<'a>(text: &str, key: &str, arena: &'a Bump) -> &'a str {
    todo!()
}
