//! Parameters, conditions and intrinsic functions.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::document::{Resource, Template, text};
use super::physical::Physical;
use crate::Error;

/// References deeper than this go in circles.
const DEEPEST: usize = 64;

/// Where the stack would be: what the pseudo parameters give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// `AWS::Region`.
    pub region: String,
    /// `AWS::AccountId`.
    pub account: String,
    /// `AWS::StackName`: every resource without a name of its own is named after it.
    pub stack: String,
}

/// A template whose parameters have values.
#[derive(Debug, Clone)]
pub struct Bound {
    pub(super) template: Template,
    parameters: BTreeMap<String, Value>,
    pub(super) place: Place,
    conditions: BTreeMap<String, bool>,
}

impl Bound {
    pub(super) fn new(template: Template, parameters: BTreeMap<String, Value>, place: Place) -> Result<Self, Error> {
        let mut bound = Self { template, parameters, place, conditions: BTreeMap::new() };
        let names: Vec<String> = bound.template.conditions.keys().cloned().collect();
        for name in names {
            let holds = bound.condition(&name, 0)?;
            bound.conditions.insert(name, holds);
        }
        Ok(bound)
    }

    /// The resources whose conditions hold.
    pub(super) fn resources(&self) -> impl Iterator<Item = (&String, &Resource)> {
        let holds = |condition: &String| self.conditions.get(condition).copied().unwrap_or(true);
        self.template.resources.iter().filter(move |(_, resource)| resource.condition.as_ref().is_none_or(holds))
    }

    /// The value with all it refers to put in; nothing for `AWS::NoValue`. `at` says where it stands.
    pub(super) fn resolve(&self, value: &Value, physical: &Physical, at: &str) -> Result<Option<Value>, Error> {
        Resolver { bound: self, physical, at }.value(value)
    }

    fn condition(&self, name: &str, depth: usize) -> Result<bool, Error> {
        let at = format!("condition `{name}`");
        let written = self.template.conditions.get(name);
        let written = written.ok_or_else(|| unresolved(&at, name, "which the template has not"))?;
        if depth > DEEPEST {
            return Err(unresolved(&at, name, "which refers to itself"));
        }
        self.holds(written, &at, depth)
    }

    fn holds(&self, written: &Value, at: &str, depth: usize) -> Result<bool, Error> {
        let malformed = || unsupported(at, "expected `Fn::Equals`, `Fn::And`, `Fn::Or`, `Fn::Not` or `Condition`");
        let (name, argument) = sole(written).ok_or_else(malformed)?;
        let several = || argument.as_array().ok_or_else(malformed);
        let each = || several()?.iter().map(|one| self.holds(one, at, depth + 1)).collect::<Result<Vec<_>, _>>();
        match name {
            "Condition" => self.condition(argument.as_str().ok_or_else(malformed)?, depth + 1),
            "Fn::And" => Ok(each()?.into_iter().all(|holds| holds)),
            "Fn::Or" => Ok(each()?.into_iter().any(|holds| holds)),
            "Fn::Not" => Ok(each()?.into_iter().all(|holds| !holds)),
            "Fn::Equals" => {
                let [one, other] = several()?.as_slice() else { return Err(malformed()) };
                let nothing = Physical::default();
                let resolved = |value| Ok(self.resolve(value, &nothing, at)?.as_ref().map(text));
                Ok(resolved(one)? == resolved(other)?)
            }
            _ => Err(malformed()),
        }
    }
}

struct Resolver<'a> {
    bound: &'a Bound,
    physical: &'a Physical,
    at: &'a str,
}

