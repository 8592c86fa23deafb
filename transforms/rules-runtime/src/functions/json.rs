use crate::Fault;
use bumpalo::Bump;

/// As its name in PostgreSQL.
pub fn check(text: &str) -> Result<(), Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn field<'a>(json: &'a str, key: &str, arena: &'a Bump) -> Result<Option<&'a str>, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn field_text<'a>(json: &'a str, key: &str, arena: &'a Bump) -> Result<Option<&'a str>, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn element<'a>(json: &'a str, index: i64, arena: &'a Bump) -> Result<Option<&'a str>, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn element_text<'a>(json: &'a str, index: i64, arena: &'a Bump) -> Result<Option<&'a str>, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn type_of(json: &str) -> Result<&'static str, Fault> {
    todo!()
}
