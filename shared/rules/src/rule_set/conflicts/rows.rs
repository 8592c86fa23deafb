//! Rows to try: for each column, the constants it is compared with and the values beside them.

use std::cell::Cell;
use std::collections::{BTreeMap, HashSet};

use batch::ColumnType;

use super::evaluate::of_literal;
use super::values::Val;
use crate::formats::dates;
use crate::plan::{Column, Expr, Kind, Literal};
use crate::value_type::Type;
use crate::walk;

/// Rows that are tried for one question.
const ROWS_LIMIT: usize = 40_000;
/// 2024-01-01, a day like any other.
const A_DAY: i64 = 19_723;

/// What is compared with constants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Subject {
    Column(usize),
    Clock,
}

/// The values to try for what a few conditions look at.
pub(super) struct Rows {
    subjects: Vec<(Subject, Vec<Val>)>,
    /// Whether nothing is missed by trying these rows.
    pub(super) complete: bool,
    /// Whether every part of the conditions is told for every row.
    pub(super) transparent: bool,
    columns: usize,
}

/// What the conditions hold.
#[derive(Default)]
struct Seen {
    constants: BTreeMap<Subject, Vec<(Literal, Type)>>,
    lets: HashSet<usize>,
    /// Something is told for the rows that are tried, which says nothing of others.
    partial: bool,
    /// Something is not told for any row.
    opaque: bool,
}

impl Rows {
    /// The rows for conditions over the input and the lets before them.
    pub(super) fn of(conditions: &[&Expr], lets: &[Expr], input: &[Column]) -> Self {
        let mut seen = Seen::default();
        for condition in conditions {
            seen.look(condition, lets);
        }
        let mut subjects = Vec::new();
        for (subject, constants) in &seen.constants {
            let values = match subject {
                Subject::Clock => values(ColumnType::Timestamp { zoned: true }, false, constants),
                Subject::Column(index) => match input.get(*index) {
                    Some(column) => values(column.column_type, column.nullable, constants),
                    None => Vec::new(),
                },
            };
            subjects.push((*subject, values));
        }
        let count = subjects.iter().try_fold(1_usize, |count, (_, values)| count.checked_mul(values.len()));
        let complete = !seen.partial && count.is_some_and(|count| count <= ROWS_LIMIT);
        Rows { subjects, complete, transparent: !seen.opaque, columns: input.len() }
    }

    /// Every row, as far as the limit and what is left of all work go, until one is enough. Whether
    /// none was left out.
    pub(super) fn each(&self, left: &Cell<u64>, mut look: impl FnMut(&[Val], i64) -> bool) -> bool {
        let mut columns = vec![Val::Some; self.columns];
        let mut clock = A_DAY * dates::DAY;
        let mut digits = vec![0_usize; self.subjects.len()];
        for _ in 0..ROWS_LIMIT {
            let Some(rest) = left.get().checked_sub(1) else { return false };
            left.set(rest);
            for ((subject, values), digit) in self.subjects.iter().zip(&digits) {
                match (subject, values.get(*digit)) {
                    (Subject::Column(index), Some(value)) => columns[*index] = value.clone(),
                    (Subject::Clock, Some(Val::Int(micros))) => clock = *micros,
                    _ => {}
                }
            }
            if look(&columns, clock) || !self.advance(&mut digits) {
                return true;
            }
        }
        false
    }

    /// What is looked at.
    pub(super) fn subjects(&self) -> impl Iterator<Item = Subject> {
        self.subjects.iter().map(|(subject, _)| *subject)
    }

    fn advance(&self, digits: &mut [usize]) -> bool {
        for (digit, (_, values)) in digits.iter_mut().zip(&self.subjects) {
            *digit += 1;
            if *digit < values.len() {
                return true;
            }
            *digit = 0;
        }
        false
    }
}

impl Seen {
    fn look(&mut self, expr: &Expr, lets: &[Expr]) {
        match &expr.kind {
            Kind::Compare { left, right, .. } | Kind::Distinct { left, right } | Kind::NullIf { left, right } => {
                self.pair(left, right, lets);
            }
            Kind::In { value, list } => {
                for item in list {
                    self.pair(value, item, lets);
                }
            }
            Kind::Extreme { .. } => {
                self.partial = true;
                self.below(expr, lets);
            }
            Kind::Arithmetic { .. } | Kind::Negate { .. } | Kind::Call { .. } => {
                self.opaque = true;
                self.below(expr, lets);
            }
            Kind::Cast { value, .. } => {
                self.opaque |= !keeps_order(value.ty, expr.ty);
                self.below(expr, lets);
            }
            Kind::Column(index) => self.subject(Subject::Column(*index)),
            Kind::RunClock => self.subject(Subject::Clock),
            Kind::Let(index) => {
                if self.lets.insert(*index)
                    && let Some(value) = lets.get(*index)
                {
                    self.look(value, lets);
                }
            }
            _ => self.below(expr, lets),
        }
    }

