use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::resolve::{Bound, Place};
use crate::Error;

/// A CloudFormation template in JSON, as it was written.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Template {
    #[serde(default)]
    pub(super) transform: Option<Value>,
    #[serde(default)]
    pub(super) parameters: BTreeMap<String, Parameter>,
    #[serde(default)]
    pub(super) mappings: BTreeMap<String, Value>,
    #[serde(default)]
    pub(super) conditions: BTreeMap<String, Value>,
    pub(super) resources: BTreeMap<String, Resource>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Parameter {
    #[serde(rename = "Type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) default: Option<Value>,
    #[serde(default)]
    pub(super) allowed_values: Vec<Value>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Resource {
    #[serde(rename = "Type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) condition: Option<String>,
    #[serde(default)]
    pub(super) properties: Map<String, Value>,
}

impl Template {
    /// Reads a template's file.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read(path).map_err(|source| Error::ReadTemplate { path: path.to_owned(), source })?;
        Self::parse(&text)
    }

    /// Reads a template.
    pub fn parse(text: &[u8]) -> Result<Self, Error> {
        let template: Self = serde_json::from_slice(text).map_err(Error::ParseTemplate)?;
        if template.transform.is_some() { Err(Error::NotTranslated) } else { Ok(template) }
    }

    /// Gives the parameters their values: those given, else their defaults. One without either is
    /// missed only where its value is needed: some matter on AWS alone.
    pub fn bind(self, given: &BTreeMap<String, String>, place: Place) -> Result<Bound, Error> {
        if let Some(name) = given.keys().find(|name| !self.parameters.contains_key(*name)) {
            return Err(Error::UnknownParameter { name: name.clone(), nearest: self.nearest(name) });
        }
        let mut values = BTreeMap::new();
        for (name, parameter) in &self.parameters {
            let value = parameter.value(name, given.get(name))?;
            values.extend(value.map(|value| (name.clone(), value)));
        }
        Bound::new(self, values, place)
    }

    fn nearest(&self, name: &str) -> Option<String> {
        let distance = |known: &&String| strsim::damerau_levenshtein(name, known);
        self.parameters.keys().min_by_key(distance).filter(|known| distance(known) <= 3).cloned()
    }
}

impl Parameter {
    /// The value, as text or a list of texts; nothing when none was given and there is no default.
    fn value(&self, name: &str, given: Option<&String>) -> Result<Option<Value>, Error> {
        let is_stored = self.kind.starts_with("AWS::SSM::Parameter::");
        let default = self.default.as_ref().filter(|_| !is_stored).map(text);
        let Some(value) = given.cloned().or(default) else { return Ok(None) };
        let parts: Vec<String> =
            if self.is_list() { value.split(',').map(|part| part.trim().to_owned()).collect() } else { vec![value] };
        let allowed: Vec<String> = self.allowed_values.iter().map(text).collect();
        if !allowed.is_empty() && parts.iter().any(|part| !allowed.contains(part)) {
            return Err(Error::ValueNotAllowed { name: name.to_owned(), allowed });
        }
        let is_number = |part: &String| part.parse::<f64>().is_ok_and(f64::is_finite);
        if self.kind.contains("Number") && !parts.iter().all(is_number) {
            return Err(Error::ValueNotAllowed { name: name.to_owned(), allowed: vec!["a number".to_owned()] });
        }
        let mut parts = parts.into_iter().map(Value::String);
        Ok(Some(if self.is_list() { parts.collect() } else { parts.next().unwrap_or_default() }))
    }

    fn is_list(&self) -> bool {
        self.kind.contains("List<") || self.kind == "CommaDelimitedList"
    }
}

/// A scalar as CloudFormation passes it on.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}
