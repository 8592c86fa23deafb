//! Column names: what a header may say, what is declared about it, and how a change is told.

use std::collections::HashSet;
use std::sync::Arc;

use arrow_schema::{Schema, SchemaRef};
use batch::{ColumnType, OWN_PREFIX};
use source::Error;
use spec::Stream;

/// Below this a name is not like another.
const LIKENESS: f64 = 0.75;

/// Refuses names that cannot be columns.
pub(crate) fn check(names: &[String], file: &str) -> Result<(), Error> {
    let mut seen = HashSet::new();
    for (place, name) in names.iter().enumerate() {
        let problem = if name.is_empty() {
            format!("column {} of `{file}` has no name; name it in the file or set `header: false`", place + 1)
        } else if name.starts_with(OWN_PREFIX) {
            format!("column `{name}` of `{file}` begins with `{OWN_PREFIX}`, which is reserved; rename it in the file")
        } else if !seen.insert(name) {
            format!("column `{name}` of `{file}` comes twice; rename one in the file")
        } else {
            continue;
        };
        return Err(Error::config("header_invalid", problem));
    }
    Ok(())
}

/// Refuses a file with other columns than the stream has.
pub(crate) fn check_same(expected: &[String], found: &[String], file: &str) -> Result<(), Error> {
    if expected == found {
        return Ok(());
    }
    let differing = expected.iter().zip(found).position(|(expected, found)| expected != found);
    let place = differing.unwrap_or(expected.len().min(found.len()));
    let shown = |names: &[String]| names.get(place).map_or("nothing".to_owned(), |name| format!("`{name}`"));
    let problem = format!(
        "the header of `{file}` differs at column {}: expected {}, found {} (expected {}; found {})",
        place + 1,
        shown(expected),
        shown(found),
        listed(expected),
        listed(found),
    );
    Err(Error::config("header_changed", problem))
}

/// The schema of found columns with what the stream declares laid over them.
pub(crate) fn schema(stream: &Stream, found: &[(String, ColumnType)]) -> Result<SchemaRef, Error> {
    let fields = found.iter().map(|(name, inferred)| match stream.columns.get(name) {
        Some(declared) => declared.column_type.field(name, declared.nullable),
        None => inferred.field(name, true),
    });
    let schema = Schema::new(fields.collect::<Vec<_>>());
    check_declared(stream, &schema)?;
    Ok(Arc::new(schema))
}

/// Refuses a declared column that is not there, with the name that is nearest to it.
pub(crate) fn check_declared(stream: &Stream, schema: &Schema) -> Result<(), Error> {
    let Some(missing) = stream.columns.keys().find(|name| schema.index_of(name).is_err()) else { return Ok(()) };
    let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
    let likeness = |name: &&String| strsim::jaro_winkler(name, missing);
    let nearest = names.iter().max_by(|left, right| likeness(left).total_cmp(&likeness(right)));
    let advice = match nearest.filter(|name| likeness(name) >= LIKENESS) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("there are {}", listed(&names)),
    };
    let problem = format!("the declared column `{missing}` of stream `{}` is not in the files; {advice}", stream.name);
    Err(Error::config("column_not_found", problem))
}

fn listed(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_header_names_every_column_once() {
        for (header, expected) in [
            (&["a", ""][..], "column 2 of `x.csv` has no name"),
            (&["a", "b", "a"], "column `a` of `x.csv` comes twice"),
            (&["_millstream_row"], "is reserved"),
        ] {
            let error = check(&names(header), "x.csv").unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        assert!(check(&names(&["a", "A", " a"]), "x.csv").is_ok());
    }

    #[test]
    fn a_changed_header_is_told_with_what_was_expected_and_found() {
        for (found, expected) in [
            (&["a", "c"][..], "at column 2: expected `b`, found `c`"),
            (&["b", "a"], "at column 1: expected `a`, found `b`"),
            (&["a"], "at column 2: expected `b`, found nothing"),
            (&["a", "b", "c"], "at column 3: expected nothing, found `c`"),
        ] {
            let error = check_same(&names(&["a", "b"]), &names(found), "x.csv").unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
