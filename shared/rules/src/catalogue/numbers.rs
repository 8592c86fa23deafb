//! Functions of numbers.

use sqlparser::ast::{self, CeilFloorKind, DateTimeField};

use super::Entry;
use crate::error::{Code, Mistake};
use crate::plan::{Arithmetic, Expr, Function};
use crate::resolve::{Call, Resolver, Result, Value, decimal_parts};
use crate::value_type::Type;

const DIGITS: u8 = 38;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        name: "abs",
        aliases: &[],
        signatures: &["abs(number) -> number"],
        about: "without its sign",
        example: "abs(amount)",
        build: |resolver, call| {
            call.takes(1, 1)?;
            let value = number(resolver, call, 0)?;
            let ty = if matches!(value.ty, Type::Int(_)) { Type::Int(64) } else { value.ty };
            Ok(resolver.call(Function::Abs, vec![value], ty, call.written))
        },
    },
    Entry {
        name: "sign",
        aliases: &[],
        signatures: &["sign(decimal) -> decimal(1,0)", "sign(double precision) -> double precision"],
        about: "-1, 0 or 1",
        example: "sign(amount)",
        build: |resolver, call| {
            call.takes(1, 1)?;
            let value = exact_or_double(resolver, call)?;
            let ty = match value.ty {
                // As PostgreSQL's numeric: without the argument's digits behind the point.
                Type::Decimal { .. } => Type::Decimal { precision: 1, scale: 0 },
                ty => ty,
            };
            Ok(resolver.call(Function::Sign, vec![value], ty, call.written))
        },
    },
    Entry {
        name: "round",
        aliases: &[],
        signatures: &["round(number) -> number", "round(decimal, places integer) -> decimal"],
        about: "to the nearest; a decimal's half away from zero, a double's to the even one; places, a constant, may be negative",
        example: "round(amount, 1)",
        build: |resolver, call| to_places(resolver, call, Function::Round, Function::RoundLeft),
    },
    Entry {
        name: "trunc",
        aliases: &[],
        signatures: &["trunc(number) -> number", "trunc(decimal, places integer) -> decimal"],
        about: "towards zero",
        example: "trunc(amount)",
        build: |resolver, call| to_places(resolver, call, Function::Trunc, Function::TruncLeft),
    },
    Entry {
        name: "floor",
        aliases: &[],
        signatures: &["floor(number) -> number"],
        about: "the next whole number below",
        example: "floor(amount)",
        build: |resolver, call| {
            call.takes(1, 1)?;
            resolver.whole(Function::Floor, call.argument(0)?, call.written)
        },
    },
    Entry {
        name: "ceil",
        aliases: &["ceiling"],
        signatures: &["ceil(number) -> number"],
        about: "the next whole number above",
        example: "ceil(rate)",
        build: |resolver, call| {
            call.takes(1, 1)?;
            resolver.whole(Function::Ceil, call.argument(0)?, call.written)
        },
    },
    Entry {
        name: "mod",
        aliases: &[],
        signatures: &["mod(number, number) -> number"],
        about: "the remainder of a division, as `%`; its sign is the first number's",
        example: "mod(id, 10)",
        build: |resolver, call| {
            call.takes(2, 2)?;
            let (left, right) = (resolver.value(call.argument(0)?)?, resolver.value(call.argument(1)?)?);
            resolver.calculate(Arithmetic::Remainder, left, right, call.written)
        },
    },
    Entry {
        name: "power",
        aliases: &["pow"],
        signatures: &["power(number, number) -> double precision"],
        about: "to the power of, as `^`; a result that does not exist rejects the row",
        example: "power(rate, 2)",
        build: |resolver, call| doubles(resolver, call, Function::Power, 2),
    },
    Entry {
        name: "sqrt",
        aliases: &[],
        signatures: &["sqrt(number) -> double precision"],
        about: "the square root; a negative number rejects the row",
        example: "sqrt(rate)",
        build: |resolver, call| doubles(resolver, call, Function::Sqrt, 1),
    },
    Entry {
        name: "exp",
        aliases: &[],
        signatures: &["exp(number) -> double precision"],
        about: "e to the power of",
        example: "exp(rate)",
        build: |resolver, call| doubles(resolver, call, Function::Exp, 1),
    },
    Entry {
        name: "ln",
        aliases: &[],
        signatures: &["ln(number) -> double precision"],
        about: "the natural logarithm; zero and below reject the row",
        example: "ln(rate)",
        build: |resolver, call| doubles(resolver, call, Function::Ln, 1),
    },
];

fn number(resolver: &mut Resolver<'_>, call: &Call<'_>, index: usize) -> Result<Expr> {
    let value = resolver.value(call.argument(index)?)?;
    match value.ty() {
        _ if value.unknown => resolver.adapt(value, Type::Float(64)),
        Type::Int(_) | Type::Decimal { .. } => Ok(value.expr),
        Type::Float(_) => resolver.convert(value.expr, Type::Float(64), call.written),
        _ => Err(call.wrong_type(&value)),
    }
}