impl Resolver<'_> {
    fn value(&self, value: &Value) -> Result<Option<Value>, Error> {
        match value {
            Value::Object(object) => match sole(value).filter(|(name, _)| *name == "Ref" || name.starts_with("Fn::")) {
                Some(("Ref", named)) => self.reference(&self.text_of(named)?),
                Some((function, argument)) => self.function(function, argument),
                None => self.object(object).map(Some),
            },
            Value::Array(items) => {
                let items = items.iter().map(|item| self.value(item)).collect::<Result<Vec<_>, _>>()?;
                Ok(Some(items.into_iter().flatten().collect()))
            }
            scalar => self.literal(scalar.clone()).map(Some),
        }
    }

    fn object(&self, object: &Map<String, Value>) -> Result<Value, Error> {
        let mut resolved = Map::new();
        for (key, value) in object {
            if let Some(value) = self.value(value)? {
                resolved.insert(key.clone(), value);
            }
        }
        Ok(Value::Object(resolved))
    }

    fn function(&self, function: &str, argument: &Value) -> Result<Option<Value>, Error> {
        match (function, argument) {
            ("Fn::If", Value::Array(parts)) => self.choose(parts),
            ("Fn::GetAtt", argument) => self.attribute(argument).map(Some),
            ("Fn::Sub", argument) => self.substitute(argument).map(Some),
            ("Fn::Join", Value::Array(parts)) => self.join(parts).map(Some),
            ("Fn::Select", Value::Array(parts)) => self.select(parts),
            ("Fn::Split", Value::Array(parts)) => self.split(parts).map(Some),
            ("Fn::FindInMap", Value::Array(parts)) => self.find_in_map(parts),
            _ => Err(unsupported(self.at, format!("`{function}` is not known here, or not written like this"))),
        }
    }

    fn reference(&self, name: &str) -> Result<Option<Value>, Error> {
        let place = &self.bound.place;
        let pseudo = match name {
            "AWS::NoValue" => return Ok(None),
            "AWS::Region" => place.region.clone(),
            "AWS::AccountId" => place.account.clone(),
            "AWS::StackName" => place.stack.clone(),
            "AWS::StackId" => {
                format!("arn:aws:cloudformation:{}:{}:stack/{}/local", place.region, place.account, place.stack)
            }
            "AWS::Partition" => "aws".to_owned(),
            "AWS::URLSuffix" => "amazonaws.com".to_owned(),
            _ if self.bound.template.parameters.contains_key(name) => return self.parameter(name).map(Some),
            _ => self.physical.get(name).ok_or_else(|| self.unknown(name))?.reference.clone(),
        };
        Ok(Some(Value::String(pseudo)))
    }

    fn parameter(&self, name: &str) -> Result<Value, Error> {
        let missing = || Error::MissingParameter { name: name.to_owned(), place: self.at.to_owned() };
        self.literal(self.bound.parameters.get(name).cloned().ok_or_else(missing)?)
    }

    /// Refuses what AWS would look up in its own stores.
    fn literal(&self, value: Value) -> Result<Value, Error> {
        match value.as_str() {
            Some(text) if text.contains("{{resolve:") => {
                Err(unresolved(self.at, "{{resolve:…}}", "a secret or parameter that is kept on AWS"))
            }
            _ => Ok(value),
        }
    }

    fn choose(&self, parts: &[Value]) -> Result<Option<Value>, Error> {
        let [Value::String(condition), then, otherwise] = parts else { return Err(self.malformed("Fn::If")) };
        let holds = self.bound.conditions.get(condition);
        let holds = *holds.ok_or_else(|| unresolved(self.at, condition, "a condition the template has not"))?;
        self.value(if holds { then } else { otherwise })
    }

    fn attribute(&self, argument: &Value) -> Result<Value, Error> {
        let path = match argument {
            Value::String(path) => path.clone(),
            Value::Array(parts) => {
                parts.iter().map(|part| self.text_of(part)).collect::<Result<Vec<_>, _>>()?.join(".")
            }
            _ => return Err(self.malformed("Fn::GetAtt")),
        };
        self.named(&path)
    }

    /// `Resource.Attribute`.
    fn named(&self, path: &str) -> Result<Value, Error> {
        let (resource, attribute) = path.split_once('.').ok_or_else(|| self.malformed("Fn::GetAtt"))?;
        let named = self.physical.get(resource).ok_or_else(|| self.unknown(path))?;
        let value = named.attributes.get(attribute);
        let value = value.ok_or_else(|| unresolved(self.at, path, "an attribute that is not known here"))?;
        Ok(Value::String(value.clone()))
    }

    fn substitute(&self, argument: &Value) -> Result<Value, Error> {
        let (pattern, own) = match argument {
            Value::String(pattern) => (pattern, None),
            Value::Array(parts) => match parts.as_slice() {
                [Value::String(pattern), Value::Object(own)] => (pattern, Some(own)),
                _ => return Err(self.malformed("Fn::Sub")),
            },
            _ => return Err(self.malformed("Fn::Sub")),
        };
        let mut resolved = String::new();
        let mut rest = pattern.as_str();
        while let Some((before, after)) = rest.split_once("${") {
            let (name, behind) = after.split_once('}').ok_or_else(|| self.malformed("Fn::Sub"))?;
            resolved.push_str(before);
            match (name.strip_prefix('!'), own.and_then(|own| own.get(name.trim()))) {
                (Some(literal), _) => resolved.push_str(&format!("${{{literal}}}")),
                (None, Some(value)) => resolved.push_str(&self.text_of(value)?),
                (None, None) => resolved.push_str(&self.substituted(name.trim())?),
            }
            rest = behind;
        }
        resolved.push_str(rest);
        Ok(Value::String(resolved))
    }

    fn substituted(&self, name: &str) -> Result<String, Error> {
        if name.contains('.') {
            return self.named(name).map(|value| text(&value));
        }
        Ok(self.reference(name)?.as_ref().map(text).unwrap_or_default())
    }

    fn join(&self, parts: &[Value]) -> Result<Value, Error> {
        let [Value::String(separator), list] = parts else { return Err(self.malformed("Fn::Join")) };
        let texts: Vec<String> = self.list_of(list, "Fn::Join")?.iter().map(text).collect();
        Ok(Value::String(texts.join(separator)))
    }

    fn select(&self, parts: &[Value]) -> Result<Option<Value>, Error> {
        let [number, list] = parts else { return Err(self.malformed("Fn::Select")) };
        let number: usize = self.text_of(number)?.parse().map_err(|_| self.malformed("Fn::Select"))?;
        let chosen = self.list_of(list, "Fn::Select")?.into_iter().nth(number);
        chosen.map(Some).ok_or_else(|| unsupported(self.at, format!("`Fn::Select`: the list has no item {number}")))
    }

    fn split(&self, parts: &[Value]) -> Result<Value, Error> {
        let [Value::String(separator), whole] = parts else { return Err(self.malformed("Fn::Split")) };
        let parts = self.text_of(whole)?;
        Ok(parts.split(separator.as_str()).map(|part| Value::String(part.to_owned())).collect())
    }

    fn find_in_map(&self, parts: &[Value]) -> Result<Option<Value>, Error> {
        let [map, first, second] = parts else { return Err(self.malformed("Fn::FindInMap")) };
        let (map, first, second) = (self.text_of(map)?, self.text_of(first)?, self.text_of(second)?);
        let found = self.bound.template.mappings.get(&map).and_then(|map| map.get(&first)?.get(&second));
        let missing = || unresolved(self.at, &format!("{map}.{first}.{second}"), "which `Mappings` has not");
        found.cloned().map(Some).ok_or_else(missing)
    }

    fn text_of(&self, value: &Value) -> Result<String, Error> {
        match self.value(value)? {
            Some(Value::Object(_) | Value::Array(_)) => Err(unsupported(self.at, "expected a text, not a list or map")),
            value => Ok(value.as_ref().map(text).unwrap_or_default()),
        }
    }

    fn list_of(&self, value: &Value, function: &str) -> Result<Vec<Value>, Error> {
        match self.value(value)? {
            Some(Value::Array(items)) => Ok(items),
            _ => Err(self.malformed(function)),
        }
    }

    fn malformed(&self, function: &str) -> Error {
        unsupported(self.at, format!("`{function}` is not written as AWS documents it"))
    }

    fn unknown(&self, name: &str) -> Error {
        let resource = name.split('.').next().unwrap_or_default();
        let why = match self.bound.template.resources.get(resource) {
            None => "which the template has not".to_owned(),
            Some(known) => format!("a resource of type `{}`, which has no value here", known.kind),
        };
        unresolved(self.at, name, &why)
    }
}

pub(super) fn unsupported(place: &str, why: impl Into<String>) -> Error {
    Error::Unsupported { place: place.to_owned(), why: why.into() }
}

fn unresolved(place: &str, reference: &str, why: &str) -> Error {
    Error::Unresolved { place: place.to_owned(), reference: reference.to_owned(), why: why.to_owned() }
}

/// The key and value of a map of one key.
fn sole(value: &Value) -> Option<(&str, &Value)> {
    let object = value.as_object().filter(|object| object.len() == 1)?;
    object.iter().next().map(|(name, value)| (name.as_str(), value))
}

#[cfg(test)]
mod tests;
