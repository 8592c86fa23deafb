//! Guests that misbehave on purpose: what the sandbox is tested with.
//!
//! The config is the misbehaviour as a JSON string; each comes out on a row of the first column
//! (`int64`) that holds [`BAD`], so that a batch without one goes through. `open` has its own.
//! A row that goes through comes out with its number doubled beside it.

use std::cell::RefCell;
use std::hint::black_box;

use sdk::bindings::{
    Batch, Column, Context, Field, Guest, Level, OpenError, OutField, Output, Passed, Plan, Reject, log,
};

/// The value that brings the misbehaviour out.
pub const BAD: i64 = -1;

thread_local! {
    static BEHAVIOUR: RefCell<String> = const { RefCell::new(String::new()) };
    static HOARD: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

struct Hostile;

impl Guest for Hostile {
    fn open(_fields: Vec<Field>, config: String, _context: Context) -> Result<Plan, OpenError> {
        std::panic::set_hook(Box::new(|panic| log(Level::Error, &panic.to_string())));
        let behaviour = config.trim_matches('"').to_owned();
        match behaviour.as_str() {
            "open_loop" => endless(),
            "open_panic" => panic!("no way to open"),
            "open_refuse" => return Err(OpenError { message: "the column `price` is not there".to_owned() }),
            _ => {}
        }
        let plan = plan(&behaviour);
        BEHAVIOUR.with(|slot| *slot.borrow_mut() = behaviour);
        Ok(plan)
    }

    fn apply(batch: Batch) -> Result<Output, String> {
        let behaviour = BEHAVIOUR.with(|slot| slot.borrow().clone());
        let numbers = numbers(&batch);
        let mut output = honest(&numbers);
        if behaviour == "leak" {
            HOARD.with(|hoard| hoard.borrow_mut().push(vec![1; 20 << 20]));
        }
        for (row, number) in numbers.iter().enumerate() {
            if *number == BAD {
                misbehave(&behaviour, row, &mut output)?;
            }
        }
        Ok(output)
    }
}

fn plan(behaviour: &str) -> Plan {
    let passed = |name: &str, column| OutField::Passed(Passed { name: name.to_owned(), column });
    let computed = |name: &str, column_type: &str| {
        OutField::Computed(Field { name: name.to_owned(), type_: column_type.to_owned(), nullable: false })
    };
    let mut fields = vec![passed("number", 0), computed("doubled", "int64"), computed("text", "utf8")];
    let mut needs = vec![0];
    match behaviour {
        "plan_type" => fields.push(computed("price", "money")),
        "plan_own_name" => fields.push(computed("_millstream_row", "int64")),
        "plan_twice" => fields.push(passed("doubled", 0)),
        "plan_column" => fields.push(passed("other", 99)),
        "plan_needs" => needs.push(99),
        "plan_empty" => fields.clear(),
        _ => {}
    }
    Plan { fields, needs }
}

fn numbers(batch: &Batch) -> Vec<i64> {
    let data = batch.columns.first().map_or(&[][..], |column| &column.data);
    data.as_chunks::<8>().0.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect()
}

fn honest(numbers: &[i64]) -> Output {
    let doubled = numbers.iter().flat_map(|number| number.wrapping_mul(2).to_le_bytes()).collect();
    let text = numbers.iter().map(|_| b'x').collect();
    let columns = vec![
        Column { validity: Vec::new(), offsets: Vec::new(), data: doubled },
        Column { validity: Vec::new(), offsets: (0..=numbers.len() as i32).collect(), data: text },
    ];
    let batch = Batch { rows: numbers.len() as u32, columns };
    Output { batch, source_rows: (0..numbers.len() as u32).collect(), rejects: Vec::new() }
}

fn misbehave(behaviour: &str, row: usize, output: &mut Output) -> Result<(), String> {
    match behaviour {
        "loop" => endless(),
        "memory" => hoard(),
        "stack" => drop(black_box(recurse(black_box(1)))),
        "trap" => core::arch::wasm32::unreachable(),
        "panic" => panic!("row {row} is not to my liking"),
        "divide" => drop(black_box(1 / black_box(output.rejects.len()))),
        "give_up" => return Err("no more of this".to_owned()),
        "log_flood" => (0..5000).for_each(|_| log(Level::Info, &"x".repeat(10_000))),
        _ => lie(behaviour, row, output),
    }
    Ok(())
}

fn lie(behaviour: &str, row: usize, output: &mut Output) {
    let reject = |row, code: &str| Reject { row, column: None, code: code.to_owned(), message: "m".repeat(5000) };
    let [doubled, text] = output.batch.columns.as_mut_slice() else { return };
    match behaviour {
        "short_data" => drop(doubled.data.pop()),
        "long_data" => doubled.data.push(0),
        "long_validity" => doubled.validity = vec![0xff; output.source_rows.len() + 1],
        "null_planned_without" => doubled.validity = vec![0; output.source_rows.len().div_ceil(8)],
        "offsets_backwards" => text.offsets[row + 1] = -5,
        "offsets_beyond" => text.offsets[row + 1] = 1 << 30,
        "offsets_missing" => text.offsets.clear(),
        // SAFETY: none: the host must not believe it.
        "beyond_memory" => {
            text.data = unsafe { Vec::from_raw_parts(core::ptr::without_provenance_mut(16), 1 << 30, 1 << 30) };
        }
        "columns_beyond_memory" => {
            output.batch.columns =
                unsafe { Vec::from_raw_parts(core::ptr::without_provenance_mut(16), 1 << 26, 1 << 26) };
        }
        "not_utf8" => text.data[row] = 0xff,
        "row_count" => output.batch.rows += 1,
        "huge_row_count" => output.batch.rows = u32::MAX,
        "column_missing" => drop(output.batch.columns.pop()),
        "column_more" => {
            let more = output.batch.columns[0].clone();
            output.batch.columns.push(more);
        }
        "source_rows_missing" => drop(output.source_rows.pop()),
        "source_row_beyond" => output.source_rows[row] = u32::MAX,
        "reject_beyond" => output.rejects.push(reject(u32::MAX, "code")),
        "reject_code" => output.rejects.push(reject(row as u32, "Not A Code")),
        "reject_long" => output.rejects.push(reject(row as u32, "code")),
        "giant" => text.data = vec![b'x'; 40 << 20],
        "giant_rejects" => output.rejects = (0..5000).map(|_| reject(0, "code")).collect(),
        "amplify" => amplify(output, row as u32),
        _ => {}
    }
}

/// Few bytes out that stand for many: the host takes the passed column once for each.
fn amplify(output: &mut Output, row: u32) {
    let rows = 3_000_000;
    output.batch.rows = rows;
    output.source_rows = vec![row; rows as usize];
    output.batch.columns[0].data.clear();
}

fn endless() {
    let mut turns = 0_u64;
    loop {
        turns = black_box(turns.wrapping_add(1));
    }
}

fn hoard() {
    HOARD.with(|hoard| {
        loop {
            hoard.borrow_mut().push(vec![1; 1 << 20]);
        }
    });
}

#[inline(never)]
fn recurse(depth: u64) -> u64 {
    let room = black_box([depth; 64]);
    if depth == 0 { 0 } else { recurse(black_box(depth + 1)) + room[(depth % 64) as usize] }
}

sdk::bindings::export_columns!(Hostile with_types_in sdk::bindings);
