//! When a rule of EventBridge fires: `rate(…)` and `cron(…)`, in UTC.

use std::time::Duration;

use chrono::SubsecRound as _;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use flow::Timestamp;

/// A schedule expression as EventBridge reads it: `rate(5 minutes)` or `cron(0/15 * * * ? *)`.
///
/// The fields of `cron` are minute, hour, day of month, month, day of week (1 is Sunday) and year;
/// one of the two days is `?`. Times are UTC.
#[derive(Debug, Clone)]
pub struct ScheduleExpression(When);

#[derive(Debug, Clone)]
enum When {
    Every(Duration),
    At(Box<Cron>),
}

const EXPECTED: &str = "expected `rate(5 minutes)` or `cron(0/15 * * * ? *)`";

impl ScheduleExpression {
    /// Reads an expression; the error says what is wrong and what was expected.
    pub fn parse(expression: &str) -> Result<Self, String> {
        let inside = |name: &str| expression.trim().strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
        if let Some(rate) = inside("rate") {
            return read_rate(rate).map(When::Every).map(Self).map_err(|wrong| format!("`{expression}`: {wrong}"));
        }
        if let Some(fields) = inside("cron") {
            let cron = read_cron(fields).map_err(|wrong| format!("`{expression}`: {wrong}"))?;
            return Ok(Self(When::At(Box::new(cron))));
        }
        Err(format!("`{expression}` is no schedule; {EXPECTED}"))
    }

    /// The latest moment in `(after, now]` the rule fires; `None` when there is none. A rate counts
    /// from `made`, when the rule was made, and fires first when it has passed once.
    #[must_use]
    pub fn due_between(&self, made: Timestamp, after: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let due = match &self.0 {
            When::Every(rate) => latest_of_rate(made, *rate, now),
            When::At(cron) => cron.find_previous_occurrence(&now.trunc_subsecs(0), true).ok(),
        };
        due.filter(|due| *due > after)
    }
}

fn latest_of_rate(made: Timestamp, rate: Duration, now: Timestamp) -> Option<Timestamp> {
    let passed = (now - made).num_seconds();
    let rate = i64::try_from(rate.as_secs()).ok()?;
    let times = passed.checked_div(rate).filter(|times| *times > 0)?;
    made.checked_add_signed(chrono::TimeDelta::try_seconds(times.checked_mul(rate)?)?)
}

fn read_rate(rate: &str) -> Result<Duration, String> {
    let words: Vec<&str> = rate.split_whitespace().collect();
    let [number, unit] = words[..] else {
        return Err("expected a number and a unit, as `rate(5 minutes)`".to_owned());
    };
    let number: u64 = number.parse().ok().filter(|number| *number > 0).ok_or("expected a number above 0")?;
    let seconds = match unit.strip_suffix('s').unwrap_or(unit) {
        "minute" => 60,
        "hour" => 3_600,
        "day" => 86_400,
        _ => return Err(format!("unit `{unit}` is not known; expected minutes, hours or days")),
    };
    // EventBridge takes `1 minute` and `5 minutes` alone.
    if (number == 1) == unit.ends_with('s') {
        return Err(format!("`{number} {unit}`: the unit is singular for 1 and plural for more"));
    }
    number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(|| "the number is too large".to_owned())
}

fn read_cron(fields: &str) -> Result<Cron, String> {
    let parts: Vec<&str> = fields.split_whitespace().collect();
    let &[_, _, day_of_month, _, day_of_week, _] = parts.as_slice() else {
        return Err(format!(
            "{} field(s); expected six: minute, hour, day of month, month, day of week, year",
            parts.len()
        ));
    };
    if (day_of_month == "?") == (day_of_week == "?") {
        return Err("one of day of month and day of week is `?`, and the other is not".to_owned());
    }
    let parser = CronParser::builder()
        .seconds(Seconds::Required)
        .year(Year::Required)
        .alternative_weekdays(true)
        // EventBridge writes `0/15` for every fifteenth from 0.
        .sloppy_ranges(true)
        .build();
    parser.parse(&format!("0 {fields}")).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn due(expression: &str, now: &str) -> Option<Timestamp> {
        let made = at("2026-11-01T00:00:30Z");
        ScheduleExpression::parse(expression).unwrap().due_between(made, made, at(now))
    }

    #[test]
    fn each_expression_fires_when_eventbridge_would() {
        // 2026-11-22 is a Sunday.
        let cases = [
            ("rate(1 minute)", "2026-11-01T00:01:29Z", None),
            ("rate(1 minute)", "2026-11-01T00:01:30Z", Some("2026-11-01T00:01:30Z")),
            ("rate(5 minutes)", "2026-11-01T00:14:00Z", Some("2026-11-01T00:10:30Z")),
            ("rate(2 hours)", "2026-11-01T03:00:00Z", Some("2026-11-01T02:00:30Z")),
            ("rate(1 day)", "2026-11-03T01:00:00Z", Some("2026-11-03T00:00:30Z")),
            ("cron(* * * * ? *)", "2026-11-22T10:15:42.5Z", Some("2026-11-22T10:15:00Z")),
            ("cron(0/15 * * * ? *)", "2026-11-22T10:44:59Z", Some("2026-11-22T10:30:00Z")),
            ("cron(15 10 ? * 1 *)", "2026-11-28T00:00:00Z", Some("2026-11-22T10:15:00Z")),
            ("cron(15 10 ? * SUN *)", "2026-11-28T00:00:00Z", Some("2026-11-22T10:15:00Z")),
            ("cron(0 18 ? * MON-FRI *)", "2026-11-22T23:00:00Z", Some("2026-11-20T18:00:00Z")),
            ("cron(0 0 L * ? *)", "2026-12-05T00:00:00Z", Some("2026-11-30T00:00:00Z")),
            ("cron(0 12 ? * 3#2 *)", "2026-11-22T00:00:00Z", Some("2026-11-10T12:00:00Z")),
            ("cron(0 12 * * ? 2025)", "2026-11-22T00:00:00Z", None),
        ];
        for (expression, now, expected) in cases {
            assert_eq!(due(expression, now), expected.map(at), "{expression} at {now}");
        }
    }

    #[test]
    fn a_moment_is_due_once() {
        let expression = ScheduleExpression::parse("cron(* * * * ? *)").unwrap();
        let (made, minute) = (at("2026-11-01T00:00:00Z"), at("2026-11-22T10:15:00Z"));
        assert_eq!(expression.due_between(made, at("2026-11-22T10:14:59Z"), minute), Some(minute));
        assert_eq!(expression.due_between(made, minute, at("2026-11-22T10:15:59Z")), None);
    }

    #[test]
    fn what_eventbridge_refuses_is_refused_with_what_was_expected() {
        let cases = [
            ("*/15 * * * *", "expected `rate(5 minutes)`"),
            ("rate(0 minutes)", "above 0"),
            ("rate(1 minutes)", "singular for 1"),
            ("rate(5 minute)", "singular for 1"),
            ("rate(5 weeks)", "`weeks` is not known"),
            ("rate(5)", "a number and a unit"),
            ("cron(* * * * *)", "5 field(s); expected six"),
            ("cron(* * * * * *)", "is `?`"),
            ("cron(* * ? * ? *)", "is `?`"),
            ("cron(60 * * * ? *)", "cron(60"),
        ];
        for (expression, expected) in cases {
            let error = ScheduleExpression::parse(expression).unwrap_err();
            assert!(error.contains(expected), "{expression}: {error}");
        }
    }
}
