use crate::Fault;
use bumpalo::Bump;

/// As its name in PostgreSQL.
pub fn encode_hex<'a>(bytes: &[u8], arena: &'a Bump) -> Result<&'a str, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn encode_base64<'a>(bytes: &[u8], arena: &'a Bump) -> Result<&'a str, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn decode_hex<'a>(text: &str, arena: &'a Bump) -> Result<&'a [u8], Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn decode_base64<'a>(text: &str, arena: &'a Bump) -> Result<&'a [u8], Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn to_hex(value: i64, bits: u8, arena: &Bump) -> &str {
    todo!()
}
