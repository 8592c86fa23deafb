//! Making types agree, as PostgreSQL does: text constants take the type of what they meet,
//! integers become decimals, decimals become doubles, dates become timestamps.

use sqlparser::ast;

use super::literal::{self, constant, null};
use super::types::Named;
use super::{Resolver, Result, Value};
use crate::error::{Code, Mistake};
use crate::formats::{dates, numbers};
use crate::plan::{CastMode, Expr, Function, Kind, Literal, Span};
use crate::value_type::Type;

/// Whether values are put side by side or become one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// They are compared: integers of any width and numbers of one scale will do.
    Compare,
    /// One of them is the result: all get the same type.
    Result,
}

impl Resolver<'_> {
    /// Gives a constant without a type the type of what it meets.
    pub(crate) fn adapt(&mut self, value: Value, ty: Type) -> Result<Expr> {
        let Some(text) = value.unknown_text() else {
            return Ok(if value.unknown { null(ty) } else { value.expr });
        };
        match ty {
            Type::Int(_) => {
                let read = literal::read(text, Type::Int(64), value.span)?;
                Ok(narrowest(read))
            }
            Type::Decimal { .. } => match numbers::Decimal::parse(text) {
                Some(exact) => Ok(constant(Literal::Decimal(exact.unscaled), exact.ty())),
                None => literal::read(text, ty, value.span),
            },
            Type::Json => {
                let what = ast::Expr::Value(ast::Value::SingleQuotedString(text.to_owned()).into());
                self.strict(value.expr, ty, &what, value.span)
            }
            ty => literal::read(text, ty, value.span),
        }
    }

    /// A conversion that PostgreSQL makes without being asked.
    pub(crate) fn implicit(&mut self, value: Value, ty: Type, written: &ast::Expr) -> Result<Expr> {
        if value.unknown {
            let adapted = self.adapt(value, ty)?;
            return self.convert(adapted, ty, written);
        }
        self.convert(value.expr, ty, written)
    }

    /// A cast that is only put in when the types differ.
    pub(crate) fn convert(&mut self, expr: Expr, ty: Type, written: &ast::Expr) -> Result<Expr> {
        let span = self.span(written);
        self.strict(expr, ty, written, span)
    }

    pub(crate) fn strict(&mut self, expr: Expr, ty: Type, written: &ast::Expr, span: Span) -> Result<Expr> {
        if expr.ty == ty {
            return Ok(expr);
        }
        if let Some(folded) = fold(&expr, ty) {
            return Ok(folded);
        }
        self.spend(1, span)?;
        let site = self.site(written, span, &[&expr]);
        let nullable = expr.nullable;
        Ok(Expr { kind: Kind::Cast { value: Box::new(expr), mode: CastMode::Strict, site }, ty, nullable })
    }

    /// A cast that is written.
    pub(crate) fn cast(&mut self, value: Value, to: Named, mode: CastMode, written: &ast::Expr) -> Result<Expr> {
        let span = self.span(written);
        let text = value.unknown_text().map(str::to_owned);
        let expr = match text {
            None if value.unknown => null(to.ty),
            Some(text) if to.ty != Type::Json => match (literal::read(&text, to.ty, value.span), mode) {
                (Ok(read), _) => read,
                (Err(mistake), CastMode::Strict) => return Err(mistake),
                (Err(mistake), CastMode::Try) if !Type::Text.casts_to(to.ty) => return Err(mistake),
                (Err(_), CastMode::Try) => self.cast_value(value.expr, to.ty, mode, written, span)?,
            },
            _ => self.cast_value(value.expr, to.ty, mode, written, span)?,
        };
        match to.cut {
            None => Ok(expr),
            Some(letters) => self.cut(expr, letters, written, span),
        }
    }

    fn cast_value(&mut self, expr: Expr, ty: Type, mode: CastMode, written: &ast::Expr, span: Span) -> Result<Expr> {
        if expr.ty == ty {
            return Ok(expr);
        }
        if !expr.ty.casts_to(ty) {
            return Err(Mistake::new(Code::TypeMismatch, span, no_cast(expr.ty, ty)));
        }
        if mode == CastMode::Strict {
            return self.strict(expr, ty, written, span);
        }
        if let Some(folded) = fold(&expr, ty) {
            return Ok(folded);
        }
        self.spend(1, span)?;
        let site = self.site(written, span, &[&expr]);
        Ok(Expr { kind: Kind::Cast { value: Box::new(expr), mode, site }, ty, nullable: true })
    }

    fn cut(&mut self, expr: Expr, letters: u32, written: &ast::Expr, span: Span) -> Result<Expr> {
        self.spend(2, span)?;
        let site = self.site(written, span, &[&expr]);
        let nullable = expr.nullable;
        let arguments = vec![expr, constant(Literal::Int(i64::from(letters)), Type::Int(32))];
        Ok(Expr { kind: Kind::Call { function: Function::Left, arguments, site }, ty: Type::Text, nullable })
    }

    /// Two values of one type, to be compared.
    pub(crate) fn comparable(&mut self, left: Value, right: Value, written: &ast::Expr) -> Result<(Expr, Expr)> {
        let mut sides = self.agree(vec![left, right], Purpose::Compare, "compare", written)?;
        match (sides.pop(), sides.pop()) {
            (Some(right), Some(left)) => Ok((left, right)),
            _ => Err(Mistake::new(Code::TypeMismatch, self.span(written), "a comparison needs two values")),
        }
    }

    /// Values of one type.
    pub(crate) fn agree(
        &mut self,
        values: Vec<Value>,
        purpose: Purpose,
        what: &str,
        written: &ast::Expr,
    ) -> Result<Vec<Expr>> {
        let mut common: Option<Type> = None;
        for value in values.iter().filter(|value| !value.unknown) {
            common = Some(match common {
                None => value.ty(),
                Some(known) => common_type(known, value.ty(), purpose).ok_or_else(|| {
                    let message = disagreement(what, known, value.ty());
                    Mistake::new(Code::TypeMismatch, value.span, message)
                })?,
            });
        }
        let common = common.unwrap_or(Type::Text);
        self.check_comparable(common, purpose, what, written)?;
        let common = with_constants(&values, common);
        values.into_iter().map(|value| self.in_common(value, common, purpose, written)).collect()
    }

    fn check_comparable(&self, ty: Type, purpose: Purpose, what: &str, written: &ast::Expr) -> Result<()> {
        let hint = match (purpose, ty) {
            (Purpose::Compare, Type::Json) => "take a part of it with ->>, or cast it to text",
            (Purpose::Compare, Type::Numeric) => "a numeric without precision has to be cast to decimal(P,S) first",
            _ => return Ok(()),
        };
        Err(Mistake::new(Code::TypeMismatch, self.span(written), format!("cannot {what} {ty}: {hint}")))
    }

    fn in_common(&mut self, value: Value, common: Type, purpose: Purpose, written: &ast::Expr) -> Result<Expr> {
        let expr = self.adapt(value, common)?;
        match (purpose, expr.ty, common) {
            (Purpose::Compare, Type::Int(_), Type::Int(_)) => Ok(expr),
            (Purpose::Compare, from, Type::Decimal { scale, .. }) => self.scaled(expr, from, scale, written),
            _ => self.convert(expr, common, written),
        }
    }

    /// A number as a decimal of a scale, with as many digits as it needs.
    pub(crate) fn scaled(&mut self, expr: Expr, from: Type, scale: u8, written: &ast::Expr) -> Result<Expr> {
        match decimal_parts(&expr, from) {
            Some((whole, own)) if own != scale || !matches!(from, Type::Decimal { .. }) => {
                let precision = whole.saturating_add(scale).clamp(1, numbers::DIGITS);
                self.convert(expr, Type::Decimal { precision, scale }, written)
            }
            _ => Ok(expr),
        }
    }

    /// A number as a decimal, as exact as it is.
    pub(crate) fn decimal(&mut self, value: Value, written: &ast::Expr) -> Result<Expr> {
        let expr = self.adapt(value, Type::Decimal { precision: 38, scale: 0 })?;
        let ty = expr.ty;
        match ty {
            Type::Int(_) => self.scaled(expr, ty, 0, written),
            _ => Ok(expr),
        }
    }
}

