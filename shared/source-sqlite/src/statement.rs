//! A user's query as text: one statement that can stand in brackets, and nothing behind it.

/// The query without the semicolon that ends it; `None` when another statement follows or when its
/// brackets do not match.
pub(crate) fn single(query: &str) -> Option<&str> {
    let mut rest = query;
    let mut depth = 0_usize;
    while let Some(token) = next_token(rest) {
        let at = query.len() - rest.len();
        rest = rest.get(token.len..)?;
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.checked_sub(1)?,
            Kind::Semicolon => {
                let (statement, behind) = query.split_at(at);
                return (depth == 0 && is_blank(behind)).then_some(statement);
            }
            Kind::Blank | Kind::Other => {}
        }
    }
    (depth == 0).then_some(query)
}

/// Only semicolons, white space and comments.
fn is_blank(mut text: &str) -> bool {
    while let Some(token) = next_token(text) {
        if !matches!(token.kind, Kind::Blank | Kind::Semicolon) {
            return false;
        }
        text = text.get(token.len..).unwrap_or_default();
    }
    true
}

struct Token {
    kind: Kind,
    len: usize,
}

enum Kind {
    Open,
    Close,
    Semicolon,
    /// White space or a comment.
    Blank,
    /// Anything else; a quoted text or name is one token.
    Other,
}

fn next_token(text: &str) -> Option<Token> {
    let first = text.chars().next()?;
    let (kind, len) = match first {
        '(' => (Kind::Open, 1),
        ')' => (Kind::Close, 1),
        ';' => (Kind::Semicolon, 1),
        '\'' | '"' | '`' => (Kind::Other, quoted(text, first)),
        '[' => (Kind::Other, quoted(text, ']')),
        '-' if text.starts_with("--") => (Kind::Blank, text.find('\n').unwrap_or(text.len())),
        '/' if text.starts_with("/*") => (Kind::Blank, text.find("*/").map_or(text.len(), |end| end + 2)),
        blank if blank.is_whitespace() => (Kind::Blank, blank.len_utf8()),
        other => (Kind::Other, other.len_utf8()),
    };
    Some(Token { kind, len })
}

/// Up to the closing quote. A doubled quote ends one token and begins the next, which is as good.
fn quoted(text: &str, close: char) -> usize {
    text.get(1..).and_then(|inner| inner.find(close)).map_or(text.len(), |end| end + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_statement_is_taken_with_or_without_its_end() {
        for (query, expected) in [
            ("SELECT 1", "SELECT 1"),
            ("SELECT 1; ", "SELECT 1"),
            (
                "SELECT ';)' AS \"a;)\", [b;], `c;` -- ; )\n FROM t;-- end; )",
                "SELECT ';)' AS \"a;)\", [b;], `c;` -- ; )\n FROM t",
            ),
            ("SELECT 'it''s; (' /* ; ) */ FROM (SELECT 1);;\n", "SELECT 'it''s; (' /* ; ) */ FROM (SELECT 1)"),
        ] {
            assert_eq!(single(query), Some(expected), "{query}");
        }
    }

    #[test]
    fn what_would_run_more_than_a_query_is_not() {
        for query in
            ["SELECT 1; DROP TABLE t", "SELECT 1) AS t; DROP TABLE t; --", "SELECT (1; 2)", "SELECT (1", "; SELECT 1"]
        {
            assert!(single(query).is_none_or(|statement| statement.trim().is_empty()), "{query}");
        }
    }
}
