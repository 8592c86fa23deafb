//! The translated template, and how its parts refer to each other.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// A template of CloudFormation without transforms.
#[derive(Debug, Clone)]
pub(crate) struct Template(pub(crate) Value);

impl Template {
    /// `target/aws/template.json`.
    pub(crate) fn translated() -> Self {
        let path = repository().join("target/aws/template.json");
        let text = std::fs::read(&path)
            .unwrap_or_else(|error| panic!("read {}: {error}; `make template` makes it", path.display()));
        Self(serde_json::from_slice(&text).unwrap())
    }

    /// The resources of a type with their properties.
    pub(crate) fn of_type(&self, kind: &str) -> impl Iterator<Item = (&str, &Value)> {
        self.resources()
            .filter(move |(_, resource)| resource["Type"] == kind)
            .map(|(name, it)| (name, &it["Properties"]))
    }

    pub(crate) fn resources(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0["Resources"].as_object().into_iter().flatten().map(|(name, resource)| (name.as_str(), resource))
    }

    /// A resource by its name; nothing in it when there is none.
    pub(crate) fn resource(&self, name: &str) -> &Value {
        &self.0["Resources"][name]
    }

    /// Whether there is a resource of this name and type.
    pub(crate) fn has(&self, name: &str, kind: &str) -> bool {
        self.resource(name)["Type"] == kind
    }

    pub(crate) fn parameter(&self, name: &str) -> &Value {
        &self.0["Parameters"][name]
    }

    /// A number, as it is written or as the default of the parameter it refers to.
    pub(crate) fn number(&self, value: &Value) -> Option<u64> {
        match value["Ref"].as_str() {
            Some(parameter) => self.parameter(parameter)["Default"].as_u64(),
            None => value.as_u64(),
        }
    }
}

/// What a value refers to: the resource's name for a reference or one of its attributes, with what
/// follows an ARN (`StageBucket/raw/*`); a text as it is.
pub(crate) fn place(value: &Value) -> String {
    if let Some(name) = value["Ref"].as_str().or(value["Fn::GetAtt"][0].as_str()) {
        return name.to_owned();
    }
    match value.as_str().or(value["Fn::Sub"].as_str()) {
        Some(text) => match text.strip_prefix("${").and_then(|rest| rest.split_once(".Arn}")) {
            Some((name, rest)) => format!("{name}{rest}"),
            None => text.to_owned(),
        },
        None => value.to_string(),
    }
}

/// All a property may be: the entries of a list, one value, either branch of a condition.
pub(crate) fn all_of(value: &Value) -> Vec<&Value> {
    match (value, value["Fn::If"].as_array()) {
        (_, Some(branches)) => branches.iter().skip(1).flat_map(all_of).collect(),
        (Value::Array(entries), _) => entries.iter().flat_map(all_of).collect(),
        (Value::Null, _) => Vec::new(),
        (value, _) if value["Ref"] == "AWS::NoValue" => Vec::new(),
        (value, _) => vec![value],
    }
}

/// The folder of the repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}
