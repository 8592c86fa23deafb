//! Parquet's types as ours, where a value survives the change whole.

use arrow_schema::{DataType, Field, TimeUnit};
use batch::ColumnType;
use parquet::arrow::arrow_reader::ArrowReaderMetadata;
use parquet::basic::LogicalType;
use source::Error;

/// A column of a Parquet file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileColumn {
    pub(crate) name: String,
    pub(crate) column_type: ColumnType,
    pub(crate) source_type: String,
    pub(crate) nullable: bool,
}

/// The columns of a file; refuses one that cannot be carried exactly.
pub(crate) fn columns(metadata: &ArrowReaderMetadata, stream: &str) -> Result<Vec<FileColumn>, Error> {
    let roots = metadata.parquet_schema().root_schema().get_fields();
    let fields = metadata.schema().fields().iter().enumerate();
    let columns = fields.map(|(place, field)| {
        let logical = roots.get(place).and_then(|root| root.get_basic_info().logical_type_ref());
        let column_type = column_type(field, logical).map_err(|advice| Error::UnsupportedType {
            stream: stream.to_owned(),
            column: field.name().clone(),
            source_type: field.data_type().to_string(),
            advice: advice.to_owned(),
        })?;
        let source_type = field.data_type().to_string();
        Ok(FileColumn { name: field.name().clone(), column_type, source_type, nullable: field.is_nullable() })
    });
    columns.collect()
}

const NESTED: &str = "write it as JSON text in the file";
const TOO_FINE: &str = "write it in microseconds in the file";
const OTHER: &str = "write it as another type in the file";

fn column_type(field: &Field, logical: Option<&LogicalType>) -> Result<ColumnType, &'static str> {
    let of = |data_type: DataType| ColumnType::of(&field.clone().with_data_type(data_type)).map_err(|_| OTHER);
    match field.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View if matches!(logical, Some(LogicalType::Json)) => {
            Ok(ColumnType::Json)
        }
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => of(DataType::Utf8),
        DataType::FixedSizeBinary(16) if matches!(logical, Some(LogicalType::Uuid)) => Ok(ColumnType::Uuid),
        DataType::FixedSizeBinary(16) => of(DataType::FixedSizeBinary(16)).or(Ok(ColumnType::Binary)),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            Ok(ColumnType::Binary)
        }
        DataType::Dictionary(_, value) => column_type(&field.clone().with_data_type((**value).clone()), logical),
        DataType::Float16 => Ok(ColumnType::Float32),
        DataType::Timestamp(TimeUnit::Nanosecond, _) | DataType::Time64(TimeUnit::Nanosecond) => Err(TOO_FINE),
        DataType::Timestamp(_, zone) => Ok(ColumnType::Timestamp { zoned: zone.is_some() }),
        DataType::Time32(_) => Ok(ColumnType::Time),
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale)
        | DataType::Decimal256(precision, scale) => {
            let fits = *scale >= 0 && scale.unsigned_abs() <= *precision;
            if fits { Ok(ColumnType::Decimal { precision: *precision, scale: *scale }) } else { Err(OTHER) }
        }
        nested if nested.is_nested() => Err(NESTED),
        other => of(other.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_that_survives_has_its_column_type() {
        let dictionary = DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::LargeUtf8));
        for (data_type, expected) in [
            (DataType::LargeUtf8, "utf8"),
            (DataType::Utf8View, "utf8"),
            (dictionary, "utf8"),
            (DataType::FixedSizeBinary(16), "binary"),
            (DataType::FixedSizeBinary(3), "binary"),
            (DataType::Float16, "float32"),
            (DataType::UInt64, "uint64"),
            (DataType::Timestamp(TimeUnit::Millisecond, None), "timestamp"),
            (DataType::Timestamp(TimeUnit::Second, Some("Asia/Shanghai".into())), "timestamp(us,UTC)"),
            (DataType::Time32(TimeUnit::Millisecond), "time"),
            (DataType::Decimal64(10, 2), "decimal(10,2)"),
            (DataType::Decimal256(20, 0), "decimal(20,0)"),
        ] {
            let found = column_type(&Field::new("c", data_type.clone(), true), None).unwrap();
            assert_eq!(found.to_string(), expected, "{data_type}");
        }
    }

    #[test]
    fn what_would_lose_something_is_refused() {
        let nested = DataType::List(Field::new_list_field(DataType::Int32, true).into());
        for (data_type, advice) in [
            (nested, NESTED),
            (DataType::Timestamp(TimeUnit::Nanosecond, None), TOO_FINE),
            (DataType::Time64(TimeUnit::Nanosecond), TOO_FINE),
            (DataType::Decimal128(5, -2), OTHER),
            (DataType::Date64, OTHER),
            (DataType::Null, OTHER),
        ] {
            let field = Field::new("c", data_type.clone(), true);
            assert_eq!(column_type(&field, None), Err(advice), "{data_type}");
        }
    }

    #[test]
    fn json_and_uuids_are_known_by_parquets_own_types_and_by_arrows_extensions() {
        let text = Field::new("c", DataType::Utf8, true);
        assert_eq!(column_type(&text, Some(&LogicalType::Json)), Ok(ColumnType::Json));
        let bytes = Field::new("c", DataType::FixedSizeBinary(16), true);
        assert_eq!(column_type(&bytes, Some(&LogicalType::Uuid)), Ok(ColumnType::Uuid));
        for kept in [ColumnType::Json, ColumnType::Uuid, ColumnType::Numeric] {
            assert_eq!(column_type(&kept.field("c", true), None), Ok(kept));
        }
    }
}
