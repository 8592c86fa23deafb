use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use super::FOLDER;

/// How often a child's peak is looked at: it is gone with the child, so what rises later than this
/// before the end is missed.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// The binary under test.
pub(crate) struct Millstream {
    program: PathBuf,
}

/// What a run took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken {
    /// From start to exit.
    pub(crate) wall: Duration,
    /// Peak of resident memory in KiB.
    pub(crate) peak_kib: u64,
}

impl Millstream {
    /// Refuses what is not there.
    pub(crate) fn new(program: PathBuf) -> anyhow::Result<Self> {
        ensure!(program.is_file(), "there is no binary `{}`: build it first", program.display());
        Ok(Self { program })
    }

    /// Runs a spec in a home of its own, to which the module was added before the time began.
    pub(crate) fn run(&self, spec: &Path, module: Option<&Path>) -> anyhow::Result<Taken> {
        let home = tempfile::Builder::new().prefix("home-").tempdir_in(FOLDER)?;
        if let Some(module) = module {
            ensure!(module.is_file(), "there is no module `{}`: build it first", module.display());
            let mut add = Command::new(&self.program);
            add.args(["modules", "add"])
                .arg(module)
                .args(["--name", "bench-module", "--activate", "--home"])
                .arg(home.path());
            watched(add)?;
        }
        let mut run = Command::new(&self.program);
        run.arg("run").arg(spec).arg("--home").arg(home.path());
        watched(run)
    }
}

fn watched(mut command: Command) -> anyhow::Result<Taken> {
    let ended = AtomicBool::new(false);
    let begun = Instant::now();
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child: Child = child.with_context(|| format!("start `{}`", command.get_program().display()))?;
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let (output, wall, peak_kib) = std::thread::scope(|scope| {
        let watch = scope.spawn(|| highest_peak(&status, &ended));
        let output = child.wait_with_output();
        let wall = begun.elapsed();
        ended.store(true, Ordering::Relaxed);
        (output, wall, watch.join().unwrap_or_default())
    });
    let output = output.context("wait for the binary")?;
    let (printed, told) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    ensure!(output.status.success(), "the binary ended with {}:\n{printed}{told}", output.status);
    ensure!(peak_kib > 0, "the peak of the binary's memory was not seen");
    Ok(Taken { wall, peak_kib })
}

fn highest_peak(status: &Path, ended: &AtomicBool) -> u64 {
    let mut highest = 0;
    while !ended.load(Ordering::Relaxed) {
        highest = highest.max(peak(status).unwrap_or(0));
        std::thread::sleep(LOOK_EVERY);
    }
    highest
}

fn peak(status: &Path) -> Option<u64> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
