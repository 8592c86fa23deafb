//! The one place of the binary that reads the environment (the command line reads `MILLSTREAM_HOME`
//! by itself).

use std::sync::Arc;

use spec::Resolver;
use worker::ProcessResolver;

/// Looks up references to secrets in the environment as it was at start, and in files.
#[must_use]
pub fn resolver() -> Arc<dyn Resolver> {
    Arc::new(ProcessResolver::from_environment())
}

/// Who the system says is at work, for the history of modules.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the place that reads the environment")]
pub fn user() -> String {
    let named = ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok().filter(|name| !name.is_empty()));
    // Jobs of a schedule have no name, but they have a number.
    named.unwrap_or_else(|| format!("uid {}", rustix::process::getuid().as_raw()))
}
