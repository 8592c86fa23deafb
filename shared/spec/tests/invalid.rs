//! Every bad spec has a golden error: what whoever wrote it reads, word for word.
#![expect(clippy::expect_used, reason = "a test fails by it")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[test]
fn every_bad_spec_has_its_golden_error() {
    let differing: Vec<String> = files("yaml").iter().filter_map(|spec| difference(spec)).collect();
    assert!(differing.is_empty(), "{} golden errors differ:\n\n{}", differing.len(), differing.join("\n\n"));
}

#[test]
fn every_golden_error_has_a_bad_spec() {
    let stems = |ending| files(ending).iter().map(|path| path.with_extension("")).collect::<BTreeSet<_>>();
    assert_eq!(stems("yaml"), stems("expected"));
    assert!(stems("yaml").len() > 40);
}

/// The case with what was expected and what came, or nothing when they are the same.
fn difference(spec: &Path) -> Option<String> {
    let expected = std::fs::read_to_string(spec.with_extension("expected")).unwrap_or_default();
    let found = error_of(spec);
    (expected.trim_end() != found).then(|| format!("{}\nexpected: {expected}\nfound: {found}", spec.display()))
}

fn error_of(spec: &Path) -> String {
    match spec::load::file(spec).and_then(|loaded| loaded.validate()) {
        Ok(_) => "it was taken".to_owned(),
        Err(error) => {
            let fault = flow::Fault::from(error);
            format!("{} [{}]", fault.message, fault.code)
        }
    }
}

fn files(ending: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/invalid");
    let entries = std::fs::read_dir(folder).expect("the folder of bad specs is there");
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|found| found == ending));
    files.sort();
    files
}
