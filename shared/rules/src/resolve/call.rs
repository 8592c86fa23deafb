//! Calls of functions: arguments of the types a function takes.

use sqlparser::ast::{self, FunctionArg, FunctionArgExpr, FunctionArguments};

use super::{Resolver, Result, Value};
use crate::catalogue::{self, Entry};
use crate::error::{Code, Mistake, nearest};
use crate::parse::BETWEEN_SYMMETRIC;
use crate::plan::{Expr, Function, Kind, Literal, Span};
use crate::value_type::Type;

/// A call that is being resolved.
pub(crate) struct Call<'c> {
    pub(crate) entry: &'static Entry,
    pub(crate) arguments: Vec<&'c ast::Expr>,
    pub(crate) written: &'c ast::Expr,
    pub(crate) span: Span,
}

impl Resolver<'_> {
    /// A function called by its name.
    pub(super) fn function(&mut self, function: &ast::Function, written: &ast::Expr, span: Span) -> Result<Expr> {
        let name = name_of(function, span)?;
        let arguments = arguments_of(function, &name, span)?;
        if name == BETWEEN_SYMMETRIC {
            return self.between_symmetric(&arguments, written);
        }
        let Some(entry) = catalogue::find(&name) else {
            return Err(unknown(&name, span));
        };
        let call = Call { entry, arguments, written, span };
        (entry.build)(self, &call)
    }

    /// The arguments of a call that is only part of a form.
    pub(crate) fn plain_arguments<'c>(&self, function: &'c ast::Function, span: Span) -> Result<Vec<&'c ast::Expr>> {
        let name = name_of(function, span)?;
        arguments_of(function, &name, span)
    }

    /// A call in the plan. It is NULL when an argument can be, unless the function says otherwise.
    pub(crate) fn call(&mut self, function: Function, arguments: Vec<Expr>, ty: Type, written: &ast::Expr) -> Expr {
        let span = self.span(written);
        let site = self.site(written, span, &arguments.iter().collect::<Vec<_>>());
        let nullable = catalogue::gives_null(&function, &arguments);
        Expr { kind: Kind::Call { function, arguments, site }, ty, nullable }
    }

    /// A text argument.
    pub(crate) fn text(&mut self, written: &ast::Expr, what: &str) -> Result<Expr> {
        let value = self.value(written)?;
        if value.unknown || value.ty() == Type::Text {
            return self.adapt(value, Type::Text);
        }
        Err(expected("text", what, &value, "cast it, as in `cast(… as text)`"))
    }

    /// An integer argument.
    pub(crate) fn int(&mut self, written: &ast::Expr, what: &str) -> Result<Expr> {
        let value = self.value(written)?;
        match value.ty() {
            _ if value.unknown => self.adapt(value, Type::Int(64)),
            Type::Int(_) => Ok(value.expr),
            _ => Err(expected("a whole number", what, &value, "cast it, as in `cast(… as bigint)`")),
        }
    }

    /// A number argument that becomes a double.
    pub(crate) fn float(&mut self, written: &ast::Expr, what: &str) -> Result<Expr> {
        let value = self.value(written)?;
        match value.ty() {
            _ if value.unknown => self.adapt(value, Type::Float(64)),
            Type::Int(_) | Type::Decimal { .. } | Type::Float(_) => self.convert(value.expr, Type::Float(64), written),
            _ => Err(expected("a number", what, &value, "cast it, as in `cast(… as double precision)`")),
        }
    }

    /// Any value as text, as `||` and concat show it.
    pub(crate) fn as_text(&mut self, value: Value, written: &ast::Expr) -> Result<Expr> {
        if value.unknown || value.ty() == Type::Text {
            return self.adapt(value, Type::Text);
        }
        if !value.ty().casts_to(Type::Text) {
            return Err(expected("something to show as text", "this", &value, "turn it into text first"));
        }
        self.convert(value.expr, Type::Text, written)
    }

    /// A whole number that is a constant of the rule.
    pub(crate) fn constant_int(&mut self, written: &ast::Expr, what: &str) -> Result<i64> {
        let value = self.value(written)?;
        let span = value.span;
        let expr = if value.unknown { self.adapt(value, Type::Int(64))? } else { value.expr };
        match (expr.kind, expr.ty) {
            (Kind::Literal(Literal::Int(number)), Type::Int(_)) => Ok(number),
            _ => Err(Mistake::new(Code::NotConstant, span, format!("expected {what} written as a whole number"))),
        }
    }
}

