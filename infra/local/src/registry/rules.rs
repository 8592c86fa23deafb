//! Rules as modules: compiled for the columns they meet, added under names of their own.

use std::collections::BTreeMap;

use arrow_schema::{Schema, SchemaRef};
use async_trait::async_trait;
use batch::ColumnType;
use flow::{Digest, Fault, FaultKind, ModuleDigest};
use rules::plan::{Column, Output, Plan};
use spec::Rule;
use transform::wiring::RuleModules;

use super::{NewModule, Registry};

/// What begins the names of modules that are compiled rules.
pub const RULE_PREFIX: &str = "rule-";

/// Checks a rule against the columns it meets.
pub fn plan(rule: &Rule, schema: &Schema) -> Result<Plan, Fault> {
    let columns = columns(schema)?;
    Ok(match rule {
        Rule::Sql(text) => rules::compile_sql(text, &columns)?,
        Rule::Map(map) => rules::compile_map(map, &columns)?,
        Rule::RuleSet(set) => rules::compile_rule_set(set, &columns)?,
    })
}

/// The columns of a schema as rules see them.
pub(super) fn columns(schema: &Schema) -> Result<Vec<Column>, Fault> {
    let column = |field: &arrow_schema::FieldRef| {
        let column_type = ColumnType::of(field)?;
        Ok(Column { name: field.name().clone(), column_type, nullable: field.is_nullable() })
    };
    schema.fields().iter().map(column).collect()
}

/// The columns a rule gives.
pub(super) fn outputs(plan: &Plan) -> Vec<Column> {
    let column = |output: &Output| match output {
        Output::Passed { name, column } => {
            plan.input.get(*column).map(|from| Column { name: name.clone(), ..from.clone() })
        }
        Output::Computed { name, column_type, nullable, .. } => {
            Some(Column { name: name.clone(), column_type: *column_type, nullable: *nullable })
        }
    };
    plan.outputs.iter().filter_map(column).collect()
}

/// The component a rule is for these columns. The same rule and columns give the same bytes.
pub fn bytes(name: &str, rule: &Rule, schema: &Schema) -> Result<Vec<u8>, Fault> {
    let told = |fault: Fault| Fault { message: format!("rule `{name}`: {}", fault.message), ..fault };
    rules::component(&plan(rule, schema).map_err(told)?).map_err(|error| told(error.fault()))
}

#[async_trait]
impl RuleModules for Registry {
    async fn module_of(&self, name: &str, rule: &Rule, schema: &SchemaRef) -> Result<ModuleDigest, Fault> {
        let (own_name, own_rule, own_schema) = (name.to_owned(), rule.clone(), schema.clone());
        let bytes = super::blocking(move || bytes(&own_name, &own_rule, &own_schema)).await?;
        let digest = Digest::of(&bytes);
        if self.parts().store.module(&digest).await?.is_some() {
            return Ok(digest);
        }
        let (checked, columns) = (rule.clone(), schema.clone());
        super::blocking(move || super::conflicts::refuse(&checked, &columns)).await?;
        let module = NewModule {
            bytes,
            name: format!("{RULE_PREFIX}{name}"),
            version: digest.short().to_owned(),
            limits: BTreeMap::new(),
            trial: None,
            by: "millstream".to_owned(),
        };
        let added = self.add(module).await?;
        match added.digest == digest {
            true => Ok(digest),
            false => {
                Err(Fault::new(FaultKind::Bug, "rule_digest", format!("rule `{name}` was added as another module")))
            }
        }
    }
}