/// Integers are taken as doubles where PostgreSQL does.
fn exact_or_double(resolver: &mut Resolver<'_>, call: &Call<'_>) -> Result<Expr> {
    let value = number(resolver, call, 0)?;
    match value.ty {
        Type::Int(_) => resolver.convert(value, Type::Float(64), call.written),
        _ => Ok(value),
    }
}

fn doubles(resolver: &mut Resolver<'_>, call: &Call<'_>, function: Function, count: usize) -> Result<Expr> {
    call.takes(count, count)?;
    let mut arguments = Vec::with_capacity(count);
    for argument in &call.arguments {
        arguments.push(resolver.float(argument, call.name())?);
    }
    Ok(resolver.call(function, arguments, Type::Float(64), call.written))
}

fn to_places(
    resolver: &mut Resolver<'_>,
    call: &Call<'_>,
    function: Function,
    left: fn(u8) -> Function,
) -> Result<Expr> {
    call.takes(1, 2)?;
    let Some(places) = call.arguments.get(1) else {
        let value = exact_or_double(resolver, call)?;
        return Ok(rounded(resolver, call.written, function, value, 0));
    };
    let span = resolver.span(places);
    let places = resolver.constant_int(places, "the number of places")?;
    let value = resolver.value(call.argument(0)?)?;
    if matches!(value.ty(), Type::Float(_)) {
        let message = format!("{} of a double to places is not exact: cast it to decimal(P,S) first", call.name());
        return Err(Mistake::new(Code::TypeMismatch, value.span, message));
    }
    if !value.unknown && !matches!(value.ty(), Type::Int(_) | Type::Decimal { .. }) {
        return Err(call.wrong_type(&value));
    }
    let value = resolver.decimal(value, call.written)?;
    match (u8::try_from(places), u8::try_from(places.saturating_neg())) {
        (Ok(places), _) if places <= DIGITS => places_right(resolver, call, function, value, places),
        (_, Ok(places)) if places <= DIGITS => {
            let ty = whole_type(&value);
            Ok(resolver.call(left(places), vec![value], ty, call.written))
        }
        _ => Err(Mistake::new(Code::InvalidLiteral, span, "expected places from -38 to 38")),
    }
}

/// More places than there are digits add zeros, as PostgreSQL shows them.
fn places_right(
    resolver: &mut Resolver<'_>,
    call: &Call<'_>,
    function: Function,
    value: Expr,
    places: u8,
) -> Result<Expr> {
    let ty = value.ty;
    match ty {
        Type::Decimal { scale, .. } if scale == places => Ok(value),
        Type::Decimal { scale, .. } if scale < places => resolver.scaled(value, ty, places, call.written),
        _ => Ok(rounded(resolver, call.written, function, value, places)),
    }
}

fn rounded(resolver: &mut Resolver<'_>, written: &ast::Expr, function: Function, value: Expr, places: u8) -> Expr {
    let ty = match decimal_parts(&value, value.ty) {
        Some((whole, _)) if matches!(value.ty, Type::Decimal { .. }) => {
            let scale = places.min(DIGITS);
            Type::Decimal { precision: whole.saturating_add(1).saturating_add(scale).min(DIGITS), scale }
        }
        _ => value.ty,
    };
    resolver.call(function, vec![value], ty, written)
}

fn whole_type(value: &Expr) -> Type {
    let whole = decimal_parts(value, value.ty).map_or(DIGITS, |(whole, _)| whole);
    Type::Decimal { precision: whole.saturating_add(1).min(DIGITS), scale: 0 }
}

impl Resolver<'_> {
    /// `ceil` and `floor`, which the parser has forms of its own for.
    pub(crate) fn rounding(
        &mut self,
        name: &str,
        value: &ast::Expr,
        field: &CeilFloorKind,
        written: &ast::Expr,
    ) -> Result<Expr> {
        let function = if name == "ceil" { Function::Ceil } else { Function::Floor };
        match field {
            CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) => self.whole(function, value, written),
            _ => {
                let message = format!("{name} takes one number: use round or trunc for places");
                Err(Mistake::new(Code::WrongArguments, self.span(written), message))
            }
        }
    }

    fn whole(&mut self, function: Function, value: &ast::Expr, written: &ast::Expr) -> Result<Expr> {
        let value = self.value(value)?;
        let value = self.exact_or_double(value, written)?;
        let ty = if matches!(value.ty, Type::Decimal { .. }) { whole_type(&value) } else { value.ty };
        Ok(self.call(function, vec![value], ty, written))
    }

    fn exact_or_double(&mut self, value: Value, written: &ast::Expr) -> Result<Expr> {
        match value.ty() {
            _ if value.unknown => self.adapt(value, Type::Float(64)),
            Type::Decimal { .. } => Ok(value.expr),
            Type::Int(_) | Type::Float(_) => self.convert(value.expr, Type::Float(64), written),
            other => {
                let message = format!("expected a number, found {other}");
                Err(Mistake::new(Code::TypeMismatch, value.span, message))
            }
        }
    }
}
