//! Sites: the places of a rule a row can fail at.

use std::fmt::{self, Write};

use sqlparser::ast::{Expr as Written, Spanned};

use super::Resolver;
use super::names::place;
use crate::parse::Tokens;
use crate::plan::{Expr, Kind, Site, SiteId, Span};
use crate::walk;

/// Letters of an expression that a message shows.
const SHOWN: usize = 80;

pub(super) fn add(resolver: &mut Resolver<'_>, written: &Written, span: Span, under: &[&Expr]) -> SiteId {
    let column = only_column(resolver, under).or_else(|| resolver.output.clone());
    note(resolver.sites, Site { column, what: shortened(written), span })
}

/// The number of a site, noted once.
pub(super) fn note(sites: &mut Vec<Site>, site: Site) -> SiteId {
    let known = sites.iter().rposition(|known| *known == site);
    let index = known.unwrap_or_else(|| {
        sites.push(site);
        sites.len() - 1
    });
    SiteId::try_from(index).unwrap_or(SiteId::MAX)
}

/// The name of the only column that is read, if there is one.
fn only_column(resolver: &Resolver<'_>, under: &[&Expr]) -> Option<String> {
    let scope = resolver.scope;
    let mut names: Vec<&String> = Vec::new();
    for expr in under {
        walk::each(expr, &mut |expr| match &expr.kind {
            Kind::Column(index) => names.extend(scope.input.get(*index)),
            Kind::Let(index) => names.extend(scope.lets.get(*index)),
            _ => {}
        });
    }
    let first = names.first()?;
    names.iter().all(|name| name == first).then(|| (*first).clone())
}

fn shortened(written: &Written) -> String {
    let mut short = Short { text: String::new(), left: SHOWN };
    if write!(short, "{written}").is_err() {
        short.text.push('…');
    }
    short.text
}

/// Takes so many letters, then stops whoever writes.
struct Short {
    text: String,
    left: usize,
}

impl Write for Short {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for letter in text.chars() {
            if self.left == 0 {
                return Err(fmt::Error);
            }
            self.left -= 1;
            self.text.push(if letter.is_control() { ' ' } else { letter });
        }
        Ok(())
    }
}

/// Where an expression begins: at its first word, or at the word its form begins with.
pub(super) fn begins(expr: &Written, tokens: &Tokens) -> Span {
    let mut expr = expr;
    loop {
        expr = match expr {
            Written::BinaryOp { left, .. } | Written::AnyOp { left, .. } | Written::AllOp { left, .. } => left,
            Written::IsFalse(inner)
            | Written::IsNotFalse(inner)
            | Written::IsTrue(inner)
            | Written::IsNotTrue(inner)
            | Written::IsNull(inner)
            | Written::IsNotNull(inner)
            | Written::IsUnknown(inner)
            | Written::IsNotUnknown(inner)
            | Written::IsDistinctFrom(inner, _)
            | Written::IsNotDistinctFrom(inner, _) => inner,
            Written::InList { expr, .. }
            | Written::InSubquery { expr, .. }
            | Written::Between { expr, .. }
            | Written::Like { expr, .. }
            | Written::ILike { expr, .. }
            | Written::SimilarTo { expr, .. }
            | Written::RLike { expr, .. }
            | Written::UnaryOp { expr, .. }
            | Written::IsJson { expr, .. }
            | Written::IsNormalized { expr, .. }
            | Written::Collate { expr, .. }
            | Written::Nested(expr) => expr,
            Written::AtTimeZone { timestamp, .. } => timestamp,
            Written::CompoundFieldAccess { root, .. } => root,
            Written::JsonAccess { value, .. } => value,
            Written::Tuple(values) => match values.first() {
                Some(first) => first,
                None => return unplaced(tokens),
            },
            Written::Cast { kind: sqlparser::ast::CastKind::DoubleColon, expr, .. } => expr,
            other => return leaf(other, tokens),
        };
    }
}

fn leaf(expr: &Written, tokens: &Tokens) -> Span {
    use sqlparser::ast::CastKind;
    let before = |inner: &Written, word: &str| tokens.keyword_before(begins(inner, tokens), word);
    match expr {
        Written::Identifier(name) => place(name),
        Written::CompoundIdentifier(names) => names.first().map_or_else(|| unplaced(tokens), place),
        Written::Value(value) => Tokens::span(value.span.start),
        Written::TypedString(typed) => tokens.before(Tokens::span(typed.value.span.start)),
        Written::Interval(interval) => before(&interval.value, "interval"),
        Written::Case { case_token, .. } => Tokens::span(case_token.0.span.start),
        Written::Function(function) => match function.name.0.first().and_then(|part| part.as_ident()) {
            Some(name) if name.span.start.line > 0 => place(name),
            _ => unplaced(tokens),
        },
        Written::Cast { kind: CastKind::TryCast, expr, .. } => before(expr, "try_cast"),
        Written::Cast { expr, .. } => before(expr, "cast"),
        Written::Extract { expr, .. } => before(expr, "extract"),
        Written::Ceil { expr, .. } => before(expr, "ceil"),
        Written::Floor { expr, .. } => before(expr, "floor"),
        Written::Position { expr, .. } => before(expr, "position"),
        Written::Substring { expr, .. } => before(expr, "substring"),
        Written::Trim { expr, .. } => before(expr, "trim"),
        Written::Overlay { expr, .. } => before(expr, "overlay"),
        other => {
            let span = Tokens::span(other.span().start);
            if span.line > 0 { span } else { unplaced(tokens) }
        }
    }
}

/// The few forms whose place the parser does not keep are refused anyway.
fn unplaced(tokens: &Tokens) -> Span {
    tokens.first().unwrap_or(Span { line: 1, column: 1 })
}
