//! Opening a rule: is this the input it was compiled for?

use crate::guest::bindings::{Context, Field, OutField, Passed, Plan};
use crate::table::{self, Table};

/// An opened rule.
pub(super) struct Opened {
    pub(super) table: Table,
    pub(super) clock: i64,
    /// The regular expressions met so far, by their number in the rule.
    #[cfg(feature = "regex")]
    pub(super) regexps: core::cell::RefCell<Vec<Option<regex::Regex>>>,
}

pub(super) fn open(fields: &[Field], config: &str, context: &Context) -> Result<(Opened, Plan), String> {
    let table = embedded().ok_or("the rule's table cannot be read: compile the rule again")?;
    check_config(config)?;
    check_input(&table.input, fields)?;
    let plan = Plan {
        fields: table.outputs.iter().map(out_field).collect(),
        needs: table.needs.iter().map(|need| need.column).collect(),
    };
    let opened = Opened {
        table,
        clock: context.run_clock,
        #[cfg(feature = "regex")]
        regexps: Default::default(),
    };
    Ok((opened, plan))
}

#[expect(unsafe_code, reason = "the linker put the table where this says, its length in front of it")]
fn embedded() -> Option<Table> {
    #[link(wasm_import_module = "rule")]
    unsafe extern "C" {
        fn table() -> *const u8;
    }
    // SAFETY: the address is that of a data segment that begins with the length of what follows.
    let bytes = unsafe {
        let start = table();
        let length = start.cast::<u32>().read_unaligned();
        core::slice::from_raw_parts(start.add(4), length as usize)
    };
    Table::decode(bytes)
}

fn check_config(config: &str) -> Result<(), String> {
    match config.trim() {
        "" | "{}" | "null" => Ok(()),
        _ => Err("a rule takes no config: what it needs is written in it".to_owned()),
    }
}

fn check_input(expected: &[table::Field], found: &[Field]) -> Result<(), String> {
    let wrong = expected.iter().zip(found).enumerate().find(|(_, (expected, found))| !is_same(expected, found));
    if let Some((column, (expected, found))) = wrong {
        let expected = notation(&expected.name, &expected.column_type, expected.nullable);
        let found = notation(&found.name, &found.type_, found.nullable);
        return Err(format!(
            "the rule was compiled for another input: column {} is `{found}`, it expects `{expected}`; compile it again",
            column + 1
        ));
    }
    match (expected.len(), found.len()) {
        (expected, found) if expected == found => Ok(()),
        (expected, found) => Err(format!(
            "the rule was compiled for another input: it has {found} columns, the rule expects {expected}; compile it again"
        )),
    }
}

fn is_same(expected: &table::Field, found: &Field) -> bool {
    expected.name == found.name && expected.column_type == found.type_ && expected.nullable == found.nullable
}

fn notation(name: &str, column_type: &str, nullable: bool) -> String {
    let mark = if nullable { "?" } else { "" };
    format!("{name}:{column_type}{mark}")
}

fn out_field(output: &table::Output) -> OutField {
    match output {
        table::Output::Passed { name, column } => OutField::Passed(Passed { name: name.clone(), column: *column }),
        table::Output::Computed { field, .. } => OutField::Computed(Field {
            name: field.name.clone(),
            type_: field.column_type.clone(),
            nullable: field.nullable,
        }),
    }
}
