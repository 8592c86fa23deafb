//! Expressions of a type.

use rules::plan::{Arithmetic, CastMode, Comparison, Expr, Kind};
use rules::value_type::Type;

use super::Maker;

pub(super) const TIMESTAMP: Type = Type::Timestamp { zoned: false };
pub(super) const ZONED: Type = Type::Timestamp { zoned: true };

const DECIMALS: [Type; 9] = [
    decimal(5, 2),
    decimal(9, 2),
    decimal(18, 4),
    decimal(18, 0),
    decimal(19, 0),
    decimal(20, 2),
    decimal(38, 0),
    decimal(38, 10),
    decimal(38, 6),
];
const OTHERS: [Type; 14] = [
    Type::Bool,
    Type::Int(16),
    Type::Int(32),
    Type::Int(64),
    Type::Float(32),
    Type::Float(64),
    Type::Numeric,
    Type::Text,
    Type::Bytes,
    Type::Date,
    Type::Time,
    TIMESTAMP,
    ZONED,
    Type::Json,
];
const COMPARISONS: [Comparison; 6] = [
    Comparison::Equal,
    Comparison::NotEqual,
    Comparison::Less,
    Comparison::LessOrEqual,
    Comparison::Greater,
    Comparison::GreaterOrEqual,
];

pub(super) const fn decimal(precision: u8, scale: u8) -> Type {
    Type::Decimal { precision, scale }
}

