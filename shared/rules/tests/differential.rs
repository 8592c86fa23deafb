//! Compiled rules against the interpreter: the same rows, source rows and rejects for generated
//! plans and rows.
//!
//! `RULES_SEED` chooses the random part; a failure names its seed.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by it, and names its seed")]

mod generated;
mod running;

use arrow_array::RecordBatch;
use fastrand::Rng;
use flow::Timestamp;
use rules::plan::{Output, Plan};

/// Outputs of a component, and rows for each of them.
const OUTPUTS: usize = 64;
const ROWS: usize = 200;

#[test]
fn fixed_seeds_agree_with_the_interpreter() {
    let pairs: usize = (1..=7).map(agree).sum();
    assert!(pairs >= 80_000, "{pairs}");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a failed seed is tried again by name")]
fn a_random_seed_agrees_with_the_interpreter() {
    let seed = std::env::var("RULES_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| fastrand::u64(..));
    eprintln!("RULES_SEED={seed}");
    let pairs: usize = (0..3_u64).map(|more| agree(seed.wrapping_add(more))).sum();
    assert!(pairs >= 30_000, "{pairs}");
}

#[test]
fn whole_rules_agree_with_the_interpreter() {
    for seed in 1..=12 {
        let mut rng = Rng::with_seed(seed);
        let input = running::columns(generated::INPUT);
        let plan = generated::whole_plan(&mut rng, &input);
        let rows = generated::batch(&mut rng, &input, 1500, 7);
        compare(&plan, &rows, seed);
    }
}

/// One plan of a seed on rows of it; gives the expression-row pairs that were compared.
fn agree(seed: u64) -> usize {
    let mut rng = Rng::with_seed(seed);
    let input = running::columns(generated::INPUT);
    let plan = generated::plan(&mut rng, &input, OUTPUTS);
    let rows = generated::batch(&mut rng, &input, OUTPUTS * ROWS, OUTPUTS);
    compare(&plan, &rows, seed);
    rows.num_rows()
}

fn compare(plan: &Plan, rows: &RecordBatch, seed: u64) {
    let clock: Timestamp = running::CLOCK.parse().unwrap();
    let expected = rules::interpret(plan, rows, clock.timestamp_micros()).unwrap();
    let found = running::open(plan).apply(rows).unwrap();
    let expected_rejects = expected.rejects.iter();
    let expected_rejects: Vec<_> =
        expected_rejects.map(|reject| (reject.row, &reject.column, &reject.code, &reject.message)).collect();
    let found_rejects = found.rejects.iter();
    let found_rejects: Vec<_> =
        found_rejects.map(|reject| (reject.row, &reject.column, &reject.code, &reject.message)).collect();
    for (expected, found) in expected_rejects.iter().zip(&found_rejects) {
        assert_eq!(found, expected, "seed {seed}: {}", about(plan, rows, expected.0.min(found.0)));
    }
    assert_eq!(found_rejects.len(), expected_rejects.len(), "seed {seed}");
    assert_eq!(found.source_rows, expected.source_rows, "seed {seed}");
    assert_eq!(found.rows.schema(), expected.rows.schema(), "seed {seed}");
    if found.rows != expected.rows {
        differing(plan, rows, &found.rows, &expected.rows, found.source_rows.values(), seed);
    }
}

/// Finds the first value that differs and says which.
fn differing(plan: &Plan, rows: &RecordBatch, found: &RecordBatch, expected: &RecordBatch, sources: &[u32], seed: u64) {
    let (found, expected) = (running::texts(found), running::texts(expected));
    for ((found, expected), source) in found.iter().zip(&expected).zip(sources) {
        for (column, (found, expected)) in found.iter().zip(expected).enumerate() {
            assert_eq!(found, expected, "seed {seed}: column {column}: {}", about(plan, rows, *source));
        }
    }
    panic!("seed {seed}: the rows differ in nothing that can be shown");
}

/// The expression a row is for, and the row.
fn about(plan: &Plan, rows: &RecordBatch, row: u32) -> String {
    let row = rows.slice(row as usize, 1);
    let values = running::texts(&row);
    let pick: usize = values[0][0].parse().unwrap();
    let expression = match plan.outputs.get(pick) {
        Some(Output::Computed { value, .. }) => format!("{value:?}"),
        _ => String::new(),
    };
    let columns = plan.input.iter().zip(&values[0]).map(|(column, value)| format!("{}={value:?}", column.name));
    format!("{}\n{expression}", columns.collect::<Vec<_>>().join(" "))
}
