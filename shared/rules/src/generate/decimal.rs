//! Arithmetic of decimals: in 64 bits where all digits fit, in two halves where no digit can be
//! lost, else by the runtime.

use rules_runtime::Fault;
use wasm_encoder::ValType;

use crate::component::Error;
use crate::generate::code::Operand;
use crate::generate::emitter::{Emitter, Failing, Work};
use crate::generate::value::{NARROW_DIGITS, Shape, Value, halves};
use crate::plan::Arithmetic;
use crate::value_type::Type;

/// Digits of the widest decimal.
const DIGITS: u8 = 38;

impl Emitter<'_, '_> {
    pub(crate) fn decimal_arithmetic(
        &mut self,
        op: Arithmetic,
        types: [Type; 2],
        operands: &[Value; 2],
        result: Type,
        failing: Failing,
    ) -> Result<Value, Error> {
        let [(left_digits, left_scale), (right_digits, right_scale)] = [digits(types[0])?, digits(types[1])?];
        let (precision, scale) = digits(result)?;
        let [left, right] = *operands;
        let shape = Shape::of(result);
        let is_narrow = operands.iter().all(|operand| operand.shape == Shape::Narrow) && shape == Shape::Narrow;
        // A sum has one digit more than the longer summand, a product those of both factors.
        let sum_fits = precision > left_digits.max(right_digits);
        let product_fits = precision >= left_digits.saturating_add(right_digits);
        self.strict(operands, shape, failing, |emitter, work| {
            match op {
                Arithmetic::Add | Arithmetic::Subtract if is_narrow => {
                    emitter.narrow(op, left.part(), right.part(), work);
                    if !sum_fits {
                        emitter.fail_beyond(precision, Fault::Overflow, work);
                    }
                }
                Arithmetic::Multiply if is_narrow && left_digits + right_digits <= NARROW_DIGITS => {
                    emitter.narrow(op, left.part(), right.part(), work);
                    if !product_fits {
                        emitter.fail_beyond(precision, Fault::Overflow, work);
                    }
                }
                Arithmetic::Remainder if is_narrow => {
                    emitter.code.get(right.part());
                    emitter.code.ops().i64_eqz();
                    emitter.fail_if(work, Fault::DivisionByZero);
                    emitter.code.get(left.part()).get(right.part());
                    emitter.code.ops().i64_rem_s();
                    emitter.code.set(work.place.parts[0]);
                    if precision < left_digits.min(right_digits) {
                        emitter.fail_beyond(precision, Fault::Overflow, work);
                    }
                }
                Arithmetic::Multiply
                    if shape == Shape::Wide
                        && product_fits
                        && operands.iter().all(|operand| operand.shape == Shape::Narrow) =>
                {
                    emitter.wide_multiply(left.part(), right.part(), work);
                }
                Arithmetic::Add | Arithmetic::Subtract if shape == Shape::Wide && sum_fits => {
                    let (first, second) = (halves(&left, &mut emitter.code), halves(&right, &mut emitter.code));
                    match op {
                        Arithmetic::Add => emitter.wide_add(first, second, work),
                        _ => emitter.wide_subtract(first, second, work),
                    }
                }
                _ => {
                    let (first, second) = (halves(&left, &mut emitter.code), halves(&right, &mut emitter.code));
                    let both = [first, second].concat();
                    let number = |number: u8| Operand::I32(i32::from(number));
                    let operands = match op {
                        Arithmetic::Divide => {
                            let scales = [number(left_scale), number(right_scale)];
                            let [left_scale, right_scale] = scales;
                            let mut operands = first.to_vec();
                            operands.push(left_scale);
                            operands.extend(second);
                            operands.extend([right_scale, number(precision), number(scale)]);
                            operands
                        }
                        Arithmetic::Remainder => both,
                        _ => [both, vec![number(precision)]].concat(),
                    };
                    emitter.call_decimal(runtime_name(op), &operands, work);
                }
            }
            Ok(())
        })
    }

