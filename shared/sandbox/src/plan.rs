//! What is agreed on at `open`: the input as the module is told of it, the output as it planned it.

use std::collections::HashSet;
use std::sync::Arc;

use arrow_schema::{Field, Schema, SchemaRef};
use batch::{ColumnType, OWN_PREFIX};

use crate::contract::{Context as ContractContext, FieldParam, OutField, Plan as ContractPlan};
use crate::{Context, Error};

/// What a module is opened with, kept to open it again.
#[derive(Debug)]
pub(crate) struct Opening {
    pub(crate) schema: SchemaRef,
    types: Vec<String>,
    pub(crate) config: String,
    context: Context,
}

impl Opening {
    pub(crate) fn new(schema: &SchemaRef, config: &serde_json::Value, context: &Context) -> Result<Self, Error> {
        let types = schema.fields().iter().map(|field| ColumnType::of(field).map(|column| column.to_string()));
        let types = types.collect::<Result<_, _>>().map_err(Error::Input)?;
        Ok(Self { schema: Arc::clone(schema), types, config: config.to_string(), context: context.clone() })
    }

    pub(crate) fn fields(&self) -> Vec<FieldParam<'_>> {
        let columns = self.schema.fields().iter().zip(&self.types);
        columns
            .map(|(field, column_type)| FieldParam {
                name: field.name(),
                type_: column_type,
                nullable: field.is_nullable(),
            })
            .collect()
    }

    pub(crate) fn context(&self) -> ContractContext<'_> {
        ContractContext {
            sync: self.context.sync.as_str(),
            stream: self.context.stream.as_str(),
            run_clock: self.context.run_clock.timestamp_micros(),
        }
    }
}

/// Where an output column comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The next column `apply` gives.
    Computed(ColumnType),
    /// This input column, by each row's source row.
    Passed(usize),
}

/// A plan that can be done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) schema: SchemaRef,
    pub(crate) origins: Vec<Origin>,
    pub(crate) needs: Vec<usize>,
}

impl Plan {
    /// The columns `apply` gives, in their order.
    pub(crate) fn computed(&self) -> impl Iterator<Item = (&Field, ColumnType)> {
        self.origins.iter().zip(self.schema.fields()).filter_map(|(origin, field)| match origin {
            Origin::Computed(column_type) => Some((field.as_ref(), *column_type)),
            Origin::Passed(_) => None,
        })
    }

    /// Checks what `open` gave.
    pub(crate) fn checked(plan: ContractPlan, input: &Schema) -> Result<Self, Error> {
        let needs = checked_needs(&plan.needs, input)?;
        if plan.fields.is_empty() {
            return Err(wrong("it has no output column".to_owned()));
        }
        let mut names = HashSet::new();
        let mut fields = Vec::with_capacity(plan.fields.len());
        let mut origins = Vec::with_capacity(plan.fields.len());
        for planned in plan.fields {
            let (field, origin) = checked_field(planned, input)?;
            check_name(field.name())?;
            if !names.insert(field.name().clone()) {
                return Err(wrong(format!("column `{}` is there twice", field.name())));
            }
            fields.push(field);
            origins.push(origin);
        }
        Ok(Self { schema: Arc::new(Schema::new(fields)), origins, needs })
    }
}

fn checked_needs(needs: &[u32], input: &Schema) -> Result<Vec<usize>, Error> {
    let mut seen = HashSet::new();
    let checked = needs.iter().map(|&need| {
        let column = in_input(need, input)?;
        match seen.insert(column) {
            true => Ok(column),
            false => Err(wrong(format!("it needs input column {need} twice"))),
        }
    });
    checked.collect()
}

fn checked_field(planned: OutField, input: &Schema) -> Result<(Field, Origin), Error> {
    match planned {
        OutField::Computed(field) => {
            let column_type: ColumnType = field
                .type_
                .parse()
                .map_err(|error: batch::Error| wrong(format!("column `{}`: {error}", field.name)))?;
            Ok((column_type.field(&field.name, field.nullable), Origin::Computed(column_type)))
        }
        OutField::Passed(passed) => {
            let column = in_input(passed.column, input)?;
            Ok((input.field(column).clone().with_name(passed.name), Origin::Passed(column)))
        }
    }
}

fn in_input(column: u32, input: &Schema) -> Result<usize, Error> {
    let columns = input.fields().len();
    usize::try_from(column)
        .ok()
        .filter(|column| *column < columns)
        .ok_or_else(|| wrong(format!("it names input column {column} of {columns}")))
}

fn check_name(name: &str) -> Result<(), Error> {
    if name.is_empty() || name.len() > 256 {
        return Err(wrong("a column's name has 1 to 256 bytes".to_owned()));
    }
    if name.starts_with(OWN_PREFIX) {
        return Err(wrong(format!("column `{name}` begins with `{OWN_PREFIX}`, which is ours")));
    }
    Ok(())
}

fn wrong(what: String) -> Error {
    Error::Plan { what }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::millstream::transform::types::{FieldResult, Passed};

    fn input() -> Schema {
        Schema::new(vec![ColumnType::Int64.field("id", false), ColumnType::Json.field("doc", true)])
    }

    fn computed(name: &str, column_type: &str) -> OutField {
        OutField::Computed(FieldResult { name: name.to_owned(), type_: column_type.to_owned(), nullable: true })
    }

    fn passed(name: &str, column: u32) -> OutField {
        OutField::Passed(Passed { name: name.to_owned(), column })
    }

    fn refused(fields: Vec<OutField>, needs: Vec<u32>) -> String {
        match Plan::checked(ContractPlan { fields, needs }, &input()) {
            Err(Error::Plan { what }) => what,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_passed_column_keeps_its_type_under_another_name() {
        let fields = vec![passed("document", 1), computed("total", "decimal(12,2)")];
        let plan = Plan::checked(ContractPlan { fields, needs: vec![1, 0] }, &input()).unwrap();
        assert_eq!(*plan.schema.field(0), ColumnType::Json.field("document", true));
        let total = ColumnType::Decimal { precision: 12, scale: 2 };
        assert_eq!(plan.origins, [Origin::Passed(1), Origin::Computed(total)]);
        assert_eq!(plan.needs, [1, 0]);
    }

    #[test]
    fn a_plan_that_cannot_be_done_is_refused_with_its_column() {
        assert!(refused(vec![], vec![]).contains("no output column"));
        assert!(refused(vec![passed("a", 2)], vec![]).contains("column 2 of 2"));
        assert!(refused(vec![passed("a", 0), computed("a", "int8")], vec![]).contains("`a` is there twice"));
        assert!(refused(vec![computed("_millstream_row", "int8")], vec![]).contains("_millstream_"));
        assert!(refused(vec![computed("a", "varchar")], vec![]).contains("`varchar`"));
        assert!(refused(vec![computed("", "int8")], vec![]).contains("1 to 256"));
        assert!(refused(vec![passed("a", 0)], vec![7]).contains("column 7"));
        assert!(refused(vec![passed("a", 0)], vec![1, 1]).contains("twice"));
    }
}
