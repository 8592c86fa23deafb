//! What a declared type means.

use batch::ColumnType;

/// The column type a declared type stands for; `None` when it says nothing we can hold to.
pub(crate) fn column_type(declared: &str) -> Option<ColumnType> {
    let (name, arguments) = split(declared)?;
    Some(match name.as_str() {
        "BOOL" | "BOOLEAN" => ColumnType::Bool,
        "DATE" | "DATE TEXT" => ColumnType::Date,
        "TIME" | "TIME TEXT" => ColumnType::Time,
        "DATETIME" | "TIMESTAMP" | "TIMESTAMP TEXT" | "TIMESTAMP WITHOUT TIME ZONE" => {
            ColumnType::Timestamp { zoned: false }
        }
        "TIMESTAMPTZ" | "TIMESTAMPTZ TEXT" | "TIMESTAMP WITH TIME ZONE" => ColumnType::Timestamp { zoned: true },
        "JSON" | "JSON TEXT" => ColumnType::Json,
        "UUID" | "UUID TEXT" => ColumnType::Uuid,
        "UNSIGNED TEXT" => ColumnType::UInt64,
        "DECIMAL" | "NUMERIC" | "DECIMAL TEXT" | "NUMERIC TEXT" => return number(&arguments),
        "REAL" | "DOUBLE" | "DOUBLE PRECISION" | "FLOAT" => ColumnType::Float64,
        "BLOB" => ColumnType::Binary,
        _ if name.split(' ').any(is_integer) => ColumnType::Int64,
        _ if ["CHAR", "CLOB", "TEXT"].iter().any(|word| name.contains(word)) || name == "STRING" => ColumnType::Utf8,
        _ => return None,
    })
}

fn is_integer(word: &str) -> bool {
    matches!(word, "INT" | "INTEGER" | "TINYINT" | "SMALLINT" | "MEDIUMINT" | "BIGINT" | "INT2" | "INT4" | "INT8")
}

fn number(arguments: &[i64]) -> Option<ColumnType> {
    let (precision, scale) = match arguments {
        [] => return Some(ColumnType::Numeric),
        [precision] => (*precision, 0),
        [precision, scale] => (*precision, *scale),
        _ => return None,
    };
    let fits = (1..=76).contains(&precision) && (0..=precision).contains(&scale);
    let (precision, scale) = (u8::try_from(precision).ok()?, i8::try_from(scale).ok()?);
    fits.then_some(ColumnType::Decimal { precision, scale })
}

/// `decimal (12, 2)` into `DECIMAL` and `[12, 2]`.
fn split(declared: &str) -> Option<(String, Vec<i64>)> {
    let (name, arguments) = match declared.split_once('(') {
        Some((name, rest)) => (name, rest.trim_end().strip_suffix(')')?),
        None => (declared, ""),
    };
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_uppercase();
    let arguments = arguments.split(',').map(str::trim).filter(|argument| !argument.is_empty());
    Some((name, arguments.map(|argument| argument.parse().ok()).collect::<Option<_>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declared_type_is_read_as_people_mean_it() {
        for (declared, expected) in [
            ("INTEGER", "int64"),
            ("unsigned big int", "int64"),
            ("tinyint(1)", "int64"),
            ("Boolean", "bool"),
            ("double precision", "float64"),
            ("VARCHAR(255)", "utf8"),
            ("NATIVE CHARACTER (70)", "utf8"),
            ("BLOB", "binary"),
            ("decimal (12, 2)", "decimal(12,2)"),
            ("NUMERIC(5)", "decimal(5,0)"),
            ("NUMERIC", "numeric"),
            ("DATETIME", "timestamp"),
            ("TIMESTAMP WITH TIME ZONE", "timestamp(us,UTC)"),
            ("DECIMAL TEXT(76,20)", "decimal(76,20)"),
            ("UNSIGNED TEXT", "uint64"),
            ("JSON TEXT", "json"),
        ] {
            assert_eq!(column_type(declared).map(|t| t.to_string()).as_deref(), Some(expected), "{declared}");
        }
        for declared in ["", "ANY", "POINT", "MONEY", "DECIMAL(77,2)", "DECIMAL(5,6)", "DECIMAL(5,2", "NUM"] {
            assert_eq!(column_type(declared), None, "{declared}");
        }
    }
}
