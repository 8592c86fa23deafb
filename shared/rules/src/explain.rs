//! The SQL a plan stands for.

mod expressions;
mod functions;
mod literals;
mod names;

use std::fmt::Write;

use crate::parse;
use crate::plan::{Kind, Output, Plan};

pub(crate) use names::quoted as quoted_name;

use expressions::Writer;

/// The SQL a plan stands for.
///
/// For a plan of [`crate::compile_sql`] it compiles to an equal plan again, but for its sites. What
/// SQL has no word for, the values and rejections of rule sets, stands in comments before it.
#[must_use]
pub fn explain(plan: &Plan) -> String {
    // A plan may nest deeper than the caller's stack allows.
    parse::on_deep_stack(|| Ok(statement(plan))).unwrap_or_else(|error| format!("-- {error}"))
}

fn statement(plan: &Plan) -> String {
    let writer = Writer { input: &plan.input };
    let mut text = String::new();
    for (index, value) in plan.lets.iter().enumerate() {
        let _ = writeln!(text, "-- {} is {}", names::of_let(index), comment(&writer.expression(value)));
    }
    for rejection in &plan.rejections {
        let when = comment(&writer.expression(&rejection.when));
        let _ = writeln!(text, "-- rejected as {} ({}) when {when}", rejection.code, comment(&rejection.message));
    }
    text.push_str("SELECT\n");
    let items: Vec<String> = plan.outputs.iter().map(|output| format!("  {}", item(&writer, output))).collect();
    text.push_str(&items.join(",\n"));
    text.push_str("\nFROM input");
    if let Some(filter) = &plan.filter {
        let _ = write!(text, "\nWHERE {}", writer.expression(filter));
    }
    text
}

fn item(writer: &Writer<'_>, output: &Output) -> String {
    match output {
        Output::Passed { name, column } => {
            let column = writer.column(*column);
            let name = names::quoted(name);
            if column == name { name } else { format!("{column} AS {name}") }
        }
        // A column that is to have the type a rule reads it with, not its own.
        Output::Computed { name, value, .. } if matches!(value.kind, Kind::Column(_)) => {
            format!("cast({} AS {}) AS {}", writer.expression(value), value.ty, names::quoted(name))
        }
        Output::Computed { name, value, .. } => format!("{} AS {}", writer.expression(value), names::quoted(name)),
    }
}

/// A text that stays on its line.
fn comment(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}
