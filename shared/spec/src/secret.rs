//! Texts with references to secrets: `${env:NAME}` and `${file:PATH}`. The spec keeps the
//! reference; the value is looked up when a client is made and never written anywhere.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Error;

/// A text that may hold references. `Debug` and `Display` show references, never plain text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Secret(String);

/// Looks references up.
pub trait Resolver: Send + Sync {
    /// The value of an environment variable.
    fn env(&self, name: &str) -> Option<String>;
    /// The text of a file.
    fn file(&self, path: &str) -> std::io::Result<String>;
}

impl Secret {
    /// Takes a text as it was written.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text as it was written, references and all.
    #[must_use]
    pub fn as_written(&self) -> &str {
        &self.0
    }

    /// The same text with something done to its parts outside references.
    #[must_use]
    pub fn map(&self, change: impl FnOnce(&str) -> String) -> Self {
        Self(change(&self.0))
    }

    /// The text with every reference replaced by its value.
    pub fn resolve(&self, resolver: &dyn Resolver) -> Result<String, Error> {
        let mut resolved = String::with_capacity(self.0.len());
        let mut rest = self.0.as_str();
        while let Some(start) = rest.find("${") {
            let (before, reference_on) = rest.split_at(start);
            resolved.push_str(before);
            let Some(end) = reference_on.find('}') else {
                return Err(unresolved(reference_on, "the closing `}` is missing"));
            };
            let (reference, after) = reference_on.split_at(end + 1);
            resolved.push_str(&look_up(reference, resolver)?);
            rest = after;
        }
        resolved.push_str(rest);
        Ok(resolved)
    }

    /// What is wrong with the references, before any is looked up.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        struct Anything;
        impl Resolver for Anything {
            fn env(&self, _: &str) -> Option<String> {
                Some(String::new())
            }
            fn file(&self, _: &str) -> std::io::Result<String> {
                Ok(String::new())
            }
        }
        self.resolve(&Anything).err().map(|error| error.to_string()).into_iter().collect()
    }
}

fn look_up(reference: &str, resolver: &dyn Resolver) -> Result<String, Error> {
    let inner = reference.trim_start_matches("${").trim_end_matches('}');
    match inner.split_once(':') {
        Some(("env", name)) if !name.is_empty() => {
            resolver.env(name).ok_or_else(|| unresolved(reference, "the environment variable is not set"))
        }
        Some(("file", path)) if !path.is_empty() => {
            let text = resolver.file(path).map_err(|error| unresolved(reference, &error.to_string()))?;
            Ok(text.trim_end_matches(['\r', '\n']).to_owned())
        }
        _ => Err(unresolved(reference, "expected `${env:NAME}` or `${file:PATH}`")),
    }
}

fn unresolved(reference: &str, reason: &str) -> Error {
    Error::Unresolved { reference: reference.chars().take(80).collect(), reason: reason.to_owned() }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.contains("${") { formatter.write_str("(secret reference)") } else { formatter.write_str("(hidden)") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;
    impl Resolver for Fixed {
        fn env(&self, name: &str) -> Option<String> {
            (name == "PASSWORD").then(|| "p$x".to_owned())
        }
        fn file(&self, path: &str) -> std::io::Result<String> {
            if path == "/run/host" { Ok("db\n".to_owned()) } else { Err(std::io::ErrorKind::NotFound.into()) }
        }
    }

    #[test]
    fn references_are_replaced_and_the_rest_is_left_alone() {
        let secret = Secret::new("postgres://u:${env:PASSWORD}@${file:/run/host}/shop");
        assert_eq!(secret.resolve(&Fixed).unwrap(), "postgres://u:p$x@db/shop");
    }

    #[test]
    fn what_cannot_be_resolved_names_the_reference_only() {
        for (text, expected) in [
            ("${env:NOPE}", "resolve `${env:NOPE}`: the environment variable is not set"),
            ("${vault:x}", "resolve `${vault:x}`: expected `${env:NAME}` or `${file:PATH}`"),
            ("a ${env:PASSWORD", "resolve `${env:PASSWORD`: the closing `}` is missing"),
        ] {
            assert_eq!(Secret::new(text).resolve(&Fixed).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn a_secret_never_shows_its_text() {
        assert_eq!(format!("{:?}", Secret::new("postgres://u:pw@h/db")), "(hidden)");
    }
}
