use rules_runtime::Fault;
use rules_runtime::constants::{FormatView, LikeView, ZoneView};
use rules_runtime::functions::{
    date, decimal, digest, encoding, format, interval, json, like, number, privacy, regexp, text, zone,
};

use super::row::{Row, Stop, digits};
use super::value::Value;
use crate::plan::{CastMode, Function};
use crate::value_type::Type;

type Result<T, E = Stop> = std::result::Result<T, E>;
type Called<'a> = Result<Result<Value<'a>, Fault>>;

/// Calls a function; NULL when an argument is, unless the function takes NULLs.
pub(super) fn call<'a>(
    row: &Row<'a>,
    function: &'a Function,
    values: &[Value<'a>],
    types: &[Type],
    result: Type,
) -> Called<'a> {
    let parts = |values: &[Value<'a>]| {
        values
            .iter()
            .map(|value| if value.is_null() { Ok(None) } else { value.text().map(Some) })
            .collect::<Result<Vec<Option<&'a str>>>>()
    };
    match (function, values) {
        (Function::Concat, values) => {
            let parts = parts(values)?;
            return Ok(text::concat(&parts, row.arena).map(Value::Text));
        }
        (Function::ConcatWs, [separator, values @ ..]) if !separator.is_null() => {
            let parts = parts(values)?;
            return Ok(text::concat_ws(separator.text()?, &parts, row.arena).map(Value::Text));
        }
        _ => {}
    }
    let is_null = match function {
        Function::ConcatWs => true,
        _ => values.iter().any(|value| value.is_null()),
    };
    if is_null {
        return Ok(Ok(Value::Null));
    }
    let type_of_first = types.first().copied().unwrap_or(Type::Text);
    let call = Call { row, function, values, type_of_first, result };
    let families =
        [Call::of_text, Call::of_bytes, Call::of_numbers, Call::of_moments, Call::of_intervals, Call::of_json];
    for family in families {
        if let Some(value) = family(&call)? {
            return Ok(value);
        }
    }
    Err(Stop::Plan("a function of other arguments than it takes"))
}

/// A call of arguments that are not NULL.
struct Call<'c, 'a> {
    row: &'c Row<'a>,
    function: &'a Function,
    values: &'c [Value<'a>],
    type_of_first: Type,
    result: Type,
}

type InFamily<'a> = Result<Option<Result<Value<'a>, Fault>>>;

