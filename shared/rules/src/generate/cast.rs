//! Conversions.

use rules_runtime::Fault;

use crate::component::Error;
use crate::generate::code::Operand;
use crate::generate::decimal::digits;
use crate::generate::emitter::{Emitter, Failing, Work};
use crate::generate::value::{NARROW_DIGITS, Shape, Value, halves};
use crate::plan::{CastMode, Expr, SiteId};
use crate::value_type::Type;

impl Emitter<'_, '_> {
    pub(crate) fn cast(&mut self, inner: &Expr, mode: CastMode, site: SiteId, expr: &Expr) -> Result<Value, Error> {
        let value = self.value(inner)?;
        let failing = Failing::of(mode, site);
        if is_free(inner.ty, expr.ty) {
            return Ok(value);
        }
        if value.null == crate::generate::value::Null::Always {
            return Ok(Value::null(Shape::of(expr.ty)));
        }
        match (inner.ty, expr.ty) {
            (Type::Int(bits), Type::Decimal { precision, scale: 0 }) if precision >= digits_of(bits) => {
                // Every integer fits, and stays in 64 bits.
                Ok(Value { shape: Shape::Narrow, ..value })
            }
            (from, to) => {
                self.strict(&[value], Shape::of(to), failing, |emitter, work| emitter.convert(&value, from, to, work))
            }
        }
    }

    fn convert(&mut self, value: &Value, from: Type, to: Type, work: &Work) -> Result<(), Error> {
        let part = value.part();
        match (from, to) {
            (_, Type::Text) => self.convert_to_text(value, from, work)?,
            (Type::Text, _) => self.convert_text(part, to, work)?,
            (Type::Bool, Type::Int(_)) => {
                self.code.get(part);
                self.code.ops().i64_extend_i32_u();
                self.code.set(work.place.parts[0]);
            }
            (Type::Int(_), Type::Bool) => {
                self.code.get(part);
                self.code.ops().i64_eqz().i32_eqz();
                self.code.set(work.place.parts[0]);
            }
            (Type::Date | Type::Timestamp { .. }, _) => self.convert_date(part, from, to, work)?,
            (Type::Numeric, _) => self.convert_numeric(part, to, work)?,
            (Type::Int(_), _) => self.convert_int(part, from, to, work)?,
            (Type::Float(bits), _) => self.convert_float(part, bits, to, work)?,
            (Type::Decimal { .. }, _) => self.convert_decimal(value, from, to, work)?,
            _ => return Err(no_cast()),
        }
        Ok(())
    }

    fn convert_to_text(&mut self, value: &Value, from: Type, work: &Work) -> Result<(), Error> {
        let part = value.part();
        match from {
            Type::Bool => self.call("bool_to_text", &[part]),
            Type::Int(_) => self.call("int_to_text", &[part]),
            Type::Float(bits) => self.call("float_to_text", &[part, number(bits)]),
            Type::Decimal { scale, .. } => {
                let [low, high] = halves(value, &mut self.code);
                self.call("decimal_to_text", &[low, high, number(scale)]);
            }
            Type::Date => self.call("date_to_text", &[part]),
            Type::Time => self.call("time_to_text", &[part]),
            Type::Timestamp { zoned } => self.call("timestamp_to_text", &[part, number(u8::from(zoned))]),
            Type::Interval => self.call("interval_to_text", &value.parts),
            Type::Uuid => self.call("uuid_to_text", &[part]),
            Type::Bytes => self.call("bytes_to_text", &[part]),
            Type::Text | Type::Numeric | Type::Json => return Err(no_cast()),
        }
        self.rule.allocates = true;
        self.keep_text(work);
        Ok(())
    }

    fn convert_text(&mut self, part: Operand, to: Type, work: &Work) -> Result<(), Error> {
        match to {
            Type::Bool => {
                self.call("text_to_bool", &[part]);
                self.keep_bool(work);
            }
            Type::Int(bits) => {
                self.call("text_to_int", &[part, number(bits)]);
                self.keep_int(work);
            }
            Type::Float(bits) => {
                self.call("text_to_float", &[part, number(bits)]);
                self.keep_float(work);
            }
            Type::Decimal { precision, scale } => {
                let operands = [part, number(precision), number(scale)];
                self.call_decimal(["text_to_decimal", "text_to_decimal_wide"], &operands, work);
            }
            Type::Date | Type::Time | Type::Timestamp { .. } => {
                let name = match to {
                    Type::Date => "text_to_date",
                    Type::Time => "text_to_time",
                    Type::Timestamp { zoned: false } => "text_to_timestamp",
                    _ => "text_to_timestamptz",
                };
                self.call(name, &[part]);
                self.keep_int(work);
            }
            Type::Numeric | Type::Bytes | Type::Json | Type::Uuid => {
                let name = match to {
                    Type::Numeric => "text_to_numeric",
                    Type::Bytes => "text_to_bytes",
                    Type::Json => "text_to_json",
                    _ => "text_to_uuid",
                };
                self.rule.allocates = true;
                self.call(name, &[part]);
                self.keep_text(work);
            }
            Type::Text | Type::Interval => return Err(no_cast()),
        }
        Ok(())
    }

