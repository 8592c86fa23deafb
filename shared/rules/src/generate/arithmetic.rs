//! Arithmetic of integers and doubles, and minus of everything.

use rules_runtime::Fault;
use wasm_encoder::ValType;

use crate::component::Error;
use crate::generate::code::Operand;
use crate::generate::emitter::{Emitter, Failing, Work};
use crate::generate::value::{Shape, Value};
use crate::plan::{Arithmetic, Expr, SiteId};
use crate::value_type::Held;

impl Emitter<'_, '_> {
    pub(crate) fn arithmetic(
        &mut self,
        op: Arithmetic,
        left: &Expr,
        right: &Expr,
        expr: &Expr,
        site: SiteId,
    ) -> Result<Value, Error> {
        let operands = [self.value(left)?, self.value(right)?];
        let failing = Failing::Reject(site);
        let [first, second] = operands.map(|operand| operand.part());
        match expr.ty.held() {
            Held::Int => self.strict(&operands, Shape::Int, failing, |emitter, work| {
                match op {
                    Arithmetic::Add => emitter.int_add(first, second, work),
                    Arithmetic::Subtract => emitter.int_subtract(first, second, work),
                    Arithmetic::Multiply => emitter.int_multiply(first, second, work),
                    Arithmetic::Divide => emitter.int_divide(first, second, work),
                    Arithmetic::Remainder => emitter.int_remainder(first, second, work),
                }
                Ok(())
            }),
            Held::Float => self.strict(&operands, Shape::Float, failing, |emitter, work| {
                emitter.float_arithmetic(op, first, second, work)
            }),
            Held::Decimal => self.decimal_arithmetic(op, [left.ty, right.ty], &operands, expr.ty, failing),
            _ => Err(Error::Plan { what: "arithmetic on values that are no numbers" }),
        }
    }

    pub(crate) fn negate(&mut self, inner: &Expr, site: SiteId) -> Result<Value, Error> {
        let value = self.value(inner)?;
        let part = value.part();
        self.strict(&[value], value.shape, Failing::Reject(site), |emitter, work| {
            match value.shape {
                Shape::Int => emitter.int_subtract(Operand::I64(0), part, work),
                Shape::Narrow => {
                    emitter.code.i64(0).get(part);
                    emitter.code.ops().i64_sub();
                    emitter.code.set(work.place.parts[0]);
                }
                Shape::Float => {
                    emitter.code.get(part);
                    emitter.code.ops().f64_neg();
                    emitter.code.set(work.place.parts[0]);
                }
                Shape::Wide => emitter.wide_subtract([Operand::I64(0); 2], value.parts, work),
                Shape::Interval => {
                    emitter.call("interval_negate", &value.parts);
                    emitter.keep_pair(work);
                }
                _ => return Err(Error::Plan { what: "minus of a value that is no number" }),
            }
            Ok(())
        })
    }

    fn int_add(&mut self, left: Operand, right: Operand, work: &Work) {
        let result = work.place.parts[0];
        self.code.get(left).get(right);
        self.code.ops().i64_add();
        self.code.tee(result).get(left);
        self.code.ops().i64_xor();
        self.code.get(Operand::Local(result)).get(right);
        self.code.ops().i64_xor().i64_and();
        self.fail_if_negative(work);
    }

    pub(crate) fn int_subtract(&mut self, left: Operand, right: Operand, work: &Work) {
        let result = work.place.parts[0];
        self.code.get(left).get(right);
        self.code.ops().i64_sub();
        self.code.tee(result).get(left);
        self.code.ops().i64_xor();
        self.code.get(left).get(right);
        self.code.ops().i64_xor().i64_and();
        self.fail_if_negative(work);
    }

    fn fail_if_negative(&mut self, work: &Work) {
        self.code.i64(0);
        self.code.ops().i64_lt_s();
        self.fail_if(work, Fault::Overflow);
    }