    /// Calls a function of the runtime that gives a decimal, in the form the result's shape asks for.
    pub(crate) fn call_decimal(&mut self, names: [&'static str; 2], operands: &[Operand], work: &Work) {
        let [narrow, wide] = names;
        match work.place.shape {
            Shape::Wide => {
                self.call(wide, operands);
                self.keep_pair(work);
            }
            _ => {
                self.call(narrow, operands);
                self.keep_int(work);
            }
        }
    }

    fn narrow(&mut self, op: Arithmetic, left: Operand, right: Operand, work: &Work) {
        self.code.get(left).get(right);
        match op {
            Arithmetic::Add => self.code.ops().i64_add(),
            Arithmetic::Subtract => self.code.ops().i64_sub(),
            _ => self.code.ops().i64_mul(),
        };
        self.code.set(work.place.parts[0]);
    }

    /// Fails when the result has more digits.
    pub(crate) fn fail_beyond(&mut self, precision: u8, fault: Fault, work: &Work) {
        let largest = 10_i64.pow(u32::from(precision.min(NARROW_DIGITS))) - 1;
        self.code.get(Operand::Local(work.place.parts[0])).i64(largest);
        self.code.ops().i64_add();
        self.code.i64(2 * largest);
        self.code.ops().i64_gt_u();
        self.fail_if(work, fault);
    }

    /// The product of two numbers of 64 bits in 128, by halves of 32 bits.
    fn wide_multiply(&mut self, left: Operand, right: Operand, work: &Work) {
        const LOW: i64 = 0xffff_ffff;
        let [result_low, result_high] = work.place.parts;
        let [first_low, first_high, second_low, second_high, middle] =
            std::array::from_fn(|_| self.code.local(ValType::I64));
        for (operand, low, high) in [(left, first_low, first_high), (right, second_low, second_high)] {
            self.code.get(operand).i64(LOW);
            self.code.ops().i64_and();
            self.code.set(low);
            self.code.get(operand).i64(32);
            self.code.ops().i64_shr_s();
            self.code.set(high);
        }
        let local = Operand::Local;
        self.code.get(local(first_high)).get(local(second_low));
        self.code.ops().i64_mul();
        self.code.get(local(first_low)).get(local(second_low));
        self.code.ops().i64_mul();
        self.code.i64(32);
        self.code.ops().i64_shr_u().i64_add();
        self.code.set(middle);
        // The highest quarter, and what the two middle ones carry into it.
        self.code.get(local(first_high)).get(local(second_high));
        self.code.ops().i64_mul();
        self.code.get(local(middle)).i64(32);
        self.code.ops().i64_shr_s().i64_add();
        self.code.get(local(first_low)).get(local(second_high));
        self.code.ops().i64_mul();
        self.code.get(local(middle)).i64(LOW);
        self.code.ops().i64_and().i64_add();
        self.code.i64(32);
        self.code.ops().i64_shr_s().i64_add();
        self.code.set(result_high);
        self.code.get(left).get(right);
        self.code.ops().i64_mul();
        self.code.set(result_low);
    }

    fn wide_add(&mut self, [low, high]: [Operand; 2], [other_low, other_high]: [Operand; 2], work: &Work) {
        let [result_low, result_high] = work.place.parts;
        self.code.get(low).get(other_low);
        self.code.ops().i64_add();
        self.code.tee(result_low).get(low);
        self.code.ops().i64_lt_u().i64_extend_i32_u();
        self.code.get(high).get(other_high);
        self.code.ops().i64_add().i64_add();
        self.code.set(result_high);
    }

    pub(crate) fn wide_subtract(
        &mut self,
        [low, high]: [Operand; 2],
        [other_low, other_high]: [Operand; 2],
        work: &Work,
    ) {
        let [result_low, result_high] = work.place.parts;
        self.code.get(low).get(other_low);
        self.code.ops().i64_sub();
        self.code.set(result_low);
        self.code.get(high).get(other_high);
        self.code.ops().i64_sub();
        self.code.get(low).get(other_low);
        self.code.ops().i64_lt_u().i64_extend_i32_u().i64_sub();
        self.code.set(result_high);
    }
}

/// Precision and scale of a decimal.
pub(crate) fn digits(value_type: Type) -> Result<(u8, u8), Error> {
    match value_type {
        Type::Decimal { precision, scale } => Ok((precision.min(DIGITS), scale)),
        _ => Err(Error::Plan { what: "a decimal is computed of what is none" }),
    }
}

/// The runtime's functions for a result of up to 18 digits and for a longer one.
fn runtime_name(op: Arithmetic) -> [&'static str; 2] {
    match op {
        Arithmetic::Add => ["decimal_add", "decimal_add_wide"],
        Arithmetic::Subtract => ["decimal_subtract", "decimal_subtract_wide"],
        Arithmetic::Multiply => ["decimal_multiply", "decimal_multiply_wide"],
        Arithmetic::Divide => ["decimal_divide", "decimal_divide_wide"],
        Arithmetic::Remainder => ["decimal_remainder", "decimal_remainder_wide"],
    }
}
