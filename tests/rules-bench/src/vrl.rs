//! The typical rule in VRL, on events as its own pipelines have them.
//!
//! VRL has no decimals: its numbers are floats, which makes its work easier than that of the others.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Float64Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use cpu_time::ThreadTime;
use vrl::compiler::runtime::{Runtime, Terminate};
use vrl::compiler::{Program, TargetValue, TimeZone};
use vrl::value::{Secrets, Value};

use crate::contest::{Contestant, Turn};

const RULE: &str = r#"
if .active != true || .country == null || .country == "XX" { abort }
if .name != null { .name = strip_whitespace!(.name) }
if .email != null { .email = downcase(strip_whitespace!(.email)) }
if .amount != null { .amount = to_float!(.amount) }
if .at != null { .at = parse_timestamp!(.at, "%Y-%m-%d %H:%M:%S") }
.total = null
if .price != null && .quantity != null { .total = to_float!(.price) * to_int!(.quantity) }
score = to_float(.score) ?? 0.0
if score >= 90.0 { .tier = "gold" } else if score >= 50.0 { .tier = "silver" } else { .tier = "basic" }
"#;

/// The program, and the rows as events.
pub(crate) struct Vrl {
    program: Program,
    runtime: Runtime,
    events: Vec<Value>,
}

impl Vrl {
    /// Compiles the program and makes the events.
    pub(crate) fn new(batches: &[RecordBatch]) -> anyhow::Result<Self> {
        let compiled = vrl::compiler::compile(RULE, &vrl::stdlib::all());
        let compiled = compiled.map_err(|mistakes| anyhow::anyhow!("VRL does not compile: {mistakes:?}"))?;
        let events = batches.iter().flat_map(events).collect();
        Ok(Self { program: compiled.program, runtime: Runtime::default(), events })
    }
}

impl Contestant for Vrl {
    fn turn(&mut self) -> anyhow::Result<Turn> {
        let targets: Vec<TargetValue> = self.events.iter().cloned().map(target).collect();
        let mut kept = Vec::with_capacity(targets.len());
        let timezone = TimeZone::default();
        let begun = ThreadTime::now();
        for mut target in targets {
            match self.runtime.resolve(&mut target, &self.program, &timezone) {
                Ok(_) => kept.push(target.value),
                Err(Terminate::Abort(_)) => {}
                Err(error) => anyhow::bail!("VRL fails: {error}"),
            }
            self.runtime.clear();
        }
        let took = begun.elapsed();
        Ok(Turn { took, rows_out: kept.len() })
    }
}

fn target(value: Value) -> TargetValue {
    TargetValue { value, metadata: Value::Object(BTreeMap::new()), secrets: Secrets::default() }
}

fn events(rows: &RecordBatch) -> Vec<Value> {
    let text = |place: usize, row: usize| {
        let texts = rows.column(place).as_string::<i32>();
        if texts.is_null(row) { Value::Null } else { Value::from(texts.value(row)) }
    };
    let float = |value: f64| Value::from_f64_or_zero(value);
    let event = |row: usize| {
        let [ids, quantities] = [0, 5].map(|place| rows.column(place).as_primitive::<Int64Type>());
        let prices = rows.column(4).as_primitive::<Decimal128Type>();
        let scores = rows.column(9).as_primitive::<Float64Type>();
        let active = rows.column(8).as_boolean();
        let fields = [
            ("id", Value::Integer(ids.value(row))),
            ("name", text(1, row)),
            ("email", text(2, row)),
            ("amount", text(3, row)),
            ("price", if prices.is_null(row) { Value::Null } else { float(prices.value(row) as f64 / 100.0) }),
            ("quantity", if quantities.is_null(row) { Value::Null } else { Value::Integer(quantities.value(row)) }),
            ("at", text(6, row)),
            ("country", text(7, row)),
            ("active", if active.is_null(row) { Value::Null } else { Value::Boolean(active.value(row)) }),
            ("score", if scores.is_null(row) { Value::Null } else { float(scores.value(row)) }),
        ];
        Value::Object(fields.into_iter().map(|(name, value)| (name.into(), value)).collect())
    };
    (0..rows.num_rows()).map(event).collect()
}