    /// Factors of 32 bits cannot overflow; for others the product is divided again.
    fn int_multiply(&mut self, left: Operand, right: Operand, work: &Work) {
        let result = work.place.parts[0];
        self.code.get(left).get(right);
        self.code.ops().i64_mul();
        self.code.set(result);
        self.push_within_32(left);
        self.push_within_32(right);
        self.code.ops().i64_or().i64_const(32).i64_shr_u().i64_eqz().i32_eqz();
        self.code.begin_if();
        self.code.get(left).i64(-1);
        self.code.ops().i64_eq();
        self.code.begin_if();
        self.code.get(right).i64(i64::MIN);
        self.code.ops().i64_eq();
        self.fail_if(work, Fault::Overflow);
        self.code.otherwise();
        self.code.get(left);
        self.code.ops().i64_eqz().i32_eqz();
        self.code.begin_if();
        self.code.get(Operand::Local(result)).get(left);
        self.code.ops().i64_div_s();
        self.code.get(right);
        self.code.ops().i64_ne();
        self.fail_if(work, Fault::Overflow);
        self.code.end();
        self.code.end();
        self.code.end();
    }

    /// Pushes a number that is below 2^32 when the operand is a signed number of 32 bits.
    fn push_within_32(&mut self, operand: Operand) {
        self.code.get(operand).i64(1 << 31);
        self.code.ops().i64_add();
    }

    fn int_divide(&mut self, left: Operand, right: Operand, work: &Work) {
        self.code.get(right);
        self.code.ops().i64_eqz();
        self.fail_if(work, Fault::DivisionByZero);
        self.code.get(left).i64(i64::MIN);
        self.code.ops().i64_eq();
        self.code.get(right).i64(-1);
        self.code.ops().i64_eq().i32_and();
        self.fail_if(work, Fault::Overflow);
        self.code.get(left).get(right);
        self.code.ops().i64_div_s();
        self.code.set(work.place.parts[0]);
    }

    fn int_remainder(&mut self, left: Operand, right: Operand, work: &Work) {
        self.code.get(right);
        self.code.ops().i64_eqz();
        self.fail_if(work, Fault::DivisionByZero);
        self.code.get(left).get(right);
        self.code.ops().i64_rem_s();
        self.code.set(work.place.parts[0]);
    }

    fn float_arithmetic(&mut self, op: Arithmetic, left: Operand, right: Operand, work: &Work) -> Result<(), Error> {
        if op == Arithmetic::Divide {
            // NaN divided by anything is NaN.
            self.code.get(right).f64(0.0);
            self.code.ops().f64_eq();
            self.code.get(left).get(left);
            self.code.ops().f64_eq().i32_and();
            self.fail_if(work, Fault::DivisionByZero);
        }
        self.code.get(left).get(right);
        match op {
            Arithmetic::Add => self.code.ops().f64_add(),
            Arithmetic::Subtract => self.code.ops().f64_sub(),
            Arithmetic::Multiply => self.code.ops().f64_mul(),
            Arithmetic::Divide => self.code.ops().f64_div(),
            Arithmetic::Remainder => return Err(Error::Plan { what: "a remainder of doubles" }),
        };
        self.code.set(work.place.parts[0]);
        self.fail_if_infinite(left, right, work);
        Ok(())
    }

    /// An infinity out of finite operands is an overflow.
    fn fail_if_infinite(&mut self, left: Operand, right: Operand, work: &Work) {
        let is_infinite = |emitter: &mut Self, operand: Operand| {
            emitter.code.get(operand);
            emitter.code.ops().f64_abs();
            emitter.code.f64(f64::INFINITY);
            emitter.code.ops().f64_eq();
        };
        is_infinite(self, Operand::Local(work.place.parts[0]));
        self.code.begin_if();
        is_infinite(self, left);
        is_infinite(self, right);
        self.code.ops().i32_or().i32_eqz();
        self.fail_if(work, Fault::Overflow);
        self.code.end();
    }

    /// A local with a copy of what is on the stack.
    pub(crate) fn keep(&mut self, local_type: ValType) -> Operand {
        let local = self.code.local(local_type);
        self.code.set(local);
        Operand::Local(local)
    }
}
