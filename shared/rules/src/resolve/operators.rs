//! Operators: arithmetic, comparisons, AND, OR, text, dates and JSON.

use sqlparser::ast::{self, BinaryOperator, UnaryOperator};

use super::coerce::decimal_parts;
use super::literal::{constant, fits};
use super::{Resolver, Result, Value};
use crate::error::{Code, Mistake};
use crate::formats::numbers::DIGITS;
use crate::plan::{Arithmetic, Comparison, Expr, Function, Interval, Kind, Literal};
use crate::value_type::Type;

/// Digits behind the point that a decimal division has at least.
const DIVISION_SCALE: u8 = 16;

impl Resolver<'_> {
    pub(super) fn binary(
        &mut self,
        left: &ast::Expr,
        op: &BinaryOperator,
        right: &ast::Expr,
        written: &ast::Expr,
    ) -> Result<Expr> {
        use BinaryOperator as B;
        match op {
            B::And | B::Or => self.logic(op, written),
            B::Eq => self.compare(Comparison::Equal, left, right, written),
            B::NotEq => self.compare(Comparison::NotEqual, left, right, written),
            B::Lt => self.compare(Comparison::Less, left, right, written),
            B::LtEq => self.compare(Comparison::LessOrEqual, left, right, written),
            B::Gt => self.compare(Comparison::Greater, left, right, written),
            B::GtEq => self.compare(Comparison::GreaterOrEqual, left, right, written),
            B::Plus => self.arithmetic(Arithmetic::Add, left, right, written),
            B::Minus => self.arithmetic(Arithmetic::Subtract, left, right, written),
            B::Multiply => self.arithmetic(Arithmetic::Multiply, left, right, written),
            B::Divide => self.arithmetic(Arithmetic::Divide, left, right, written),
            B::Modulo => self.arithmetic(Arithmetic::Remainder, left, right, written),
            B::PGExp | B::BitwiseXor => self.power(left, right, written),
            B::StringConcat => self.join(left, right, written),
            B::Arrow => self.json_part(left, right, false, written),
            B::LongArrow => self.json_part(left, right, true, written),
            B::PGLikeMatch => self.like(left, right, None, false, written),
            B::PGILikeMatch => self.like(left, right, None, true, written),
            B::PGNotLikeMatch => self.like(left, right, None, false, written).map(not),
            B::PGNotILikeMatch => self.like(left, right, None, true, written).map(not),
            B::PGRegexMatch => self.matches(left, right, "", written),
            B::PGRegexIMatch => self.matches(left, right, "i", written),
            B::PGRegexNotMatch => self.matches(left, right, "", written).map(not),
            B::PGRegexNotIMatch => self.matches(left, right, "i", written).map(not),
            B::PGStartsWith => {
                let arguments = vec![self.text(left, "^@")?, self.text(right, "^@")?];
                Ok(self.call(Function::StartsWith, arguments, Type::Bool, written))
            }
            other => Err(Mistake::new(
                Code::Unsupported,
                self.span(right),
                format!("the operator `{other}` is not part of a rule"),
            )),
        }
    }

    /// AND and OR of any length, without going deeper for each of them.
    fn logic(&mut self, op: &BinaryOperator, written: &ast::Expr) -> Result<Expr> {
        let mut operands = Vec::new();
        let mut rest = written;
        while let ast::Expr::BinaryOp { left, op: other, right } = rest {
            if other != op {
                break;
            }
            operands.push(right.as_ref());
            rest = left;
        }
        operands.push(rest);
        let name = if *op == BinaryOperator::And { "AND" } else { "OR" };
        let mut values = Vec::with_capacity(operands.len());
        for operand in operands.into_iter().rev() {
            let value = self.value(operand)?;
            let value = self.boolean(value, name)?;
            match (value.kind, *op == BinaryOperator::And) {
                (Kind::And(inner), true) | (Kind::Or(inner), false) => values.extend(inner),
                (kind, _) => values.push(Expr { kind, ..value }),
            }
        }
        let nullable = values.iter().any(|value| value.nullable);
        let kind = if *op == BinaryOperator::And { Kind::And(values) } else { Kind::Or(values) };
        Ok(Expr { kind, ty: Type::Bool, nullable })
    }

    fn compare(&mut self, op: Comparison, left: &ast::Expr, right: &ast::Expr, written: &ast::Expr) -> Result<Expr> {
        let (left, right) = (self.value(left)?, self.value(right)?);
        let (left, right) = self.comparable(left, right, written)?;
        Ok(comparison(op, left, right))
    }

    fn arithmetic(&mut self, op: Arithmetic, left: &ast::Expr, right: &ast::Expr, written: &ast::Expr) -> Result<Expr> {
        let (left, right) = (self.value(left)?, self.value(right)?);
        self.calculate(op, left, right, written)
    }

    /// Arithmetic of values whose types may still differ.
    pub(crate) fn calculate(&mut self, op: Arithmetic, left: Value, right: Value, written: &ast::Expr) -> Result<Expr> {
        if is_moment(left.ty(), &left) || is_moment(right.ty(), &right) {
            return self.moments(op, left, right, written);
        }
        let (left_type, right_type) = match (left.unknown, right.unknown) {
            (false, false) => (left.ty(), right.ty()),
            (true, false) => (right.ty(), right.ty()),
            (false, true) => (left.ty(), left.ty()),
            (true, true) => (Type::Text, Type::Text),
        };
        if !left_type.is_number() || !right_type.is_number() {
            return Err(self.no_operator(op, &left, &right, written));
        }
        let (left, right) = (self.adapt(left, right_type)?, self.adapt(right, left_type)?);
        match (left.ty, right.ty) {
            (Type::Numeric, _) | (_, Type::Numeric) => {
                let message = "cannot compute with a numeric without precision: cast it to decimal(P,S) first";
                Err(Mistake::new(Code::TypeMismatch, self.span(written), message))
            }
            (Type::Float(_), _) | (_, Type::Float(_)) => {
                let left = self.convert(left, Type::Float(64), written)?;
                let right = self.convert(right, Type::Float(64), written)?;
                self.finish(op, left, right, Type::Float(64), written)
            }
            (Type::Decimal { .. }, _) | (_, Type::Decimal { .. }) => self.decimals(op, left, right, written),
            _ => self.finish(op, left, right, Type::Int(64), written),
        }
    }

    fn decimals(&mut self, op: Arithmetic, left: Expr, right: Expr, written: &ast::Expr) -> Result<Expr> {
        let (left_type, right_type) = (left.ty, right.ty);
        let (Some((left_whole, left_scale)), Some((right_whole, right_scale))) =
            (decimal_parts(&left, left_type), decimal_parts(&right, right_type))
        else {
            return Err(Mistake::new(Code::TypeMismatch, self.span(written), "expected two decimals"));
        };
        let most = left_scale.max(right_scale);
        let whole = left_whole.max(right_whole);
        let (left_wanted, right_wanted, whole, scale) = match op {
            Arithmetic::Add | Arithmetic::Subtract => (most, most, whole.saturating_add(1), most),
            Arithmetic::Remainder => (most, most, whole, most),
            Arithmetic::Multiply => {
                let scale = left_scale.saturating_add(right_scale);
                (left_scale, right_scale, left_whole.saturating_add(right_whole), scale)
            }
            Arithmetic::Divide => {
                let whole = left_whole.saturating_add(right_scale);
                (left_scale, right_scale, whole, quotient_scale(whole, most))
            }
        };
        if scale > DIGITS {
            let message =
                format!("a product with {scale} digits behind the point: round a side first, {DIGITS} is the most");
            return Err(Mistake::new(Code::TypeMismatch, self.span(written), message));
        }
        let left = self.scaled(left, left_type, left_wanted, written)?;
        let right = self.scaled(right, right_type, right_wanted, written)?;
        let precision = whole.saturating_add(scale).clamp(1, DIGITS);
        self.finish(op, left, right, Type::Decimal { precision, scale }, written)
    }

    fn finish(&mut self, op: Arithmetic, left: Expr, right: Expr, ty: Type, written: &ast::Expr) -> Result<Expr> {
        let span = self.span(written);
        let site = self.site(written, span, &[&left, &right]);
        let nullable = left.nullable || right.nullable;
        let (left, right) = (Box::new(left), Box::new(right));
        Ok(Expr { kind: Kind::Arithmetic { op, left, right, site }, ty, nullable })
    }

    /// Dates, times, timestamps and intervals.
    fn moments(&mut self, op: Arithmetic, left: Value, right: Value, written: &ast::Expr) -> Result<Expr> {
        use Arithmetic::{Add, Divide, Multiply, Subtract};
        use Type as T;
        let types = (kind(&left, &right, op), kind(&right, &left, op));
        let add = op == Add;
        match (op, types.0, types.1) {
            (Add | Subtract, T::Date, T::Int(_)) => {
                let (days, count) = (self.adapt(left, T::Date)?, self.adapt(right, T::Int(64))?);
                let count = if add { count } else { self.negated(count, written)? };
                Ok(self.call(Function::AddDays, vec![days, count], T::Date, written))
            }
            (Add, T::Int(_), T::Date) => self.moments(op, right, left, written),
            (Subtract, T::Date, T::Date) => {
                let arguments = vec![self.adapt(left, T::Date)?, self.adapt(right, T::Date)?];
                Ok(self.call(Function::DaysBetween, arguments, T::Int(32), written))
            }
            (Subtract, T::Date | T::Timestamp { .. }, T::Date | T::Timestamp { .. }) => {
                let zoned = types.0 == ZONED || types.1 == ZONED;
                let left = self.implicit(left, T::Timestamp { zoned }, written)?;
                let right = self.implicit(right, T::Timestamp { zoned }, written)?;
                Ok(self.call(Function::Between, vec![left, right], T::Interval, written))
            }
            (Add | Subtract, T::Date | T::Timestamp { .. }, T::Interval) => {
                let ty = if types.0 == T::Date { T::Timestamp { zoned: false } } else { types.0 };
                let moment = self.implicit(left, ty, written)?;
                let interval = self.signed_interval(right, add, written)?;
                Ok(self.call(Function::AddInterval, vec![moment, interval], ty, written))
            }
            (Add | Subtract, T::Time, T::Interval) => {
                let time = self.adapt(left, T::Time)?;
                let interval = self.signed_interval(right, add, written)?;
                Ok(self.call(Function::TimeAdd, vec![time, interval], T::Time, written))
            }
            (Add | Subtract, T::Interval, T::Interval) => {
                let left = self.adapt(left, T::Interval)?;
                let right = self.signed_interval(right, add, written)?;
                Ok(self.call(Function::IntervalAdd, vec![left, right], T::Interval, written))
            }
            (Add, T::Interval, T::Date | T::Timestamp { .. } | T::Time) => self.moments(op, right, left, written),
            (Multiply, T::Interval, T::Int(_)) => {
                let arguments = vec![self.adapt(left, T::Interval)?, self.adapt(right, T::Int(64))?];
                Ok(self.call(Function::IntervalMultiply, arguments, T::Interval, written))
            }
            (Multiply, T::Interval, T::Float(_) | T::Decimal { .. }) => {
                self.scaled_interval(Function::IntervalScale, left, right, written)
            }
            (Divide, T::Interval, T::Int(_) | T::Float(_) | T::Decimal { .. }) => {
                self.scaled_interval(Function::IntervalDivide, left, right, written)
            }
            (Multiply, T::Int(_) | T::Float(_) | T::Decimal { .. }, T::Interval) => {
                self.moments(op, right, left, written)
            }
            _ => Err(self.no_operator(op, &left, &right, written)),
        }
    }

    fn scaled_interval(&mut self, function: Function, interval: Value, by: Value, written: &ast::Expr) -> Result<Expr> {
        let arguments = vec![self.adapt(interval, Type::Interval)?, self.implicit(by, Type::Float(64), written)?];
        Ok(self.call(function, arguments, Type::Interval, written))
    }

    fn signed_interval(&mut self, value: Value, plus: bool, written: &ast::Expr) -> Result<Expr> {
        let interval = self.adapt(value, Type::Interval)?;
        if plus { Ok(interval) } else { self.negated(interval, written) }
    }

    /// Minus; of a constant, at once.
    pub(crate) fn negated(&mut self, expr: Expr, written: &ast::Expr) -> Result<Expr> {
        if let Some(constant) = negated_constant(&expr) {
            return Ok(constant);
        }
        let ty = match expr.ty {
            Type::Int(_) => Type::Int(64),
            Type::Float(_) => Type::Float(64),
            Type::Decimal { .. } | Type::Interval => expr.ty,
            other => {
                let message = format!("expected a number or an interval after `-`, found {other}");
                return Err(Mistake::new(Code::TypeMismatch, self.span(written), message));
            }
        };
        let expr = if matches!(ty, Type::Float(_)) { self.convert(expr, ty, written)? } else { expr };
        let span = self.span(written);
        let site = self.site(written, span, &[&expr]);
        let nullable = expr.nullable;
        Ok(Expr { kind: Kind::Negate { value: Box::new(expr), site }, ty, nullable })
    }

    pub(super) fn unary(&mut self, op: UnaryOperator, inner: &ast::Expr, written: &ast::Expr) -> Result<Expr> {
        match op {
            UnaryOperator::Not => {
                let value = self.value(inner)?;
                Ok(not(self.boolean(value, "NOT")?))
            }
            UnaryOperator::Minus => {
                let value = self.value(inner)?;
                let expr = self.number(value, "-")?;
                self.negated(expr, written)
            }
            UnaryOperator::Plus => {
                let value = self.value(inner)?;
                self.number(value, "+")
            }
            other => Err(Mistake::new(
                Code::Unsupported,
                self.span(inner),
                format!("the operator `{other}` is not part of a rule"),
            )),
        }
    }

    /// What stands behind a sign; PostgreSQL reads a text constant there as a double.
    fn number(&mut self, value: Value, sign: &str) -> Result<Expr> {
        if value.unknown {
            return self.adapt(value, Type::Float(64));
        }
        match value.ty() {
            Type::Int(_) | Type::Float(_) | Type::Decimal { .. } | Type::Interval => Ok(value.expr),
            other => {
                let message = format!("expected a number or an interval after `{sign}`, found {other}");
                Err(Mistake::new(Code::TypeMismatch, value.span, message))
            }
        }
    }

    fn power(&mut self, left: &ast::Expr, right: &ast::Expr, written: &ast::Expr) -> Result<Expr> {
        let arguments = vec![self.float(left, "^")?, self.float(right, "^")?];
        Ok(self.call(Function::Power, arguments, Type::Float(64), written))
    }

    fn join(&mut self, left: &ast::Expr, right: &ast::Expr, written: &ast::Expr) -> Result<Expr> {
        let (left, right) = (self.value(left)?, self.value(right)?);
        if left.ty() == Type::Bytes || right.ty() == Type::Bytes {
            if (left.ty() != Type::Bytes && !left.unknown) || (right.ty() != Type::Bytes && !right.unknown) {
                let message =
                    format!("cannot join {} and {}: encode the bytes first", left.describe(), right.describe());
                return Err(Mistake::new(Code::TypeMismatch, self.span(written), message));
            }
            let arguments = vec![self.adapt(left, Type::Bytes)?, self.adapt(right, Type::Bytes)?];
            return Ok(self.call(Function::Join, arguments, Type::Bytes, written));
        }
        let texts = [&left, &right].into_iter().any(|side| side.unknown || side.ty() == Type::Text);
        if !texts {
            let message = format!("cannot join {} and {}: one side must be text", left.describe(), right.describe());
            return Err(Mistake::new(Code::TypeMismatch, self.span(written), message));
        }
        let arguments = vec![self.as_text(left, written)?, self.as_text(right, written)?];
        Ok(self.call(Function::Join, arguments, Type::Text, written))
    }

    fn json_part(&mut self, left: &ast::Expr, right: &ast::Expr, as_text: bool, written: &ast::Expr) -> Result<Expr> {
        let arrow = if as_text { "->>" } else { "->" };
        let document = self.value(left)?;
        if document.ty() != Type::Json || document.unknown {
            let message = format!("expected json before `{arrow}`, found {}: cast it to json", document.describe());
            return Err(Mistake::new(Code::TypeMismatch, document.span, message));
        }
        let key = self.value(right)?;
        let element = matches!(key.ty(), Type::Int(_));
        if !element && key.ty() != Type::Text {
            let message = format!("expected a key or a position after `{arrow}`, found {}", key.ty());
            return Err(Mistake::new(Code::TypeMismatch, key.span, message));
        }
        let function = match (element, as_text) {
            (false, false) => Function::JsonField,
            (false, true) => Function::JsonFieldText,
            (true, false) => Function::JsonElement,
            (true, true) => Function::JsonElementText,
        };
        let ty = if as_text { Type::Text } else { Type::Json };
        Ok(self.call(function, vec![document.expr, key.expr], ty, written))
    }

    fn no_operator(&self, op: Arithmetic, left: &Value, right: &Value, written: &ast::Expr) -> Mistake {
        let sign = sign(op);
        let message = format!("no `{sign}` for {} and {}: cast a side", left.describe(), right.describe());
        Mistake::new(Code::TypeMismatch, self.span(written), message)
    }
}

