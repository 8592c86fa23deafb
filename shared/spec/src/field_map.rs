//! Field maps: what becomes of each column, in YAML instead of SQL.
//!
//! What they mean is the rule compiler's.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::ordered::Ordered;
use crate::scalar::Scalar;

/// A field map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldMap {
    /// The fields that change, by their name in the output.
    #[serde(default, skip_serializing_if = "Ordered::is_empty")]
    pub fields: Ordered<Field>,
    /// Columns that get another name and stay as they are: `old: new`.
    #[serde(default, skip_serializing_if = "Ordered::is_empty")]
    pub rename: Ordered<String>,
    /// Columns that are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drop: Vec<String>,
    /// Whether the columns nothing is said about stay. Default true.
    #[serde(default = "yes")]
    pub keep_others: bool,
}

/// A field of the output.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// The input's column. Default: the one of the field's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The same value for every row, instead of a column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub constant: Option<Scalar>,
    /// Its type, as in SQL: `decimal(12,2)`, `date`, `timestamptz`.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub column_type: Option<String>,
    /// How a date or time is written, in the text that is read or, with type text, written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// What stands for NULL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Scalar>,
    /// What each value becomes, compared before any conversion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Ordered<Scalar>>,
    /// What becomes of a value that `values` does not name. Default: the row is rejected.
    #[serde(default, deserialize_with = "otherwise", skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<Otherwise>,
    /// What becomes of a value that cannot be converted. Default: the row is rejected.
    #[serde(default, deserialize_with = "invalid", skip_serializing_if = "Option::is_none")]
    pub invalid: Option<Invalid>,
}

/// `otherwise: null` means what it says, though YAML takes the word for nothing.
fn otherwise<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Otherwise>, D::Error> {
    Ok(Some(Option::deserialize(deserializer)?.unwrap_or(Otherwise::Null)))
}

/// The same of `invalid: null`.
fn invalid<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Invalid>, D::Error> {
    Ok(Some(Option::deserialize(deserializer)?.unwrap_or(Invalid::Null)))
}

/// What becomes of a value that is not named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Otherwise {
    /// The row is rejected with the code `unmapped_value`.
    Reject,
    /// It becomes NULL.
    Null,
    /// It stays as it is.
    Keep,
}

/// What becomes of a value that cannot be converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Invalid {
    /// The row is rejected.
    Reject,
    /// It becomes NULL.
    Null,
}

impl Default for FieldMap {
    fn default() -> Self {
        FieldMap { fields: Ordered::default(), rename: Ordered::default(), drop: Vec::new(), keep_others: true }
    }
}

fn yes() -> bool {
    true
}
