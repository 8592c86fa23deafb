//! Module of the benches: the typical rule, over JSON records.
//!
//! The job of `transforms/bench-rule`. What is written over JSON in Rust has no use but to be
//! measured: the SDK for Rust is over columns.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

mod bindings {
    #![allow(missing_docs, unreachable_pub, unsafe_code, clippy::all, reason = "generated from the contract")]
    wit_bindgen::generate!({ world: "records", path: "../../wit" });
}

use bindings::millstream::transform::types::{OutField, Passed};
use bindings::{Context, Field, Guest, OpenError, Plan, RecordsOutput, Reject};

const READS: [&str; 9] = ["name", "email", "amount", "price", "quantity", "at", "country", "active", "score"];
const WRITES: [(&str, &str); 6] = [
    ("name", "utf8"),
    ("email", "utf8"),
    ("amount", "decimal(12,2)"),
    ("at", "timestamp"),
    ("total", "decimal(38,2)"),
    ("tier", "utf8"),
];
const LARGEST: i128 = 10_i128.pow(38);

#[derive(Deserialize)]
struct Given<'a> {
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    email: Option<Cow<'a, str>>,
    #[serde(borrow)]
    amount: Option<Cow<'a, str>>,
    price: Option<&'a str>,
    quantity: Option<&'a str>,
    #[serde(borrow)]
    at: Option<Cow<'a, str>>,
    #[serde(borrow)]
    country: Option<Cow<'a, str>>,
    active: Option<bool>,
    score: Option<f64>,
}

#[derive(Serialize)]
struct Made<'a> {
    name: Option<&'a str>,
    email: Option<String>,
    amount: Option<&'a str>,
    at: Option<&'a str>,
    total: Option<String>,
    tier: &'static str,
}

struct BenchRecords;

impl Guest for BenchRecords {
    fn open_records(fields: Vec<Field>, _config: String, _context: Context) -> Result<Plan, OpenError> {
        let place = |name: &str| {
            let found = fields.iter().position(|field| field.name == name);
            found.map(|place| place as u32).ok_or_else(|| OpenError { message: format!("there is no column `{name}`") })
        };
        let needs = READS.iter().map(|name| place(name)).collect::<Result<_, _>>()?;
        let mut planned = Vec::new();
        for (field, column) in fields.iter().zip(0..) {
            if !WRITES.iter().any(|(name, _)| *name == field.name) {
                planned.push(OutField::Passed(Passed { name: field.name.clone(), column }));
            }
        }
        let computed = |(name, column_type): &(&str, &str)| {
            OutField::Computed(Field { name: (*name).to_owned(), type_: (*column_type).to_owned(), nullable: true })
        };
        planned.extend(WRITES.iter().map(computed));
        Ok(Plan { fields: planned, needs })
    }

    fn apply_records(records: String) -> Result<RecordsOutput, String> {
        let rows: Vec<Given<'_>> = serde_json::from_str(&records).map_err(|error| error.to_string())?;
        let (mut made, mut source_rows, mut rejects) = (Vec::with_capacity(rows.len()), Vec::new(), Vec::new());
        for (row, number) in rows.iter().zip(0..) {
            match rule(row) {
                Ok(Some(row)) => {
                    made.push(row);
                    source_rows.push(number);
                }
                Ok(None) => {}
                Err((column, code, message)) => rejects.push(Reject {
                    row: number,
                    column: Some(column.to_owned()),
                    code: code.to_owned(),
                    message: message.to_owned(),
                }),
            }
        }
        let records = serde_json::to_string(&made).map_err(|error| error.to_string())?;
        Ok(RecordsOutput { records, source_rows, rejects })
    }
}

type Refused = (&'static str, &'static str, &'static str);

fn rule<'a>(row: &'a Given<'_>) -> Result<Option<Made<'a>>, Refused> {
    if row.active != Some(true) || row.country.as_deref().is_none_or(|country| country == "XX") {
        return Ok(None);
    }
    if row.amount.as_deref().is_some_and(|amount| !is_amount(amount)) {
        return Err(("amount", "bad_amount", "the amount is no decimal(12,2)"));
    }
    if row.at.as_deref().is_some_and(|at| !is_moment(at)) {
        return Err(("at", "bad_time", "the time is not like 2013-01-31 10:15:00"));
    }
    let total = row.price.zip(row.quantity).map(|(price, quantity)| {
        total(price, quantity).ok_or(("total", "overflow", "the total has more than 38 digits"))
    });
    Ok(Some(Made {
        name: row.name.as_deref().map(str::trim),
        email: row.email.as_deref().map(|email| email.trim().to_lowercase()),
        amount: row.amount.as_deref(),
        at: row.at.as_deref(),
        total: total.transpose()?,
        tier: match row.score {
            Some(score) if score >= 90.0 => "gold",
            Some(score) if score >= 50.0 => "silver",
            _ => "basic",
        },
    }))
}

fn total(price: &str, quantity: &str) -> Option<String> {
    let cents: i128 = price.replace('.', "").parse().ok()?;
    let total = cents.checked_mul(quantity.parse().ok()?).filter(|total| total.abs() < LARGEST)?;
    let sign = if total < 0 { "-" } else { "" };
    Some(format!("{sign}{}.{:02}", total.unsigned_abs() / 100, total.unsigned_abs() % 100))
}

fn is_amount(text: &str) -> bool {
    let (whole, fraction) = text.strip_prefix('-').unwrap_or(text).split_once('.').unwrap_or((text, "0"));
    let is_digits = |part: &str| part.bytes().all(|digit| digit.is_ascii_digit());
    let whole = whole.trim_start_matches('-');
    (1..=10).contains(&whole.len()) && (1..=2).contains(&fraction.len()) && is_digits(whole) && is_digits(fraction)
}

fn is_moment(text: &str) -> bool {
    let Ok(bytes) = <&[u8; 19]>::try_from(text.as_bytes()) else { return false };
    if [bytes[4], bytes[7], bytes[10], bytes[13], bytes[16]] != *b"-- ::" {
        return false;
    }
    let number = |from: usize, to: usize| {
        bytes[from..to]
            .iter()
            .try_fold(0_u32, |number, digit| digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0')))
    };
    let parts = [number(0, 4), number(5, 7), number(8, 10), number(11, 13), number(14, 16), number(17, 19)];
    let [Some(year), Some(month), Some(day), Some(hour), Some(minute), Some(second)] = parts else { return false };
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    };
    (1..=12).contains(&month) && (1..=days).contains(&day) && hour < 24 && minute < 60 && second < 60
}

mod exported {
    #![allow(unsafe_code, reason = "generated from the contract")]
    use super::{BenchRecords, bindings};

    bindings::export!(BenchRecords with_types_in bindings);
}
