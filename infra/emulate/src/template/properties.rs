use serde_json::Value;

use super::document::{Resource, text};
use super::physical::Physical;
use super::resolve::{Bound, unsupported};
use crate::Error;

/// The properties of one resource, resolved one by one as they are asked for: what nobody asks for
/// may refer to what is not known here.
pub(super) struct Properties<'a> {
    bound: &'a Bound,
    physical: &'a Physical,
    id: &'a str,
    resource: &'a Resource,
}

impl<'a> Properties<'a> {
    pub(super) fn new(bound: &'a Bound, physical: &'a Physical, id: &'a str, resource: &'a Resource) -> Self {
        Self { bound, physical, id, resource }
    }

    /// Refuses every property that is neither read here nor known to make no difference.
    pub(super) fn only(&self, read: &[&str], makes_no_difference: &[&str]) -> Result<(), Error> {
        let is_known = |name: &str| read.contains(&name) || makes_no_difference.contains(&name);
        for (name, value) in &self.resource.properties {
            // What is left out by a condition was never there.
            if !is_known(name) && self.bound.resolve(value, self.physical, &self.at(name))?.is_some() {
                return Err(self.refuse(name, "is not emulated"));
            }
        }
        Ok(())
    }

    pub(super) fn value(&self, name: &str) -> Result<Option<Value>, Error> {
        match self.resource.properties.get(name) {
            Some(value) => self.bound.resolve(value, self.physical, &self.at(name)),
            None => Ok(None),
        }
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<String>, Error> {
        match self.value(name)? {
            None => Ok(None),
            Some(Value::Object(_) | Value::Array(_)) => Err(self.refuse(name, "expected a text")),
            Some(value) => Ok(Some(text(&value))),
        }
    }

    pub(super) fn number(&self, name: &str) -> Result<Option<u32>, Error> {
        let read = |text: String| text.parse().map_err(|_| self.refuse(name, "expected a whole number"));
        self.text(name)?.map(read).transpose()
    }

    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Error> {
        let read = |text: String| text.parse().map_err(|_| self.refuse(name, "expected true or false"));
        self.text(name)?.map(read).transpose()
    }

    /// A value inside a property that is a map.
    pub(super) fn inside(&self, name: &str, key: &str) -> Result<Option<String>, Error> {
        let value = self.value(name)?;
        Ok(value.as_ref().and_then(|value| value.get(key)).filter(|value| !value.is_null()).map(text))
    }

    /// A value inside a property that is a map, without looking at what stands beside it.
    pub(super) fn written(&self, name: &str, key: &str) -> Result<Option<String>, Error> {
        let written = self.resource.properties.get(name).and_then(|value| value.get(key));
        let resolved = written.map(|value| self.bound.resolve(value, self.physical, &self.at(name))).transpose()?;
        Ok(resolved.flatten().map(|value| text(&value)))
    }

    pub(super) fn required(&self, name: &str) -> Result<String, Error> {
        self.text(name)?.ok_or_else(|| self.refuse(name, "is missing"))
    }

    pub(super) fn refuse(&self, name: &str, why: impl Into<String>) -> Error {
        unsupported(&self.at(name), why)
    }

    fn at(&self, name: &str) -> String {
        format!("`{}.{name}`", self.id)
    }
}
