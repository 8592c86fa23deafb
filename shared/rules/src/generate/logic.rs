//! Three-valued logic and everything that evaluates only what it needs.

use wasm_encoder::ValType;

use crate::component::Error;
use crate::generate::code::{Label, Operand};
use crate::generate::emitter::Emitter;
use crate::generate::value::{Null, Place, Shape, Value, push_null};
use crate::plan::{CastMode, Comparison, Expr, Kind};

impl Emitter<'_, '_> {
    /// Leaves for `label` unless the boolean is TRUE.
    pub(crate) fn leave_unless_true(&mut self, expr: &Expr, label: Label) -> Result<(), Error> {
        match &expr.kind {
            Kind::And(parts) if may_leave_early(parts) => {
                for part in parts {
                    self.leave_unless_true(part, label)?;
                }
            }
            _ => {
                let value = self.value(expr)?;
                self.push_is(&value, true);
                self.code.ops().i32_eqz();
                self.code.br_if(label);
            }
        }
        Ok(())
    }

    pub(crate) fn not(&mut self, inner: &Expr) -> Result<Value, Error> {
        let value = self.value(inner)?;
        let local = self.code.local(ValType::I32);
        self.code.get(value.part());
        self.code.ops().i32_eqz();
        self.code.set(local);
        Ok(Value::new(value.null, Shape::Bool, Operand::Local(local)))
    }

    /// AND of all parts when `decisive` is FALSE, OR when it is TRUE.
    pub(crate) fn junction(&mut self, parts: &[Expr], decisive: bool, nullable: bool) -> Result<Value, Error> {
        let place = Place::new(&mut self.code, Shape::Bool, nullable);
        self.clear_null(&place);
        let done = self.code.block();
        for part in parts {
            let value = self.value(part)?;
            self.decide(&place, &value, decisive, done);
        }
        self.code.i32(i32::from(!decisive)).set(place.parts[0]);
        self.code.end();
        Ok(place.value())
    }

    /// Leaves with the decisive value when this is it, and notes whether it is NULL.
    fn decide(&mut self, place: &Place, value: &Value, decisive: bool, done: Label) {
        self.push_is(value, decisive);
        self.code.begin_if();
        self.code.i32(i32::from(decisive)).set(place.parts[0]);
        self.clear_null(place);
        self.code.br(done);
        self.code.end();
        if let (Some(null), false) = (place.null, value.null == Null::Never) {
            push_null(&mut self.code, value.null);
            self.code.get(Operand::Local(null));
            self.code.ops().i32_or();
            self.code.set(null);
        }
    }

    pub(crate) fn is_null(&mut self, inner: &Expr) -> Result<Value, Error> {
        let value = self.value(inner)?;
        let part = match value.null {
            Null::Never => Operand::I32(0),
            Null::Always => Operand::I32(1),
            Null::Local(local) => Operand::Local(local),
        };
        Ok(Value::new(Null::Never, Shape::Bool, part))
    }

    pub(crate) fn is_bool(&mut self, inner: &Expr, is: bool) -> Result<Value, Error> {
        let value = self.value(inner)?;
        let local = self.code.local(ValType::I32);
        self.push_is(&value, is);
        self.code.set(local);
        Ok(Value::new(Null::Never, Shape::Bool, Operand::Local(local)))
    }

    pub(crate) fn case(&mut self, branches: &[(Expr, Expr)], otherwise: &Expr, expr: &Expr) -> Result<Value, Error> {
        let place = Place::new(&mut self.code, Shape::of(expr.ty), expr.nullable);
        let end = self.code.block();
        for (when, then) in branches {
            let next = self.code.block();
            self.leave_unless_true(when, next)?;
            self.place_value(then, &place)?;
            self.code.br(end);
            self.code.end();
        }
        self.place_value(otherwise, &place)?;
        self.code.end();
        Ok(place.value())
    }

    pub(crate) fn coalesce(&mut self, values: &[Expr], expr: &Expr) -> Result<Value, Error> {
        let place = Place::new(&mut self.code, Shape::of(expr.ty), expr.nullable);
        place.assign(&mut self.code, &Value::null(place.shape));
        let end = self.code.block();
        for value in values {
            let value = self.value(value)?;
            match value.null {
                Null::Always => continue,
                Null::Never => {
                    place.assign(&mut self.code, &value);
                    break;
                }
                Null::Local(null) => {
                    place.assign(&mut self.code, &value);
                    self.code.get(Operand::Local(null));
                    self.code.ops().i32_eqz();
                    self.code.br_if(end);
                }
            }
        }
        self.code.end();
        Ok(place.value())
    }

