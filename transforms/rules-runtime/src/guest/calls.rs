//! The functions of [`crate::functions`] as the row loop calls them. Which of them a rule calls
//! is known when it is compiled; the linker drops the others.

#![expect(unsafe_code, reason = "the linker finds the functions by name")]

use core::cmp::Ordering;

use crate::constants::{FormatView, LikeView, TrimSide, Unit, ZoneView};
use crate::functions::{
    cast, date, decimal, digest, encoding, format, interval, json, like, number, privacy, text, zone,
};
use crate::guest::abi::{self, Give, Text};
use crate::guest::run::Run;

macro_rules! calls {
    ($($name:ident($run:ident $(, $argument:ident: $kind:ty)*) -> $result:ty { $value:expr })*) => {$(
        #[unsafe(no_mangle)]
        extern "C" fn $name($run: &Run<'_> $(, $argument: $kind)*) -> $result {
            Give::<$result>::give($value, &$run.results)
        }
    )*};
}

/// Each function twice: with its decimal in 64 bits, for results of up to 18 digits, and in 128.
macro_rules! decimals {
    ($($narrow:ident, $wide:ident($run:ident $(, $argument:ident: $kind:ty)*) { $value:expr })*) => {$(
        calls! { $narrow($run $(, $argument: $kind)*) -> i64 { $value } }
        calls! { $wide($run $(, $argument: $kind)*) -> u32 { $value } }
    )*};
}

// ---- casts ------------------------------------------------------------------
calls! {
    text_to_bool(run, value: Text) -> i32 { cast::text_to_bool(value.text()) }
    text_to_int(run, value: Text, bits: u8) -> i64 { cast::text_to_int(value.text(), bits) }
    text_to_float(run, value: Text, bits: u8) -> f64 { cast::text_to_float(value.text(), bits) }
    text_to_numeric(run, value: Text) -> Text { cast::text_to_numeric(value.text(), &run.arena) }
    text_to_date(run, value: Text) -> i64 { cast::text_to_date(value.text()) }
    text_to_time(run, value: Text) -> i64 { cast::text_to_time(value.text()) }
    text_to_timestamp(run, value: Text) -> i64 { cast::text_to_timestamp(value.text()) }
    text_to_timestamptz(run, value: Text) -> i64 { cast::text_to_timestamptz(value.text()) }
    text_to_uuid(run, value: Text) -> Text { cast::text_to_uuid(value.text(), &run.arena) }
    text_to_bytes(run, value: Text) -> Text { cast::text_to_bytes(value.text(), &run.arena) }
    text_to_json(run, value: Text) -> Text { cast::text_to_json(value.text()) }
    bool_to_text(run, value: i32) -> Text { cast::bool_to_text(value != 0) }
    int_to_text(run, value: i64) -> Text { cast::int_to_text(value, &run.arena) }
    float_to_text(run, value: f64, bits: u8) -> Text { cast::float_to_text(value, bits, &run.arena) }
    float_to_numeric(run, value: f64, bits: u8) -> Text { cast::float_to_numeric(value, bits, &run.arena) }
    float_to_int(run, value: f64, bits: u8) -> i64 { cast::float_to_int(value, bits) }
    float_to_float(run, value: f64, bits: u8) -> f64 { cast::float_to_float(value, bits) }
    decimal_to_text(run, value: i128, scale: u8) -> Text { cast::decimal_to_text(value, scale, &run.arena) }
    decimal_to_int(run, value: i128, scale: u8, bits: u8) -> i64 { cast::decimal_to_int(value, scale, bits) }
    decimal_to_float(run, value: i128, scale: u8, bits: u8) -> f64 { cast::decimal_to_float(value, scale, bits) }
    numeric_to_int(run, value: Text, bits: u8) -> i64 { cast::numeric_to_int(value.text(), bits) }
    date_to_text(run, value: i64) -> Text { cast::date_to_text(value, &run.arena) }
    time_to_text(run, value: i64) -> Text { cast::time_to_text(value, &run.arena) }
    timestamp_to_text(run, value: i64, zoned: u8) -> Text { cast::timestamp_to_text(value, zoned != 0, &run.arena) }
    date_to_timestamp(run, value: i64) -> i64 { cast::date_to_timestamp(value) }
    timestamp_to_date(run, value: i64) -> i64 { cast::timestamp_to_date(value) }
    timestamp_to_time(run, value: i64) -> i64 { cast::timestamp_to_time(value) }
    uuid_to_text(run, value: Text) -> Text { cast::uuid_to_text(value.bytes(), &run.arena) }
    bytes_to_text(run, value: Text) -> Text { cast::bytes_to_text(value.bytes(), &run.arena) }
    interval_to_text(run, value: i128) -> Text { cast::interval_to_text(abi::interval(value), &run.arena) }
}