/// An integer constant in the width PostgreSQL would give it.
pub(crate) fn narrowest(expr: Expr) -> Expr {
    match expr.kind {
        Kind::Literal(Literal::Int(number)) => {
            let bits = if literal::fits(number, 32) { 32 } else { 64 };
            Expr { ty: Type::Int(bits), ..expr }
        }
        _ => expr,
    }
}

/// Digits before and behind the point that a number of a type can have.
pub(crate) fn decimal_parts(expr: &Expr, ty: Type) -> Option<(u8, u8)> {
    match (ty, &expr.kind) {
        (Type::Int(_), Kind::Literal(Literal::Int(number))) => Some((numbers::digits(i128::from(*number)).max(1), 0)),
        (Type::Int(16), _) => Some((5, 0)),
        (Type::Int(32), _) => Some((10, 0)),
        (Type::Int(_), _) => Some((19, 0)),
        (Type::Decimal { precision, scale }, _) => Some((precision.saturating_sub(scale), scale)),
        _ => None,
    }
}

/// A text constant with more digits behind the point widens what it meets.
fn with_constants(values: &[Value], common: Type) -> Type {
    let mut common = common;
    for value in values {
        if let (Some(text), Type::Decimal { .. }) = (value.unknown_text(), common)
            && let Some(exact) = numbers::Decimal::parse(text)
        {
            common = common_type(common, exact.ty(), Purpose::Result).unwrap_or(common);
        }
    }
    common
}

