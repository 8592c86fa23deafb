//! Columns survive being written and read, and a plan is what was asked for.

use sdk::bindings::{Context, Field, OutField};
use sdk::builder::Builder;
use sdk::kind::{Binary, Bool, Date, Decimal, Float, Int, Text, Time, Unsigned, Uuid};
use sdk::testing::{NULL, Table};
use sdk::{Batch, In, Kind, Module, Open, Out, Output, Runner};

macro_rules! survives {
    ($kind:ty, $column_type:literal, $values:expr) => {{
        let values = $values;
        let mut builder = <$kind>::builder(0);
        values.iter().for_each(|value| builder.push(*value));
        assert_eq!(builder.rows(), values.len());
        let column = builder.finish($column_type).unwrap();
        let view = <$kind>::view(&column, $column_type).unwrap();
        for (row, value) in values.iter().enumerate() {
            assert_eq!(view.get(row), *value, "{} row {row}", $column_type);
        }
        assert_eq!(view.get(values.len() + 8), None);
        column
    }};
}

#[test]
fn extremes_and_nulls_survive_in_every_width() {
    survives!(Int, "int8", [Some(-128), None, Some(127)]);
    survives!(Int, "int16", [Some(-32_768), Some(32_767)]);
    survives!(Int, "int32", [Some(i64::from(i32::MIN)), None]);
    survives!(Int, "int64", [None, Some(i64::MIN), Some(i64::MAX)]);
    survives!(Int, "uint32", [Some(i64::from(u32::MAX))]);
    survives!(Unsigned, "uint64", [Some(u64::MAX), None, Some(0)]);
    survives!(Float, "float64", [Some(-0.1), None, Some(f64::INFINITY)]);
    survives!(Float, "float32", [Some(0.5), None]);
    survives!(Decimal, "decimal(38,2)", [Some(10_i128.pow(38) - 1), None, Some(-5)]);
    survives!(Date, "date", [Some(-1), None]);
    survives!(Time, "time", [Some(86_399_999_999), None]);
    survives!(Text, "utf8", [Some("ä"), Some(""), None, Some("日本")]);
    survives!(Binary, "binary", [Some([0xff, 0].as_slice()), None, Some([].as_slice())]);
    survives!(Uuid, "uuid", [Some([7; 16]), None]);
    survives!(
        Bool,
        "bool",
        [Some(true), None, Some(false), Some(true), None, None, None, None, Some(true), Some(true)]
    );
}

#[test]
fn validity_is_written_only_when_there_is_a_null() {
    assert!(survives!(Int, "int64", [Some(1); 20]).validity.is_empty());
    let mut values = [Some(1); 20];
    values[17] = None;
    assert_eq!(survives!(Int, "int64", values).validity, [0xff, 0xff, 0b1101]);
}

#[test]
fn a_number_that_does_not_fit_its_column_is_an_error_and_not_cut() {
    let mut builder = Int::builder(1);
    builder.push(Some(300));
    assert!(builder.finish("int8").unwrap_err().contains("int8"));
}

/// Drops `a`, renames `b`, lengthens `d`, then `c`, and adds a column.
struct Shuffle {
    c: (In<Text>, Out<Text>),
    d: (In<Text>, Out<Text>),
    length: Out<Int>,
}

impl Module for Shuffle {
    fn open(open: &mut Open<'_>) -> Result<Self, String> {
        open.drop("a")?;
        open.rename("b", "beta")?;
        let (d, c) = (open.column("d")?, open.column("c")?);
        let (new_d, new_c) = (open.replace(&d), open.replace(&c));
        Ok(Self { c: (c, new_c), d: (d, new_d), length: open.add("length")? })
    }

    fn apply(&mut self, batch: &Batch, output: &mut Output) -> Result<(), String> {
        let mut length = self.length.builder(batch.rows());
        for (column, replaced) in [&self.c, &self.d] {
            let texts = batch.view(column)?;
            let mut longer = replaced.builder(batch.rows());
            for row in 0..batch.rows() {
                longer.push(texts.get(row).map(|text| format!("{text}{}", column.name())).as_deref());
            }
            output.give(replaced, longer)?;
        }
        (0..batch.rows()).for_each(|row| length.push(i64::try_from(row).ok()));
        output.keep_all(batch.rows());
        output.give(&self.length, length)
    }
}

#[test]
fn each_column_comes_out_under_its_own_name_in_whatever_order_it_was_asked_for() {
    let mut table = Table::new();
    for name in ["a", "b", "c", "d"] {
        table = table.column(name, "utf8", &["x", NULL]);
    }
    let outcome = table.run::<Shuffle>("{}").unwrap();
    let names: Vec<_> = outcome.columns.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["beta", "c", "d", "length"]);
    assert_eq!(outcome.column("beta"), ["x", NULL]);
    assert_eq!(outcome.column("c"), ["xc", NULL]);
    assert_eq!(outcome.column("d"), ["xd", NULL]);
    assert_eq!(outcome.column("length"), ["0", "1"]);
}

#[test]
fn only_the_columns_that_are_read_cross() {
    let field = |name: &str| Field { name: name.to_owned(), type_: "utf8".to_owned(), nullable: false };
    let context = Context { sync: String::new(), stream: String::new(), run_clock: 0 };
    let fields = ["a", "b", "c", "d"].map(field).to_vec();
    let (_, plan) = Runner::<Shuffle>::open(fields, String::new(), context).unwrap();
    assert_eq!(plan.needs, [3, 2]);
    assert!(matches!(&plan.fields[..2], [OutField::Passed(_), OutField::Computed(field)] if !field.nullable));
}

/// Forgets the column it planned, or gives too few values of it.
struct Careless<const GIVEN: bool>(Out<Int>);

impl<const GIVEN: bool> Module for Careless<GIVEN> {
    fn open(open: &mut Open<'_>) -> Result<Self, String> {
        open.add("number").map(Self)
    }

    fn apply(&mut self, batch: &Batch, output: &mut Output) -> Result<(), String> {
        output.keep_all(batch.rows());
        if GIVEN { output.give(&self.0, self.0.builder(0)) } else { Ok(()) }
    }
}

#[test]
fn a_column_that_was_forgotten_or_is_too_short_is_an_error() {
    let table = Table::new().column("a", "utf8", &["x"]);
    assert!(table.run::<Careless<false>>("").unwrap_err().contains("not given"));
    assert!(table.run::<Careless<true>>("").unwrap_err().contains("`number` has 0 values for 1 kept rows"));
}
