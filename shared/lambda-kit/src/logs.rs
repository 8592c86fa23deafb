//! Logs as Lambda's log controls want them: a JSON object a line, with `timestamp`, `level` and
//! `message`, on the standard output.

use std::panic::PanicHookInfo;

use flow::Fault;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::layer;
use tracing_subscriber::prelude::*;
use worker::ProcessResolver;

use crate::settings::invalid;

/// Set by Lambda to the level of the function's application logs.
const LEVEL: &str = "AWS_LAMBDA_LOG_LEVEL";

/// Logs from here on, `INFO` and above unless Lambda says otherwise.
///
/// # Errors
/// `setting_invalid`, when it says something else; `INFO` and above are logged then.
pub(crate) fn begin(environment: &ProcessResolver) -> Result<(), Fault> {
    let level = level(environment.get(LEVEL));
    let filter = Targets::new()
        .with_default(*level.as_ref().unwrap_or(&LevelFilter::INFO))
        // It repeats the errors it is given, which are logged where they are met.
        .with_target("lambda_runtime::layers::panic", LevelFilter::OFF);
    let lines = layer().json().flatten_event(true).with_current_span(false).with_span_list(true);
    // A second subscriber in one process (tests) keeps the first.
    _ = tracing_subscriber::registry().with(filter).with(lines).try_init();
    std::panic::set_hook(Box::new(log_panic));
    level.map(drop)
}

fn level(text: Option<&str>) -> Result<LevelFilter, Fault> {
    match text.map(str::to_ascii_uppercase).as_deref() {
        None | Some("" | "INFO") => Ok(LevelFilter::INFO),
        Some("TRACE") => Ok(LevelFilter::TRACE),
        Some("DEBUG") => Ok(LevelFilter::DEBUG),
        Some("WARN") => Ok(LevelFilter::WARN),
        // Nothing here is worse than an error.
        Some("ERROR" | "FATAL") => Ok(LevelFilter::ERROR),
        Some(other) => {
            Err(invalid(LEVEL, &format!("`{other}`"), "`TRACE`, `DEBUG`, `INFO`, `WARN`, `ERROR` or `FATAL`"))
        }
    }
}

/// Where it happened, and not what was said: that may hold what a record holds.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(place, "panicked");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_lambdas() {
        let cases = [(None, "info"), (Some(""), "info"), (Some("debug"), "debug"), (Some("FATAL"), "error")];
        for (text, expected) in cases {
            assert_eq!(level(text).map(|level| level.to_string()), Ok(expected.to_owned()), "{text:?}");
        }
        let fault = level(Some("loud")).unwrap_err();
        assert_eq!(fault.code, "setting_invalid");
        assert!(fault.message.contains("AWS_LAMBDA_LOG_LEVEL is `LOUD`; expected `TRACE`"), "{fault}");
    }
}
