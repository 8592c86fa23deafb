//! What a function finds in its environment.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use crate::template::{Environment, Function, Stack};
use crate::{Error, Options, aws};

/// Variables that `cargo lambda watch` and the machine give by themselves.
const OF_THE_RUNTIME: [&str; 4] = ["PATH", "LANG", "TZ", "_HANDLER"];

/// The variables of a function, but for what each process has for itself.
pub(crate) fn environment(function: &Function, options: &Options) -> BTreeMap<String, String> {
    let region = &options.place.region;
    let endpoint = options.functions_endpoint.as_ref().unwrap_or(&options.endpoint);
    let memory = function.memory.to_string();
    let of_lambda = [
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ("LANG", "en_US.UTF-8"),
        ("TZ", ":UTC"),
        ("_HANDLER", "bootstrap"),
        ("AWS_REGION", region),
        ("AWS_DEFAULT_REGION", region),
        ("AWS_ACCESS_KEY_ID", aws::KEY),
        ("AWS_SECRET_ACCESS_KEY", aws::KEY),
        ("AWS_SESSION_TOKEN", aws::KEY),
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_LAMBDA_FUNCTION_NAME", &function.name),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &memory),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", &format!("/aws/lambda/{}", function.name)),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "local"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let Environment(own) = &function.environment;
    let given = [own, &options.environment].into_iter().flatten().map(|(name, value)| (name.clone(), value.clone()));
    of_lambda.into_iter().chain(given).collect()
}

/// Writes each function's variables to `NAME.env`, as `cargo lambda watch --env-file` reads them. They
/// hold secrets: nobody else may read them.
pub(crate) fn write_all(folder: &Path, stack: &Stack, options: &Options) -> Result<(), Error> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::WriteEnvironment { path, source }
    };
    std::fs::create_dir_all(folder).map_err(failed(folder))?;
    for function in &stack.functions {
        let path = folder.join(format!("{}.env", function.binary));
        // A file of an earlier start keeps its mode.
        _ = std::fs::remove_file(&path);
        let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let written = file.and_then(|mut file| file.write_all(lines(&environment(function, options)).as_bytes()));
        written.map_err(failed(&path))?;
    }
    Ok(())
}

fn lines(variables: &BTreeMap<String, String>) -> String {
    let is_ours = |name: &str| !OF_THE_RUNTIME.contains(&name) && !name.starts_with("AWS_LAMBDA_");
    variables.iter().filter(|(name, _)| is_ours(name)).map(|(name, value)| format!("{name}={value}\n")).collect()
}
