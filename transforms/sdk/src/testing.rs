//! Tests a module as a plain function over texts, without WebAssembly.
//!
//! ```
//! # use sdk::{Batch, Module, Open, Output};
//! # struct Nothing;
//! # impl Module for Nothing {
//! #     fn open(_: &mut Open<'_>) -> Result<Self, String> { Ok(Self) }
//! #     fn apply(&mut self, batch: &Batch, output: &mut Output) -> Result<(), String> {
//! #         output.keep_all(batch.rows());
//! #         Ok(())
//! #     }
//! # }
//! use sdk::testing::Table;
//!
//! let table = Table::new().column("id", "int64", &["1", "NULL"]);
//! let outcome = table.run::<Nothing>("{}").unwrap();
//! assert_eq!(outcome.column("id"), ["1", "NULL"]);
//! ```

use crate::bindings::{self, Column, Context, Field, OutField};
use crate::builder::Builder;
use crate::civil::{DAY, SECOND, date, days};
use crate::kind::{Bool, Date, Decimal, Float, Int, LocalTimestamp, Text, Timestamp, decimal};
use crate::{Kind, Module, Runner};

/// How NULL is written in a cell.
pub const NULL: &str = "NULL";

/// An input as texts.
#[derive(Debug, Default)]
pub struct Table {
    fields: Vec<Field>,
    cells: Vec<Vec<String>>,
}

/// What a module made of a [`Table`].
#[derive(Debug)]
pub struct Outcome {
    /// Names and cells of all output columns.
    pub columns: Vec<(String, Vec<String>)>,
    /// For each output row, its input row.
    pub source_rows: Vec<u32>,
    /// The rejected rows.
    pub rejects: Vec<bindings::Reject>,
}

impl Outcome {
    /// The cells of a column; none when it is not there.
    #[must_use]
    pub fn column(&self, name: &str) -> &[String] {
        self.columns.iter().find(|(column, _)| column == name).map_or(&[], |(_, cells)| cells)
    }
}

impl Table {
    /// No columns yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a nullable column of an integer, decimal or floating point type, `bool`, `date`
    /// (`2013-01-31`), `timestamp(us,UTC)` (`2013-01-31T10:00:00Z`), `timestamp` or text.
    #[must_use]
    pub fn column(mut self, name: &str, column_type: &str, cells: &[&str]) -> Self {
        self.fields.push(Field { name: name.to_owned(), type_: column_type.to_owned(), nullable: true });
        self.cells.push(cells.iter().map(|cell| (*cell).to_owned()).collect());
        self
    }

    /// Puts the table through a module. The run's clock stands at 1970-01-01.
    pub fn run<M: Module>(&self, config: &str) -> Result<Outcome, String> {
        let context = Context { sync: "test".to_owned(), stream: "test".to_owned(), run_clock: 0 };
        let opened = Runner::<M>::open(self.fields.clone(), config.to_owned(), context);
        let (mut runner, plan) = opened.map_err(|error| error.message)?;
        let needed = plan.needs.iter().map(|need| self.encoded(*need as usize));
        let rows = self.cells.first().map_or(0, Vec::len) as u32;
        let output = runner.apply(bindings::Batch { rows, columns: needed.collect::<Result<_, _>>()? })?;
        let mut computed = output.batch.columns.iter();
        let columns = plan.fields.into_iter().map(|field| match field {
            OutField::Passed(passed) => Ok((passed.name, self.taken(passed.column as usize, &output.source_rows))),
            OutField::Computed(field) => {
                let column = computed.next().ok_or("a planned column was not given")?;
                Ok((field.name, decoded(column, &field.type_, output.source_rows.len())?))
            }
        });
        let columns = columns.collect::<Result<_, String>>()?;
        Ok(Outcome { columns, source_rows: output.source_rows, rejects: output.rejects })
    }

    fn taken(&self, column: usize, rows: &[u32]) -> Vec<String> {
        let cells = self.cells.get(column);
        rows.iter().filter_map(|row| cells?.get(*row as usize).cloned()).collect()
    }

    fn encoded(&self, column: usize) -> Result<Column, String> {
        let (Some(field), Some(cells)) = (self.fields.get(column), self.cells.get(column)) else {
            return Err(format!("there is no column {column}"));
        };
        encode(cells, &field.type_)
    }
}

