//! The one place of the binary that reads the environment (the command line reads `MILLSTREAM_HOME`
//! by itself).

use std::sync::Arc;

use spec::Resolver;
use worker::settings::ProcessResolver;

/// Looks up references to secrets in the environment as it was at start, and in files.
#[must_use]
pub fn resolver() -> Arc<dyn Resolver> {
    Arc::new(ProcessResolver::from_environment())
}
