//! A part of a spec whose keys another crate knows, kept as it is written: serde_json's own value
//! would sort the keys, and the order of fields is the order of columns.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Number;

/// A value as it was written.
#[derive(Debug, Clone, PartialEq)]
pub enum Kept {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Kept>),
    /// Keys with values, in their order.
    Map(Vec<(String, Kept)>),
}

impl Kept {
    /// The value as JSON, its keys in their order.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Serialize for Kept {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Kept::Null => serializer.serialize_unit(),
            Kept::Bool(truth) => serializer.serialize_bool(*truth),
            Kept::Number(number) => number.serialize(serializer),
            Kept::Text(text) => serializer.serialize_str(text),
            Kept::List(values) => serializer.collect_seq(values),
            Kept::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Kept {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Kept;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Kept, E> {
        Ok(Kept::Null)
    }

    fn visit_none<E>(self) -> Result<Kept, E> {
        Ok(Kept::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Kept, D::Error> {
        Kept::deserialize(deserializer)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Kept, E> {
        Ok(Kept::Bool(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Kept, E> {
        Ok(Kept::Number(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Kept, E> {
        Ok(Kept::Number(number.into()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Kept, E> {
        Number::from_f64(number).map(Kept::Number).ok_or_else(|| E::custom("a number must be finite; write it as text"))
    }

    fn visit_str<E>(self, text: &str) -> Result<Kept, E> {
        Ok(Kept::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Kept, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = values.next_element()? {
            list.push(value);
        }
        Ok(Kept::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Kept, A::Error> {
        let mut map: Vec<(String, Kept)> = Vec::new();
        while let Some((key, value)) = entries.next_entry::<String, Kept>()? {
            if map.iter().any(|(earlier, _)| *earlier == key) {
                return Err(A::Error::custom(format!("key `{key}` is there twice")));
            }
            map.push((key, value));
        }
        Ok(Kept::Map(map))
    }
}

impl JsonSchema for Kept {
    fn schema_name() -> Cow<'static, str> {
        "Kept".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_their_order_from_yaml_to_json_and_back() {
        let kept: Kept = serde_saphyr::from_str("z: 1\na: { y: [1.5, text, null, true], b: {} }\n").unwrap();
        let json = kept.to_json();
        assert_eq!(json, r#"{"z":1,"a":{"y":[1.5,"text",null,true],"b":{}}}"#);
        assert_eq!(serde_json::from_str::<Kept>(&json).unwrap(), kept);
    }

    #[test]
    fn a_key_is_there_once() {
        assert!(serde_json::from_str::<Kept>(r#"{"a":1,"a":2}"#).is_err());
    }
}
