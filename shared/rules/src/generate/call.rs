//! Functions: most are called in the runtime, the plainest are a few instructions.

use crate::component::Error;
use crate::formats::dates::DAY;
use crate::generate::cast::number;
use crate::generate::code::{Operand, at};
use crate::generate::decimal::digits;
use crate::generate::emitter::{Emitter, Failing};
use crate::generate::value::{Null, Shape, Value, halves, push_null};
use crate::plan::{Expr, Function, Kind, SiteId};
use crate::value_type::{Held, Type};
use rules_runtime::Fault;
use rules_runtime::layout::FRAME_VALUE;

/// Whether it needs regular expressions in the runtime.
pub(crate) fn is_regexp(expr: &Expr) -> bool {
    let Kind::Call { function, .. } = &expr.kind else { return false };
    matches!(function, Function::RegexpLike(_) | Function::RegexpReplace { .. } | Function::RegexpSubstr { .. })
}

/// A function of the runtime.
struct Called {
    /// Its name, and its name where it gives a decimal of more than 18 digits.
    names: [&'static str; 2],
    /// What it takes behind the arguments.
    constants: Vec<Operand>,
    /// Whether it may be NULL where no argument is.
    optional: bool,
}

impl Emitter<'_, '_> {
    pub(crate) fn function(
        &mut self,
        function: &Function,
        arguments: &[Expr],
        site: SiteId,
        expr: &Expr,
    ) -> Result<Value, Error> {
        let values = arguments.iter().map(|argument| self.value(argument)).collect::<Result<Vec<_>, _>>()?;
        let types: Vec<Type> = arguments.iter().map(|argument| argument.ty).collect();
        match (function, values.as_slice(), types.as_slice()) {
            (Function::Concat, parts, _) => self.concat("text_concat", None, parts, site),
            (Function::ConcatWs, [separator, parts @ ..], _) => {
                self.concat("text_concat_ws", Some(*separator), parts, site)
            }
            (Function::OctetLength, [value], _) => self.octet_length(value),
            (Function::Abs, [value], _) => self.abs(value, site),
            (Function::Sign, [value], [argument]) if argument.held() == Held::Decimal => Ok(self.decimal_sign(value)),
            (Function::TimeOfDay(mode), [value], _) => self.time_of_day(value, Failing::of(*mode, site)),
            (Function::Round | Function::Trunc | Function::Floor | Function::Ceil, [value], [argument])
                if argument.held() == Held::Float =>
            {
                self.float_rounded(function, value)
            }
            (function, values, types) => {
                let called = self.called(function, types, expr.ty)?;
                self.called_value(&called, values, Failing::Reject(site), expr)
            }
        }
    }

    fn called_value(
        &mut self,
        called: &Called,
        values: &[Value],
        failing: Failing,
        expr: &Expr,
    ) -> Result<Value, Error> {
        let compute = |emitter: &mut Self, work: &crate::generate::emitter::Work| {
            let mut operands = Vec::new();
            for value in values {
                match value.shape {
                    Shape::Narrow | Shape::Wide => operands.extend(halves(value, &mut emitter.code)),
                    _ => operands.extend(value.operands()),
                }
            }
            operands.extend(&called.constants);
            let [name, _] = called.names;
            match work.place.shape {
                Shape::Narrow | Shape::Wide => emitter.call_decimal(called.names, &operands, work),
                shape => {
                    emitter.call(name, &operands);
                    match shape {
                        Shape::Bool => emitter.keep_bool(work),
                        Shape::Int => emitter.keep_int(work),
                        Shape::Float => emitter.keep_float(work),
                        Shape::Text => emitter.keep_text(work),
                        _ => emitter.keep_pair(work),
                    }
                }
            }
            Ok(())
        };
        let shape = Shape::of(expr.ty);
        // What a function makes of texts or as a text may lie in the arena.
        self.rule.allocates = true;
        match called.optional {
            true => self.optional(values, shape, failing, compute),
            false => self.strict(values, shape, failing, compute),
        }
    }