    fn convert_date(&mut self, part: Operand, from: Type, to: Type, work: &Work) -> Result<(), Error> {
        let name = match (from, to) {
            (Type::Date, Type::Timestamp { .. }) => "date_to_timestamp",
            (Type::Timestamp { .. }, Type::Date) => "timestamp_to_date",
            (Type::Timestamp { .. }, Type::Time) => "timestamp_to_time",
            _ => return Err(no_cast()),
        };
        self.call(name, &[part]);
        self.keep_int(work);
        Ok(())
    }

    fn convert_numeric(&mut self, part: Operand, to: Type, work: &Work) -> Result<(), Error> {
        match to {
            Type::Int(bits) => {
                self.call("numeric_to_int", &[part, number(bits)]);
                self.keep_int(work);
                Ok(())
            }
            Type::Float(_) | Type::Decimal { .. } => self.convert_text(part, to, work),
            _ => Err(no_cast()),
        }
    }

    fn convert_int(&mut self, part: Operand, from: Type, to: Type, work: &Work) -> Result<(), Error> {
        let result = work.place.parts[0];
        match to {
            Type::Int(bits) => {
                self.code.get(part).set(result);
                if !matches!((from, bits), (Type::Int(16), 32) | (_, 64)) {
                    self.fail_beyond_bits(bits, work);
                }
            }
            Type::Float(bits) => {
                self.code.get(part);
                match bits {
                    32 => self.code.ops().f32_convert_i64_s().f64_promote_f32(),
                    _ => self.code.ops().f64_convert_i64_s(),
                };
                self.code.set(result);
            }
            Type::Decimal { precision, scale } => {
                let operands = [part, number(precision), number(scale)];
                self.call_decimal(["int_to_decimal", "int_to_decimal_wide"], &operands, work);
            }
            Type::Numeric => {
                self.rule.allocates = true;
                self.call("int_to_text", &[part]);
                self.keep_text(work);
            }
            _ => return Err(no_cast()),
        }
        Ok(())
    }

    /// Fails when the integer does not fit so many bits.
    fn fail_beyond_bits(&mut self, bits: u8, work: &Work) {
        let result = Operand::Local(work.place.parts[0]);
        let half = 1_i64 << (bits - 1);
        self.code.get(result).i64(half);
        self.code.ops().i64_add();
        self.code.i64(2 * half);
        self.code.ops().i64_ge_u();
        self.fail_if(work, Fault::NumberOutOfRange);
    }

    fn convert_float(&mut self, part: Operand, from: u8, to: Type, work: &Work) -> Result<(), Error> {
        match to {
            Type::Int(bits) => {
                self.call("float_to_int", &[part, number(bits)]);
                self.keep_int(work);
            }
            Type::Float(bits) => {
                self.call("float_to_float", &[part, number(bits)]);
                self.keep_float(work);
            }
            Type::Decimal { precision, scale } => {
                let operands = [part, number(from), number(precision), number(scale)];
                self.call_decimal(["float_to_decimal", "float_to_decimal_wide"], &operands, work);
            }
            Type::Numeric => {
                self.rule.allocates = true;
                self.call("float_to_numeric", &[part, number(from)]);
                self.keep_text(work);
            }
            _ => return Err(no_cast()),
        }
        Ok(())
    }

    fn convert_decimal(&mut self, value: &Value, from: Type, to: Type, work: &Work) -> Result<(), Error> {
        let (precision, scale) = digits(from)?;
        if let Type::Decimal { precision: to_precision, scale: to_scale } = to
            && value.shape == Shape::Narrow
            && work.place.shape == Shape::Narrow
            && to_scale >= scale
            && precision + (to_scale - scale) <= NARROW_DIGITS
        {
            self.code.get(value.part()).i64(10_i64.pow(u32::from(to_scale - scale)));
            self.code.ops().i64_mul();
            self.code.set(work.place.parts[0]);
            if to_precision < precision + (to_scale - scale) {
                self.fail_beyond(to_precision, Fault::NumberOutOfRange, work);
            }
            return Ok(());
        }
        let [low, high] = halves(value, &mut self.code);
        match to {
            Type::Int(bits) => {
                self.call("decimal_to_int", &[low, high, number(scale), number(bits)]);
                self.keep_int(work);
            }
            Type::Float(bits) => {
                self.call("decimal_to_float", &[low, high, number(scale), number(bits)]);
                self.keep_float(work);
            }
            Type::Decimal { precision: to_precision, scale: to_scale } => {
                let operands = [low, high, number(scale), number(to_precision), number(to_scale)];
                self.call_decimal(["decimal_to_decimal", "decimal_to_decimal_wide"], &operands, work);
            }
            Type::Numeric => {
                self.rule.allocates = true;
                self.call("decimal_to_text", &[low, high, number(scale)]);
                self.keep_text(work);
            }
            _ => return Err(no_cast()),
        }
        Ok(())
    }
}

/// Whether the value is held the same in both types.
fn is_free(from: Type, to: Type) -> bool {
    match (from, to) {
        (Type::Numeric | Type::Json, Type::Text) | (Type::Timestamp { .. }, Type::Timestamp { .. }) => true,
        (Type::Float(32), Type::Float(64)) => true,
        _ => from == to,
    }
}

/// Digits an integer of so many bits can have.
fn digits_of(bits: u8) -> u8 {
    match bits {
        16 => 5,
        32 => 10,
        _ => 19,
    }
}

/// A small number as an operand.
pub(crate) fn number(number: u8) -> Operand {
    Operand::I32(i32::from(number))
}

fn no_cast() -> Error {
    Error::Plan { what: "a cast between types that have none" }
}
