use std::path::{Path, PathBuf};

use serde::Serialize;
use worker::Parts;

use crate::Failure;
use crate::cases::case::Case;
use crate::cases::written;
use crate::home::{Home, folder_of};
use crate::lab::Lab;
use crate::opt::{Everywhere, TestArgs};
use crate::output::Output;

#[derive(Serialize)]
struct TestReport {
    passed: usize,
    failed: usize,
    cases: Vec<CaseReport>,
}

#[derive(Serialize)]
struct CaseReport {
    file: String,
    case: String,
    passed: bool,
    problems: Vec<crate::cases::Problem>,
}

/// Runs case files.
pub(crate) async fn test(args: &TestArgs, everywhere: &Everywhere, output: Output) -> Result<(), Failure> {
    let files = if args.files.is_empty() { files_of(&args.dir)? } else { args.files.clone() };
    // Every file is read before any case is run: a wrong one must not look like a failing case.
    let mut cases = Vec::new();
    for file in &files {
        for written in written::read(file)? {
            cases.push((file.display().to_string(), Case::of(file, written)?));
        }
    }
    let place = place(&folder_of(everywhere.home.as_deref(), None)).await?;
    let lab = Lab::new(&place.parts).await?;
    let mut reports = Vec::with_capacity(cases.len());
    for (number, (file, case)) in cases.into_iter().enumerate() {
        let problems = case.run(&lab, number).await?;
        reports.push(CaseReport { file, case: case.name, passed: problems.is_empty(), problems });
    }
    let passed = reports.iter().filter(|report| report.passed).count();
    let report = TestReport { passed, failed: reports.len() - passed, cases: reports };
    output.print(&report, text)?;
    if report.failed > 0 { Err(Failure::told(1)) } else { Ok(()) }
}

/// Where added modules come from: the home, or a place without any where there is none.
struct Place {
    parts: Parts,
    _folder: Option<tempfile::TempDir>,
}

async fn place(home: &Path) -> Result<Place, Failure> {
    if home.join("state.db").exists() {
        return Ok(Place { parts: Home::look(home).await?.parts, _folder: None });
    }
    let folder = tempfile::Builder::new().prefix("millstream-").tempdir().map_err(|error| {
        Failure::input("temporary_folder", format!("make a temporary folder: {error}; name another place with TMPDIR"))
    })?;
    let (parts, _) = crate::parts::open(folder.path()).await?;
    Ok(Place { parts, _folder: Some(folder) })
}

fn files_of(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let listing = std::fs::read_dir(folder).map_err(|error| {
        let message = format!("list `{}`: {error}; name case files, or their folder with --dir", folder.display());
        Failure::input("cases_unreadable", message)
    })?;
    let mut files: Vec<PathBuf> = listing.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml"));
    files.sort();
    if files.is_empty() {
        let message = format!("`{}` holds no case file (`.yaml`, `.yml`)", folder.display());
        return Err(Failure::input("cases_unreadable", message));
    }
    Ok(files)
}

fn text(report: &TestReport) -> String {
    let mut lines = Vec::new();
    for case in &report.cases {
        let verdict = if case.passed { "ok  " } else { "FAIL" };
        lines.push(format!("{verdict} {}: {}", case.file, case.case));
        lines.extend(case.problems.iter().map(|problem| format!("     {}", problem.line())));
    }
    lines.push(format!("{} passed, {} failed", report.passed, report.failed));
    lines.join("\n")
}