fn encode(cells: &[String], column_type: &str) -> Result<Column, String> {
    let cells = || cells.iter().map(String::as_str).map(|cell| (cell != NULL).then_some(cell));
    macro_rules! built {
        ($kind:ty, $parse:expr) => {{
            let mut builder = <$kind>::builder(cells().count());
            for cell in cells() {
                let parse = |text: &str| $parse(text).ok_or_else(|| format!("`{text}` is no {column_type}"));
                builder.push(cell.map(parse).transpose()?);
            }
            builder.finish(column_type)
        }};
    }
    match column_type {
        "bool" => built!(Bool, |text: &str| text.parse::<bool>().ok()),
        "date" => built!(Date, |text: &str| parse_date(text).and_then(|days| i32::try_from(days).ok())),
        "timestamp(us,UTC)" => built!(Timestamp, parse_timestamp),
        "timestamp" => built!(LocalTimestamp, parse_local),
        _ if Int::fits(column_type) => built!(Int, |text: &str| text.parse::<i64>().ok()),
        _ if Float::fits(column_type) => built!(Float, |text: &str| text.parse::<f64>().ok()),
        _ if Decimal::fits(column_type) => built!(Decimal, |text: &str| parse_decimal(text, column_type)),
        _ if Text::fits(column_type) => {
            let mut builder = Text::builder(cells().count());
            cells().for_each(|cell| builder.push(cell));
            builder.finish(column_type)
        }
        other => Err(format!("columns of type `{other}` cannot be written as texts here")),
    }
}

fn decoded(column: &Column, column_type: &str, rows: usize) -> Result<Vec<String>, String> {
    macro_rules! texts {
        ($kind:ty, $show:expr) => {{
            let view = <$kind>::view(column, column_type)?;
            (0..rows).map(|row| view.get(row).map_or_else(|| NULL.to_owned(), $show)).collect()
        }};
    }
    Ok(match column_type {
        "bool" => texts!(Bool, |value| value.to_string()),
        "date" => texts!(Date, |value| show_date(i64::from(value))),
        "timestamp(us,UTC)" => texts!(Timestamp, |micros| format!("{}Z", show_local(micros))),
        "timestamp" => texts!(LocalTimestamp, show_local),
        _ if Int::fits(column_type) => texts!(Int, |value| value.to_string()),
        _ if Float::fits(column_type) => texts!(Float, |value| value.to_string()),
        _ if Decimal::fits(column_type) => texts!(Decimal, |value| show_decimal(value, column_type)),
        _ if Text::fits(column_type) => texts!(Text, str::to_owned),
        other => return Err(format!("columns of type `{other}` cannot be shown as texts here")),
    })
}

/// Digits with as many after the point as the scale has.
fn parse_decimal(text: &str, column_type: &str) -> Option<i128> {
    let scale = usize::from(decimal(column_type)?.1);
    let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction);
    if fraction.len() != scale { None } else { text.replacen('.', "", 1).parse().ok() }
}

fn show_decimal(value: i128, column_type: &str) -> String {
    let scale = decimal(column_type).map_or(0, |(_, scale)| usize::from(scale));
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let (sign, point) = (if value < 0 { "-" } else { "" }, if scale > 0 { "." } else { "" });
    format!("{sign}{whole}{point}{fraction}")
}

fn parse_date(text: &str) -> Option<i64> {
    let mut parts = text.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    days(parts.next()??, parts.next()??, parts.next()??)
}

fn parse_timestamp(text: &str) -> Option<i64> {
    parse_local(text.strip_suffix('Z')?)
}

fn parse_local(text: &str) -> Option<i64> {
    let (date, time) = text.split_once('T')?;
    let mut parts = time.splitn(3, ':').map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    Some(parse_date(date)? * DAY + ((hour * 60 + minute) * 60 + second) * SECOND)
}

fn show_date(days: i64) -> String {
    let (year, month, day) = date(days);
    format!("{year:04}-{month:02}-{day:02}")
}

fn show_local(micros: i64) -> String {
    let (second, fraction) = (micros.rem_euclid(DAY) / SECOND, micros.rem_euclid(SECOND));
    let fraction = if fraction == 0 { String::new() } else { format!(".{fraction:06}") };
    let time = format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
    format!("{}T{time}{fraction}", show_date(micros.div_euclid(DAY)))
}