impl<'a> Call<'_, 'a> {
    fn of_text(&self) -> InFamily<'a> {
        let arena = self.row.arena;
        let value = match (self.function, self.values) {
            (Function::Trim(side), [value, letters]) => Ok(text::trim(value.text()?, letters.text()?, *side)),
            (Function::Lower, [value]) => Ok(text::lower(value.text()?, arena)),
            (Function::Upper, [value]) => Ok(text::upper(value.text()?, arena)),
            (Function::Initcap, [value]) => Ok(text::initcap(value.text()?, arena)),
            (Function::SubstrFrom, [value, start]) => Ok(text::substr_from(value.text()?, start.int()?)),
            (Function::Substr, [value, start, length]) => text::substr(value.text()?, start.int()?, length.int()?),
            (Function::Left, [value, count]) => Ok(text::left(value.text()?, count.int()?)),
            (Function::Right, [value, count]) => Ok(text::right(value.text()?, count.int()?)),
            (Function::Replace, [value, from, to]) => text::replace(value.text()?, from.text()?, to.text()?, arena),
            (Function::Translate, [value, from, to]) => text::translate(value.text()?, from.text()?, to.text()?, arena),
            (Function::SplitPart, [value, delimiter, field]) => {
                text::split_part(value.text()?, delimiter.text()?, field.int()?)
            }
            (Function::Join, [Value::Text(left), Value::Text(right)]) => text::join(left, right, arena),
            (Function::Lpad, [value, length, fill]) => text::lpad(value.text()?, length.int()?, fill.text()?, arena),
            (Function::Rpad, [value, length, fill]) => text::rpad(value.text()?, length.int()?, fill.text()?, arena),
            (Function::Repeat, [value, count]) => text::repeat(value.text()?, count.int()?, arena),
            (Function::Reverse, [value]) => Ok(text::reverse(value.text()?, arena)),
            (Function::RegexpReplace { regexp, all }, [value, replacement]) => {
                let regexp = self.row.constants.regexp(&regexp.pattern)?;
                regexp::replace(regexp, value.text()?, replacement.text()?, *all, arena)
            }
            (Function::Mask, [value, left, right, letter]) => {
                privacy::mask(value.text()?, left.int()?, right.int()?, letter.text()?, arena)
            }
            (Function::MaskEmail, [value]) => privacy::mask_email(value.text()?, arena),
            (Function::Pseudonym, [value, key]) => privacy::pseudonym(value.text()?, key.text()?, arena),
            _ => return self.about_text(),
        };
        Ok(Some(value.map(Value::Text)))
    }

    /// What is asked of a text and is no text.
    fn about_text(&self) -> InFamily<'a> {
        let value = match (self.function, self.values) {
            (Function::Length, [value]) => Value::Int(text::length(value.text()?)),
            (Function::OctetLength, [value]) => Value::Int(text::octet_length(value.octets()?)),
            (Function::Position, [value, part]) => Value::Int(text::position(value.text()?, part.text()?)),
            (Function::StartsWith, [value, start]) => Value::Bool(text::starts_with(value.text()?, start.text()?)),
            (Function::Like(_), [value]) => {
                let pattern = LikeView::of(self.row.constants.encoded(self.function)?);
                Value::Bool(like::matches(value.text()?, pattern, self.row.arena))
            }
            (Function::RegexpLike(regexp), [value]) => {
                let regexp = self.row.constants.regexp(&regexp.pattern)?;
                Value::Bool(regexp::is_match(regexp, value.text()?))
            }
            (Function::RegexpSubstr { regexp, group }, [value]) => {
                let regexp = self.row.constants.regexp(&regexp.pattern)?;
                regexp::substr(regexp, value.text()?, *group).map_or(Value::Null, Value::Text)
            }
            _ => return Ok(None),
        };
        Ok(Some(Ok(value)))
    }

    fn of_bytes(&self) -> InFamily<'a> {
        let arena = self.row.arena;
        Ok(Some(match (self.function, self.values) {
            (Function::Join, [Value::Bytes(left), Value::Bytes(right)]) => {
                text::join_bytes(left, right, arena).map(Value::Bytes)
            }
            (Function::Md5, [value]) => Ok(Value::Text(digest::md5(value.octets()?, arena))),
            (Function::Sha256, [value]) => Ok(Value::Bytes(digest::sha256(value.octets()?, arena))),
            (Function::EncodeHex, [value]) => encoding::encode_hex(value.bytes()?, arena).map(Value::Text),
            (Function::EncodeBase64, [value]) => encoding::encode_base64(value.bytes()?, arena).map(Value::Text),
            (Function::DecodeHex, [value]) => encoding::decode_hex(value.text()?, arena).map(Value::Bytes),
            (Function::DecodeBase64, [value]) => encoding::decode_base64(value.text()?, arena).map(Value::Bytes),
            (Function::ToHex, [value]) => {
                let bits = if let Type::Int(bits) = self.type_of_first { bits } else { 64 };
                Ok(Value::Text(encoding::to_hex(value.int()?, bits, arena)))
            }
            _ => return Ok(None),
        }))
    }

    fn of_numbers(&self) -> InFamily<'a> {
        match self.values {
            [Value::Float(value)] => self.of_float(*value),
            [Value::Decimal(value)] => self.of_decimal(*value),
            [Value::Float(base), Value::Float(exponent)] if *self.function == Function::Power => {
                Ok(Some(number::power(*base, *exponent).map(Value::Float)))
            }
            [Value::Int(value)] if *self.function == Function::Abs => Ok(Some(number::abs(*value).map(Value::Int))),
            _ => Ok(None),
        }
    }

    fn of_float(&self, value: f64) -> InFamily<'a> {
        let value = match self.function {
            Function::Abs => Ok(value.abs()),
            Function::Sign => Ok(number::float_sign(value)),
            Function::Round => Ok(number::float_round(value)),
            Function::Trunc => Ok(number::float_trunc(value)),
            Function::Floor => Ok(number::float_floor(value)),
            Function::Ceil => Ok(number::float_ceil(value)),
            Function::Sqrt => number::sqrt(value),
            Function::Exp => number::exp(value),
            Function::Ln => number::ln(value),
            _ => return Ok(None),
        };
        Ok(Some(value.map(Value::Float)))
    }

    fn of_decimal(&self, value: i128) -> InFamily<'a> {
        let (_, scale) = digits(self.type_of_first)?;
        let (precision, to) = digits(self.result)?;
        let value = match self.function {
            Function::Abs => value.checked_abs().ok_or(Fault::Overflow),
            Function::Sign => Ok(value.signum()),
            Function::Round => decimal::round(value, scale, to, precision),
            Function::RoundLeft(places) => decimal::round_left(value, scale, *places, precision),
            Function::Trunc => decimal::trunc(value, scale, to, precision),
            Function::TruncLeft(places) => Ok(decimal::trunc_left(value, scale, *places)),
            Function::Floor => Ok(decimal::floor(value, scale)),
            Function::Ceil => Ok(decimal::ceil(value, scale)),
            _ => return Ok(None),
        };
        Ok(Some(value.map(Value::Decimal)))
    }

    fn of_moments(&self) -> InFamily<'a> {
        if let (Function::TimeOfDay(mode), [value]) = (self.function, self.values) {
            let time = match (date::time_of_day(value.int()?), mode) {
                (Err(_), CastMode::Try) => Ok(Value::Null),
                (time, _) => time.map(Value::Int),
            };
            return Ok(Some(time));
        }
        let value = match (self.function, self.values) {
            (Function::DateTrunc(unit), [value]) => date::date_trunc(value.int()?, *unit),
            (Function::MakeDate, [year, month, day]) => date::make_date(year.int()?, month.int()?, day.int()?),
            (Function::MakeTime, [hour, minute, second]) => {
                date::make_time(hour.int()?, minute.int()?, second.float()?)
            }
            (Function::MakeTimestamp, [year, month, day, hour, minute, second]) => {
                date::make_timestamp(year.int()?, month.int()?, day.int()?, hour.int()?, minute.int()?, second.float()?)
            }
            (Function::ParseTimestamp(_), [value]) => format::parse_timestamp(value.text()?, self.format()?),
            (Function::ParseDate(_), [value]) => format::parse_date(value.text()?, self.format()?),
            (Function::FromEpoch, [seconds]) => date::from_epoch(seconds.float()?),
            (Function::ZoneToUtc(_), [value]) => zone::zone_to_utc(value.int()?, self.zone()?),
            (Function::UtcToZone(_), [value]) => zone::utc_to_zone(value.int()?, self.zone()?),
            (Function::AddDays, [days, count]) => date::add_days(days.int()?, count.int()?),
            (Function::DaysBetween, [left, right]) => date::days_between(left.int()?, right.int()?),
            (Function::AddInterval, [value, interval]) => {
                interval::add_to_timestamp(value.int()?, interval.interval()?)
            }
            (Function::TimeAdd, [value, interval]) => Ok(interval::add_to_time(value.int()?, interval.interval()?)),
            _ => return self.about_moments(),
        };
        Ok(Some(value.map(Value::Int)))
    }

    /// What is asked of a moment and is no moment.
    fn about_moments(&self) -> InFamily<'a> {
        Ok(Some(match (self.function, self.values) {
            (Function::Extract(unit), [value]) => match self.type_of_first {
                Type::Date => date::extract_date(value.int()?, *unit).map(Value::Decimal),
                Type::Time => Ok(Value::Decimal(date::extract_time(value.int()?, *unit))),
                _ => date::extract_timestamp(value.int()?, *unit).map(Value::Decimal),
            },
            (Function::FormatTimestamp(_), [value]) => {
                format::format_timestamp(value.int()?, self.format()?, self.row.arena).map(Value::Text)
            }
            _ => return Ok(None),
        }))
    }

    fn format(&self) -> Result<FormatView<'a>> {
        self.row.constants.encoded(self.function).map(FormatView::of)
    }

    fn zone(&self) -> Result<ZoneView<'a>> {
        self.row.constants.encoded(self.function).map(ZoneView::of)
    }

    fn of_intervals(&self) -> InFamily<'a> {
        let value = match (self.function, self.values) {
            (Function::ExtractInterval(unit), [value]) => {
                return Ok(Some(Ok(Value::Decimal(interval::extract(value.interval()?, *unit)))));
            }
            (Function::Between, [left, right]) => interval::between(left.int()?, right.int()?),
            (Function::Age, [left, right]) => interval::age(left.int()?, right.int()?),
            (Function::IntervalAdd, [left, right]) => interval::add(left.interval()?, right.interval()?),
            (Function::IntervalMultiply, [value, factor]) => interval::multiply(value.interval()?, factor.int()?),
            (Function::IntervalScale, [value, factor]) => interval::scale(value.interval()?, factor.float()?),
            (Function::IntervalDivide, [value, divisor]) => interval::divide(value.interval()?, divisor.float()?),
            _ => return Ok(None),
        };
        Ok(Some(value.map(Value::Interval)))
    }

    fn of_json(&self) -> InFamily<'a> {
        let arena = self.row.arena;
        let value = match (self.function, self.values) {
            (Function::JsonField, [value, key]) => json::field(value.text()?, key.text()?),
            (Function::JsonFieldText, [value, key]) => json::field_text(value.text()?, key.text()?, arena),
            (Function::JsonElement, [value, index]) => json::element(value.text()?, index.int()?),
            (Function::JsonElementText, [value, index]) => json::element_text(value.text()?, index.int()?, arena),
            (Function::JsonTypeof, [value]) => json::type_of(value.text()?).map(Some),
            _ => return Ok(None),
        };
        Ok(Some(value.map(|value| value.map_or(Value::Null, Value::Text))))
    }
}
