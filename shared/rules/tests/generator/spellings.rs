//! An expression in two spellings, and how one is put together of others.

/// An expression in both spellings.
#[derive(Debug, Clone)]
pub(crate) struct Expression {
    /// In a rule.
    pub(crate) ours: String,
    /// In PL/pgSQL, over a row `r` and the generator's constants.
    pub(crate) theirs: String,
    /// Whether results may differ in the last digits: division of decimals, powers.
    pub(crate) rough: bool,
}

/// The same template on both sides.
pub(super) fn same(template: &str, parts: &[Expression]) -> Expression {
    both(template, template, parts)
}

/// An `integer` that PostgreSQL is told to go on with in 64 bits.
pub(super) fn wide(template: &str, parts: &[Expression]) -> Expression {
    both(template, &format!("({template})::bigint"), parts)
}

/// A template for each side.
pub(super) fn both(ours: &str, theirs: &str, parts: &[Expression]) -> Expression {
    let fill = |template: &str, text: fn(&Expression) -> &str| {
        let mut pieces = template.split("{}");
        let mut filled = pieces.next().unwrap_or_default().to_owned();
        for (piece, part) in pieces.zip(parts) {
            filled.push_str(text(part));
            filled.push_str(piece);
        }
        filled
    };
    Expression {
        ours: fill(ours, |part| &part.ours),
        theirs: fill(theirs, |part| &part.theirs),
        rough: parts.iter().any(|part| part.rough),
    }
}
