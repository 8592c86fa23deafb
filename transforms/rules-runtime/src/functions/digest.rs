use bumpalo::Bump;

/// As its name in PostgreSQL.
pub fn md5<'a>(bytes: &[u8], arena: &'a Bump) -> &'a str {
    todo!()
}

/// As its name in PostgreSQL.
pub fn sha256<'a>(bytes: &[u8], arena: &'a Bump) -> &'a [u8] {
    todo!()
}
