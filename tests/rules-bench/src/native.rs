//! The typical rule by hand, over Arrow: what it takes where nothing has to be fenced in.

use std::sync::Arc;

use arrow_array::builder::{Decimal128Builder, StringBuilder, TimestampMicrosecondBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch, StringArray};
use arrow_select::filter::FilterBuilder;

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;
const LARGEST: i128 = 10_i128.pow(38);

/// Puts a batch through the rule; the columns are those of the rule in SQL, in its order.
pub(crate) fn apply(rows: &RecordBatch) -> anyhow::Result<Vec<(&'static str, ArrayRef)>> {
    let text = |place: usize| rows.column(place).as_string::<i32>();
    let (names, emails, amounts, moments) = (text(1), text(2), text(3), text(6));
    let prices = rows.column(4).as_primitive::<Decimal128Type>();
    let quantities = rows.column(5).as_primitive::<Int64Type>();
    let scores = rows.column(9).as_primitive::<Float64Type>();
    let keep = kept(rows.column(8).as_boolean(), text(7));
    let count = keep.true_count();

    let mut name = StringBuilder::with_capacity(count, names.value_data().len());
    let mut email = StringBuilder::with_capacity(count, emails.value_data().len());
    let mut amount = Decimal128Builder::with_capacity(count).with_precision_and_scale(12, 2)?;
    let mut at = TimestampMicrosecondBuilder::with_capacity(count);
    let mut total = Decimal128Builder::with_capacity(count).with_precision_and_scale(38, 2)?;
    let mut tier = StringBuilder::with_capacity(count, count * 6);
    for row in keep.values().set_indices() {
        name.append_option(value(names, row).map(trim));
        match value(emails, row).map(trim) {
            None => email.append_null(),
            Some(small) if small.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) => {
                email.append_value(small);
            }
            Some(other) => email.append_value(other.to_lowercase()),
        }
        match value(amounts, row) {
            None => amount.append_null(),
            Some(text) => amount.append_value(decimal(text).ok_or_else(|| anyhow::anyhow!("no decimal in row {row}"))?),
        }
        match value(moments, row) {
            None => at.append_null(),
            Some(text) => at.append_value(moment(text).ok_or_else(|| anyhow::anyhow!("no time in row {row}"))?),
        }
        if prices.is_null(row) || quantities.is_null(row) {
            total.append_null();
        } else {
            let product = prices.value(row).checked_mul(i128::from(quantities.value(row)));
            total.append_value(
                product.filter(|product| product.abs() < LARGEST).ok_or_else(|| anyhow::anyhow!("overflow"))?,
            );
        }
        tier.append_value(match scores.is_valid(row).then(|| scores.value(row)) {
            Some(score) if score >= 90.0 => "gold",
            Some(score) if score >= 50.0 => "silver",
            _ => "basic",
        });
    }
    let filter = FilterBuilder::new(&keep).optimize().build();
    let passed = |place: usize| filter.filter(rows.column(place));
    Ok(vec![
        ("id", passed(0)?),
        ("name", Arc::new(name.finish())),
        ("email", Arc::new(email.finish())),
        ("amount", Arc::new(amount.finish())),
        ("price", passed(4)?),
        ("quantity", passed(5)?),
        ("at", Arc::new(at.finish())),
        ("country", passed(7)?),
        ("active", passed(8)?),
        ("score", passed(9)?),
        ("total", Arc::new(total.finish())),
        ("tier", Arc::new(tier.finish())),
    ])
}

/// Active and not of the country XX; NULL is not kept.
fn kept(active: &BooleanArray, country: &StringArray) -> BooleanArray {
    let row =
        |row: usize| active.is_valid(row) && active.value(row) && country.is_valid(row) && country.value(row) != "XX";
    BooleanArray::from((0..active.len()).map(row).collect::<Vec<_>>())
}

fn value(texts: &StringArray, row: usize) -> Option<&str> {
    texts.is_valid(row).then(|| texts.value(row))
}

fn trim(text: &str) -> &str {
    text.trim_matches(' ')
}

/// A decimal of two places.
fn decimal(text: &str) -> Option<i128> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() || fraction.len() > 2 || whole.len() > 10 {
        return None;
    }
    let mut number = 0_i64;
    for digit in whole.bytes().chain(fraction.bytes()) {
        number = number * 10 + i64::from(digit.is_ascii_digit().then(|| digit - b'0')?);
    }
    Some(sign * i128::from(number * 10_i64.pow(2 - fraction.len() as u32)))
}

/// Microseconds of `2013-01-31 10:15:00`.
fn moment(text: &str) -> Option<i64> {
    let bytes: &[u8; 19] = text.as_bytes().try_into().ok()?;
    if [bytes[4], bytes[7], bytes[10], bytes[13], bytes[16]] != *b"-- ::" {
        return None;
    }
    let number = |from: usize, to: usize| {
        let mut number = 0;
        for digit in &bytes[from..to] {
            number = number * 10 + i64::from(digit.is_ascii_digit().then(|| digit - b'0')?);
        }
        Some(number)
    };
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let days = days(number(0, 4)?, number(5, 7)?, number(8, 10)?)?;
    Some(days * DAY + ((hour * 60 + minute) * 60 + second) * 1_000_000)
}

/// Days since 1970-01-01.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let longest = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(leap),
        _ => return None,
    };
    if day < 1 || day > longest {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}
