//! Rules held against PostgreSQL: the same expressions over the same rows, value by value and
//! fault by fault.
//!
//! Where they differ on purpose is listed, each difference with its reason: [`ON_PURPOSE`] is what
//! generated expressions meet, [`MEANT`] has an example for each of the others.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by it, and says its seed"
)]

mod generator;
mod server;

use std::collections::BTreeMap;

use bumpalo::Bump;
use fastrand::Rng;
use generator::{Expression, Generator, Table, columns, text_at};
use rules::{Interpreted, compile_sql, interpret};
use rules_runtime::functions::{cast, decimal};
use server::{Answer, Server};

const ROWS: usize = 48;
const EXPRESSIONS: usize = 1300;
/// The seed every run begins with.
const FIXED_SEED: u64 = 20_260_301;

/// A difference that is meant.
struct Difference {
    name: &'static str,
    reason: &'static str,
    applies: fn(&Case<'_>) -> bool,
    /// At most so many pairs of a hundred: more would hide what is not meant.
    percent: usize,
}

/// One expression over one row, computed twice.
struct Case<'c> {
    expression: &'c Expression,
    ours: &'c Ours,
    theirs: &'c Answer,
}

const ON_PURPOSE: &[Difference] = &[
    Difference {
        name: "decimals of 38 digits",
        reason: "a decimal has at most 38 digits, as in Arrow's 128 bits; PostgreSQL's numeric has any number",
        applies: |case| {
            let is_beyond =
                case.is_fault("overflow", "") || case.is_fault("out_of_range", "the number is out of the type's range");
            is_beyond && case.has_decimals() && !case.is_refused()
        },
        percent: 3,
    },
    Difference {
        name: "years 1 to 9999",
        reason: "dates are within the years 1 to 9999, which every destination can take; PostgreSQL goes from 4713 BC to 294276",
        applies: |case| case.is_fault("out_of_range", "the date is outside the years 1 to 9999") && !case.is_refused(),
        percent: 8,
    },
    Difference {
        name: "times of a day",
        reason: "a column holds times of a day, as Arrow's do; PostgreSQL's may hold 24:00:00, the day's end",
        applies: |case| {
            case.is_fault("out_of_range", "24:00:00 is no time of a day, which a column of times holds")
                && *case.theirs == Answer::Value(Some("24:00:00".to_owned()))
        },
        percent: 2,
    },
    Difference {
        name: "decimals are numbers",
        reason: "a decimal is a number, as in Arrow; PostgreSQL's numeric(P,S) may be NaN",
        applies: |case| case.is_fault("out_of_range", "the number is NaN or infinite") && !case.is_refused(),
        percent: 2,
    },
    Difference {
        name: "no doubles below the smallest",
        reason: "a product or quotient of doubles too small for one is 0; PostgreSQL refuses it",
        applies: |case| {
            let has_doubles = ["rate", "ratio", "double"].iter().any(|word| case.expression.ours.contains(word));
            has_doubles && *case.theirs == Answer::Fault("22003".to_owned())
        },
        percent: 2,
    },
];

/// What the interpreter gave for a row.
#[derive(Debug, Clone, PartialEq)]
enum Ours {
    Value(Option<String>),
    Fault { code: String, message: String },
}

impl Case<'_> {
    fn is_fault(&self, wanted: &str, reason: &str) -> bool {
        matches!(self.ours, Ours::Fault { code, message } if code == wanted && message.ends_with(reason))
    }

    fn has_decimals(&self) -> bool {
        let columns = ["amount", "price", "big", "loose", "decimal", "numeric", "1.50", "2.345", "0.005"];
        columns.iter().any(|column| self.expression.ours.contains(column))
    }

    /// PostgreSQL did not take the expression at all.
    fn is_refused(&self) -> bool {
        matches!(self.theirs, Answer::Fault(state) if state.starts_with("42"))
    }
}

/// An expression over the column `stamp` that both compute and that means something else.
struct Meant {
    expression: &'static str,
    theirs: &'static str,
    stamp: &'static str,
    /// PostgreSQL's value, or `!` and its state.
    postgres: &'static str,
    /// The rule's value, or `!` and its code.
    rule: &'static str,
    reason: &'static str,
}

