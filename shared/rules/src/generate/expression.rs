//! The value of an expression.

use crate::component::Error;
use crate::generate::code::{Operand, at};
use crate::generate::emitter::Emitter;
use crate::generate::value::{Null, Shape, Value};
use crate::plan::{Expr, Kind, Literal};
use rules_runtime::layout::run;
use wasm_encoder::ValType;

impl Emitter<'_, '_> {
    /// Computes an expression. Its columns and lets have been read ([`Emitter::prepare`]).
    pub(crate) fn value(&mut self, expr: &Expr) -> Result<Value, Error> {
        match &expr.kind {
            Kind::Column(column) => known(&self.columns, *column),
            Kind::Let(number) => known(&self.lets, *number),
            Kind::Literal(literal) => self.literal(literal, Shape::of(expr.ty)),
            Kind::Null => Ok(Value::null(Shape::of(expr.ty))),
            Kind::RunClock => {
                self.code.get(Operand::Local(self.registers.run));
                self.code.ops().i64_load(at(run::CLOCK));
                let clock = self.keep(ValType::I64);
                Ok(Value::new(Null::Never, Shape::Int, clock))
            }
            Kind::Not(value) => self.not(value),
            Kind::And(parts) => self.junction(parts, false, expr.nullable),
            Kind::Or(parts) => self.junction(parts, true, expr.nullable),
            Kind::IsNull(value) => self.is_null(value),
            Kind::IsBool { value, is } => self.is_bool(value, *is),
            Kind::Compare { op, left, right } => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                self.compared(*op, &left, &right)
            }
            Kind::Distinct { left, right } => self.distinct(left, right),
            Kind::Arithmetic { op, left, right, site } => self.arithmetic(*op, left, right, expr, *site),
            Kind::Negate { value, site } => self.negate(value, *site),
            Kind::Case { branches, otherwise } => self.case(branches, otherwise, expr),
            Kind::Coalesce(values) => self.coalesce(values, expr),
            Kind::NullIf { left, right } => self.null_if(left, right),
            Kind::Extreme { greatest, values } => self.extreme(*greatest, values, expr),
            Kind::In { value, list } => self.in_list(value, list, expr),
            Kind::Cast { value, mode, site } => self.cast(value, *mode, *site, expr),
            Kind::Call { function, arguments, site } => self.function(function, arguments, *site, expr),
        }
    }

    fn literal(&mut self, literal: &Literal, shape: Shape) -> Result<Value, Error> {
        let single = |operand| Value::new(Null::Never, shape, operand);
        Ok(match (literal, shape) {
            (Literal::Bool(value), Shape::Bool) => single(Operand::I32(i32::from(*value))),
            (Literal::Int(value), Shape::Int) => single(Operand::I64(*value)),
            (Literal::Float(value), Shape::Float) => single(Operand::F64(*value)),
            (Literal::Decimal(value), Shape::Narrow | Shape::Wide) => decimal(*value),
            (Literal::Text(text), Shape::Text) => single(Operand::I64(self.rule.constants.text(text.as_bytes()))),
            (Literal::Bytes(bytes), Shape::Text) => single(Operand::I64(self.rule.constants.text(bytes))),
            (Literal::Interval(interval), Shape::Interval) => {
                let days = i64::from(interval.days) << 32;
                let months = i64::from(interval.months.cast_unsigned());
                let parts = [Operand::I64(days | months), Operand::I64(interval.micros)];
                Value::pair(Null::Never, shape, parts)
            }
            _ => return Err(Error::Plan { what: "a constant is not of its type" }),
        })
    }
}

/// A decimal in 64 bits wherever it fits, whatever its type.
fn decimal(value: i128) -> Value {
    match i64::try_from(value) {
        Ok(value) => Value::new(Null::Never, Shape::Narrow, Operand::I64(value)),
        Err(_) => {
            let bits = value.cast_unsigned();
            let half = |bits: u128| Operand::I64(u64::try_from(bits & u128::from(u64::MAX)).unwrap_or(0).cast_signed());
            Value::pair(Null::Never, Shape::Wide, [half(bits), half(bits >> 64)])
        }
    }
}

fn known(values: &[Option<Value>], number: usize) -> Result<Value, Error> {
    values.get(number).copied().flatten().ok_or(Error::Plan { what: "a column or let is used before it is known" })
}