/// The type two types meet in.
pub(crate) fn common_type(left: Type, right: Type, purpose: Purpose) -> Option<Type> {
    use Type as T;
    Some(match (left, right) {
        (left, right) if left == right => left,
        (T::Int(a), T::Int(b)) => T::Int(a.max(b)),
        (T::Numeric, T::Float(_)) | (T::Float(_), T::Numeric) if purpose == Purpose::Result => T::Float(64),
        (T::Numeric, T::Int(_) | T::Decimal { .. }) | (T::Int(_) | T::Decimal { .. }, T::Numeric) => T::Numeric,
        (T::Float(_), T::Float(_) | T::Int(_) | T::Decimal { .. }) => T::Float(64),
        (T::Int(_) | T::Decimal { .. }, T::Float(_)) => T::Float(64),
        (T::Int(_) | T::Decimal { .. }, T::Int(_) | T::Decimal { .. }) => widest(left, right)?,
        (T::Date, T::Timestamp { .. }) => right,
        (T::Timestamp { .. }, T::Date) => left,
        (T::Timestamp { .. }, T::Timestamp { .. }) => T::Timestamp { zoned: true },
        _ => return None,
    })
}

fn widest(left: Type, right: Type) -> Option<Type> {
    let parts = |ty| match ty {
        Type::Int(16) => Some((5, 0)),
        Type::Int(32) => Some((10, 0)),
        Type::Int(_) => Some((19, 0)),
        Type::Decimal { precision, scale } => Some((precision.saturating_sub(scale), scale)),
        _ => None,
    };
    let ((left_whole, left_scale), (right_whole, right_scale)) = (parts(left)?, parts(right)?);
    let scale = u8::max(left_scale, right_scale);
    let precision = u8::max(left_whole, right_whole).saturating_add(scale).min(numbers::DIGITS);
    Some(Type::Decimal { precision, scale })
}

/// A constant converted when the rule is compiled, where nothing is lost and nothing can fail.
fn fold(expr: &Expr, ty: Type) -> Option<Expr> {
    let literal = match &expr.kind {
        Kind::Null => return Some(null(ty)),
        Kind::Literal(literal) => literal,
        _ => return None,
    };
    let folded = match (literal, expr.ty, ty) {
        (Literal::Int(number), Type::Int(_), Type::Int(bits)) if literal::fits(*number, bits) => Literal::Int(*number),
        (Literal::Int(number), Type::Int(_), Type::Decimal { precision, scale }) => {
            decimal(i128::from(*number), 0, precision, scale)?
        }
        (Literal::Decimal(unscaled), Type::Decimal { scale: own, .. }, Type::Decimal { precision, scale }) => {
            decimal(*unscaled, own, precision, scale)?
        }
        (Literal::Decimal(unscaled), Type::Decimal { scale: 0, .. }, Type::Int(bits)) => {
            let number = i64::try_from(*unscaled).ok()?;
            if !literal::fits(number, bits) {
                return None;
            }
            Literal::Int(number)
        }
        (Literal::Int(number), Type::Int(_), Type::Float(64)) => Literal::Float(exact_float(*number)?),
        (Literal::Decimal(unscaled), Type::Decimal { scale, .. }, Type::Float(64)) => {
            Literal::Float(numbers::parse_float(&numbers::decimal_text(*unscaled, scale))?)
        }
        (Literal::Float(number), Type::Float(32), Type::Float(64)) => Literal::Float(*number),
        (Literal::Int(days), Type::Date, Type::Timestamp { .. }) => Literal::Int(days.checked_mul(dates::DAY)?),
        _ => return None,
    };
    Some(constant(folded, ty))
}

fn decimal(unscaled: i128, own: u8, precision: u8, scale: u8) -> Option<Literal> {
    let exact = numbers::Decimal { unscaled, scale: own }.rescale(scale)?;
    (numbers::digits(exact.unscaled) <= precision).then_some(Literal::Decimal(exact.unscaled))
}

fn exact_float(number: i64) -> Option<f64> {
    const EXACT: i64 = 1 << 53;
    if !(-EXACT..=EXACT).contains(&number) {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "whole numbers of 53 bits are exact")]
    let float = number as f64;
    Some(float)
}

fn disagreement(what: &str, left: Type, right: Type) -> String {
    let hint = match (left, right) {
        (Type::Text, other) | (other, Type::Text) => format!("cast one side, as in `cast(… as {other})`"),
        (Type::Json, _) | (_, Type::Json) => "take a part of the json with ->>, then cast it".to_owned(),
        _ => "cast one side".to_owned(),
    };
    format!("cannot {what} {left} and {right}: {hint}")
}

fn no_cast(from: Type, to: Type) -> String {
    let hint = match (from, to) {
        (Type::Bytes, Type::Text) => ": use encode(…, 'hex') or encode(…, 'base64')",
        (Type::Text, Type::Bytes) => ": use decode(…, 'hex') or decode(…, 'base64')",
        (Type::Interval, _) => ": use extract(epoch from …)",
        (_, Type::Interval) => ": multiply an interval, as in `interval '1 second' * n`",
        (Type::Json, _) => ": take a part of it as text with ->> first",
        _ => "",
    };
    format!("cannot cast {from} to {to}{hint}")
}
