//! What the compiled rule says of itself.

use rules_runtime::table::{Field, Need, Output, Rejection, Site, Table};

use crate::generate::columns::layout;
use crate::plan::{self, Plan};

/// The table of a plan whose row loop reads these columns.
pub(crate) fn table(plan: &Plan, needs: &[usize], frame: u32) -> Table {
    let needs = needs.iter().filter_map(|column| {
        let layout = layout(plan.input.get(*column)?.column_type);
        Some(Need { column: u32::try_from(*column).ok()?, layout })
    });
    let rejections = plan.rejections.iter().map(|rejection| Rejection {
        code: rejection.code.clone(),
        column: rejection.column.clone(),
        message: rejection.message.clone(),
    });
    Table {
        input: plan.input.iter().map(input).collect(),
        needs: needs.collect(),
        outputs: plan.outputs.iter().map(output).collect(),
        sites: plan.sites.iter().map(|site| Site { column: site.column.clone(), what: site.what.clone() }).collect(),
        rejections: rejections.collect(),
        frame,
    }
}

fn input(column: &plan::Column) -> Field {
    Field { name: column.name.clone(), column_type: column.column_type.to_string(), nullable: column.nullable }
}

fn output(output: &plan::Output) -> Output {
    match output {
        plan::Output::Passed { name, column } => {
            Output::Passed { name: name.clone(), column: u32::try_from(*column).unwrap_or(u32::MAX) }
        }
        plan::Output::Computed { name, column_type, nullable, .. } => Output::Computed {
            field: Field { name: name.clone(), column_type: column_type.to_string(), nullable: *nullable },
            layout: layout(*column_type),
        },
    }
}
