use crate::Fault;
use crate::constants::FormatView;
use bumpalo::Bump;

/// As its name in PostgreSQL.
pub fn parse_timestamp(text: &str, format: FormatView<'_>) -> Result<i64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn parse_date(text: &str, format: FormatView<'_>) -> Result<i64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn format_timestamp<'a>(micros: i64, format: FormatView<'_>, arena: &'a Bump) -> Result<&'a str, Fault> {
    todo!()
}