    fn called(&mut self, function: &Function, types: &[Type], result: Type) -> Result<Called, Error> {
        let argument = types.first().copied();
        let held = argument.map(Type::held);
        let plain = |name: &'static str| Called { names: [name, name], constants: Vec::new(), optional: false };
        let with = |name: &'static str, constants: Vec<Operand>| Called { constants, ..plain(name) };
        let optional = |name: &'static str| Called { optional: true, ..plain(name) };
        let bytes = |emitter: &mut Self, bytes: &[u8]| Operand::I64(emitter.rule.constants.text(bytes));
        Ok(match function {
            Function::Trim(side) => with("text_trim", vec![number(side.number())]),
            Function::Lower => plain("text_lower"),
            Function::Upper => plain("text_upper"),
            Function::Initcap => plain("text_initcap"),
            Function::SubstrFrom => plain("text_substr_from"),
            Function::Substr => plain("text_substr"),
            Function::Left => plain("text_left"),
            Function::Right => plain("text_right"),
            Function::Replace => plain("text_replace"),
            Function::Translate => plain("text_translate"),
            Function::SplitPart => plain("text_split_part"),
            Function::Join if held == Some(Held::Bytes) => plain("bytes_join"),
            Function::Join => plain("text_join"),
            Function::Lpad => plain("text_lpad"),
            Function::Rpad => plain("text_rpad"),
            Function::Repeat => plain("text_repeat"),
            Function::Length => plain("text_length"),
            Function::Position => plain("text_position"),
            Function::StartsWith => plain("text_starts_with"),
            Function::Reverse => plain("text_reverse"),
            Function::Like(pattern) => with("text_like", vec![bytes(self, &pattern.encode())]),
            Function::RegexpLike(regexp) => with("regexp_like", self.regexp(&regexp.pattern)),
            Function::RegexpReplace { regexp, all } => {
                let [pattern, index] = self.regexp_pair(&regexp.pattern);
                with("regexp_replace", vec![number(u8::from(*all)), pattern, index])
            }
            Function::RegexpSubstr { regexp, group } => {
                let [pattern, index] = self.regexp_pair(&regexp.pattern);
                let constants = vec![Operand::I32(group.cast_signed()), pattern, index];
                Called { constants, ..optional("regexp_substr") }
            }
            Function::Md5 => plain("digest_md5"),
            Function::Sha256 => plain("digest_sha256"),
            Function::EncodeHex => plain("encode_hex"),
            Function::EncodeBase64 => plain("encode_base64"),
            Function::DecodeHex => plain("decode_hex"),
            Function::DecodeBase64 => plain("decode_base64"),
            Function::ToHex => with("to_hex", vec![number(width(argument))]),
            Function::Sign => plain("float_sign"),
            Function::Round | Function::Trunc => {
                let (precision, scale) = digits(result)?;
                let names = match function {
                    Function::Round => ["decimal_round", "decimal_round_wide"],
                    _ => ["decimal_trunc", "decimal_trunc_wide"],
                };
                self.of_decimal(names, argument, &[scale, precision])?
            }
            Function::RoundLeft(places) => {
                let (precision, _) = digits(result)?;
                self.of_decimal(["decimal_round_left", "decimal_round_left_wide"], argument, &[*places, precision])?
            }
            Function::TruncLeft(places) => {
                self.of_decimal(["decimal_trunc_left", "decimal_trunc_left_wide"], argument, &[*places])?
            }
            Function::Floor => self.of_decimal(["decimal_floor", "decimal_floor_wide"], argument, &[])?,
            Function::Ceil => self.of_decimal(["decimal_ceil", "decimal_ceil_wide"], argument, &[])?,
            Function::Power => plain("float_power"),
            Function::Sqrt => plain("float_sqrt"),
            Function::Exp => plain("float_exp"),
            Function::Ln => plain("float_ln"),
            Function::DateTrunc(unit) => with("date_trunc", vec![number(unit.number())]),
            Function::Extract(unit) => {
                let names = match argument {
                    Some(Type::Date) => ["extract_date", "extract_date_wide"],
                    Some(Type::Time) => ["extract_time", "extract_time_wide"],
                    _ => ["extract_timestamp", "extract_timestamp_wide"],
                };
                Called { names, ..with("", vec![number(unit.number())]) }
            }
            Function::ExtractInterval(unit) => {
                let names = ["extract_interval", "extract_interval_wide"];
                Called { names, ..with("", vec![number(unit.number())]) }
            }
            Function::MakeDate => plain("make_date"),
            Function::MakeTime => plain("make_time"),
            Function::MakeTimestamp => plain("make_timestamp"),
            Function::ParseTimestamp(format) => with("parse_timestamp", vec![bytes(self, &format.encode())]),
            Function::ParseDate(format) => with("parse_date", vec![bytes(self, &format.encode())]),
            Function::FormatTimestamp(format) => with("format_timestamp", vec![bytes(self, &format.encode())]),
            Function::FromEpoch => plain("from_epoch"),
            Function::ZoneToUtc(zone) => with("zone_to_utc", vec![bytes(self, &zone.encode())]),
            Function::UtcToZone(zone) => with("utc_to_zone", vec![bytes(self, &zone.encode())]),
            Function::AddDays => plain("add_days"),
            Function::DaysBetween => plain("days_between"),
            Function::AddInterval => plain("add_interval"),
            Function::TimeAdd => plain("time_add"),
            Function::Between => plain("timestamps_between"),
            Function::Age => plain("timestamps_age"),
            Function::IntervalAdd => plain("interval_add"),
            Function::IntervalMultiply => plain("interval_multiply"),
            Function::IntervalScale => plain("interval_scale"),
            Function::IntervalDivide => plain("interval_divide"),
            Function::JsonField => optional("json_field"),
            Function::JsonFieldText => optional("json_field_text"),
            Function::JsonElement => optional("json_element"),
            Function::JsonElementText => optional("json_element_text"),
            Function::JsonTypeof => plain("json_typeof"),
            Function::Mask => plain("mask"),
            Function::MaskEmail => plain("mask_email"),
            Function::Pseudonym => plain("pseudonym"),
            Function::Concat | Function::ConcatWs | Function::OctetLength | Function::Abs | Function::TimeOfDay(_) => {
                return Err(Error::Plan { what: "a function has other arguments than it takes" });
            }
        })
    }