decimals! {
    text_to_decimal, text_to_decimal_wide(run, value: Text, precision: u8, scale: u8) {
        cast::text_to_decimal(value.text(), precision, scale)
    }
    int_to_decimal, int_to_decimal_wide(run, value: i64, precision: u8, scale: u8) {
        cast::int_to_decimal(value, precision, scale)
    }
    float_to_decimal, float_to_decimal_wide(run, value: f64, bits: u8, precision: u8, scale: u8) {
        cast::float_to_decimal(value, bits, precision, scale)
    }
    decimal_to_decimal, decimal_to_decimal_wide(run, value: i128, from: u8, precision: u8, scale: u8) {
        cast::decimal_to_decimal(value, from, precision, scale)
    }
}

// ---- decimals ---------------------------------------------------------------
decimals! {
    decimal_add, decimal_add_wide(run, left: i128, right: i128, precision: u8) {
        decimal::add(left, right, precision)
    }
    decimal_subtract, decimal_subtract_wide(run, left: i128, right: i128, precision: u8) {
        decimal::subtract(left, right, precision)
    }
    decimal_multiply, decimal_multiply_wide(run, left: i128, right: i128, precision: u8) {
        decimal::multiply(left, right, precision)
    }
    decimal_divide, decimal_divide_wide(
        run, left: i128, left_scale: u8, right: i128, right_scale: u8, precision: u8, scale: u8
    ) {
        decimal::divide(left, left_scale, right, right_scale, precision, scale)
    }
    decimal_remainder, decimal_remainder_wide(run, left: i128, right: i128) { decimal::remainder(left, right) }
    decimal_round, decimal_round_wide(run, value: i128, from: u8, to: u8, precision: u8) {
        decimal::round(value, from, to, precision)
    }
    decimal_round_left, decimal_round_left_wide(run, value: i128, scale: u8, places: u8, precision: u8) {
        decimal::round_left(value, scale, places, precision)
    }
    decimal_trunc, decimal_trunc_wide(run, value: i128, from: u8, to: u8, precision: u8) {
        decimal::trunc(value, from, to, precision)
    }
    decimal_trunc_left, decimal_trunc_left_wide(run, value: i128, scale: u8, places: u8) {
        Ok(decimal::trunc_left(value, scale, places))
    }
    decimal_floor, decimal_floor_wide(run, value: i128, scale: u8) { Ok(decimal::floor(value, scale)) }
    decimal_ceil, decimal_ceil_wide(run, value: i128, scale: u8) { Ok(decimal::ceil(value, scale)) }
    extract_date, extract_date_wide(run, value: i64, unit: u8) { date::extract_date(value, Unit::of_number(unit)) }
    extract_time, extract_time_wide(run, value: i64, unit: u8) { Ok(date::extract_time(value, Unit::of_number(unit))) }
    extract_timestamp, extract_timestamp_wide(run, value: i64, unit: u8) {
        date::extract_timestamp(value, Unit::of_number(unit))
    }
    extract_interval, extract_interval_wide(run, value: i128, unit: u8) {
        Ok(interval::extract(abi::interval(value), Unit::of_number(unit)))
    }
}

// ---- doubles ----------------------------------------------------------------
calls! {
    float_power(run, base: f64, exponent: f64) -> f64 { number::power(base, exponent) }
    float_sqrt(run, value: f64) -> f64 { number::sqrt(value) }
    float_exp(run, value: f64) -> f64 { number::exp(value) }
    float_ln(run, value: f64) -> f64 { number::ln(value) }
    float_sign(run, value: f64) -> f64 { number::float_sign(value) }
}

