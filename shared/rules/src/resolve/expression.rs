//! Expressions, form by form.

use sqlparser::ast::{self, AccessExpr, DataType, DateTimeField, Expr as Written, Subscript};

use super::literal::{constant, null};
use super::operators::not;
use super::{Resolver, Result, Value, coerce, literal, types};
use crate::catalogue;
use crate::error::{Code, Mistake};
use crate::formats::{interval, numbers, zone};
use crate::plan::{CastMode, Expr, Function, Kind, Literal, Span};
use crate::value_type::Type;

impl Resolver<'_> {
    /// Resolves an expression.
    pub(crate) fn value(&mut self, written: &Written) -> Result<Value> {
        let span = self.span(written);
        self.spend(1, span)?;
        self.deeper(span, |resolver| resolver.form(written, span))
    }

    fn form(&mut self, written: &Written, span: Span) -> Result<Value> {
        match written {
            Written::Identifier(name) => return self.column(name),
            Written::CompoundIdentifier(names) => return self.qualified(names, span),
            Written::Value(value) => return constant_of(&value.value, span),
            Written::Nested(inner) => return self.value(inner),
            _ => {}
        }
        let expr = self.known(written, span)?;
        Ok(Value { expr, unknown: false, span })
    }

    /// The forms that have a type of their own.
    fn known(&mut self, written: &Written, span: Span) -> Result<Expr> {
        match written {
            Written::BinaryOp { left, op, right } => self.binary(left, op, right, written),
            Written::UnaryOp { op, expr } => self.unary(*op, expr, written),
            Written::IsNull(inner) => self.is_null(inner),
            Written::IsNotNull(inner) => self.is_null(inner).map(not),
            Written::IsTrue(inner) => self.is_bool(inner, true),
            Written::IsNotTrue(inner) => self.is_bool(inner, true).map(not),
            Written::IsFalse(inner) => self.is_bool(inner, false),
            Written::IsNotFalse(inner) => self.is_bool(inner, false).map(not),
            Written::IsUnknown(inner) => self.is_unknown(inner),
            Written::IsNotUnknown(inner) => self.is_unknown(inner).map(not),
            Written::IsDistinctFrom(left, right) => self.distinct(left, right, written),
            Written::IsNotDistinctFrom(left, right) => self.distinct(left, right, written).map(not),
            Written::InList { expr, list, negated } => {
                self.in_list(expr, list, written).map(|it| negate_if(*negated, it))
            }
            Written::Between { expr, negated, low, high } => {
                self.between(expr, low, high, written).map(|it| negate_if(*negated, it))
            }
            Written::Like { negated, any: false, expr, pattern, escape_char } => {
                self.like(expr, pattern, escape_char.as_deref(), false, written).map(|it| negate_if(*negated, it))
            }
            Written::ILike { negated, any: false, expr, pattern, escape_char } => {
                self.like(expr, pattern, escape_char.as_deref(), true, written).map(|it| negate_if(*negated, it))
            }
            Written::Case { operand, conditions, else_result, .. } => {
                self.case(operand.as_deref(), conditions, else_result.as_deref(), written)
            }
            Written::Cast { kind, expr, data_type, format: None } => {
                let mode = match kind {
                    ast::CastKind::TryCast | ast::CastKind::SafeCast => CastMode::Try,
                    ast::CastKind::Cast | ast::CastKind::DoubleColon => CastMode::Strict,
                };
                self.cast_form(expr, data_type, mode, written, span)
            }
            Written::TypedString(typed) => self.typed(&typed.data_type, &typed.value.value, span),
            Written::Interval(written) => interval_constant(written, span),
            Written::Function(function) => self.function(function, written, span),
            Written::Extract { field, expr, .. } => self.extract(&field_name(field), expr, written),
            Written::Position { expr, r#in } => {
                let arguments = vec![self.text(r#in, "position")?, self.text(expr, "position")?];
                Ok(self.call(Function::Position, arguments, Type::Int(32), written))
            }
            Written::Substring { expr, substring_from, substring_for, .. } => {
                self.substring(expr, substring_from.as_deref(), substring_for.as_deref(), written)
            }
            Written::Trim { expr, trim_where, trim_what, trim_characters } => {
                self.trim(expr, trim_where.as_ref(), trim_what.as_deref(), trim_characters.as_deref(), written)
            }
            Written::Ceil { expr, field } => self.rounding("ceil", expr, field, written),
            Written::Floor { expr, field } => self.rounding("floor", expr, field, written),
            Written::AtTimeZone { timestamp, time_zone } => self.at_time_zone(timestamp, time_zone, written),
            Written::CompoundFieldAccess { root, access_chain } => self.group_of_match(root, access_chain, written),
            other => Err(unsupported(other, span)),
        }
    }

    fn qualified(&mut self, names: &[ast::Ident], span: Span) -> Result<Value> {
        match names {
            [qualifier, name] => {
                self.scope.check_qualifier(qualifier)?;
                self.column(name)
            }
            _ => Err(Mistake::new(Code::UnknownColumn, span, "expected `column` or `alias.column`")),
        }
    }

    fn cast_form(
        &mut self,
        expr: &Written,
        data_type: &DataType,
        mode: CastMode,
        written: &Written,
        span: Span,
    ) -> Result<Expr> {
        let named = types::read(data_type).map_err(|message| Mistake::new(Code::UnknownType, span, message))?;
        let value = self.value(expr)?;
        self.cast(value, named, mode, written)
    }

    /// `DATE '2024-01-31'`.
    fn typed(&mut self, data_type: &DataType, value: &ast::Value, span: Span) -> Result<Expr> {
        let named = types::read(data_type).map_err(|message| Mistake::new(Code::UnknownType, span, message))?;
        match string(value) {
            Some(text) if named.ty != Type::Json => literal::read(text, named.ty, span),
            _ => Err(Mistake::new(Code::Syntax, span, "expected a text constant behind the type")),
        }
    }

    fn at_time_zone(&mut self, moment: &Written, name: &Written, written: &Written) -> Result<Expr> {
        let moment = self.value(moment)?;
        let (name, span) = self.constant_text(name, "a time zone")?;
        let zone = zone::parse(&name).ok_or_else(|| unknown_zone(&name, span))?;
        if moment.ty() == (Type::Timestamp { zoned: false }) && !moment.unknown {
            let ty = Type::Timestamp { zoned: true };
            return Ok(self.call(Function::ZoneToUtc(zone), vec![moment.expr], ty, written));
        }
        if !moment.unknown && !matches!(moment.ty(), Type::Date | Type::Timestamp { .. }) {
            let message = format!("expected a timestamp before AT TIME ZONE, found {}", moment.ty());
            return Err(Mistake::new(Code::TypeMismatch, moment.span, message));
        }
        let moment = self.implicit(moment, Type::Timestamp { zoned: true }, written)?;
        Ok(self.call(Function::UtcToZone(zone), vec![moment], Type::Timestamp { zoned: false }, written))
    }

    /// `(regexp_match(text, pattern))[1]`.
    fn group_of_match(&mut self, root: &Written, chain: &[AccessExpr], written: &Written) -> Result<Expr> {
        let span = self.span(written);
        let mut root = root;
        while let Written::Nested(inner) = root {
            root = inner;
        }
        let group = match chain {
            [AccessExpr::Subscript(Subscript::Index { index: Written::Value(value) })] => match &value.value {
                ast::Value::Number(number, _) => number.parse::<u32>().ok(),
                _ => None,
            },
            _ => None,
        };
        match (root, group) {
            (Written::Function(function), Some(group)) if catalogue::is_named(function, "regexp_match") => {
                catalogue::regexp_group(self, function, group, written)
            }
            _ => {
                let message = "a part of a value is not part of a rule, but for `(regexp_match(…))[1]`; \
                               a part of json is taken with -> or ->>";
                Err(Mistake::new(Code::Unsupported, span, message))
            }
        }
    }

    /// A constant text of the rule.
    pub(crate) fn constant_text(&mut self, written: &Written, what: &str) -> Result<(String, Span)> {
        let value = self.value(written)?;
        match value.expr.kind {
            Kind::Literal(Literal::Text(text)) if value.expr.ty == Type::Text => Ok((text, value.span)),
            _ => {
                let message = format!("expected {what} written as a text constant, as in 'text'");
                Err(Mistake::new(Code::NotConstant, value.span, message))
            }
        }
    }
}

/// A constant as it is written.
fn constant_of(value: &ast::Value, span: Span) -> Result<Value> {
    let unknown = |expr| Value { expr, unknown: true, span };
    let known = |expr| Value { expr, unknown: false, span };
    match value {
        ast::Value::Null => Ok(unknown(null(Type::Text))),
        ast::Value::Boolean(truth) => Ok(known(constant(Literal::Bool(*truth), Type::Bool))),
        ast::Value::Number(digits, false) => number(&digits.replace('_', ""), span).map(known),
        other => match string(other) {
            Some(text) if !text.contains('\0') => Ok(unknown(constant(Literal::Text(text.to_owned()), Type::Text))),
            _ => Err(Mistake::new(
                Code::Unsupported,
                span,
                "this kind of constant is not part of a rule: write 'text' or a number",
            )),
        },
    }
}

fn string(value: &ast::Value) -> Option<&str> {
    match value {
        ast::Value::SingleQuotedString(text)
        | ast::Value::EscapedStringLiteral(text)
        | ast::Value::UnicodeStringLiteral(text) => Some(text),
        ast::Value::DollarQuotedString(quoted) => Some(&quoted.value),
        _ => None,
    }
}

fn number(digits: &str, span: Span) -> Result<Expr> {
    if let Ok(number) = digits.parse::<i64>() {
        return Ok(coerce::narrowest(constant(Literal::Int(number), Type::Int(64))));
    }
    if let Some(exact) = numbers::Decimal::parse(digits) {
        return Ok(constant(Literal::Decimal(exact.unscaled), exact.ty()));
    }
    match numbers::parse_float(digits) {
        Some(number) if digits.contains(['e', 'E']) => Ok(constant(Literal::Float(number), Type::Float(64))),
        _ => {
            let message = format!("`{}` has more than 38 digits", literal::shown(digits));
            Err(Mistake::new(Code::InvalidLiteral, span, message))
        }
    }
}

fn interval_constant(written: &ast::Interval, span: Span) -> Result<Expr> {
    let text = match written.value.as_ref() {
        Written::Value(value) => string(&value.value),
        _ => None,
    };
    let Some(text) = text else {
        let message =
            "expected a text constant after INTERVAL, as in INTERVAL '1 day'; multiply it for a number from the row";
        return Err(Mistake::new(Code::NotConstant, span, message));
    };
    if written.last_field.is_some()
        || written.leading_precision.is_some()
        || written.fractional_seconds_precision.is_some()
    {
        let message = "an interval with `TO` or a precision is not part of a rule: write INTERVAL '1 day 02:30:00'";
        return Err(Mistake::new(Code::Unsupported, span, message));
    }
    let unit = written.leading_field.as_ref().map(field_name);
    let interval = interval::parse(text, unit.as_deref()).ok_or_else(|| {
        let message = format!("`{}` is no interval: expected one such as `1 day 02:30:00`", literal::shown(text));
        Mistake::new(Code::InvalidLiteral, span, message)
    })?;
    Ok(constant(Literal::Interval(interval), Type::Interval))
}

/// A unit as it is written.
fn field_name(field: &DateTimeField) -> String {
    match field {
        DateTimeField::Custom(name) => name.value.to_ascii_lowercase(),
        other => other.to_string().to_ascii_lowercase(),
    }
}

fn unknown_zone(name: &str, span: Span) -> Mistake {
    let hint = match crate::error::nearest(name, zone::names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "expected a name of the IANA database such as `Europe/Berlin`".to_owned(),
    };
    Mistake::new(Code::UnknownZone, span, format!("no time zone `{}`: {hint}", literal::shown(name)))
}

fn negate_if(negated: bool, expr: Expr) -> Expr {
    if negated { not(expr) } else { expr }
}

fn unsupported(written: &Written, span: Span) -> Mistake {
    let what = match written {
        Written::Subquery(_) | Written::InSubquery { .. } | Written::Exists { .. } => "a subquery",
        Written::Array(_) | Written::AnyOp { .. } | Written::AllOp { .. } | Written::InUnnest { .. } => "an array",
        Written::Tuple(_) => "a list of values in parentheses",
        Written::Collate { .. } => "COLLATE",
        Written::SimilarTo { .. } => "SIMILAR TO (use a regular expression with ~)",
        Written::Overlay { .. } => "OVERLAY",
        Written::Wildcard(_) | Written::QualifiedWildcard(..) => "`*` within an expression",
        Written::Like { .. } | Written::ILike { .. } => "LIKE ANY",
        _ => "this kind of expression",
    };
    Mistake::new(Code::Unsupported, span, format!("{what} is not part of a rule"))
}
