//! Cron expressions of five fields.

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};

/// A field of an expression: its name and what may stand there.
struct Field {
    name: &'static str,
    expected: &'static str,
}

const FIELDS: [Field; 5] = [
    Field { name: "minute", expected: "0 to 59" },
    Field { name: "hour", expected: "0 to 23" },
    Field { name: "day of month", expected: "1 to 31, or `L` for the last" },
    Field { name: "month", expected: "1 to 12 or JAN to DEC" },
    Field { name: "day of week", expected: "0 to 7 (0 and 7 are Sunday) or SUN to SAT" },
];

/// Reads an expression; the error says what is wrong and what was expected.
pub(crate) fn parse(expression: &str) -> Result<Cron, String> {
    let fields: Vec<&str> = expression.split_whitespace().collect();
    if fields.len() != FIELDS.len() {
        return Err(format!(
            "cron `{expression}` has {} field(s); expected five: minute, hour, day of month, month, day of week, \
             like `*/15 * * * *`",
            fields.len()
        ));
    }
    read(expression).map_err(|_| wrong_field(expression, &fields))
}

/// Whether the expression names its hours, so that each is meant once a day.
pub(crate) fn names_hours(expression: &str) -> bool {
    expression.split_whitespace().nth(1).is_some_and(|hours| !hours.contains('*'))
}

fn read(expression: &str) -> Result<Cron, croner::errors::CronError> {
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    parser.parse(expression)
}

/// Says which field is wrong, by trying each alone.
fn wrong_field(expression: &str, fields: &[&str]) -> String {
    let is_wrong = |place: usize| {
        let mut alone = ["*"; FIELDS.len()];
        alone[place] = fields[place];
        read(&alone.join(" ")).is_err()
    };
    match (0..FIELDS.len()).find(|place| is_wrong(*place)) {
        Some(place) => format!(
            "cron `{expression}`: {} `{}` is not valid; expected {}, as `*`, `*/2`, `1`, `1-5` or `1,3`",
            FIELDS[place].name, fields[place], FIELDS[place].expected
        ),
        None => format!("cron `{expression}` is not valid; expected five fields like `*/15 * * * *`"),
    }
}
