//! How column types are declared, and which declarations of a table that is there hold them.

use std::collections::HashSet;

use arrow_schema::Schema;
use batch::ColumnType;
use destination::Unfit;

/// SQLite's own limit.
const MAX_COLUMNS: usize = 2000;

/// The type a column is declared with. Whatever is kept as text has `TEXT` in its name: that
/// alone gives a column the affinity that leaves digits alone.
pub(crate) fn declaration(column_type: ColumnType) -> String {
    let name = match column_type {
        ColumnType::Bool => "BOOLEAN",
        ColumnType::Int8 | ColumnType::Int16 | ColumnType::Int32 | ColumnType::Int64 => "INTEGER",
        ColumnType::UInt8 | ColumnType::UInt16 | ColumnType::UInt32 => "INTEGER",
        // A name with `INT` in it would have integer affinity.
        ColumnType::UInt64 => "UNSIGNED TEXT",
        ColumnType::Float32 | ColumnType::Float64 => "REAL",
        ColumnType::Decimal { precision, scale } => return format!("DECIMAL TEXT({precision},{scale})"),
        ColumnType::Numeric => "NUMERIC TEXT",
        ColumnType::Utf8 => "TEXT",
        ColumnType::Binary => "BLOB",
        ColumnType::Date => "DATE TEXT",
        ColumnType::Time => "TIME TEXT",
        ColumnType::Timestamp { zoned: false } => "TIMESTAMP TEXT",
        ColumnType::Timestamp { zoned: true } => "TIMESTAMPTZ TEXT",
        ColumnType::Json => "JSON TEXT",
        ColumnType::Uuid => "UUID TEXT",
    };
    name.to_owned()
}

/// Whether a column declared like this holds values of the type unchanged.
pub(crate) fn holds(declared: &str, column_type: ColumnType) -> bool {
    let affinity = Affinity::of(declared);
    match Affinity::of(&declaration(column_type)) {
        Affinity::Integer | Affinity::Numeric => {
            matches!(affinity, Affinity::Integer | Affinity::Numeric | Affinity::Any)
        }
        // Numeric affinity would turn 1.0 into an integer.
        Affinity::Real => matches!(affinity, Affinity::Real | Affinity::Any),
        Affinity::Text => matches!(affinity, Affinity::Text | Affinity::Any),
        Affinity::Blob | Affinity::Any => matches!(affinity, Affinity::Blob | Affinity::Any),
    }
}

/// What SQLite makes of a declared type (<https://www.sqlite.org/datatype3.html>, 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Affinity {
    Integer,
    Text,
    Blob,
    Real,
    Numeric,
    /// Not declared, or `ANY` of a STRICT table: every value stays what it is.
    Any,
}

impl Affinity {
    fn of(declared: &str) -> Self {
        let declared = declared.to_ascii_uppercase();
        let has = |words: &[&str]| words.iter().any(|word| declared.contains(word));
        if declared.is_empty() || declared == "ANY" {
            Affinity::Any
        } else if has(&["INT"]) {
            Affinity::Integer
        } else if has(&["CHAR", "CLOB", "TEXT"]) {
            Affinity::Text
        } else if has(&["BLOB"]) {
            Affinity::Blob
        } else if has(&["REAL", "FLOA", "DOUB"]) {
            Affinity::Real
        } else {
            Affinity::Numeric
        }
    }
}

/// Every type can be held; some names and numbers of columns cannot.
pub(crate) fn unfit(schema: &Schema) -> Vec<Unfit> {
    let mut names = HashSet::new();
    let mut unfit = Vec::new();
    for (place, field) in schema.fields().iter().enumerate() {
        let mut refuse = |reason: &str| unfit.push(Unfit { column: field.name().clone(), reason: reason.to_owned() });
        if let Err(error) = ColumnType::of(field) {
            refuse(&error.to_string());
        }
        if !names.insert(field.name().to_ascii_lowercase()) {
            refuse("SQLite does not tell column names apart by case; rename it in a query or transform");
        }
        if field.name().contains('\0') {
            refuse("SQLite takes no NUL character in a name; rename it in a query or transform");
        }
        if place >= MAX_COLUMNS {
            refuse("SQLite takes at most 2000 columns; leave some out in a query or transform");
        }
    }
    unfit
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn no_declaration_lets_sqlite_change_a_value() {
        for (column_type, affinity) in [
            (ColumnType::Bool, Affinity::Numeric),
            (ColumnType::Int64, Affinity::Integer),
            (ColumnType::UInt64, Affinity::Text),
            (ColumnType::Float32, Affinity::Real),
            (ColumnType::Decimal { precision: 12, scale: 2 }, Affinity::Text),
            (ColumnType::Numeric, Affinity::Text),
            (ColumnType::Utf8, Affinity::Text),
            (ColumnType::Binary, Affinity::Blob),
            (ColumnType::Date, Affinity::Text),
            (ColumnType::Time, Affinity::Text),
            (ColumnType::Timestamp { zoned: false }, Affinity::Text),
            (ColumnType::Timestamp { zoned: true }, Affinity::Text),
            (ColumnType::Json, Affinity::Text),
            (ColumnType::Uuid, Affinity::Text),
        ] {
            assert_eq!(Affinity::of(&declaration(column_type)), affinity, "{column_type}");
        }
    }

    #[test]
    fn a_table_of_the_users_is_taken_where_its_affinity_keeps_the_value() {
        let decimal = ColumnType::Decimal { precision: 12, scale: 2 };
        for (declared, column_type, expected) in [
            ("VARCHAR(20)", ColumnType::Utf8, true),
            ("", decimal, true),
            ("bigint", ColumnType::Int32, true),
            ("DECIMAL(12,2)", decimal, false),
            ("FLOAT", decimal, false),
            ("NUMERIC", ColumnType::Float64, false),
            ("double precision", ColumnType::Float64, true),
            ("TEXT", ColumnType::Int64, false),
            ("DATETIME", ColumnType::Timestamp { zoned: false }, false),
            ("BLOB", ColumnType::Utf8, false),
        ] {
            assert_eq!(holds(declared, column_type), expected, "{declared} for {column_type}");
        }
    }

    #[test]
    fn names_that_differ_in_case_alone_are_unfit() {
        let fields = ["id", "Name", "NAME"].map(|name| ColumnType::Utf8.field(name, true));
        let unfit = unfit(&Arc::new(Schema::new(fields.to_vec())));
        assert_eq!(unfit.iter().map(|unfit| unfit.column.as_str()).collect::<Vec<_>>(), ["NAME"]);
    }
}
