//! A rule's text to its plan.

use crate::error::{Error, Mistake};
use crate::parse::{self, Select};
use crate::plan::{Column, Plan};
use crate::resolve::{Outputs, Resolver, Scope};

/// Checks a rule against the columns it reads and gives its plan.
///
/// A rule is one `SELECT items FROM input [AS alias] [WHERE condition]`; types, NULLs and
/// conversions are PostgreSQL's.
pub fn compile_sql(text: &str, input: &[Column]) -> Result<Plan, Error> {
    parse::on_deep_stack(|| compile(text, input).map_err(|mistake| mistake.in_text(text)))
}

fn compile(text: &str, input: &[Column]) -> Result<Plan, Mistake> {
    let Select { alias, items, condition, tokens } = parse::select(text)?;
    let scope = Scope::of_input(&alias.value, alias.quote_style.is_some(), input);
    let mut sites = Vec::new();
    let mut resolver = Resolver::new(&scope, &tokens, &mut sites);
    let filter = condition.map(|condition| resolver.condition(&condition)).transpose()?;
    let mut outputs = Outputs::new();
    for item in &items {
        resolver.item(item, &mut outputs)?;
    }
    let outputs = outputs.finish(tokens.end())?;
    Ok(Plan { input: input.to_vec(), lets: Vec::new(), rejections: Vec::new(), filter, outputs, sites })
}
