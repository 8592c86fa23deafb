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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_survives_its_text() {
        let text = r#"[{"name":"id","type":"int64","nullable":false},{"name":"doc","type":"json","nullable":true}]"#;
        let schema = from_json(text).unwrap();
        assert_eq!(to_json(&schema).unwrap(), text);
    }
}
