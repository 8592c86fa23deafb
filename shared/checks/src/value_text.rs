//! A single value as text: exact, and as people write values of its type.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Decimal256Type, DecimalType, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, Time64MicrosecondType, TimestampMicrosecondType, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use batch::ColumnType;

use crate::moment;

/// The value of a row as text: exact, and the same for the same value alone. `None` for NULL and for
/// an array of another type.
///
/// # Panics
/// When the array has no such row.
#[must_use]
pub fn value_text(array: &ArrayRef, column_type: ColumnType, row: usize) -> Option<String> {
    if array.is_null(row) {
        return None;
    }
    match column_type {
        ColumnType::Bool => array.as_boolean_opt().map(|array| array.value(row).to_string()),
        ColumnType::Int8 => native::<Int8Type>(array, row).map(|value| value.to_string()),
        ColumnType::Int16 => native::<Int16Type>(array, row).map(|value| value.to_string()),
        ColumnType::Int32 => native::<Int32Type>(array, row).map(|value| value.to_string()),
        ColumnType::Int64 => native::<Int64Type>(array, row).map(|value| value.to_string()),
        ColumnType::UInt8 => native::<UInt8Type>(array, row).map(|value| value.to_string()),
        ColumnType::UInt16 => native::<UInt16Type>(array, row).map(|value| value.to_string()),
        ColumnType::UInt32 => native::<UInt32Type>(array, row).map(|value| value.to_string()),
        ColumnType::UInt64 => native::<UInt64Type>(array, row).map(|value| value.to_string()),
        // The debug form is the shortest text that reads back as the same float, with an exponent
        // where it has hundreds of digits.
        ColumnType::Float32 => native::<Float32Type>(array, row).map(|value| format!("{value:?}")),
        ColumnType::Float64 => native::<Float64Type>(array, row).map(|value| format!("{value:?}")),
        ColumnType::Decimal { precision, scale } if precision <= 38 => {
            native::<Decimal128Type>(array, row).map(|value| Decimal128Type::format_decimal(value, precision, scale))
        }
        ColumnType::Decimal { precision, scale } => {
            native::<Decimal256Type>(array, row).map(|value| Decimal256Type::format_decimal(value, precision, scale))
        }
        ColumnType::Numeric | ColumnType::Utf8 | ColumnType::Json => {
            array.as_string_opt::<i32>().map(|array| array.value(row).to_owned())
        }
        ColumnType::Binary => array.as_binary_opt::<i32>().map(|array| bytes_text(array.value(row))),
        ColumnType::Uuid => array.as_fixed_size_binary_opt().map(|array| uuid_text(array.value(row))),
        ColumnType::Date => native::<Date32Type>(array, row).map(moment::date_text),
        ColumnType::Time => native::<Time64MicrosecondType>(array, row).map(moment::time_text),
        ColumnType::Timestamp { zoned } => {
            native::<TimestampMicrosecondType>(array, row).map(|micros| moment::timestamp_text(micros, zoned))
        }
    }
}

/// Several values as one text that cannot be taken for another: a JSON list.
pub(crate) fn list_text(values: &[Option<String>]) -> Option<String> {
    match values {
        [single] => single.clone(),
        several => serde_json::to_string(several).ok(),
    }
}

fn native<P: ArrowPrimitiveType>(array: &ArrayRef, row: usize) -> Option<P::Native> {
    array.as_primitive_opt::<P>().map(|array| array.value(row))
}

fn bytes_text(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\\x{digits}")
}

fn uuid_text(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let parts = [digits.get(..8), digits.get(8..12), digits.get(12..16), digits.get(16..20), digits.get(20..)];
    parts.into_iter().flatten().collect::<Vec<_>>().join("-")
}