// ---- text -------------------------------------------------------------------
calls! {
    text_trim(run, value: Text, letters: Text, side: u8) -> Text {
        text::trim(value.text(), letters.text(), TrimSide::of_number(side))
    }
    text_lower(run, value: Text) -> Text { text::lower(value.text(), &run.arena) }
    text_upper(run, value: Text) -> Text { text::upper(value.text(), &run.arena) }
    text_initcap(run, value: Text) -> Text { text::initcap(value.text(), &run.arena) }
    text_substr_from(run, value: Text, start: i64) -> Text { text::substr_from(value.text(), start) }
    text_substr(run, value: Text, start: i64, length: i64) -> Text { text::substr(value.text(), start, length) }
    text_left(run, value: Text, count: i64) -> Text { text::left(value.text(), count) }
    text_right(run, value: Text, count: i64) -> Text { text::right(value.text(), count) }
    text_replace(run, value: Text, from: Text, to: Text) -> Text {
        text::replace(value.text(), from.text(), to.text(), &run.arena)
    }
    text_translate(run, value: Text, from: Text, to: Text) -> Text {
        text::translate(value.text(), from.text(), to.text(), &run.arena)
    }
    text_split_part(run, value: Text, delimiter: Text, field: i64) -> Text {
        text::split_part(value.text(), delimiter.text(), field)
    }
    text_join(run, left: Text, right: Text) -> Text { text::join(left.text(), right.text(), &run.arena) }
    bytes_join(run, left: Text, right: Text) -> Text { text::join_bytes(left.bytes(), right.bytes(), &run.arena) }
    text_concat(run, parts: Text) -> Text { text::concat(run.texts(parts), &run.arena) }
    text_concat_ws(run, separator: Text, parts: Text) -> Text {
        text::concat_ws(separator.text(), run.texts(parts), &run.arena)
    }
    text_lpad(run, value: Text, length: i64, fill: Text) -> Text {
        text::lpad(value.text(), length, fill.text(), &run.arena)
    }
    text_rpad(run, value: Text, length: i64, fill: Text) -> Text {
        text::rpad(value.text(), length, fill.text(), &run.arena)
    }
    text_repeat(run, value: Text, count: i64) -> Text { text::repeat(value.text(), count, &run.arena) }
    text_length(run, value: Text) -> i64 { text::length(value.text()) }
    text_position(run, value: Text, part: Text) -> i64 { text::position(value.text(), part.text()) }
    text_starts_with(run, value: Text, start: Text) -> i32 { text::starts_with(value.text(), start.text()) }
    text_reverse(run, value: Text) -> Text { text::reverse(value.text(), &run.arena) }
    text_like(run, value: Text, pattern: Text) -> i32 {
        like::matches(value.text(), LikeView::of(pattern.bytes()), &run.arena)
    }
    text_equal(run, left: Text, right: Text) -> i32 { left.bytes() == right.bytes() }
    text_compare(run, left: Text, right: Text) -> i32 { Order(left.bytes().cmp(right.bytes())) }
    interval_compare(run, left: i128, right: i128) -> i32 {
        Order(interval::compare(abi::interval(left), abi::interval(right)))
    }
}

// ---- bytes and digests --------------------------------------------------------
calls! {
    digest_md5(run, value: Text) -> Text { digest::md5(value.bytes(), &run.arena) }
    digest_sha256(run, value: Text) -> Text { digest::sha256(value.bytes(), &run.arena) }
    encode_hex(run, value: Text) -> Text { encoding::encode_hex(value.bytes(), &run.arena) }
    encode_base64(run, value: Text) -> Text { encoding::encode_base64(value.bytes(), &run.arena) }
    decode_hex(run, value: Text) -> Text { encoding::decode_hex(value.text(), &run.arena) }
    decode_base64(run, value: Text) -> Text { encoding::decode_base64(value.text(), &run.arena) }
    to_hex(run, value: i64, bits: u8) -> Text { encoding::to_hex(value, bits, &run.arena) }
}

