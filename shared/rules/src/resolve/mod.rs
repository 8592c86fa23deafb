//! From syntax to a typed plan: names become columns, types are made to agree, constants are read.

mod call;
mod coerce;
mod conditions;
mod expression;
mod literal;
mod names;
mod operators;
mod outputs;
mod sites;
mod types;

pub(crate) use call::Call;
pub(crate) use coerce::Purpose;
pub(crate) use coerce::decimal_parts;
pub(crate) use conditions::all_of;
pub(crate) use literal::{constant, fits, null, shown};
pub(crate) use names::listed;
pub(crate) use names::{Binding, Scope};
pub(crate) use operators::{comparison, sign};
pub(crate) use outputs::{Outputs, computed};
pub(crate) use types::{Named, read as read_type};

use sqlparser::ast;

use crate::error::{Code, Mistake};
use crate::parse::Tokens;
use crate::plan::{Expr, Kind, Literal, Site, SiteId, Span};
use crate::value_type::Type;

/// How deep a plan's expressions may nest: what walks them later is recursive.
pub(crate) const DEPTH_LIMIT: usize = 200;
/// How many expressions a plan may have in all.
const SIZE_LIMIT: usize = 100_000;

pub(crate) type Result<T> = std::result::Result<T, Mistake>;

/// A resolved expression.
#[derive(Debug, Clone)]
pub(crate) struct Value {
    pub(crate) expr: Expr,
    /// A string constant or NULL whose type is not decided yet.
    pub(crate) unknown: bool,
    /// Where it is written.
    pub(crate) span: Span,
}

impl Value {
    pub(crate) fn ty(&self) -> Type {
        self.expr.ty
    }

    /// The text of a string constant that has no type yet.
    pub(crate) fn unknown_text(&self) -> Option<&str> {
        match &self.expr.kind {
            Kind::Literal(Literal::Text(text)) if self.unknown => Some(text),
            _ => None,
        }
    }

    /// What it is, for messages.
    pub(crate) fn describe(&self) -> String {
        match &self.expr.kind {
            Kind::Null if self.unknown => "NULL".to_owned(),
            _ if self.unknown => "a text constant".to_owned(),
            _ => self.expr.ty.to_string(),
        }
    }
}

/// Resolves expressions against a scope, gathering the sites they can fail at.
pub(crate) struct Resolver<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) tokens: &'a Tokens,
    pub(crate) sites: &'a mut Vec<Site>,
    /// The output under work, named in a site that reads no column or several.
    pub(crate) output: Option<String>,
    depth: usize,
    size: usize,
}

impl<'a> Resolver<'a> {
    pub(crate) fn new(scope: &'a Scope, tokens: &'a Tokens, sites: &'a mut Vec<Site>) -> Self {
        Self { scope, tokens, sites, output: None, depth: 0, size: 0 }
    }

    /// Resolves an expression; one that has no type yet becomes text.
    pub(crate) fn settled(&mut self, expr: &ast::Expr) -> Result<Expr> {
        let value = self.value(expr)?;
        Ok(value.expr)
    }

    /// Resolves an expression that must be a truth value.
    pub(crate) fn condition(&mut self, expr: &ast::Expr) -> Result<Expr> {
        let value = self.value(expr)?;
        self.boolean(value, "a condition")
    }

    /// A truth value, or a mistake.
    pub(crate) fn boolean(&mut self, value: Value, what: &str) -> Result<Expr> {
        if value.unknown {
            return self.adapt(value, Type::Bool);
        }
        match value.ty() {
            Type::Bool => Ok(value.expr),
            other => {
                let message = format!("expected boolean for {what}, found {other}: compare it with something");
                Err(Mistake::new(Code::TypeMismatch, value.span, message))
            }
        }
    }

    /// One step deeper.
    fn deeper<T>(&mut self, span: Span, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth >= DEPTH_LIMIT {
            let message = format!("expressions are nested more than {DEPTH_LIMIT} deep: split the rule in two");
            return Err(Mistake::new(Code::TooLarge, span, message));
        }
        self.depth += 1;
        let done = work(self);
        self.depth -= 1;
        done
    }

    /// Counts expressions, so that what is written once and needed twice cannot grow without end.
    pub(crate) fn spend(&mut self, expressions: usize, span: Span) -> Result<()> {
        self.size = self.size.saturating_add(expressions);
        if self.size > SIZE_LIMIT {
            let message = format!("the rule has more than {SIZE_LIMIT} expressions: split it in two");
            return Err(Mistake::new(Code::TooLarge, span, message));
        }
        Ok(())
    }

    /// An expression once more.
    pub(crate) fn again(&mut self, expr: &Expr, span: Span) -> Result<Expr> {
        self.spend(crate::walk::count(expr), span)?;
        Ok(expr.clone())
    }

    pub(crate) fn site(&mut self, written: &ast::Expr, span: Span, under: &[&Expr]) -> SiteId {
        sites::add(self, written, span, under)
    }

    /// The place an expression begins at.
    pub(crate) fn span(&self, expr: &ast::Expr) -> Span {
        sites::begins(expr, self.tokens)
    }
}
