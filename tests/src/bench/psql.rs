use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};

/// PostgreSQL's own client.
pub(crate) struct Psql {
    program: PathBuf,
    url: String,
}

impl Psql {
    /// The newest client of the distribution's packages, else the one on the path.
    pub(crate) fn new(url: String) -> Self {
        let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        let version = |name: &str| name.parse::<u32>().ok();
        let newest = versions.filter_map(|entry| version(entry.file_name().to_str()?)).max();
        let packaged = newest.map(|newest| PathBuf::from(format!("/usr/lib/postgresql/{newest}/bin/psql")));
        Self { program: packaged.filter(|path| path.exists()).unwrap_or_else(|| PathBuf::from("psql")), url }
    }

    /// The server's address.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Runs statements, each in a transaction of its own.
    pub(crate) fn run(&self, statements: &[&str]) -> anyhow::Result<()> {
        let mut command = self.command();
        statements.iter().for_each(|statement| {
            command.args(["-c", statement]);
        });
        succeeded(command.stdout(Stdio::null()).output().context("start psql")?).map(|_| ())
    }

    /// The one number a query gives.
    pub(crate) fn number(&self, query: &str) -> anyhow::Result<u64> {
        let printed = succeeded(self.command().args(["-c", query]).output().context("start psql")?)?;
        printed.trim().parse().with_context(|| format!("`{query}` gave no number"))
    }

    /// Writes what a `COPY … TO STDOUT` gives to a file.
    pub(crate) fn copy_to(&self, copy: &str, file: &Path) -> anyhow::Result<()> {
        let file = File::create(file).with_context(|| format!("create `{}`", file.display()))?;
        succeeded(self.command().args(["-c", copy]).stdout(file).output().context("start psql")?).map(|_| ())
    }

    /// Pipes what one `COPY … TO STDOUT` gives into a `COPY … FROM STDIN`.
    pub(crate) fn pipe(&self, from: &str, to: &str) -> anyhow::Result<()> {
        let mut reader = self.command().args(["-c", from]).stdout(Stdio::piped()).spawn().context("start psql")?;
        let rows = reader.stdout.take().context("psql has no output")?;
        let writer = self.command().args(["-c", to]).stdin(rows).output().context("start psql")?;
        ensure!(reader.wait()?.success(), "`{from}` failed");
        succeeded(writer).map(|_| ())
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", &self.url]);
        command
    }
}

fn succeeded(output: std::process::Output) -> anyhow::Result<String> {
    ensure!(output.status.success(), "psql failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
