//! The statements a part is read by.

use crate::catalog::TableName;
use crate::extract::{Extract, From, Order, Place, Range, ReadColumn};

/// Quotes an identifier.
pub(crate) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A query in brackets under the name `t`. The line break ends a comment the query may end with.
pub(crate) fn query_as_relation(query: &str) -> String {
    let query = query.trim_end_matches(|letter: char| letter.is_whitespace() || letter == ';');
    format!("(\n{query}\n) AS t")
}

/// A table under the name `t`.
pub(crate) fn table_as_relation(table: &TableName) -> String {
    format!("{}.{} AS t", identifier(&table.schema), identifier(&table.name))
}

/// The COPY that reads the part behind `place`. In heap order each row ends with its `ctid`.
pub(crate) fn copy_statement(extract: &Extract, place: Option<&Place>) -> String {
    let mut sql = format!("COPY (SELECT {} FROM {}", select_list(extract), relation(&extract.from));
    let conditions = conditions(extract, place);
    if !conditions.is_empty() {
        sql.push_str(" WHERE ");
        sql.push_str(&conditions.join(" AND "));
    }
    let key: Vec<&ReadColumn> = extract.key_columns().into_iter().map(|(_, column)| column).collect();
    if !key.is_empty() {
        sql.push_str(" ORDER BY ");
        sql.push_str(&references(&key).join(", "));
    }
    if let Some(Place::Rows(rows)) = place {
        sql.push_str(&format!(" OFFSET {rows}"));
    }
    sql.push_str(") TO STDOUT (FORMAT binary)");
    sql
}

/// Whether any row has no value in one of these columns.
pub(crate) fn null_statement(from: &From, column: &str) -> String {
    format!("SELECT EXISTS (SELECT FROM {} WHERE t.{} IS NULL)", relation(from), identifier(column))
}

/// The greatest key there is, as texts.
pub(crate) fn greatest_statement(from: &From, key: &[&ReadColumn]) -> String {
    let references = references(key);
    let texts: Vec<String> = references.iter().map(|column| format!("{column}::text")).collect();
    let filled: Vec<String> = references.iter().map(|column| format!("{column} IS NOT NULL")).collect();
    let descending: Vec<String> = references.iter().map(|column| format!("{column} DESC")).collect();
    format!(
        "SELECT ARRAY[{}] FROM {} WHERE {} ORDER BY {} LIMIT 1",
        texts.join(", "),
        relation(from),
        filled.join(" AND "),
        descending.join(", ")
    )
}

fn relation(from: &From) -> String {
    match from {
        From::Table(table) => table_as_relation(table),
        From::Query(query) => query_as_relation(query),
    }
}

/// Every column is cast to the type it was planned with: nothing changes unless the table did in
/// between, and then the rows still are what the plan says or the statement fails.
fn select_list(extract: &Extract) -> String {
    let column = |column: &ReadColumn| format!("t.{}::{}", identifier(&column.name), column.kind.type_name());
    let mut columns: Vec<String> = extract.columns.iter().map(column).collect();
    if extract.order == Order::Heap {
        columns.push("t.ctid".to_owned());
    }
    columns.join(", ")
}

fn conditions(extract: &Extract, place: Option<&Place>) -> Vec<String> {
    let key: Vec<&ReadColumn> = extract.key_columns().into_iter().map(|(_, column)| column).collect();
    let mut conditions = Vec::new();
    let place_of_range = match &extract.range {
        Range::All => None,
        Range::Nothing => {
            conditions.push("false".to_owned());
            None
        }
        Range::Between { after, until } => {
            conditions.push(comparison(&key, "<=", until));
            after.as_deref()
        }
    };
    match place {
        Some(Place::Key(values)) => {
            let values: Vec<String> = values.iter().map(|(_, value)| value.clone()).collect();
            conditions.push(comparison(&key, ">", &values));
        }
        Some(Place::Heap(block, number)) => conditions.push(format!("t.ctid > '({block},{number})'::pg_catalog.tid")),
        Some(Place::Rows(_)) => {}
        None => conditions.extend(place_of_range.map(|values| comparison(&key, ">", values))),
    }
    conditions
}

fn comparison(key: &[&ReadColumn], operator: &str, values: &[String]) -> String {
    let literals: Vec<String> = key
        .iter()
        .zip(values)
        .map(|(column, value)| format!("{}::{}", literal(value), column.kind.type_name()))
        .collect();
    format!("({}) {operator} ({})", references(key).join(", "), literals.join(", "))
}

fn references(key: &[&ReadColumn]) -> Vec<String> {
    key.iter().map(|column| format!("t.{}", identifier(&column.name))).collect()
}

/// The session has `standard_conforming_strings`: a backslash is a letter.
fn literal(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kind;

    fn extract(order: Order, range: Range) -> Extract {
        let column = |name: &str, kind| ReadColumn { name: name.into(), kind };
        Extract {
            from: From::Table(TableName { schema: "s".into(), name: "o\"d".into() }),
            columns: vec![column("id", Kind::Int8), column("at", Kind::Timestamptz)],
            order,
            range,
        }
    }

    #[test]
    fn a_key_is_compared_as_a_row_of_typed_values() {
        let order = Order::Key(vec!["at".into(), "id".into()]);
        let range = Range::Between { after: Some(vec!["a".into(), "1".into()]), until: vec!["z".into(), "9".into()] };
        let extract = extract(order, range);
        assert_eq!(
            copy_statement(&extract, None),
            "COPY (SELECT t.\"id\"::pg_catalog.int8, t.\"at\"::pg_catalog.timestamptz FROM \"s\".\"o\"\"d\" AS t \
             WHERE (t.\"at\", t.\"id\") <= ('z'::pg_catalog.timestamptz, '9'::pg_catalog.int8) \
             AND (t.\"at\", t.\"id\") > ('a'::pg_catalog.timestamptz, '1'::pg_catalog.int8) \
             ORDER BY t.\"at\", t.\"id\") TO STDOUT (FORMAT binary)"
        );
        let place = Place::Key(vec![("at".into(), "it's".into()), ("id".into(), "2".into())]);
        let resumed = copy_statement(&extract, Some(&place));
        assert!(resumed.contains("> ('it''s'::pg_catalog.timestamptz, '2'"), "{resumed}");
    }

    #[test]
    fn a_heap_is_read_behind_a_place_and_a_query_behind_a_count() {
        let heap = copy_statement(&extract(Order::Heap, Range::All), Some(&Place::Heap(7, 3)));
        assert!(heap.contains(", t.ctid FROM") && heap.contains("WHERE t.ctid > '(7,3)'::pg_catalog.tid)"), "{heap}");
        let mut given = extract(Order::Given, Range::All);
        given.from = From::Query("SELECT 1 -- one ; \n;".into());
        let sql = copy_statement(&given, Some(&Place::Rows(5)));
        assert!(sql.contains("FROM (\nSELECT 1 -- one\n) AS t OFFSET 5)"), "{sql}");
    }
}
