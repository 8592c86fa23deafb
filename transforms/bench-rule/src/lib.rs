//! Module of the benches: the typical rule, over columns.
//!
//! Trims and lowers, parses decimals and timestamps, computes, decides, filters: the same job as
//! `transforms/bench-records` does over JSON in Rust, JavaScript and Python.

use std::borrow::Cow;

use sdk::civil::{DAY, HOUR, MINUTE, SECOND, days};
use sdk::{Reject, decimal};

sdk::rows! {
    /// The module.
    pub module BenchRule = rule;
    /// What crosses.
    reads Given {
        name: Text, email: Text, amount: Text, price: Decimal, quantity: Int, at: Text, country: Text, active: Bool,
        score: Float,
    }
    /// What the module gives.
    writes Made {
        name: Text, email: Text, amount: Decimal("decimal(12,2)"), at: LocalTimestamp, total: Decimal("decimal(38,2)"),
        tier: Text,
    }
}

const LARGEST: i128 = 10_i128.pow(38);

fn rule(given: Given<'_>) -> Result<Option<Made<'_>>, Reject> {
    if given.active != Some(true) || given.country.is_none_or(|country| country == "XX") {
        return Ok(None);
    }
    let bad_amount = || Reject::new("bad_amount", "the amount is no decimal(12,2)").column("amount");
    let bad_time = || Reject::new("bad_time", "the time is not like 2013-01-31 10:15:00").column("at");
    Ok(Some(Made {
        name: given.name.map(|name| name.trim().into()),
        email: given.email.map(|email| lower(email.trim())),
        amount: given.amount.map(|text| decimal::parse(text, 12, 2).ok_or_else(bad_amount)).transpose()?,
        at: given.at.map(|text| moment(text).ok_or_else(bad_time)).transpose()?,
        total: given.price.zip(given.quantity).map(|(price, quantity)| total(price, quantity)).transpose()?,
        tier: Some(tier(given.score).into()),
    }))
}

fn total(price: i128, quantity: i64) -> Result<i128, Reject> {
    let total = price.checked_mul(i128::from(quantity)).filter(|total| total.abs() < LARGEST);
    total.ok_or_else(|| Reject::new("overflow", "the total has more than 38 digits").column("total"))
}

fn tier(score: Option<f64>) -> &'static str {
    match score {
        Some(score) if score >= 90.0 => "gold",
        Some(score) if score >= 50.0 => "silver",
        _ => "basic",
    }
}

fn lower(text: &str) -> Cow<'_, str> {
    match text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        true => text.into(),
        false => text.to_lowercase().into(),
    }
}

/// Microseconds of `2013-01-31 10:15:00`.
fn moment(text: &str) -> Option<i64> {
    let bytes: &[u8; 19] = text.as_bytes().try_into().ok()?;
    if [bytes[4], bytes[7], bytes[10], bytes[13], bytes[16]] != *b"-- ::" {
        return None;
    }
    let number = |from: usize, to: usize| {
        bytes[from..to]
            .iter()
            .try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0')))
    };
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let is_time = hour < 24 && minute < 60 && second < 60;
    let days = days(number(0, 4)?, number(5, 7)?, number(8, 10)?)?;
    is_time.then_some(days * DAY + hour * HOUR + minute * MINUTE + second * SECOND)
}

#[cfg(test)]
mod tests {
    use sdk::testing::{NULL, Table};

    use super::*;

    #[test]
    fn the_rule_cleans_parses_computes_decides_and_filters() {
        let table = Table::new()
            .column("id", "int64", &["1", "2", "3", "4", "5", "6"])
            .column("name", "utf8", &[" Ada ", NULL, "x", "y", "z", "w"])
            .column("email", "utf8", &[" ADA@Ä.org", NULL, "x", "y", "z", "w"])
            .column("amount", "utf8", &["12.5", NULL, "1", "x", "1", "1"])
            .column("price", "decimal(12,2)", &["-0.05", NULL, "1.00", "1.00", "1.00", "1.00"])
            .column("quantity", "int64", &["3", "1", "1", "1", "1", "1"])
            .column("at", "utf8", &["2013-01-31 10:15:00", NULL, NULL, NULL, "2013-02-29 00:00:00", NULL])
            .column("country", "utf8", &["DE", "FR", "XX", "DE", "DE", NULL])
            .column("active", "bool", &["true", "true", "true", "true", "true", "true"])
            .column("score", "float64", &["90", NULL, "1", "1", "1", "1"]);
        let outcome = table.run::<BenchRule>("{}").unwrap();
        assert_eq!(outcome.column("id"), ["1", "2"]);
        assert_eq!(outcome.column("name"), ["Ada", NULL]);
        assert_eq!(outcome.column("email"), ["ada@ä.org", NULL]);
        assert_eq!(outcome.column("amount"), ["12.50", NULL]);
        assert_eq!(outcome.column("total"), ["-0.15", NULL]);
        assert_eq!(outcome.column("tier"), ["gold", "basic"]);
        assert_eq!(moment("2013-01-31 10:15:00"), Some(1_359_627_300_000_000));
        let rejects: Vec<_> = outcome.rejects.iter().map(|reject| (reject.row, reject.code.as_str())).collect();
        assert_eq!(rejects, [(3, "bad_amount"), (4, "bad_time")]);
    }
}
