//! What rules and modules take for a row: the typical rule compiled from SQL and as modules in
//! four languages, beside the same job by hand in native Rust, in DataFusion and in VRL.
//!
//! Everything runs on one thread and is told in its CPU time. Before anything is timed, what comes
//! out of the compiled rule is compared with what comes out of the code by hand.

mod contest;
mod data;
#[cfg(feature = "peers")]
mod datafusion;
mod limits;
mod native;
mod peak;
mod report;
mod sandboxed;
#[cfg(feature = "peers")]
mod vrl;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, ensure};
use arrow_array::cast::AsArray;
use arrow_array::types::Decimal128Type;
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use clap::Parser;

use contest::{Entered, Native, Sandboxed};
use report::{Figure, FunctionFigure};

/// Trims and lowers, parses decimals and timestamps, computes, decides, filters.
const RULE: &str = "SELECT id, trim(name) AS name, lower(trim(email)) AS email, \
     cast(amount AS decimal(12,2)) AS amount, price, quantity, cast(at AS timestamp) AS at, country, active, score, \
     price * quantity AS total, \
     CASE WHEN score >= 90 THEN 'gold' WHEN score >= 50 THEN 'silver' ELSE 'basic' END AS tier \
     FROM input WHERE active AND country <> 'XX'";

/// Rules of one function each.
const FUNCTIONS: [&str; 20] = [
    "id",
    "quantity + 1",
    "price * quantity",
    "score * 2.5",
    "score >= 50",
    "CASE WHEN score >= 90 THEN 'gold' ELSE 'basic' END",
    "coalesce(name, 'nobody')",
    "trim(name)",
    "lower(email)",
    "upper(name)",
    "substr(email, 2, 8)",
    "replace(email, '@', ' at ')",
    "name || '/' || country",
    "length(name)",
    "email LIKE '%example.org%'",
    "cast(amount AS decimal(12,2))",
    "cast(quantity AS text)",
    "cast(at AS timestamp)",
    "date_trunc('month', cast(at AS timestamp))",
    "md5(email)",
];

const SMALL: usize = 8192;
const LARGE: usize = 65_536;
/// How often what is timed once is timed.
const TIMES: usize = 7;

/// Measures rules, modules and other engines on the same rows.
#[derive(Debug, Parser)]
struct Opt {
    /// The figure of this name, or all whose names begin with it. Default: every figure.
    name: Option<String>,
    /// Where the modules lie.
    #[arg(long, default_value = "target/guests")]
    guests: PathBuf,
    /// Where figures are added.
    #[arg(long, default_value = "target/bench/results.jsonl")]
    results: PathBuf,
    /// The document whose tables are written anew.
    #[arg(long)]
    docs: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let opt = Opt::parse();
    let wanted = |name: &str| opt.name.as_deref().is_none_or(|begin| name.starts_with(begin));
    let mut figures = Vec::new();
    batches_of(SMALL, &opt, &wanted, &mut figures)?;
    batches_of(LARGE, &opt, &wanted, &mut figures)?;
    if wanted("rule_limits") {
        figures.push(limits_cost()?);
    }
    once(&wanted, &mut figures)?;
    let functions = if wanted("function") { functions()? } else { Vec::new() };
    ensure!(!figures.is_empty() || !functions.is_empty(), "no figure's name begins with that");
    report::add(&opt.results, &figures)?;
    let tables = report::tables(&figures, &functions);
    println!("{tables}");
    opt.docs.as_deref().map_or(Ok(()), |document| report::publish(document, &tables))
}

/// Names a contestant; makes it when it is wanted.
type Making<'a> = (&'static str, Box<dyn Fn() -> anyhow::Result<Box<dyn contest::Contestant + 'a>> + 'a>);

fn batches_of(size: usize, opt: &Opt, wanted: &dyn Fn(&str) -> bool, figures: &mut Vec<Figure>) -> anyhow::Result<()> {
    let batches = data::batches(size)?;
    let schema = batches.first().context("there are no rows")?.schema();
    let guest = |made: sandboxed::Made| {
        Box::new(Sandboxed { guest: made.guest, batches: &batches }) as Box<dyn contest::Contestant>
    };
    let of_module = |path: &'static str| {
        let (path, schema) = (opt.guests.join(path), schema.clone());
        Box::new(move || Ok(guest(sandboxed::module(&path, &schema)?))) as Box<dyn Fn() -> _>
    };
    let mut making: Vec<Making<'_>> = Vec::new();
    let compiled = if size == SMALL { "rule_compiled_8k" } else { "rule_compiled_64k" };
    making.push((compiled, Box::new(|| Ok(guest(sandboxed::rule(RULE, &schema)?)))));
    if size == SMALL {
        making.push(("module_rust", of_module("wasm32-unknown-unknown/guest/bench_rule.wasm")));
        making.push(("module_json_rust", of_module("wasm32-unknown-unknown/guest/bench_records.wasm")));
        making.push(("module_json_js", of_module("languages/bench-js.wasm")));
        making.push(("module_json_python", of_module("languages/bench-python.wasm")));
        #[cfg(feature = "peers")]
        making.push(("vrl", Box::new(|| Ok(Box::new(vrl::Vrl::new(&batches)?)))));
        #[cfg(feature = "peers")]
        making.push(("datafusion", Box::new(|| Ok(Box::new(datafusion::DataFusion::new(RULE, &batches)?)))));
    }
    making.retain(|(name, _)| wanted(name));
    if making.is_empty() {
        return Ok(());
    }
    compare(&batches)?;
    for (name, make) in &making {
        peak::forget();
        let mut entered: Vec<Entered<'_>> = vec![("native", Box::new(Native(&batches))), (*name, make()?)];
        let took = contest::run(&mut entered, data::ROWS)?;
        let [floor, value] = took.try_into().map_err(|_| anyhow::anyhow!("two contestants, two figures"))?;
        println!("{name}: {value:.1} ns a row, {:.2} times native", value / floor);
        figures.push(Figure { name: *name, unit: "ns/row", value, floor, peak_mib: peak::mib(), rows: data::ROWS });
    }
    Ok(())
}