    /// A function of a decimal: its scale comes first.
    fn of_decimal(&self, names: [&'static str; 2], argument: Option<Type>, more: &[u8]) -> Result<Called, Error> {
        let argument = argument.ok_or(Error::Plan { what: "a function has other arguments than it takes" })?;
        let (_, scale) = digits(argument)?;
        let constants = std::iter::once(scale).chain(more.iter().copied()).map(number).collect();
        Ok(Called { names, constants, optional: false })
    }

    fn regexp(&mut self, pattern: &str) -> Vec<Operand> {
        self.regexp_pair(pattern).to_vec()
    }

    /// A regular expression and its number.
    fn regexp_pair(&mut self, pattern: &str) -> [Operand; 2] {
        let known = self.rule.regexps.iter().position(|known| known == pattern);
        let place = known.unwrap_or_else(|| {
            self.rule.regexps.push(pattern.to_owned());
            self.rule.regexps.len() - 1
        });
        let text = self.rule.constants.text(pattern.as_bytes());
        [Operand::I64(text), Operand::I32(i32::try_from(place).unwrap_or(i32::MAX))]
    }

    /// Texts that may be NULL cross as a list in the frame.
    fn concat(
        &mut self,
        name: &'static str,
        separator: Option<Value>,
        parts: &[Value],
        site: SiteId,
    ) -> Result<Value, Error> {
        let base = FRAME_VALUE * u64::from(self.rule.frame);
        let texts = u64::try_from(parts.len()).unwrap_or(u64::MAX);
        let values = (8 * texts).div_ceil(FRAME_VALUE);
        self.rule.frame = self.rule.frame.saturating_add(u32::try_from(values).unwrap_or(u32::MAX));
        self.rule.allocates = true;
        let operands: Vec<Value> = separator.into_iter().collect();
        self.strict(&operands, Shape::Text, Failing::Reject(site), |emitter, work| {
            for (part, place) in parts.iter().zip(0..) {
                emitter.push_frame();
                emitter.code.i64(0).get(part.part());
                push_null(&mut emitter.code, part.null);
                emitter.code.ops().select().i64_store(at(base + 8 * place));
            }
            emitter.push_frame();
            emitter.code.ops().i64_extend_i32_u();
            emitter.code.i64((base | texts << 32).cast_signed());
            emitter.code.ops().i64_add();
            let list = emitter.keep(wasm_encoder::ValType::I64);
            let given: Vec<Operand> = separator.iter().map(Value::part).chain([list]).collect();
            emitter.call(name, &given);
            emitter.keep_text(work);
            Ok(())
        })
    }

    fn octet_length(&mut self, value: &Value) -> Result<Value, Error> {
        self.code.get(value.part()).i64(32);
        self.code.ops().i64_shr_u();
        let length = self.keep(wasm_encoder::ValType::I64);
        Ok(Value::new(value.null, Shape::Int, length))
    }

    fn abs(&mut self, value: &Value, site: SiteId) -> Result<Value, Error> {
        let part = value.part();
        self.strict(&[*value], value.shape, Failing::Reject(site), |emitter, work| {
            let result = work.place.parts[0];
            match value.shape {
                Shape::Float => {
                    emitter.code.get(part);
                    emitter.code.ops().f64_abs();
                    emitter.code.set(result);
                }
                Shape::Int | Shape::Narrow => {
                    if value.shape == Shape::Int {
                        emitter.code.get(part).i64(i64::MIN);
                        emitter.code.ops().i64_eq();
                        emitter.fail_if(work, Fault::Overflow);
                    }
                    emitter.code.i64(0).get(part);
                    emitter.code.ops().i64_sub();
                    emitter.code.get(part).get(part).i64(0);
                    emitter.code.ops().i64_lt_s().select();
                    emitter.code.set(result);
                }
                Shape::Wide => {
                    emitter.code.get(value.parts[1]).i64(0);
                    emitter.code.ops().i64_lt_s();
                    emitter.code.begin_if();
                    emitter.wide_subtract([Operand::I64(0); 2], value.parts, work);
                    emitter.code.otherwise();
                    work.place.assign(&mut emitter.code, &Value { null: Null::Never, ..*value });
                    emitter.code.end();
                }
                _ => return Err(Error::Plan { what: "the absolute value of what is no number" }),
            }
            Ok(())
        })
    }

    fn decimal_sign(&mut self, value: &Value) -> Value {
        let halves = halves(value, &mut self.code);
        let [low, high] = halves;
        // All ones of a negative number, else 1 unless it is zero.
        self.code.get(high).i64(63);
        self.code.ops().i64_shr_s();
        self.code.get(low).get(high);
        self.code.ops().i64_or();
        self.code.i64(0);
        self.code.ops().i64_ne().i64_extend_i32_u().i64_or();
        let sign = self.keep(wasm_encoder::ValType::I64);
        Value::new(value.null, Shape::Narrow, sign)
    }

    fn time_of_day(&mut self, value: &Value, failing: Failing) -> Result<Value, Error> {
        let part = value.part();
        self.strict(&[*value], Shape::Int, failing, |emitter, work| {
            emitter.code.get(part).set(work.place.parts[0]);
            emitter.code.get(part).i64(DAY);
            emitter.code.ops().i64_ge_s();
            emitter.fail_if(work, Fault::EndOfDay);
            Ok(())
        })
    }

    fn float_rounded(&mut self, function: &Function, value: &Value) -> Result<Value, Error> {
        self.code.get(value.part());
        match function {
            Function::Round => self.code.ops().f64_nearest(),
            Function::Trunc => self.code.ops().f64_trunc(),
            Function::Floor => self.code.ops().f64_floor(),
            _ => self.code.ops().f64_ceil(),
        };
        let rounded = self.keep(wasm_encoder::ValType::F64);
        Ok(Value::new(value.null, Shape::Float, rounded))
    }
}

/// Bits of an integer's type.
fn width(value_type: Option<Type>) -> u8 {
    match value_type {
        Some(Type::Int(bits)) => bits,
        _ => 64,
    }
}