    fn below(&mut self, expr: &Expr, lets: &[Expr]) {
        for child in walk::children(expr) {
            self.look(child, lets);
        }
    }

    fn subject(&mut self, subject: Subject) {
        self.constants.entry(subject).or_default();
    }

    /// Two sides of a comparison: seen through when one can only be constants and the other, at
    /// its end, only columns and constants.
    fn pair(&mut self, left: &Expr, right: &Expr, lets: &[Expr]) {
        let (mut one, mut other) = (Leaves::default(), Leaves::default());
        self.leaves(left, lets, &mut one);
        self.leaves(right, lets, &mut other);
        self.partial |= !one.subjects.is_empty() && !other.subjects.is_empty();
        for (side, against) in [(&one, &other), (&other, &one)] {
            for subject in &side.subjects {
                let known = self.constants.entry(*subject).or_default();
                known.extend(against.constants.iter().cloned());
            }
            self.opaque |= side.constants.iter().any(|(literal, ty)| of_literal(literal, *ty) == Val::Some);
        }
    }

    /// What a side of a comparison can come to.
    fn leaves(&mut self, expr: &Expr, lets: &[Expr], leaves: &mut Leaves) {
        match &expr.kind {
            Kind::Column(index) => leaves.subjects.push(Subject::Column(*index)),
            Kind::RunClock => leaves.subjects.push(Subject::Clock),
            Kind::Literal(literal) => leaves.constants.push((literal.clone(), expr.ty)),
            Kind::Null => {}
            Kind::Cast { value, .. } if keeps_order(value.ty, expr.ty) => self.leaves(value, lets, leaves),
            Kind::Coalesce(values) => values.iter().for_each(|value| self.leaves(value, lets, leaves)),
            Kind::Case { branches, otherwise } => {
                for (condition, value) in branches {
                    self.look(condition, lets);
                    self.leaves(value, lets, leaves);
                }
                self.leaves(otherwise, lets, leaves);
            }
            Kind::Let(index) => {
                if leaves.lets.insert(*index)
                    && let Some(value) = lets.get(*index)
                {
                    self.leaves(value, lets, leaves);
                }
            }
            _ => {
                // What is told of it depends on the constants within and on those of the other side.
                walk::each(expr, &mut |inner| match &inner.kind {
                    Kind::Column(index) => leaves.subjects.push(Subject::Column(*index)),
                    Kind::RunClock => leaves.subjects.push(Subject::Clock),
                    _ => {}
                });
                self.look(expr, lets);
            }
        }
    }
}

/// What a side of a comparison ends in.
#[derive(Default)]
struct Leaves {
    subjects: Vec<Subject>,
    constants: Vec<(Literal, Type)>,
    lets: HashSet<usize>,
}

fn keeps_order(from: Type, to: Type) -> bool {
    match (from, to) {
        (Type::Int(_), Type::Int(_) | Type::Decimal { .. }) => true,
        (Type::Decimal { scale: from, .. }, Type::Decimal { scale: to, .. }) => to >= from,
        (Type::Date | Type::Timestamp { .. }, Type::Date | Type::Timestamp { .. }) => true,
        (Type::Float(32), Type::Float(64)) => true,
        _ => false,
    }
}

/// The values to try for a column: one of every range between its constants.
fn values(column: ColumnType, nullable: bool, constants: &[(Literal, Type)]) -> Vec<Val> {
    let mut values = match Type::of_column(column) {
        Some(Type::Bool) => vec![Val::Bool(true), Val::Bool(false)],
        Some(Type::Int(_)) => whole(constants, 1, range(column)),
        Some(Type::Date) => whole(constants, A_DAY, (i64::from(i32::MIN), i64::from(i32::MAX))),
        Some(Type::Time) => whole(constants, 0, (0, dates::DAY)),
        Some(Type::Timestamp { .. }) => moments(constants),
        Some(Type::Decimal { precision, scale }) => {
            let least = (column == ColumnType::UInt64).then_some(0);
            exact(constants, precision, scale, least)
        }
        Some(Type::Float(_)) => doubles(constants),
        Some(Type::Text) => texts(constants),
        Some(Type::Numeric | Type::Bytes | Type::Interval | Type::Json | Type::Uuid) | None => vec![Val::Some],
    };
    if nullable {
        values.push(Val::Null);
    }
    values
}

fn range(column: ColumnType) -> (i64, i64) {
    match column {
        ColumnType::Int8 => (i64::from(i8::MIN), i64::from(i8::MAX)),
        ColumnType::Int16 => (i64::from(i16::MIN), i64::from(i16::MAX)),
        ColumnType::Int32 => (i64::from(i32::MIN), i64::from(i32::MAX)),
        ColumnType::UInt8 => (0, i64::from(u8::MAX)),
        ColumnType::UInt16 => (0, i64::from(u16::MAX)),
        ColumnType::UInt32 => (0, i64::from(u32::MAX)),
        _ => (i64::MIN, i64::MAX),
    }
}