/// The compiled rule with and without the sandbox's limits.
fn limits_cost() -> anyhow::Result<Figure> {
    let batches = data::batches(SMALL)?;
    let schema = batches.first().context("there are no rows")?.schema();
    peak::forget();
    let component = sandboxed::rule(RULE, &schema)?.prepared.component;
    let mut entered: Vec<Entered<'_>> = vec![
        ("without limits", Box::new(limits::Bare::new(&component, false, &batches)?)),
        ("with limits", Box::new(limits::Bare::new(&component, true, &batches)?)),
    ];
    let took = contest::run(&mut entered, data::ROWS)?;
    let [floor, value] = took.try_into().map_err(|_| anyhow::anyhow!("two contestants, two figures"))?;
    Ok(Figure { name: "rule_limits", unit: "ns/row", value, floor, peak_mib: peak::mib(), rows: data::ROWS })
}

/// The compiled rule and the code by hand must give the same.
fn compare(batches: &[RecordBatch]) -> anyhow::Result<()> {
    let schema = batches.first().context("there are no rows")?.schema();
    let mut made = sandboxed::rule(RULE, &schema)?;
    for rows in batches {
        let compiled = sandboxed::apply(&mut made.guest, rows)?.rows;
        for (name, by_hand) in native::apply(rows)? {
            let column = compiled.column_by_name(name).with_context(|| format!("no column `{name}`"))?;
            ensure!(is_same(column, &by_hand), "column `{name}` differs from what the code by hand gives");
        }
    }
    Ok(())
}

/// Decimals are compared by their digits: the wider type of one does not matter.
fn is_same(one: &dyn Array, other: &dyn Array) -> bool {
    let scale = |array: &dyn Array| match array.data_type() {
        DataType::Decimal128(_, scale) => Some(*scale),
        _ => None,
    };
    match (scale(one), scale(other)) {
        (Some(of_one), Some(of_other)) => {
            let digits = |array: &dyn Array| array.as_primitive::<Decimal128Type>().iter().collect::<Vec<_>>();
            of_one == of_other && digits(one) == digits(other)
        }
        _ => one.to_data() == other.to_data(),
    }
}

/// What is done once for a module, not for a row.
fn once(wanted: &dyn Fn(&str) -> bool, figures: &mut Vec<Figure>) -> anyhow::Result<()> {
    let schema = data::batches(SMALL)?.first().context("there are no rows")?.schema();
    let shortest = |time: &dyn Fn() -> anyhow::Result<Duration>| {
        let times = (0..TIMES).map(|_| time()).collect::<anyhow::Result<Vec<_>>>()?;
        let shortest = times.into_iter().min().context("nothing was timed")?;
        anyhow::Ok(shortest.as_secs_f64() * 1000.0)
    };
    if wanted("rule_compile_ms") {
        peak::forget();
        let value = shortest(&|| sandboxed::text_to_module(RULE))?;
        // The least a rule takes is what one takes that only passes a column on.
        let floor = shortest(&|| sandboxed::text_to_module("SELECT id FROM input"))?;
        figures.push(Figure { name: "rule_compile_ms", unit: "ms", value, floor, peak_mib: peak::mib(), rows: 0 });
    }
    if wanted("artifact_load_ms") {
        peak::forget();
        let made = sandboxed::rule(RULE, &schema)?;
        println!(
            "the rule's component has {} bytes, its artifact {}",
            made.prepared.component.len(),
            made.prepared.artifact.len()
        );
        let value = shortest(&|| sandboxed::load(&made.prepared))?;
        let floor = shortest(&|| sandboxed::read(&made.prepared))?;
        figures.push(Figure { name: "artifact_load_ms", unit: "ms", value, floor, peak_mib: peak::mib(), rows: 0 });
    }
    Ok(())
}

fn functions() -> anyhow::Result<Vec<FunctionFigure>> {
    let batches = data::batches(SMALL)?;
    let schema = batches.first().context("there are no rows")?.schema();
    let mut figures = Vec::new();
    for expression in FUNCTIONS {
        let rule = format!("SELECT {expression} AS value FROM input");
        let guest = sandboxed::rule(&rule, &schema).with_context(|| expression.to_owned())?.guest;
        let mut entered: Vec<Entered<'_>> = vec![("compiled", Box::new(Sandboxed { guest, batches: &batches }))];
        #[cfg(feature = "peers")]
        entered.push(("datafusion", Box::new(datafusion::DataFusion::new(&rule, &batches)?)));
        let took = contest::run(&mut entered, data::ROWS).with_context(|| expression.to_owned())?;
        let compiled = took.first().copied().context("nothing was timed")?;
        figures.push(FunctionFigure { expression, compiled, datafusion: took.get(1).copied() });
    }
    Ok(figures)
}
