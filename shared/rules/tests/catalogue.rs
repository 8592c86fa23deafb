//! `docs/rules.md` lists what the catalogue holds.

use std::fmt::Write;

use rules::catalogue::{FORMS, GROUPS};

const BEGINS: &str = "<!-- catalogue: begin -->\n";
const ENDS: &str = "<!-- catalogue: end -->";

#[test]
fn the_documented_functions_are_those_there_are() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/rules.md");
    let text = std::fs::read_to_string(path).expect("docs/rules.md");
    let (_, rest) = text.split_once(BEGINS).expect("the beginning of the catalogue");
    let (documented, _) = rest.split_once(ENDS).expect("the end of the catalogue");
    let came = concat!(env!("CARGO_TARGET_TMPDIR"), "/catalogue.md");
    std::fs::write(came, table()).expect("what belongs there");
    assert!(documented == table(), "docs/rules.md is behind the catalogue: put {came} between its marks");
}

fn table() -> String {
    let mut text = String::from("\n### Operators and forms\n\n| form | what it does | example |\n|---|---|---|\n");
    for form in FORMS {
        let _ = writeln!(text, "| {} | {} | `{}` |", cell(form.written), cell(form.about), cell(form.example));
    }
    for group in GROUPS {
        let _ = write!(text, "\n### {}\n\n| function | what it gives | example |\n|---|---|---|\n", group.title);
        for entry in group.entries {
            let signatures =
                entry.signatures.iter().map(|it| format!("`{}`", cell(it))).collect::<Vec<_>>().join("<br>");
            let aliases = match entry.aliases {
                [] => String::new(),
                aliases => format!("; also `{}`", aliases.join("`, `")),
            };
            let _ = writeln!(text, "| {signatures} | {}{aliases} | `{}` |", cell(entry.about), cell(entry.example));
        }
    }
    text
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
