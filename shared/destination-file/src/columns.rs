//! Whether columns fit each other.

use std::path::Path;

use arrow_array::{Array, RecordBatch, new_null_array};
use arrow_schema::{Field, Schema, SchemaRef};
use batch::ColumnType;
use destination::{Error, Target};

use crate::failure::{Result, mismatch};

/// Refuses columns in `place` that are not those of the stream: names, types and order, not NULL.
pub(crate) fn check(wanted: &Schema, found: &Schema, place: &Path) -> Result<()> {
    let place = place.display();
    for (index, field) in wanted.fields().iter().enumerate() {
        let name = field.name();
        let Some(there) = found.fields().get(index) else {
            return Err(mismatch(format!("column `{name}` of the stream is missing in `{place}`: {WAY_OUT}")));
        };
        if there.name() != name {
            let other = there.name();
            return Err(mismatch(format!(
                "column {} is `{name}` in the stream and `{other}` in `{place}`: {WAY_OUT}",
                index + 1
            )));
        }
        let (stream_type, file_type) = (type_of(field), type_of(there));
        if stream_type != file_type {
            return Err(mismatch(format!(
                "column `{name}` is {stream_type} in the stream and {file_type} in `{place}`: {WAY_OUT}"
            )));
        }
    }
    match found.fields().get(wanted.fields().len()) {
        Some(extra) => {
            Err(mismatch(format!("column `{}` in `{place}` is missing in the stream: {WAY_OUT}", extra.name())))
        }
        None => Ok(()),
    }
}

const WAY_OUT: &str = "move the files away, use `write_disposition: replace`, or give the stream the same columns";

/// The rows in the target's schema; refuses NULL where a column or the key of a merge has none.
pub(crate) fn conform(rows: &RecordBatch, target: &Target, keys: &[usize]) -> Result<RecordBatch> {
    check(&target.schema, rows.schema_ref(), Path::new("the batch"))?;
    let fields = target.schema.fields().iter().enumerate();
    for ((index, field), column) in fields.zip(rows.columns()) {
        let has_null = column.null_count() > 0;
        if has_null && (keys.contains(&index) || !field.is_nullable()) {
            let role = if keys.contains(&index) { "is part of the key" } else { "is not nullable" };
            let problem = format!("column `{}` {role}, and the batch has NULL in it", field.name());
            return Err(Error::Refused { problem, cause: None });
        }
    }
    let refused = |cause: arrow_schema::ArrowError| Error::Refused {
        problem: "the batch does not fit its schema".to_owned(),
        cause: Some(cause.into()),
    };
    RecordBatch::try_new(target.schema.clone(), rows.columns().to_vec()).map_err(refused)
}

/// Keys in the target's columns, the others NULL: what a key's row looks like to whoever reads only
/// the columns of the key.
pub(crate) fn keys_alone(keys: &RecordBatch, target: &Target) -> Result<RecordBatch> {
    let mut fields = Vec::with_capacity(target.schema.fields().len());
    let mut columns = Vec::with_capacity(target.schema.fields().len());
    for field in target.schema.fields() {
        let given = keys.column_by_name(field.name()).cloned();
        columns.push(given.unwrap_or_else(|| new_null_array(field.data_type(), keys.num_rows())));
        fields.push(Field::clone(field).with_nullable(true));
    }
    RecordBatch::try_new(std::sync::Arc::new(Schema::new(fields)), columns).map_err(|cause| Error::Refused {
        problem: "the keys do not have the types of their columns".to_owned(),
        cause: Some(cause.into()),
    })
}

/// Places of the key's columns in the target's schema.
pub(crate) fn keys(target: &Target) -> Result<Vec<usize>> {
    if target.primary_key.is_empty() {
        return Err(Error::config("key_missing", "a merge needs `primary_key`: the columns that identify a row"));
    }
    let place = |name: &String| {
        target.schema.index_of(name).map_err(|_| {
            Error::config("key_missing", format!("column `{name}` of `primary_key` is not a column of the stream"))
        })
    };
    target.primary_key.iter().map(place).collect()
}

/// The schema with every column nullable that is so in any of the others.
pub(crate) fn widened(schema: &Schema, others: &[SchemaRef]) -> SchemaRef {
    let widen = |(index, field): (usize, &std::sync::Arc<Field>)| {
        let nullable_there = |other: &SchemaRef| other.fields().get(index).is_some_and(|field| field.is_nullable());
        Field::clone(field).with_nullable(field.is_nullable() || others.iter().any(nullable_there))
    };
    let fields: Vec<Field> = schema.fields().iter().enumerate().map(widen).collect();
    std::sync::Arc::new(Schema::new(fields))
}

fn type_of(field: &Field) -> String {
    ColumnType::of(field).map_or_else(|_| field.data_type().to_string(), |column_type| column_type.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(columns: &[(&str, &str)]) -> Schema {
        let field = |(name, text): &(&str, &str)| text.parse::<ColumnType>().unwrap().field(name, true);
        Schema::new(columns.iter().map(field).collect::<Vec<_>>())
    }

    #[test]
    fn columns_that_do_not_fit_are_refused_by_name() {
        let wanted = schema(&[("id", "int64"), ("amount", "decimal(12,2)")]);
        let check = |found: &[(&str, &str)]| check(&wanted, &schema(found), Path::new("d")).unwrap_err().to_string();
        assert!(check(&[("id", "int64")]).contains("column `amount` of the stream is missing"));
        assert!(
            check(&[("id", "int64"), ("amount", "float64")])
                .contains("`amount` is decimal(12,2) in the stream and float64")
        );
        assert!(check(&[("id", "int64"), ("price", "decimal(12,2)")]).contains("`amount` in the stream and `price`"));
        let more = [("id", "int64"), ("amount", "decimal(12,2)"), ("note", "utf8")];
        assert!(check(&more).contains("column `note`"));
    }
}