impl Call<'_> {
    /// How many arguments there are.
    pub(crate) fn count(&self) -> usize {
        self.arguments.len()
    }

    /// An argument by its number.
    pub(crate) fn argument(&self, index: usize) -> Result<&ast::Expr> {
        self.arguments.get(index).copied().ok_or_else(|| self.wrong_count())
    }

    /// Refuses any other number of arguments.
    pub(crate) fn takes(&self, least: usize, most: usize) -> Result<()> {
        if (least..=most).contains(&self.count()) { Ok(()) } else { Err(self.wrong_count()) }
    }

    /// The name the function goes by in messages.
    pub(crate) fn name(&self) -> &'static str {
        self.entry.name
    }

    pub(crate) fn wrong_count(&self) -> Mistake {
        let message = format!("expected {}, found {} arguments", self.signatures(), self.count());
        Mistake::new(Code::WrongArguments, self.span, message)
    }

    /// A value that fits none of the signatures.
    pub(crate) fn wrong_type(&self, value: &Value) -> Mistake {
        let message = format!("expected {}, found {}", self.signatures(), value.describe());
        Mistake::new(Code::TypeMismatch, value.span, message)
    }

    fn signatures(&self) -> String {
        self.entry.signatures.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(" or ")
    }
}

fn name_of(function: &ast::Function, span: Span) -> Result<String> {
    let name = match function.name.0.as_slice() {
        [part] => part.as_ident(),
        _ => None,
    };
    let plain = function.over.is_none()
        && function.filter.is_none()
        && function.null_treatment.is_none()
        && function.within_group.is_empty()
        && !function.uses_odbc_syntax
        && matches!(function.parameters, FunctionArguments::None);
    match name {
        Some(name) if plain && name.quote_style.is_none() => Ok(name.value.to_ascii_lowercase()),
        Some(name) if plain => Ok(name.value.clone()),
        Some(_) => Err(Mistake::new(
            Code::Unsupported,
            span,
            "a window or an aggregate is not part of a rule: it sees one row at a time",
        )),
        None => Err(Mistake::new(Code::UnknownFunction, span, "expected a function's name without a schema")),
    }
}

fn arguments_of<'c>(function: &'c ast::Function, name: &str, span: Span) -> Result<Vec<&'c ast::Expr>> {
    let list = match &function.args {
        FunctionArguments::None => return Ok(Vec::new()),
        FunctionArguments::Subquery(_) => {
            return Err(Mistake::new(Code::Unsupported, span, "a subquery is not part of a rule"));
        }
        FunctionArguments::List(list) => list,
    };
    if list.duplicate_treatment.is_some() || !list.clauses.is_empty() {
        return Err(Mistake::new(
            Code::Unsupported,
            span,
            "an aggregate is not part of a rule: it sees one row at a time",
        ));
    }
    let mut arguments = Vec::with_capacity(list.args.len());
    for argument in &list.args {
        match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => arguments.push(expr),
            FunctionArg::Unnamed(_) if catalogue::is_aggregate(name) => return Err(unknown(name, span)),
            _ => {
                return Err(Mistake::new(
                    Code::Unsupported,
                    span,
                    format!("expected plain values as arguments of `{}`", short(name)),
                ));
            }
        }
    }
    Ok(arguments)
}

fn unknown(name: &str, span: Span) -> Mistake {
    if catalogue::is_aggregate(name) {
        let message = format!("`{name}` needs many rows: a rule sees one row at a time");
        return Mistake::new(Code::Unsupported, span, message);
    }
    let hint = match nearest(name, catalogue::names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "docs/rules.md lists the functions".to_owned(),
    };
    Mistake::new(Code::UnknownFunction, span, format!("no function `{}`: {hint}", short(name)))
}

fn short(name: &str) -> String {
    super::literal::shown(name)
}

fn expected(wanted: &str, what: &str, value: &Value, hint: &str) -> Mistake {
    let message = format!("expected {wanted} for `{what}`, found {}: {hint}", value.describe());
    Mistake::new(Code::TypeMismatch, value.span, message)
}
