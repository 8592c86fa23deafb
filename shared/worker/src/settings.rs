//! The one place that reads the process's environment for the functions.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use flow::{Fault, FaultKind};
use spec::Resolver;

/// What a function's process is told by its environment.
#[derive(Clone)]
pub struct Settings {
    /// `MILLSTREAM_HOME`: the folder of the embedded parts.
    pub home: PathBuf,
    /// `MILLSTREAM_CONCURRENCY`: messages worked on at the same time. Default 2.
    pub concurrency: usize,
    /// `MILLSTREAM_LOG_FORMAT`: `human` (default) or `json`.
    pub log_as_json: bool,
    /// Looks up references to secrets.
    pub resolver: Arc<dyn Resolver>,
}

/// Looks references up in the environment as it was at start, and in files.
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
        Self { variables: variables.collect() }
    }

    /// The value of a variable.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
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

impl Settings {
    /// Reads the environment, once.
    pub fn from_environment() -> Result<Self, Fault> {
        let environment = ProcessResolver::from_environment();
        let problem = |text: String| Fault::new(FaultKind::Config, "setting_invalid", text);
        let home = environment.get("MILLSTREAM_HOME").map(PathBuf::from);
        let concurrency = match environment.get("MILLSTREAM_CONCURRENCY") {
            None => 2,
            Some(text) => text.parse().ok().filter(|count| (1..=64).contains(count)).ok_or_else(|| {
                problem(format!("MILLSTREAM_CONCURRENCY is `{text}`; expected a whole number from 1 to 64"))
            })?,
        };
        let log_as_json = match environment.get("MILLSTREAM_LOG_FORMAT") {
            None | Some("human") => false,
            Some("json") => true,
            Some(other) => {
                return Err(problem(format!("MILLSTREAM_LOG_FORMAT is `{other}`; expected `human` or `json`")));
            }
        };
        Ok(Self {
            home: home.ok_or_else(|| {
                problem("MILLSTREAM_HOME is not set; it names the folder of the embedded parts".to_owned())
            })?,
            concurrency,
            log_as_json,
            resolver: Arc::new(environment),
        })
    }
}
