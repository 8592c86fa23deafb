//! Schemas as text: what the store keeps and what people write.

use std::sync::Arc;

use arrow_schema::{Field, Schema, SchemaRef};
use serde::{Deserialize, Serialize};

pub use crate::notation::{parse_notation, to_notation};
use crate::{ColumnType, Error};

#[derive(Serialize, Deserialize)]
struct StoredColumn {
    name: String,
    #[serde(rename = "type")]
    column_type: String,
    nullable: bool,
}

/// The schema as JSON: `[{"name": "id", "type": "int64", "nullable": false}, …]`.
pub fn to_json(schema: &Schema) -> Result<String, Error> {
    let columns = schema
        .fields()
        .iter()
        .map(|field| {
            let column_type = ColumnType::of(field)?.to_string();
            Ok(StoredColumn { name: field.name().clone(), column_type, nullable: field.is_nullable() })
        })
        .collect::<Result<Vec<_>, Error>>()?;
    serde_json::to_string(&columns).map_err(Error::Schema)
}

/// The schema a JSON text of [`to_json`] stands for.
pub fn from_json(text: &str) -> Result<SchemaRef, Error> {
    let columns: Vec<StoredColumn> = serde_json::from_str(text).map_err(Error::Schema)?;
    let fields = columns
        .into_iter()
        .map(|column| Ok(column.column_type.parse::<ColumnType>()?.field(&column.name, column.nullable)))
        .collect::<Result<Vec<Field>, Error>>()?;
    Ok(Arc::new(Schema::new(fields)))
}

/// The schema a line stands for that people write: `id:int64,name:utf8?,amount:decimal(12,2)?`. A
/// column may not be NULL unless `?` says so.
pub fn from_line(line: &str) -> Result<SchemaRef, Error> {
    let fields = split_columns(line).into_iter().map(column_of).collect::<Result<Vec<Field>, Error>>()?;
    let twice = fields
        .iter()
        .enumerate()
        .find(|(place, field)| fields.iter().take(*place).any(|earlier| earlier.name() == field.name()));
    match twice {
        Some((_, field)) => Err(Error::BadColumn { text: field.name().clone(), reason: "it is there twice" }),
        None => Ok(Arc::new(Schema::new(fields))),
    }
}

/// The schema as such a line.
pub fn to_line(schema: &Schema) -> Result<String, Error> {
    let columns = schema.fields().iter().map(|field| {
        let mark = if field.is_nullable() { "?" } else { "" };
        Ok(format!("{}:{}{mark}", field.name(), ColumnType::of(field)?))
    });
    Ok(columns.collect::<Result<Vec<_>, Error>>()?.join(","))
}

fn column_of(text: &str) -> Result<Field, Error> {
    let bad = |reason| Error::BadColumn { text: text.trim().chars().take(80).collect(), reason };
    let (name, notation) = text.split_once(':').ok_or_else(|| bad("expected a name, `:` and a type"))?;
    let name = name.trim();
    if name.is_empty() {
        return Err(bad("its name is missing"));
    }
    let notation = notation.trim();
    let column_type: ColumnType = notation.strip_suffix(['?', '!']).unwrap_or(notation).parse()?;
    Ok(column_type.field(name, notation.ends_with('?')))
}

/// Splits at commas, save for those in parentheses.
fn split_columns(line: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    line.split(|letter| {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == ',' && depth == 0
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_columns_is_a_schema_and_comes_back() {
        let line = "id:int64,name:utf8?,amount:decimal(12,2)?,at:timestamp(us,UTC)";
        let schema = from_line(line).unwrap();
        assert_eq!(schema.fields().len(), 4);
        assert!(!schema.field(0).is_nullable() && schema.field(2).is_nullable());
        assert_eq!(to_line(&schema).unwrap(), line);
        assert_eq!(from_line(" id : int64! , name : utf8? ").unwrap().fields().len(), 2);
    }

    #[test]
    fn a_line_that_is_no_schema_is_refused_with_its_column() {
        for (line, part) in [
            ("", "a name"),
            ("id", "`id`"),
            (":int64", "name is missing"),
            ("id:int", "`int`"),
            ("a:utf8,a:bool", "twice"),
        ] {
            let error = from_line(line).unwrap_err().to_string();
            assert!(error.contains(part), "{line}: {error}");
        }
    }

    #[test]
    fn a_schema_survives_its_text() {
        let text = r#"[{"name":"id","type":"int64","nullable":false},{"name":"doc","type":"json","nullable":true}]"#;
        let schema = from_json(text).unwrap();
        assert_eq!(to_json(&schema).unwrap(), text);
    }
}