const ZONED: Type = Type::Timestamp { zoned: true };

fn is_moment(ty: Type, value: &Value) -> bool {
    !value.unknown && matches!(ty, Type::Date | Type::Time | Type::Timestamp { .. } | Type::Interval)
}

/// The type a side has beside the other: a text constant next to a moment is one of its kind, next
/// to a timestamp that is added to, an interval.
fn kind(side: &Value, other: &Value, op: Arithmetic) -> Type {
    match (side.unknown, op) {
        (false, _) => side.ty(),
        (true, Arithmetic::Add) => Type::Interval,
        (true, _) => other.ty(),
    }
}

fn quotient_scale(whole: u8, most: u8) -> u8 {
    let wanted = most.max(DIVISION_SCALE);
    wanted.min(DIGITS.saturating_sub(whole)).max(most)
}

fn negated_constant(expr: &Expr) -> Option<Expr> {
    let Kind::Literal(literal) = &expr.kind else {
        return None;
    };
    let literal = match literal {
        Literal::Int(number) => match expr.ty {
            Type::Int(bits) => Literal::Int(number.checked_neg().filter(|minus| fits(*minus, bits))?),
            _ => return None,
        },
        Literal::Decimal(unscaled) => Literal::Decimal(-unscaled),
        Literal::Float(number) => Literal::Float(-number),
        Literal::Interval(it) => Literal::Interval(Interval {
            months: it.months.checked_neg()?,
            days: it.days.checked_neg()?,
            micros: it.micros.checked_neg()?,
        }),
        _ => return None,
    };
    Some(constant(literal, expr.ty))
}

pub(crate) fn comparison(op: Comparison, left: Expr, right: Expr) -> Expr {
    let nullable = left.nullable || right.nullable;
    Expr { kind: Kind::Compare { op, left: Box::new(left), right: Box::new(right) }, ty: Type::Bool, nullable }
}

pub(crate) fn not(value: Expr) -> Expr {
    let nullable = value.nullable;
    Expr { kind: Kind::Not(Box::new(value)), ty: Type::Bool, nullable }
}

/// How an operation is written.
pub(crate) fn sign(op: Arithmetic) -> &'static str {
    match op {
        Arithmetic::Add => "+",
        Arithmetic::Subtract => "-",
        Arithmetic::Multiply => "*",
        Arithmetic::Divide => "/",
        Arithmetic::Remainder => "%",
    }
}