fn whole(constants: &[(Literal, Type)], usual: i64, (least, most): (i64, i64)) -> Vec<Val> {
    let mut numbers: Vec<i64> = Vec::new();
    for (literal, ty) in constants {
        let around = match (literal, ty) {
            (Literal::Int(micros), Type::Timestamp { .. }) => micros.div_euclid(dates::DAY),
            (Literal::Int(number), _) => *number,
            (Literal::Decimal(unscaled), Type::Decimal { scale, .. }) => {
                let power = 10_i128.checked_pow(u32::from(*scale)).unwrap_or(i128::MAX);
                let floor = unscaled.div_euclid(power);
                // A constant beyond every integer splits nothing.
                i64::try_from(floor).unwrap_or(if floor < 0 { i64::MIN } else { i64::MAX })
            }
            _ => continue,
        };
        numbers.extend([around, around.saturating_add(1), around.saturating_sub(1)]);
    }
    if numbers.is_empty() {
        numbers.push(usual);
    }
    // A constant beyond the range leaves the range whole: its nearest end stands for it.
    distinct(numbers.into_iter().map(|number| number.clamp(least, most)).collect()).into_iter().map(Val::Int).collect()
}

fn moments(constants: &[(Literal, Type)]) -> Vec<Val> {
    let mut micros: Vec<i64> = Vec::new();
    for (literal, ty) in constants {
        match (literal, ty) {
            (Literal::Int(days), Type::Date) => {
                let begins = days.saturating_mul(dates::DAY);
                let next = begins.saturating_add(dates::DAY);
                micros.extend([begins, next, begins.saturating_sub(1), begins.saturating_add(1)]);
            }
            (Literal::Int(moment), _) => {
                micros.extend([*moment, moment.saturating_add(1), moment.saturating_sub(1)]);
            }
            _ => {}
        }
    }
    if micros.is_empty() {
        micros.push(A_DAY * dates::DAY);
    }
    distinct(micros).into_iter().map(Val::Int).collect()
}

fn exact(constants: &[(Literal, Type)], precision: u8, scale: u8, least: Option<i128>) -> Vec<Val> {
    let mut numbers: Vec<i128> = Vec::new();
    for (literal, ty) in constants {
        let (unscaled, own) = match (literal, ty) {
            (Literal::Decimal(unscaled), Type::Decimal { scale, .. }) => (*unscaled, *scale),
            (Literal::Int(number), _) => (i128::from(*number), 0),
            _ => continue,
        };
        let at_scale = if own <= scale {
            super::values::rescaled(unscaled, own, scale)
        } else {
            10_i128.checked_pow(u32::from(own - scale)).map(|power| unscaled.div_euclid(power))
        };
        let number = at_scale.unwrap_or(if unscaled < 0 { i128::MIN } else { i128::MAX });
        numbers.extend([number, number.saturating_add(1), number.saturating_sub(1)]);
    }
    if numbers.is_empty() {
        numbers.push(1);
    }
    let most = 10_i128.checked_pow(u32::from(precision)).map_or(i128::MAX, |power| power - 1);
    let numbers = distinct(numbers.into_iter().map(|number| number.clamp(least.unwrap_or(-most), most)).collect());
    numbers.into_iter().map(|number| Val::Decimal(number, scale)).collect()
}

fn doubles(constants: &[(Literal, Type)]) -> Vec<Val> {
    let mut values = vec![Val::Float(f64::NAN)];
    for (literal, _) in constants {
        if let Literal::Float(number) = literal {
            values.extend([Val::Float(*number), Val::Float(number.next_up()), Val::Float(number.next_down())]);
        }
    }
    if values.len() == 1 {
        values.insert(0, Val::Float(1.0));
    }
    values
}

fn texts(constants: &[(Literal, Type)]) -> Vec<Val> {
    let mut texts: Vec<String> = Vec::new();
    for (literal, _) in constants {
        if let Literal::Text(text) = literal {
            // Right behind a text stands it with one letter more: a blank where that is enough.
            texts.extend([text.clone(), format!("{text} "), format!("{text}\u{1}")]);
        }
    }
    texts.push(if texts.is_empty() { "text".to_owned() } else { String::new() });
    distinct(texts).into_iter().map(Val::Text).collect()
}

/// Each once, in the order they came.
fn distinct<T: Clone + Eq + std::hash::Hash>(values: Vec<T>) -> Vec<T> {
    let mut seen = HashSet::new();
    values.into_iter().filter(|value| seen.insert(value.clone())).collect()
}