    pub(crate) fn null_if(&mut self, left: &Expr, right: &Expr) -> Result<Value, Error> {
        let (value, other) = (self.value(left)?, self.value(right)?);
        let equal = self.compared(Comparison::Equal, &value, &other)?;
        let null = self.code.local(ValType::I32);
        push_null(&mut self.code, value.null);
        self.push_is(&equal, true);
        self.code.ops().i32_or();
        self.code.set(null);
        Ok(Value { null: Null::Local(null), ..value })
    }

    pub(crate) fn extreme(&mut self, greatest: bool, values: &[Expr], expr: &Expr) -> Result<Value, Error> {
        let better = if greatest { Comparison::Greater } else { Comparison::Less };
        let place = Place::new(&mut self.code, Shape::of(expr.ty), true);
        place.assign(&mut self.code, &Value::null(place.shape));
        let best = place.value();
        for value in values {
            let value = self.value(value)?;
            let next = self.code.block();
            if value.null != Null::Never {
                push_null(&mut self.code, value.null);
                self.code.br_if(next);
            }
            let value = Value { null: Null::Never, ..value };
            let take = self.code.block();
            push_null(&mut self.code, best.null);
            self.code.br_if(take);
            let is_better = self.compared(better, &value, &Value { null: Null::Never, ..best })?;
            self.push_is(&is_better, true);
            self.code.ops().i32_eqz();
            self.code.br_if(next);
            self.code.end();
            place.assign(&mut self.code, &value);
            self.code.end();
        }
        let null = if expr.nullable { best.null } else { Null::Never };
        Ok(Value { null, ..best })
    }

    pub(crate) fn in_list(&mut self, value: &Expr, list: &[Expr], expr: &Expr) -> Result<Value, Error> {
        let value = self.value(value)?;
        let place = Place::new(&mut self.code, Shape::Bool, expr.nullable);
        self.clear_null(&place);
        let done = self.code.block();
        for item in list {
            let item = self.value(item)?;
            let equal = self.compared(Comparison::Equal, &value, &item)?;
            self.decide(&place, &equal, true, done);
        }
        self.code.i32(0).set(place.parts[0]);
        self.code.end();
        Ok(place.value())
    }

    pub(crate) fn distinct(&mut self, left: &Expr, right: &Expr) -> Result<Value, Error> {
        let (left, right) = (self.value(left)?, self.value(right)?);
        let differ = self.compared(Comparison::NotEqual, &left, &right)?;
        let local = self.code.local(ValType::I32);
        if differ.null == Null::Never {
            return Ok(Value { null: Null::Never, ..differ });
        }
        // One of them NULL: they differ. Both: they do not.
        push_null(&mut self.code, left.null);
        push_null(&mut self.code, right.null);
        self.code.ops().i32_xor();
        self.code.get(differ.part());
        push_null(&mut self.code, differ.null);
        self.code.ops().select();
        self.code.set(local);
        Ok(Value::new(Null::Never, Shape::Bool, Operand::Local(local)))
    }

    /// Pushes 1 when the boolean is there and is this, else 0.
    pub(crate) fn push_is(&mut self, value: &Value, is: bool) {
        self.code.get(value.part());
        if !is {
            self.code.ops().i32_eqz();
        }
        if value.null != Null::Never {
            push_null(&mut self.code, value.null);
            self.code.ops().i32_eqz().i32_and();
        }
    }

    fn clear_null(&mut self, place: &Place) {
        if let Some(null) = place.null {
            self.code.i32(0).set(null);
        }
    }
}

/// Whether an AND that is not TRUE so far can be left without evaluating the rest: a part that is
/// NULL must not hide a fault behind it.
fn may_leave_early(parts: &[Expr]) -> bool {
    let last_nullable = parts.iter().position(|part| part.nullable);
    last_nullable.is_none_or(|place| parts.iter().skip(place + 1).all(|part| !can_fail(part)))
}

/// Whether evaluating it can reject the row.
fn can_fail(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Column(_) | Kind::Let(_) | Kind::Literal(_) | Kind::Null | Kind::RunClock => false,
        Kind::Arithmetic { .. } | Kind::Negate { .. } | Kind::Call { .. } => true,
        Kind::Cast { mode: CastMode::Strict, .. } => true,
        Kind::Cast { value, .. } | Kind::Not(value) | Kind::IsNull(value) | Kind::IsBool { value, .. } => {
            can_fail(value)
        }
        Kind::And(parts) | Kind::Or(parts) | Kind::Coalesce(parts) | Kind::Extreme { values: parts, .. } => {
            parts.iter().any(can_fail)
        }
        Kind::Compare { left, right, .. } | Kind::Distinct { left, right } | Kind::NullIf { left, right } => {
            can_fail(left) || can_fail(right)
        }
        Kind::Case { branches, otherwise } => {
            can_fail(otherwise) || branches.iter().any(|(when, then)| can_fail(when) || can_fail(then))
        }
        Kind::In { value, list } => can_fail(value) || list.iter().any(can_fail),
    }
}
