//! Calls of functions as SQL writes them.

use super::expressions::Writer;
use super::literals::quoted;
use crate::formats::{date_format, like, regexp, units};
use crate::plan::{Expr, Function, TrimSide};
use crate::value_type::Type;

/// Whether a function is written with its arguments in parentheses, so that it needs none around.
pub(super) fn is_call(function: &Function) -> bool {
    use Function as F;
    !matches!(
        function,
        F::Join
            | F::Like(_)
            | F::AddDays
            | F::DaysBetween
            | F::AddInterval
            | F::Between
            | F::IntervalAdd
            | F::IntervalMultiply
            | F::IntervalScale
            | F::IntervalDivide
            | F::TimeAdd
            | F::TimeOfDay(_)
            | F::ZoneToUtc(_)
            | F::UtcToZone(_)
            | F::JsonField
            | F::JsonFieldText
            | F::JsonElement
            | F::JsonElementText
    )
}

pub(super) fn call(writer: &Writer<'_>, function: &Function, arguments: &[Expr], ty: Type) -> String {
    use Function as F;
    let plain = |name: &str| format!("{name}({})", writer.list(arguments));
    let infix = |sign: &str| {
        arguments.iter().map(|argument| writer.operand(argument)).collect::<Vec<_>>().join(&format!(" {sign} "))
    };
    let first = || arguments.first().map_or_else(String::new, |argument| writer.expression(argument));
    let with = |name: &str, constant: &str| format!("{name}({}, {})", first(), quoted(constant));
    match function {
        F::Trim(TrimSide::Both) => plain("btrim"),
        F::Trim(TrimSide::Leading) => plain("ltrim"),
        F::Trim(TrimSide::Trailing) => plain("rtrim"),
        F::Lower => plain("lower"),
        F::Upper => plain("upper"),
        F::Initcap => plain("initcap"),
        F::SubstrFrom | F::Substr => plain("substr"),
        F::Left => plain("left"),
        F::Right => plain("right"),
        F::Replace => plain("replace"),
        F::Translate => plain("translate"),
        F::SplitPart => plain("split_part"),
        F::Join => infix("||"),
        F::Concat => plain("concat"),
        F::ConcatWs => plain("concat_ws"),
        F::Lpad => plain("lpad"),
        F::Rpad => plain("rpad"),
        F::Repeat => plain("repeat"),
        F::Length => plain("length"),
        F::OctetLength => plain("octet_length"),
        F::Position => plain("strpos"),
        F::StartsWith => plain("starts_with"),
        F::Reverse => plain("reverse"),
        F::Like(pattern) => {
            let word = if pattern.ignore_case { "ILIKE" } else { "LIKE" };
            format!("{} {word} {}", infix(""), quoted(&like::text(pattern)))
        }
        F::RegexpLike(pattern) => {
            let (pattern, flags) = regexp::parts(pattern);
            format!("regexp_like({}, {}, {})", first(), quoted(pattern), quoted(&flags))
        }
        F::RegexpReplace { regexp, all } => {
            let (pattern, mut flags) = regexp::parts(regexp);
            if *all {
                flags.push('g');
            }
            let replacement = arguments.get(1).map_or_else(String::new, |argument| writer.expression(argument));
            format!("regexp_replace({}, {}, {replacement}, {})", first(), quoted(pattern), quoted(&flags))
        }
        F::RegexpSubstr { regexp, group } => {
            let (pattern, flags) = regexp::parts(regexp);
            format!("regexp_substr({}, {}, 1, 1, {}, {group})", first(), quoted(pattern), quoted(&flags))
        }
        F::Md5 => plain("md5"),
        F::Sha256 => plain("sha256"),
        F::EncodeHex => with("encode", "hex"),
        F::EncodeBase64 => with("encode", "base64"),
        F::DecodeHex => with("decode", "hex"),
        F::DecodeBase64 => with("decode", "base64"),
        F::ToHex => plain("to_hex"),
        F::Abs => plain("abs"),
        F::Sign => plain("sign"),
        F::Round => places("round", &first(), ty),
        F::RoundLeft(places) => format!("round({}, -{places})", first()),
        F::Trunc => places("trunc", &first(), ty),
        F::TruncLeft(places) => format!("trunc({}, -{places})", first()),
        F::Floor => plain("floor"),
        F::Ceil => plain("ceil"),
        F::Power => plain("power"),
        F::Sqrt => plain("sqrt"),
        F::Exp => plain("exp"),
        F::Ln => plain("ln"),
        F::DateTrunc(unit) => format!("date_trunc({}, {})", quoted(units::name(*unit)), first()),
        F::Extract(unit) | F::ExtractInterval(unit) => format!("extract({} FROM {})", units::name(*unit), first()),
        F::MakeDate => plain("make_date"),
        F::MakeTime => plain("make_time"),
        F::MakeTimestamp => plain("make_timestamp"),
        F::ParseTimestamp(format) => with("to_timestamp", &date_format::text(format)),
        F::ParseDate(format) => with("to_date", &date_format::text(format)),
        F::FromEpoch => plain("to_timestamp"),
        F::FormatTimestamp(format) => with("to_char", &date_format::text(format)),
        F::ZoneToUtc(zone) | F::UtcToZone(zone) => format!("{} AT TIME ZONE {}", infix(""), quoted(&zone.name)),
        F::AddDays | F::AddInterval | F::IntervalAdd | F::TimeAdd => infix("+"),
        F::DaysBetween | F::Between => infix("-"),
        F::IntervalMultiply | F::IntervalScale => infix("*"),
        F::IntervalDivide => infix("/"),
        // Every column of times has it: compiled again, it is there again.
        F::TimeOfDay(_) => first(),
        F::Age => plain("age"),
        F::JsonField | F::JsonElement => infix("->"),
        F::JsonFieldText | F::JsonElementText => infix("->>"),
        F::JsonTypeof => plain("json_typeof"),
        F::Mask => plain("mask"),
        F::MaskEmail => plain("mask_email"),
        F::Pseudonym => plain("pseudonym"),
    }
}

/// Rounding to the scale of its result; a double has none.
fn places(name: &str, value: &str, ty: Type) -> String {
    match ty {
        Type::Decimal { scale, .. } if scale > 0 => format!("{name}({value}, {scale})"),
        _ => format!("{name}({value})"),
    }
}