const fn meant(
    [expression, theirs, stamp]: [&'static str; 3],
    [postgres, rule]: [&'static str; 2],
    reason: &'static str,
) -> Meant {
    Meant { expression, theirs, stamp, postgres, rule, reason }
}

const AS_DATE: [&str; 2] = ["cast(stamp as date)", "cast(r.stamp as date)"];
const ONE_READING: &str = "dates without a format are read as ISO 8601 writes them: there is one reading";

const MEANT: &[Meant] = &[
    meant([AS_DATE[0], AS_DATE[1], "infinity"], ["infinity", "!invalid_date"], "a date is a day"),
    meant([AS_DATE[0], AS_DATE[1], "Feb 5 2024"], ["2024-02-05", "!invalid_date"], ONE_READING),
    meant([AS_DATE[0], AS_DATE[1], "5/2/2024"], ["2024-05-02", "!invalid_date"], ONE_READING),
    meant([AS_DATE[0], AS_DATE[1], "240205"], ["2024-02-05", "!invalid_date"], ONE_READING),
    meant([AS_DATE[0], AS_DATE[1], "1999-365"], ["1999-12-31", "!invalid_date"], ONE_READING),
    meant([AS_DATE[0], AS_DATE[1], "0044-03-15 BC"], ["0044-03-15 BC", "!invalid_date"], "the years are 1 to 9999"),
    meant([AS_DATE[0], AS_DATE[1], "10000-01-01"], ["10000-01-01", "!out_of_range"], "the years are 1 to 9999"),
    meant(
        ["cast(stamp as time)", "cast(r.stamp as time)", "24:00"],
        ["24:00:00", "!out_of_range"],
        "a column holds times of a day",
    ),
    meant(
        ["cast(stamp as timestamptz)", "cast(r.stamp as timestamptz)", "2024-02-05 10:00 Europe/Berlin"],
        ["2024-02-05 09:00:00+00", "!invalid_date"],
        "zones by name are constants of a rule: AT TIME ZONE",
    ),
    meant(
        [
            "to_timestamp(stamp, 'YYYY-MM-DD TZH:TZM')",
            "to_timestamp(r.stamp, 'YYYY-MM-DD TZH:TZM')",
            "2024-02-05 +0230",
        ],
        ["!22009", "2024-02-04 21:30:00+00"],
        "offsets come with and without a colon, and as Z",
    ),
    meant(
        ["cast(stamp as integer) + 1", "cast(r.stamp as integer) + 1", "2147483647"],
        ["!22003", "2147483648"],
        "integers are computed in 64 bits",
    ),
    meant(
        [
            "cast(stamp as decimal(38,0)) * 10",
            "cast(r.stamp as decimal(38,0)) * 10",
            "99999999999999999999999999999999999999",
        ],
        ["999999999999999999999999999999999999990", "!overflow"],
        "a decimal has at most 38 digits",
    ),
    meant(
        ["1.0 / cast(stamp as decimal(3,0))", "1.0 / cast(r.stamp as decimal(3,0))", "3"],
        ["0.33333333333333333333", "0.3333333333333333"],
        "a column has one scale: a quotient has 16 digits behind the point, or as many as its sides",
    ),
    meant(
        ["extract(year from cast(stamp as date))", "extract(year from cast(r.stamp as date))", "2024-02-05"],
        ["2024", "2024.000000"],
        "a column has one scale: what is extracted has six digits behind the point",
    ),
    meant(
        [
            "cast(stamp as double precision) * 1e-200",
            "cast(r.stamp as double precision) * 1e-200::double precision",
            "1e-200",
        ],
        ["!22003", "0"],
        "rounding to 0 is rounding",
    ),
];

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn what_differs_on_purpose_differs_as_it_is_meant() {
    let mut server = Server::new("meant").await;
    for meant in MEANT {
        let table = Table::of_column("stamp", &[meant.stamp]);
        server.load(&table).await;
        let theirs = match server.values(meant.theirs, "").await.remove(0) {
            Answer::Value(value) => value.unwrap(),
            Answer::Fault(state) => format!("!{state}"),
        };
        let plan = compile_sql(&format!("SELECT {} AS v FROM input", meant.expression), &columns()).unwrap();
        let interpreted = interpret(&plan, &table.batch, 0).unwrap();
        let ours = match interpreted.rejects.first() {
            Some(reject) => format!("!{}", reject.code),
            None => text_at(interpreted.rows.column(0).as_ref(), 0).unwrap(),
        };
        let Meant { expression, stamp, postgres, rule, reason, .. } = meant;
        assert_eq!((theirs.as_str(), ours.as_str()), (*postgres, *rule), "{expression} of {stamp}: {reason}");
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn expressions_have_the_values_and_faults_postgres_gives_them() {
    let mut server = Server::new("expressions").await;
    let random = Rng::new().u64(..);
    println!("seeds: {FIXED_SEED} and {random}");
    let mut tally = Tally::default();
    for seed in [FIXED_SEED, random] {
        hold(seed, &mut server, &mut tally).await;
    }
    tally.judge();
}

/// Holds as many expressions as a seed gives against PostgreSQL.
async fn hold(seed: u64, server: &mut Server, tally: &mut Tally) {
    let table = Table::new(&mut Rng::with_seed(seed), ROWS);
    server.load(&table).await;
    let mut generator = Generator::new(seed);
    for _ in 0..EXPRESSIONS {
        let (expression, constants) = generator.expression();
        let text = format!("SELECT {} AS v FROM input", expression.ours);
        let plan = match compile_sql(&text, &columns()) {
            Ok(plan) => plan,
            // A constant that is no value of its type is found before there are rows.
            Err(error) if error.code() == "rule_invalid_literal" => continue,
            Err(error) => {
                tally.refused(&expression, &error.to_string());
                continue;
            }
        };
        let interpreted = interpret(&plan, &table.batch, 0).unwrap_or_else(|error| panic!("{text}: {error}"));
        let theirs = server.values(&expression.theirs, &constants).await;
        assert_eq!(theirs.len(), ROWS);
        for (row, (ours, theirs)) in by_row(&interpreted).iter().zip(&theirs).enumerate() {
            let values = || used_values(&expression.ours, &table, row);
            tally.count(&Case { expression: &expression, ours, theirs }, &interpreted, values);
        }
    }
}

/// What the interpreter gave, by the input's rows.
fn by_row(interpreted: &Interpreted) -> Vec<Ours> {
    let mut rows = vec![Ours::Value(None); ROWS];
    for (place, row) in interpreted.source_rows.values().iter().enumerate() {
        rows[*row as usize] = Ours::Value(text_at(interpreted.rows.column(0).as_ref(), place));
    }
    for reject in &interpreted.rejects {
        rows[reject.row as usize] = Ours::Fault { code: reject.code.clone(), message: reject.message.clone() };
    }
    rows
}

/// The row's values of the columns an expression names.
fn used_values(expression: &str, table: &Table, row: usize) -> String {
    let words: Vec<&str> = expression.split(|letter: char| !letter.is_ascii_alphanumeric()).collect();
    let used = generator::COLUMNS.iter().zip(&table.texts[row]).filter(|((name, _, _), _)| words.contains(name));
    used.map(|((name, _, _), value)| format!("{name}={value:?}")).collect::<Vec<_>>().join(" ")
}

#[derive(Default)]
struct Tally {
    pairs: usize,
    faults: usize,
    on_purpose: BTreeMap<&'static str, usize>,
    disagreements: Vec<String>,
    disagreed_pairs: usize,
    refused: Vec<String>,
}

impl Tally {
    fn refused(&mut self, expression: &Expression, error: &str) {
        self.refused.push(format!("{}\n    {error}", expression.ours));
    }

    fn count(&mut self, case: &Case<'_>, interpreted: &Interpreted, values: impl FnOnce() -> String) {
        self.pairs += 1;
        self.faults += usize::from(matches!(case.ours, Ours::Fault { .. }));
        if agree(case, interpreted) {
            return;
        }
        if let Some(difference) = ON_PURPOSE.iter().find(|difference| (difference.applies)(case)) {
            *self.on_purpose.entry(difference.name).or_default() += 1;
            return;
        }
        self.disagreed_pairs += 1;
        let Case { expression, ours, theirs } = case;
        let first_of_expression =
            !self.disagreements.last().is_some_and(|last| last.starts_with(&format!("{}\n", expression.ours)));
        if first_of_expression {
            self.disagreements.push(format!(
                "{}\n    PostgreSQL: {theirs:?}\n    the rule:   {ours:?}\n    {}",
                expression.ours,
                values()
            ));
        }
    }

    fn judge(&self) {
        println!("{} pairs, {} of them faults", self.pairs, self.faults);
        for difference in ON_PURPOSE {
            let pairs = self.on_purpose.get(difference.name).copied().unwrap_or(0);
            println!("{pairs} differ on purpose, {}: {}", difference.name, difference.reason);
            assert!(100 * pairs <= difference.percent * self.pairs, "{} hides too much: {pairs}", difference.name);
        }
        assert!(
            self.disagreements.is_empty(),
            "{} expressions and {} pairs disagree:\n{}",
            self.disagreements.len(),
            self.disagreed_pairs,
            self.disagreements.iter().take(60).cloned().collect::<Vec<_>>().join("\n")
        );
        assert!(
            self.refused.is_empty(),
            "{} are refused:\n{}",
            self.refused.len(),
            self.refused.iter().take(40).cloned().collect::<Vec<_>>().join("\n")
        );
        assert!(self.pairs >= 100_000, "too few pairs: {}", self.pairs);
    }
}

fn agree(case: &Case<'_>, interpreted: &Interpreted) -> bool {
    match (case.ours, case.theirs) {
        (Ours::Value(None), Answer::Value(None)) => true,
        (Ours::Value(Some(ours)), Answer::Value(Some(theirs))) => {
            ours == theirs || same_number(ours, theirs, case.expression.rough, interpreted)
        }
        (Ours::Fault { code, .. }, Answer::Fault(state)) => states(code).contains(&state.as_str()),
        _ => false,
    }
}

/// Whether two texts are one number: exactly, or, where the last digits may differ, nearly.
fn same_number(ours: &str, theirs: &str, rough: bool, interpreted: &Interpreted) -> bool {
    use arrow_schema::DataType;
    let near = |ours: f64, theirs: f64| ours == theirs || (ours - theirs).abs() <= theirs.abs() * 1e-13;
    match interpreted.rows.column(0).data_type() {
        DataType::Decimal128(_, scale) => {
            let scale = scale.unsigned_abs();
            let read = |text| cast::text_to_decimal(text, 38, scale);
            match (read(ours), read(theirs)) {
                // A quotient of many digits before the point has fewer behind it in PostgreSQL.
                (Ok(ours), Ok(theirs)) if rough => {
                    let arena = Bump::new();
                    let double = |unscaled| cast::decimal_to_text(unscaled, scale, &arena).parse::<f64>().unwrap();
                    decimal::subtract(ours, theirs, 38).is_ok_and(|difference| difference.abs() <= 1)
                        || near(double(ours), double(theirs))
                }
                (ours, theirs) => ours == theirs,
            }
        }
        DataType::Float64 if rough => match (ours.parse(), theirs.parse()) {
            (Ok(ours), Ok(theirs)) => near(ours, theirs),
            _ => false,
        },
        _ => false,
    }
}

/// PostgreSQL's states for what a rule's code stands for.
fn states(code: &str) -> &'static [&'static str] {
    match code {
        // numeric_value_out_of_range, interval_field_overflow
        "overflow" => &["22003", "22008"],
        "division_by_zero" => &["22012"],
        // invalid_text_representation; a text that is too long for its type before it is no number
        "invalid_number" => &["22P02", "22003"],
        // invalid_text_representation, invalid_parameter_value
        "invalid_text" => &["22P02", "22023", "22021"],
        // invalid_datetime_format, datetime_field_overflow, invalid_time_zone_displacement_value
        "invalid_date" => &["22007", "22008", "22009"],
        // invalid_text_representation, untranslatable_character
        "invalid_json" => &["22P02", "22P05"],
        "out_of_range" => &["22003", "22008", "22011", "22015", "22023", "2201E", "2201F", "54000", "0A000"],
        _ => &[],
    }
}
