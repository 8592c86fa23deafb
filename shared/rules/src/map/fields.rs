//! The SQL a field stands for.

use spec::Scalar;

use super::{Field, Invalid, Otherwise};
use crate::constant;
use crate::error::{Code, Error};
use crate::explain::quoted_name;
use crate::pieces::{at_key, read_named_type};
use crate::plan::Column;
use crate::resolve::Named;
use crate::value_type::Type;

/// A field in SQL.
pub(super) struct FieldSql {
    /// Its value.
    pub(super) value: String,
    /// What rejects a row for it.
    pub(super) unmapped: Option<String>,
}

/// The value of a field, and the condition that rejects its row.
pub(super) fn sql(name: &str, field: &Field, input: &[Column]) -> Result<FieldSql, Error> {
    let path = |key: &str| format!("fields.{name}.{key}");
    let named = match &field.column_type {
        Some(text) => Some(read_named_type(text).map_err(|mistake| at_key(&path("type"), mistake, None))?),
        None => None,
    };
    refuse_what_excludes(name, field)?;
    if let Some(constant) = &field.constant {
        let value = converted(constant::sql(constant), named, None);
        return Ok(FieldSql { value, unmapped: None });
    }
    let column = source(name, field, input)?;
    let source = quoted_name(&column.name);
    let (value, unmapped) = match &field.values {
        Some(values) if values.is_empty() => {
            return Err(Error::key(path("values"), Code::InvalidKey, "expected at least one value"));
        }
        Some(values) => mapped(&source, values.iter(), field.otherwise.unwrap_or(Otherwise::Reject)),
        None => (source, None),
    };
    let value = match &field.format {
        Some(format) => formatted(name, value, format, column, named)?,
        None => converted(value, named, field.invalid),
    };
    let value = match &field.default {
        Some(default) => format!("coalesce({value}, {})", converted(constant::sql(default), named, None)),
        None => value,
    };
    Ok(FieldSql { value, unmapped })
}

/// The input's column a field is made of.
pub(super) fn source<'c>(name: &str, field: &Field, input: &'c [Column]) -> Result<&'c Column, Error> {
    let (wanted, key) = match &field.from {
        Some(from) => (from.as_str(), format!("fields.{name}.from")),
        None => (name, format!("fields.{name}")),
    };
    input.iter().find(|column| column.name == wanted).ok_or_else(|| unknown(&key, wanted, input))
}

/// A name that is no column.
pub(super) fn unknown(key: &str, wanted: &str, input: &[Column]) -> Error {
    let names = || input.iter().map(|column| column.name.as_str());
    let hint = match crate::error::nearest(wanted, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the columns are {}", crate::resolve::listed(names())),
    };
    Error::key(key, Code::UnknownColumn, format!("no column `{wanted}`: {hint}"))
}

fn refuse_what_excludes(name: &str, field: &Field) -> Result<(), Error> {
    let refuse = |key: &str, message: &str| Err(Error::key(format!("fields.{name}.{key}"), Code::InvalidKey, message));
    if field.constant.is_some() {
        let others = [
            ("from", field.from.is_some()),
            ("format", field.format.is_some()),
            ("default", field.default.is_some()),
            ("values", field.values.is_some()),
            ("invalid", field.invalid.is_some()),
        ];
        if let Some((key, _)) = others.iter().find(|(_, there)| *there) {
            return refuse(key, "a constant is the same for every row: leave this key out");
        }
    }
    if field.otherwise.is_some() && field.values.is_none() {
        return refuse("otherwise", "expected `values` beside it");
    }
    if field.invalid.is_some() && (field.column_type.is_none() || field.format.is_some()) {
        return refuse(
            "invalid",
            "expected `type` beside it, and no `format`: a text that does not fit a format rejects its row",
        );
    }
    if field.format.is_some() && field.values.is_some() {
        return refuse("format", "expected either `format` or `values`");
    }
    Ok(())
}

fn mapped<'v>(
    source: &str,
    values: impl Iterator<Item = (&'v str, &'v Scalar)>,
    otherwise: Otherwise,
) -> (String, Option<String>) {
    let mut keys = Vec::new();
    let mut text = format!("CASE {source}");
    for (key, value) in values {
        let key = constant::quoted(key);
        text.push_str(&format!(" WHEN {key} THEN {}", constant::sql(value)));
        keys.push(key);
    }
    if otherwise == Otherwise::Keep {
        text.push_str(&format!(" ELSE {source}"));
    }
    text.push_str(" END");
    let unmapped = (otherwise == Otherwise::Reject).then(|| format!("{source} NOT IN ({})", keys.join(", ")));
    (text, unmapped)
}

fn converted(value: String, named: Option<Named>, invalid: Option<Invalid>) -> String {
    match named {
        None => value,
        Some(named) => {
            let cast = if invalid == Some(Invalid::Null) { "try_cast" } else { "cast" };
            let value = format!("{cast}({value} AS {})", named.ty);
            match named.cut {
                Some(letters) => format!("left({value}, {letters})"),
                None => value,
            }
        }
    }
}

fn formatted(name: &str, value: String, format: &str, column: &Column, named: Option<Named>) -> Result<String, Error> {
    let format = constant::quoted(format);
    let source = Type::of_column(column.column_type);
    match (source, named.map(|named| named.ty)) {
        (Some(Type::Text), Some(Type::Date)) => Ok(format!("to_date({value}, {format})")),
        (Some(Type::Text), Some(Type::Timestamp { zoned: true })) => Ok(format!("to_timestamp({value}, {format})")),
        (Some(Type::Text), Some(ty @ (Type::Timestamp { .. } | Type::Time))) => {
            Ok(format!("cast(to_timestamp({value}, {format}) AS {ty})"))
        }
        (Some(Type::Date | Type::Timestamp { .. }), Some(Type::Text)) => Ok(format!("to_char({value}, {format})")),
        _ => {
            let message = "a format reads text as type date, time, timestamp or timestamptz, or writes a date or timestamp as type text";
            Err(Error::key(format!("fields.{name}.format"), Code::InvalidKey, message))
        }
    }
}
