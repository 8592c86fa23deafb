//! A guest of the world `records` that misbehaves on purpose: as in the library, the config says
//! how, and a row whose `number` is -1 brings it out. A row that goes through comes out with its
//! number doubled beside it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::RefCell;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};

mod bindings {
    wit_bindgen::generate!({ world: "records", path: "../wit" });
}

use bindings::millstream::transform::logging::log;
use bindings::millstream::transform::types::{Level, OutField, Passed};
use bindings::{Context, Field, Guest, OpenError, Plan, RecordsOutput, Reject};

/// Calls out whenever memory is asked for, also when it is the host that asks, to write arguments.
struct Nosy;

static ARMED: AtomicBool = AtomicBool::new(false);

// SAFETY: everything is the system's allocator.
unsafe impl GlobalAlloc for Nosy {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if ARMED.load(Ordering::Relaxed) {
            log(Level::Info, "re-entry");
        }
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Nosy = Nosy;

thread_local! {
    static BEHAVIOUR: RefCell<String> = const { RefCell::new(String::new()) };
}

struct Hostile;

impl Guest for Hostile {
    fn open_records(_fields: Vec<Field>, config: String, _context: Context) -> Result<Plan, OpenError> {
        std::panic::set_hook(Box::new(|panic| log(Level::Error, &panic.to_string())));
        let behaviour = config.trim_matches('"').to_owned();
        match behaviour.as_str() {
            "open_loop" => endless(),
            "open_panic" => panic!("no way to open"),
            "open_refuse" => return Err(OpenError { message: "the column `price` is not there".to_owned() }),
            _ => {}
        }
        let computed = |name: &str, column_type: &str| {
            OutField::Computed(Field { name: name.to_owned(), type_: column_type.to_owned(), nullable: false })
        };
        let column_type = if behaviour == "plan_type" { "money" } else { "int64" };
        let fields = vec![
            OutField::Passed(Passed { name: "number".to_owned(), column: 0 }),
            computed("doubled", column_type),
            computed("text", "utf8"),
        ];
        let needs = vec![if behaviour == "plan_needs" { 99 } else { 0 }];
        ARMED.store(behaviour == "reenter", Ordering::Relaxed);
        BEHAVIOUR.with(|slot| *slot.borrow_mut() = behaviour);
        Ok(Plan { fields, needs })
    }

    fn apply_records(records: String) -> Result<RecordsOutput, String> {
        let behaviour = BEHAVIOUR.with(|slot| slot.borrow().clone());
        let numbers: Vec<i64> = records.split('"').skip(3).step_by(4).map(|number| number.parse().unwrap()).collect();
        let honest = |number: &i64| format!(r#"{{"doubled":"{}","text":"x"}}"#, number.wrapping_mul(2));
        let rows: Vec<String> = numbers.iter().map(honest).collect();
        let mut output = RecordsOutput {
            records: format!("[{}]", rows.join(",")),
            source_rows: (0..rows.len() as u32).collect(),
            rejects: Vec::new(),
        };
        for (row, number) in numbers.iter().enumerate() {
            if *number == -1 {
                misbehave(&behaviour, row, &rows, &mut output)?;
            }
        }
        Ok(output)
    }
}

fn misbehave(behaviour: &str, row: usize, rows: &[String], output: &mut RecordsOutput) -> Result<(), String> {
    let instead = |record: &str| {
        let mut rows = rows.to_vec();
        rows[row] = record.to_owned();
        format!("[{}]", rows.join(","))
    };
    let reject = |row, code: &str| Reject { row, column: None, code: code.to_owned(), message: "m".repeat(5000) };
    match behaviour {
        "loop" => endless(),
        "memory" => hoard(),
        "stack" => drop(black_box(recurse(black_box(1)))),
        "trap" => core::arch::wasm32::unreachable(),
        "panic" => panic!("row {row} is not to my liking"),
        "give_up" => return Err("no more of this".to_owned()),
        "value" => output.records = instead(r#"{"doubled":"a secret","text":"x"}"#),
        "null" => output.records = instead(r#"{"doubled":null,"text":"x"}"#),
        "missing_key" => output.records = instead(r#"{"doubled":"1"}"#),
        "nested" => {
            output.records =
                instead(&format!(r#"{{"doubled":{}1{},"text":"x"}}"#, "[".repeat(100_000), "]".repeat(100_000)))
        }
        "not_json" => output.records = "[{".to_owned(),
        "not_array" => output.records = r#"{"doubled":"1"}"#.to_owned(),
        "not_object" => output.records = instead("7"),
        "cut" => drop(output.records.pop()),
        "more" => output.records.push_str("[]"),
        "row_missing" => output.records = format!("[{}]", rows[1..].join(",")),
        "row_more" => output.records = format!("[{},{}]", rows.join(","), rows[0]),
        "source_row_missing" => drop(output.source_rows.pop()),
        "source_row_beyond" => output.source_rows[row] = u32::MAX,
        "reject_beyond" => output.rejects.push(reject(u32::MAX, "code")),
        "reject_code" => output.rejects.push(reject(row as u32, "Not A Code")),
        "giant" => output.records = "x".repeat(40 << 20),
        "giant_rejects" => output.rejects = (0..5000).map(|_| reject(0, "code")).collect(),
        "amplify" => {
            output.records = format!("[{}{{}}]", "{},".repeat(999_999));
            output.source_rows = vec![row as u32; 1_000_000];
        }
        // SAFETY: none: the host must not believe it.
        "not_utf8" => output.records = unsafe { String::from_utf8_unchecked(vec![b'[', 0xff, b']']) },
        "beyond_memory" => {
            output.records = unsafe { String::from_raw_parts(core::ptr::without_provenance_mut(16), 1 << 30, 1 << 30) };
        }
        "rows_beyond_memory" => {
            output.source_rows =
                unsafe { Vec::from_raw_parts(core::ptr::without_provenance_mut(16), 1 << 29, 1 << 29) };
        }
        _ => {}
    }
    Ok(())
}

fn endless() {
    let mut turns = 0_u64;
    loop {
        turns = black_box(turns.wrapping_add(1));
    }
}

fn hoard() {
    let mut hoard = Vec::new();
    loop {
        hoard.push(black_box(vec![1_u8; 1 << 20]));
    }
}

#[inline(never)]
fn recurse(depth: u64) -> u64 {
    let room = black_box([depth; 64]);
    if depth == 0 { 0 } else { recurse(black_box(depth + 1)) + room[(depth % 64) as usize] }
}

bindings::export!(Hostile with_types_in bindings);
