//! Rules in files of their own: taken into the spec when it is read, so that a stored spec is whole.

use std::path::Path;

use serde::Deserialize;

use crate::field_map::FieldMap;
use crate::rule_set::RuleSet;
use crate::written::Transform;
use crate::{Error, misread};

/// What a `.yaml` file of a rule holds.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RuleFile {
    map: Option<FieldMap>,
    rule_set: Option<RuleSet>,
}

/// Puts what the file of `rule` holds in its place.
pub(crate) fn take_in(transform: &mut Transform, base: &Path) -> Result<(), Error> {
    let is_alone = transform.sql.is_none() && transform.map.is_none() && transform.rule_set.is_none();
    // What stands beside it is a problem validation tells of.
    let Some(written) = transform.rule.take_if(|_| is_alone) else { return Ok(()) };
    let path = base.join(&written);
    let text =
        std::fs::read_to_string(&path).map_err(|source| Error::Read { path: path.display().to_string(), source })?;
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("sql") => transform.sql = Some(text),
        Some("yaml" | "yml" | "json") => {
            let unreadable = |message: String| Error::Rule { path: path.display().to_string(), message };
            let file: RuleFile =
                serde_saphyr::from_str(&text).map_err(|error| unreadable(misread::message(&error, &text)))?;
            if file.map.is_some() == file.rule_set.is_some() {
                return Err(unreadable("expected one of the keys map and rule_set".to_owned()));
            }
            (transform.map, transform.rule_set) = (file.map, file.rule_set);
        }
        _ => {
            let message = "expected a file whose name ends with .sql, .yaml, .yml or .json".to_owned();
            return Err(Error::Rule { path: path.display().to_string(), message });
        }
    }
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    transform.name = transform.name.take().or(stem);
    Ok(())
}