impl Maker<'_> {
    /// Any type a column can have.
    pub(crate) fn any_type(&mut self) -> Type {
        match self.rng.u8(..8) {
            0 | 1 => self.pick(&DECIMALS),
            2 => Type::Text,
            3 => self.pick(&[Type::Uuid, Type::Bool, Type::Int(64), Type::Float(64)]),
            _ => self.pick(&OTHERS),
        }
    }

    /// An expression of a type.
    pub(crate) fn expr(&mut self, ty: Type, depth: u32) -> Expr {
        if depth == 0 || self.chance(6) {
            return self.leaf(ty);
        }
        match self.rng.u8(..6) {
            0 => self.choice(ty, depth - 1),
            1 if ty.column().is_some() => self.converted(ty, depth - 1),
            _ => self.special(ty, depth - 1).unwrap_or_else(|| self.leaf(ty)),
        }
    }

    pub(super) fn leaf(&mut self, ty: Type) -> Expr {
        let columns: Vec<usize> = (1..self.input.len())
            .filter(|column| Type::of_column(self.input[*column].column_type) == Some(ty))
            .collect();
        let lets: Vec<usize> = (0..self.lets.len()).filter(|number| self.lets[*number].ty == ty).collect();
        match self.rng.u8(..10) {
            0 => Expr { kind: Kind::Null, ty, nullable: true },
            1..3 if !lets.is_empty() => {
                let number = self.pick(&lets);
                Expr { kind: Kind::Let(number), ty, nullable: self.lets[number].nullable }
            }
            3 if ty == ZONED => Expr { kind: Kind::RunClock, ty, nullable: false },
            1..9 if !columns.is_empty() => {
                let column = self.pick(&columns);
                Expr { kind: Kind::Column(column), ty, nullable: self.input[column].nullable }
            }
            _ => self.literal(ty),
        }
    }

    /// What picks one of several values.
    fn choice(&mut self, ty: Type, depth: u32) -> Expr {
        let values = |maker: &mut Self| -> Vec<Expr> {
            let count = maker.rng.usize(1..4);
            (0..count).map(|_| maker.expr(ty, depth)).collect()
        };
        match self.rng.u8(..4) {
            0 => {
                let values = values(self);
                let nullable = values.iter().all(|value| value.nullable);
                Expr { kind: Kind::Coalesce(values), ty, nullable }
            }
            1 if is_comparable(ty) => {
                let (left, right) = (Box::new(self.expr(ty, depth)), Box::new(self.expr(ty, depth)));
                Expr { kind: Kind::NullIf { left, right }, ty, nullable: true }
            }
            2 if is_comparable(ty) => {
                let values = values(self);
                let nullable = values.iter().all(|value| value.nullable);
                Expr { kind: Kind::Extreme { greatest: self.rng.bool(), values }, ty, nullable }
            }
            _ => {
                let values = values(self);
                let branches: Vec<(Expr, Expr)> =
                    values.into_iter().map(|value| (self.expr(Type::Bool, depth), value)).collect();
                let otherwise = Box::new(self.expr(ty, depth));
                let nullable = otherwise.nullable || branches.iter().any(|(_, value)| value.nullable);
                Expr { kind: Kind::Case { branches, otherwise }, ty, nullable }
            }
        }
    }

    /// A cast of something else.
    fn converted(&mut self, ty: Type, depth: u32) -> Expr {
        let from: Vec<Type> =
            OTHERS.iter().chain(&DECIMALS).copied().filter(|from| *from != ty && from.casts_to(ty)).collect();
        if from.is_empty() {
            return self.leaf(ty);
        }
        let from = self.pick(&from);
        let value = self.expr(from, depth);
        let mode = self.pick(&[CastMode::Strict, CastMode::Try]);
        let nullable = value.nullable || mode == CastMode::Try;
        Expr { kind: Kind::Cast { value: Box::new(value), mode, site: self.site() }, ty, nullable }
    }

    fn special(&mut self, ty: Type, depth: u32) -> Option<Expr> {
        Some(match ty {
            Type::Bool if self.chance(4) => self.function(ty, depth)?,
            Type::Bool => self.condition(depth),
            Type::Int(64) if self.rng.bool() => self.integers(depth),
            Type::Float(64) if self.rng.bool() => self.doubles(depth),
            Type::Decimal { precision, scale } if self.rng.bool() => self.decimals(precision, scale, depth),
            Type::Interval if self.chance(4) => self.negated(ty, depth),
            _ => self.function(ty, depth)?,
        })
    }

    fn condition(&mut self, depth: u32) -> Expr {
        let ty = Type::Bool;
        let some = |maker: &mut Self| -> Vec<Expr> {
            let count = maker.rng.usize(2..4);
            (0..count).map(|_| maker.expr(ty, depth)).collect()
        };
        match self.rng.u8(..9) {
            0 => {
                let value = self.expr(ty, depth);
                Expr { nullable: value.nullable, kind: Kind::Not(Box::new(value)), ty }
            }
            1 => {
                let parts = some(self);
                Expr { nullable: parts.iter().any(|part| part.nullable), kind: Kind::And(parts), ty }
            }
            2 => {
                let parts = some(self);
                Expr { nullable: parts.iter().any(|part| part.nullable), kind: Kind::Or(parts), ty }
            }
            3 => {
                let of = self.any_type();
                Expr { kind: Kind::IsNull(Box::new(self.expr(of, depth))), ty, nullable: false }
            }
            4 => {
                let value = Box::new(self.expr(ty, depth));
                Expr { kind: Kind::IsBool { value, is: self.rng.bool() }, ty, nullable: false }
            }
            5 => {
                let of = self.comparable_type();
                let (left, right) = (Box::new(self.expr(of, depth)), Box::new(self.expr(of, depth)));
                Expr { kind: Kind::Distinct { left, right }, ty, nullable: false }
            }
            6 => {
                let of = self.comparable_type();
                let value = Box::new(self.expr(of, depth));
                let count = self.rng.usize(1..5);
                let list: Vec<Expr> = (0..count).map(|_| self.expr(of, depth.min(1))).collect();
                let nullable = value.nullable || list.iter().any(|item| item.nullable);
                Expr { kind: Kind::In { value, list }, ty, nullable }
            }
            _ => {
                let of = self.comparable_type();
                let (left, right) = (self.expr(of, depth), self.expr(of, depth));
                let op = self.pick(&COMPARISONS);
                self.compare(op, left, right)
            }
        }
    }

    pub(super) fn compare(&mut self, op: Comparison, left: Expr, right: Expr) -> Expr {
        let nullable = left.nullable || right.nullable;
        Expr { kind: Kind::Compare { op, left: Box::new(left), right: Box::new(right) }, ty: Type::Bool, nullable }
    }

    fn comparable_type(&mut self) -> Type {
        if self.chance(10) {
            return Type::Interval;
        }
        loop {
            let ty = self.any_type();
            if is_comparable(ty) {
                return ty;
            }
        }
    }

    fn integers(&mut self, depth: u32) -> Expr {
        if self.chance(6) {
            return self.negated(Type::Int(64), depth);
        }
        let of = self.pick(&[Type::Int(64), Type::Int(32), Type::Int(16), Type::Int(64)]);
        let op = self.operation();
        self.arithmetic(op, [of, Type::Int(64)], Type::Int(64), depth)
    }

    fn doubles(&mut self, depth: u32) -> Expr {
        if self.chance(6) {
            return self.negated(Type::Float(64), depth);
        }
        let op = self.pick(&[Arithmetic::Add, Arithmetic::Subtract, Arithmetic::Multiply, Arithmetic::Divide]);
        self.arithmetic(op, [Type::Float(64); 2], Type::Float(64), depth)
    }

    fn decimals(&mut self, precision: u8, scale: u8, depth: u32) -> Expr {
        let ty = decimal(precision, scale);
        if self.chance(6) {
            return self.negated(ty, depth);
        }
        let op = self.operation();
        let digits = |maker: &mut Self| maker.rng.u8(scale.max(1)..=38);
        let sides = match op {
            Arithmetic::Add | Arithmetic::Subtract => [decimal(digits(self), scale), decimal(digits(self), scale)],
            Arithmetic::Remainder => [decimal(precision, scale), decimal(digits(self).min(precision), scale)],
            Arithmetic::Multiply => {
                let first = self.rng.u8(..=scale);
                let whole = |maker: &mut Self, scale: u8| maker.rng.u8(scale.max(1)..=38);
                [decimal(whole(self, first), first), decimal(whole(self, scale - first), scale - first)]
            }
            Arithmetic::Divide => [self.pick(&DECIMALS), self.pick(&DECIMALS)],
        };
        self.arithmetic(op, sides, ty, depth)
    }

    fn arithmetic(&mut self, op: Arithmetic, sides: [Type; 2], ty: Type, depth: u32) -> Expr {
        let [left, right] = sides.map(|side| Box::new(self.expr(side, depth)));
        let nullable = left.nullable || right.nullable;
        Expr { kind: Kind::Arithmetic { op, left, right, site: self.site() }, ty, nullable }
    }

    fn negated(&mut self, ty: Type, depth: u32) -> Expr {
        let value = self.expr(ty, depth);
        Expr { nullable: value.nullable, kind: Kind::Negate { value: Box::new(value), site: self.site() }, ty }
    }

    fn operation(&mut self) -> Arithmetic {
        self.pick(&[
            Arithmetic::Add,
            Arithmetic::Subtract,
            Arithmetic::Multiply,
            Arithmetic::Divide,
            Arithmetic::Remainder,
        ])
    }
}

fn is_comparable(ty: Type) -> bool {
    !matches!(ty, Type::Json | Type::Numeric)
}
