//! From a plan to functions: the row loop in WebAssembly.
//!
//! Each expression's value lies in locals ([`value`]), with one more for NULL where it may be
//! NULL. Loads, logic, comparisons and plain arithmetic are generated ([`emitter`] and its parts);
//! what needs more is called in the runtime. The loop around it is in [`row`].

pub(crate) mod arithmetic;
pub(crate) mod call;
pub(crate) mod cast;
pub(crate) mod code;
pub(crate) mod columns;
pub(crate) mod compare;
pub(crate) mod constants;
pub(crate) mod decimal;
pub(crate) mod emitter;
pub(crate) mod expression;
pub(crate) mod logic;
pub(crate) mod outputs;
pub(crate) mod row;
pub(crate) mod stage;
pub(crate) mod table;
pub(crate) mod value;

use wasm_encoder::ValType;

use crate::component::Error;
use crate::generate::code::{Body, Code};
use crate::generate::constants::Constants;
use crate::generate::emitter::Rule;
use crate::plan::{Output, Plan};
use crate::walk;

/// What is merged into the template.
#[derive(Debug)]
pub(crate) struct Generated {
    /// The functions; a call names them by their place here.
    pub(crate) functions: Vec<Body>,
    /// Which of them takes the place of the template's import `kernel`.
    pub(crate) kernel: usize,
    /// Which takes that of `table`.
    pub(crate) table: usize,
    /// The bytes that begin at the address the generator was told.
    pub(crate) constants: Vec<u8>,
}

/// Whether the rule needs the template with regular expressions.
pub(crate) fn has_regexps(plan: &Plan) -> bool {
    let mut found = false;
    let outputs = plan.outputs.iter().filter_map(|output| match output {
        Output::Computed { value, .. } => Some(value),
        Output::Passed { .. } => None,
    });
    let rejections = plan.rejections.iter().map(|rejection| &rejection.when);
    for expr in plan.lets.iter().chain(rejections).chain(&plan.filter).chain(outputs) {
        walk::each(expr, &mut |part| found |= call::is_regexp(part));
    }
    found
}

/// Generates the row loop; its constants will lie at `base`.
pub(crate) fn generate(plan: &Plan, base: u32) -> Result<Generated, Error> {
    let stages = stage::stages(plan)?;
    let mut rule = Rule {
        plan,
        needs: stage::needs(&stages),
        constants: Constants::new(base),
        frame: u32::try_from(plan.lets.len()).unwrap_or(u32::MAX),
        regexps: Vec::new(),
        allocates: false,
    };
    let mut functions = Vec::new();
    match stages.as_slice() {
        [stage] => functions.push(row::whole(&mut rule, stage)?),
        parts => {
            for (number, stage) in parts.iter().enumerate() {
                functions.push(row::part(&mut rule, stage, number)?);
            }
            functions.push(row::caller(&mut rule, u32::try_from(parts.len()).unwrap_or(u32::MAX))?);
        }
    }
    let kernel = functions.len() - 1;
    functions.push(table_function(&mut rule));
    Ok(Generated { kernel, table: functions.len() - 1, functions, constants: rule.constants.finish() })
}

/// The function that says where the table is.
fn table_function(rule: &mut Rule<'_>) -> Body {
    let table = table::table(rule.plan, &rule.needs, rule.frame).encode();
    let length = u32::try_from(table.len()).unwrap_or(u32::MAX).to_le_bytes();
    let address = rule.constants.address(&[length.as_slice(), table.as_slice()].concat());
    let mut code = Code::new(vec![]);
    code.i32(address.cast_signed());
    code.finish("rule table".to_owned(), vec![ValType::I32])
}
