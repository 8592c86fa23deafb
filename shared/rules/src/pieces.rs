//! Plans made of pieces: expressions written one by one, in field maps and rule sets.

use sqlparser::ast;

use crate::error::{Error, Mistake};
use crate::parse::{self, Tokens};
use crate::plan::{Expr, Kind, Literal, Site, Span};
use crate::resolve::{Named, Resolver, Scope, Value, read_type};

/// Resolves expressions of several texts into one plan.
#[derive(Default)]
pub(crate) struct Pieces {
    pub(crate) sites: Vec<Site>,
}

/// An expression of a text of its own.
pub(crate) struct Piece {
    pub(crate) value: Value,
    pub(crate) written: ast::Expr,
    tokens: Tokens,
}

impl Pieces {
    /// An expression that may still have no type.
    pub(crate) fn value(&mut self, text: &str, scope: &Scope, output: &str) -> Result<Piece, Mistake> {
        let (written, tokens) = parse::expression(text)?;
        let value = self.resolver(scope, &tokens, output).value(&written)?;
        Ok(Piece { value, written, tokens })
    }

    /// A condition.
    pub(crate) fn condition(&mut self, text: &str, scope: &Scope, output: &str) -> Result<Expr, Mistake> {
        let (written, tokens) = parse::expression(text)?;
        self.resolver(scope, &tokens, output).condition(&written)
    }

    /// More work on a piece.
    pub(crate) fn on<T>(
        &mut self,
        piece: &Piece,
        scope: &Scope,
        output: &str,
        work: impl FnOnce(&mut Resolver<'_>, &ast::Expr) -> Result<T, Mistake>,
    ) -> Result<T, Mistake> {
        work(&mut self.resolver(scope, &piece.tokens, output), &piece.written)
    }

    /// The sites; their places mean nothing outside the text of each piece.
    pub(crate) fn into_sites(self) -> Vec<Site> {
        self.sites.into_iter().map(|site| Site { span: Span::default(), ..site }).collect()
    }

    fn resolver<'r>(&'r mut self, scope: &'r Scope, tokens: &'r Tokens, output: &str) -> Resolver<'r> {
        let mut resolver = Resolver::new(scope, tokens, &mut self.sites);
        resolver.output = Some(output.to_owned());
        resolver
    }
}

/// Reads a type as SQL names it, or as schemas do.
pub(crate) fn read_named_type(text: &str) -> Result<Named, Mistake> {
    let name = match text.trim().to_ascii_lowercase().as_str() {
        "utf8" => "text",
        "int16" => "smallint",
        "int32" => "integer",
        "int64" => "bigint",
        "float32" => "real",
        "float64" => "double precision",
        "bool" => "boolean",
        "binary" => "bytea",
        "timestamp(us,utc)" => "timestamptz",
        _ => text,
    };
    let data_type = parse::data_type(name)?;
    read_type(&data_type)
        .map_err(|message| Mistake::new(crate::Code::UnknownType, Span { line: 1, column: 1 }, message))
}

/// A mistake in the text of one key.
pub(crate) fn at_key(path: &str, mistake: Mistake, text: Option<&str>) -> Error {
    let code = mistake.code;
    match text {
        Some(text) => match mistake.in_text(text) {
            Error::Text(error) => Error::key(path, code, error.to_string()),
            other => other,
        },
        None => Error::key(path, code, mistake.message),
    }
}

/// Whether an expression is the constant TRUE.
pub(crate) fn is_true(expr: &Expr) -> bool {
    matches!(expr.kind, Kind::Literal(Literal::Bool(true)))
}