// ---- dates and times ----------------------------------------------------------
calls! {
    date_trunc(run, value: i64, unit: u8) -> i64 { date::date_trunc(value, Unit::of_number(unit)) }
    make_date(run, year: i64, month: i64, day: i64) -> i64 { date::make_date(year, month, day) }
    make_time(run, hour: i64, minute: i64, second: f64) -> i64 { date::make_time(hour, minute, second) }
    make_timestamp(run, year: i64, month: i64, day: i64, hour: i64, minute: i64, second: f64) -> i64 {
        date::make_timestamp(year, month, day, hour, minute, second)
    }
    parse_timestamp(run, value: Text, format: Text) -> i64 {
        format::parse_timestamp(value.text(), FormatView::of(format.bytes()))
    }
    parse_date(run, value: Text, format: Text) -> i64 {
        format::parse_date(value.text(), FormatView::of(format.bytes()))
    }
    format_timestamp(run, value: i64, format: Text) -> Text {
        format::format_timestamp(value, FormatView::of(format.bytes()), &run.arena)
    }
    from_epoch(run, seconds: f64) -> i64 { date::from_epoch(seconds) }
    zone_to_utc(run, value: i64, zone: Text) -> i64 { zone::zone_to_utc(value, ZoneView::of(zone.bytes())) }
    utc_to_zone(run, value: i64, zone: Text) -> i64 { zone::utc_to_zone(value, ZoneView::of(zone.bytes())) }
    add_days(run, value: i64, count: i64) -> i64 { date::add_days(value, count) }
    days_between(run, left: i64, right: i64) -> i64 { date::days_between(left, right) }
    add_interval(run, value: i64, interval: i128) -> i64 {
        interval::add_to_timestamp(value, abi::interval(interval))
    }
    time_add(run, value: i64, interval: i128) -> i64 { interval::add_to_time(value, abi::interval(interval)) }
    timestamps_between(run, left: i64, right: i64) -> u32 { interval::between(left, right) }
    timestamps_age(run, left: i64, right: i64) -> u32 { interval::age(left, right) }
    interval_add(run, left: i128, right: i128) -> u32 { interval::add(abi::interval(left), abi::interval(right)) }
    interval_multiply(run, value: i128, factor: i64) -> u32 { interval::multiply(abi::interval(value), factor) }
    interval_scale(run, value: i128, factor: f64) -> u32 { interval::scale(abi::interval(value), factor) }
    interval_divide(run, value: i128, divisor: f64) -> u32 { interval::divide(abi::interval(value), divisor) }
    interval_negate(run, value: i128) -> u32 { interval::negate(abi::interval(value)) }
}

// ---- json ---------------------------------------------------------------------
calls! {
    json_field(run, json: Text, key: Text) -> Text { json::field(json.text(), key.text()) }
    json_field_text(run, json: Text, key: Text) -> Text { json::field_text(json.text(), key.text(), &run.arena) }
    json_element(run, json: Text, index: i64) -> Text { json::element(json.text(), index) }
    json_element_text(run, json: Text, index: i64) -> Text { json::element_text(json.text(), index, &run.arena) }
    json_typeof(run, json: Text) -> Text { json::type_of(json.text()) }
}

// ---- personal data --------------------------------------------------------------
calls! {
    mask(run, value: Text, left: i64, right: i64, letter: Text) -> Text {
        privacy::mask(value.text(), left, right, letter.text(), &run.arena)
    }
    mask_email(run, value: Text) -> Text { privacy::mask_email(value.text(), &run.arena) }
    pseudonym(run, value: Text, key: Text) -> Text { privacy::pseudonym(value.text(), key.text(), &run.arena) }
}

// ---- regular expressions ----------------------------------------------------------
#[cfg(feature = "regex")]
calls! {
    regexp_like(run, value: Text, pattern: Text, number: u32) -> i32 {
        run.with_regexp(number, pattern.text(), |regex| crate::functions::regexp::is_match(regex, value.text()))
    }
    regexp_replace(run, value: Text, replacement: Text, all: u8, pattern: Text, number: u32) -> Text {
        run.with_regexp(number, pattern.text(), |regex| {
            crate::functions::regexp::replace(regex, value.text(), replacement.text(), all != 0, &run.arena)
        }).flatten()
    }
    regexp_substr(run, value: Text, group: u32, pattern: Text, number: u32) -> Text {
        run.with_regexp(number, pattern.text(), |regex| crate::functions::regexp::substr(regex, value.text(), group))
    }
}

/// Less, equal or greater as -1, 0, 1.
struct Order(Ordering);

impl Give<i32> for Order {
    fn give(self, _: &abi::Results) -> i32 {
        self.0 as i32
    }
}
