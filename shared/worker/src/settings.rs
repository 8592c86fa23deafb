//! The one place that reads the process's environment, for the functions and the one binary.

use std::collections::HashMap;

use spec::Resolver;

/// The environment as it was at start: looks up settings, and references to secrets in it and in files.
pub struct ProcessResolver {
    variables: HashMap<String, String>,
}

impl ProcessResolver {
    /// Takes the environment as it is now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "settings.rs reads the environment")]
    pub fn from_environment() -> Self {
        let variables =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        variables.collect()
    }

    /// The value of a variable.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }
}

/// An environment of these variables alone.
impl FromIterator<(String, String)> for ProcessResolver {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Self {
        Self { variables: variables.into_iter().collect() }
    }
}

impl Resolver for ProcessResolver {
    fn env(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    fn file(&self, path: &str) -> std::io::Result<String> {
        std::fs::read_to_string(path)
    }
}
