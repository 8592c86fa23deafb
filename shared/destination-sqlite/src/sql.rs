//! Statements as text. Names are always quoted, values are never in them.

use spec::Disposition;

/// A name as SQL has it.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Names, quoted and separated by commas.
pub(crate) fn quoted_list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(quoted).collect::<Vec<_>>().join(", ")
}

/// What is written into.
pub(crate) struct Insert<'a> {
    pub(crate) table: &'a str,
    pub(crate) columns: &'a [&'a str],
    pub(crate) disposition: Disposition,
    pub(crate) primary_key: &'a [String],
}

/// `INSERT` of this many rows; for `merge` it updates where the key is there already.
pub(crate) fn insert(into: &Insert<'_>, rows: usize) -> String {
    let row = format!("({})", vec!["?"; into.columns.len()].join(","));
    let values = vec![row; rows].join(",");
    let columns = quoted_list(into.columns.iter().copied());
    let mut statement = format!("INSERT INTO {} ({columns}) VALUES {values}", quoted(into.table));
    if into.disposition == Disposition::Merge {
        statement.push_str(&on_conflict(into));
    }
    statement
}

/// `DELETE` of the rows with one of this many keys.
pub(crate) fn delete(table: &str, key: &[&str], keys: usize) -> String {
    let one = format!("({})", vec!["?"; key.len()].join(","));
    let values = vec![one; keys].join(",");
    format!("DELETE FROM {} WHERE ({}) IN (VALUES {values})", quoted(table), quoted_list(key.iter().copied()))
}

fn on_conflict(into: &Insert<'_>) -> String {
    let key = quoted_list(into.primary_key.iter().map(String::as_str));
    let others = into.columns.iter().filter(|column| !into.primary_key.iter().any(|key| key == *column));
    let sets: Vec<String> = others.map(|column| quoted(column)).map(|name| format!("{name}=excluded.{name}")).collect();
    match sets.is_empty() {
        true => format!(" ON CONFLICT ({key}) DO NOTHING"),
        false => format!(" ON CONFLICT ({key}) DO UPDATE SET {}", sets.join(",")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(disposition: Disposition, columns: &[&str], expected: &str) {
        let primary_key = ["id".to_owned()];
        let into = Insert { table: "a \"b\"", columns, disposition, primary_key: &primary_key };
        assert_eq!(insert(&into, 2), expected);
    }

    #[test]
    fn rows_are_removed_by_all_columns_of_their_key() {
        let expected = r#"DELETE FROM "a" WHERE ("x", "y") IN (VALUES (?,?),(?,?))"#;
        assert_eq!(delete("a", &["x", "y"], 2), expected);
    }

    #[test]
    fn a_merge_updates_every_column_but_the_key() {
        check(Disposition::Append, &["id", "x"], r#"INSERT INTO "a ""b""" ("id", "x") VALUES (?,?),(?,?)"#);
        check(
            Disposition::Merge,
            &["id", "x", "y\""],
            "INSERT INTO \"a \"\"b\"\"\" (\"id\", \"x\", \"y\"\"\") VALUES (?,?,?),(?,?,?) \
             ON CONFLICT (\"id\") DO UPDATE SET \"x\"=excluded.\"x\",\"y\"\"\"=excluded.\"y\"\"\"",
        );
        check(
            Disposition::Merge,
            &["id"],
            r#"INSERT INTO "a ""b""" ("id") VALUES (?),(?) ON CONFLICT ("id") DO NOTHING"#,
        );
    }
}
