//! Comparisons of two values of one type.

use wasm_encoder::ValType;

use crate::component::Error;
use crate::generate::code::Operand;
use crate::generate::emitter::{Emitter, Failing};
use crate::generate::value::{Null, Shape, Value, halves};
use crate::plan::Comparison;

impl Emitter<'_, '_> {
    /// The comparison as a boolean; NULL when either is.
    pub(crate) fn compared(&mut self, op: Comparison, left: &Value, right: &Value) -> Result<Value, Error> {
        let never = |value: &Value| Value { null: Null::Never, ..*value };
        let (first, second) = (never(left), never(right));
        let operands = [*left, *right];
        if matches!(left.shape, Shape::Text | Shape::Interval) {
            return self.strict(&operands, Shape::Bool, Failing::Never, |emitter, work| {
                emitter.push_comparison(op, &first, &second);
                emitter.code.set(work.place.parts[0]);
                Ok(())
            });
        }
        let null = self.any_null(&operands);
        if null == Null::Always {
            return Ok(Value::null(Shape::Bool));
        }
        // Cheaper to compute under NULL, too, than to leave it out.
        let local = self.code.local(ValType::I32);
        self.push_comparison(op, &first, &second);
        self.code.set(local);
        Ok(Value::new(null, Shape::Bool, Operand::Local(local)))
    }

    fn push_comparison(&mut self, op: Comparison, left: &Value, right: &Value) {
        match (left.shape, right.shape) {
            (Shape::Bool, _) => {
                self.code.get(left.part()).get(right.part());
                match op {
                    Comparison::Equal => self.code.ops().i32_eq(),
                    Comparison::NotEqual => self.code.ops().i32_ne(),
                    Comparison::Less => self.code.ops().i32_lt_u(),
                    Comparison::LessOrEqual => self.code.ops().i32_le_u(),
                    Comparison::Greater => self.code.ops().i32_gt_u(),
                    Comparison::GreaterOrEqual => self.code.ops().i32_ge_u(),
                };
            }
            (Shape::Int, _) | (Shape::Narrow, Shape::Narrow) => {
                self.code.get(left.part()).get(right.part());
                match op {
                    Comparison::Equal => self.code.ops().i64_eq(),
                    Comparison::NotEqual => self.code.ops().i64_ne(),
                    Comparison::Less => self.code.ops().i64_lt_s(),
                    Comparison::LessOrEqual => self.code.ops().i64_le_s(),
                    Comparison::Greater => self.code.ops().i64_gt_s(),
                    Comparison::GreaterOrEqual => self.code.ops().i64_ge_s(),
                };
            }
            (Shape::Narrow | Shape::Wide, _) => self.push_wide_comparison(op, left, right),
            (Shape::Float, _) => self.push_float_comparison(op, left.part(), right.part()),
            (Shape::Text, _) => self.push_text_comparison(op, left.part(), right.part()),
            (Shape::Interval, _) => {
                let operands = [left.parts, right.parts].concat();
                self.call("interval_compare", &operands);
                self.push_order(op);
            }
        }
    }

    fn push_wide_comparison(&mut self, op: Comparison, left: &Value, right: &Value) {
        let (left, right) = (halves(left, &mut self.code), halves(right, &mut self.code));
        let [[low, high], [other_low, other_high]] = [left, right];
        match op {
            Comparison::Equal | Comparison::NotEqual => {
                self.code.get(low).get(other_low);
                self.code.ops().i64_xor();
                self.code.get(high).get(other_high);
                self.code.ops().i64_xor().i64_or().i64_eqz();
                if op == Comparison::NotEqual {
                    self.code.ops().i32_eqz();
                }
            }
            Comparison::Less => self.push_wide_less([low, high], [other_low, other_high]),
            Comparison::Greater => self.push_wide_less([other_low, other_high], [low, high]),
            Comparison::LessOrEqual => {
                self.push_wide_less([other_low, other_high], [low, high]);
                self.code.ops().i32_eqz();
            }
            Comparison::GreaterOrEqual => {
                self.push_wide_less([low, high], [other_low, other_high]);
                self.code.ops().i32_eqz();
            }
        }
    }

    fn push_wide_less(&mut self, [low, high]: [Operand; 2], [other_low, other_high]: [Operand; 2]) {
        self.code.get(low).get(other_low);
        self.code.ops().i64_lt_u();
        self.code.get(high).get(other_high);
        self.code.ops().i64_lt_s();
        self.code.get(high).get(other_high);
        self.code.ops().i64_eq().select();
    }

    /// NaN is equal to itself and above everything.
    fn push_float_comparison(&mut self, op: Comparison, left: Operand, right: Operand) {
        match op {
            Comparison::Equal => self.push_float_equal(left, right),
            Comparison::NotEqual => {
                self.push_float_equal(left, right);
                self.code.ops().i32_eqz();
            }
            Comparison::Less => self.push_float_less(left, right),
            Comparison::Greater => self.push_float_less(right, left),
            Comparison::LessOrEqual => {
                self.push_float_less(right, left);
                self.code.ops().i32_eqz();
            }
            Comparison::GreaterOrEqual => {
                self.push_float_less(left, right);
                self.code.ops().i32_eqz();
            }
        }
    }

    fn push_float_equal(&mut self, left: Operand, right: Operand) {
        self.code.get(left).get(right);
        self.code.ops().f64_eq();
        for operand in [left, right] {
            self.code.get(operand).get(operand);
            self.code.ops().f64_ne();
        }
        self.code.ops().i32_and().i32_or();
    }

    fn push_float_less(&mut self, left: Operand, right: Operand) {
        self.code.get(left).get(right);
        self.code.ops().f64_lt();
        self.code.get(right).get(right);
        self.code.ops().f64_ne();
        self.code.get(left).get(left);
        self.code.ops().f64_eq().i32_and().i32_or();
    }

    fn push_text_comparison(&mut self, op: Comparison, left: Operand, right: Operand) {
        match op {
            Comparison::Equal => self.push_text_equal(left, right),
            Comparison::NotEqual => {
                self.push_text_equal(left, right);
                self.code.ops().i32_eqz();
            }
            _ => {
                self.call("text_compare", &[left, right]);
                self.push_order(op);
            }
        }
    }

    /// Texts of different lengths, the most, are told apart without looking at a letter.
    fn push_text_equal(&mut self, left: Operand, right: Operand) {
        let equal = self.code.local(ValType::I32);
        self.code.get(left).get(right);
        self.code.ops().i64_xor();
        self.code.i64(32);
        self.code.ops().i64_shr_u().i64_eqz();
        self.code.tee(equal);
        self.code.begin_if();
        self.call("text_equal", &[left, right]);
        self.code.set(equal);
        self.code.end();
        self.code.get(Operand::Local(equal));
    }

    /// Turns less, equal or greater (-1, 0, 1) into a boolean.
    fn push_order(&mut self, op: Comparison) {
        self.code.i32(0);
        match op {
            Comparison::Equal => self.code.ops().i32_eq(),
            Comparison::NotEqual => self.code.ops().i32_ne(),
            Comparison::Less => self.code.ops().i32_lt_s(),
            Comparison::LessOrEqual => self.code.ops().i32_le_s(),
            Comparison::Greater => self.code.ops().i32_gt_s(),
            Comparison::GreaterOrEqual => self.code.ops().i32_ge_s(),
        };
    }
}
