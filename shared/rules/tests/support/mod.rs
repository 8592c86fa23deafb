//! What the tests of rules' texts share: schemas and case files.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::expect_used,
    clippy::panic,
    reason = "each test uses a part of it"
)]

pub mod generate;

use std::fs;
use std::path::{Path, PathBuf};

use rules::plan::{Column, Output, Plan};

/// Columns by their notation: `id:int64, name:utf8?`.
pub fn schema(notation: &str) -> Vec<Column> {
    let schema = batch::schema::parse_notation(notation).expect("a schema");
    let column = |field: &arrow_schema::FieldRef| Column {
        name: field.name().clone(),
        column_type: batch::ColumnType::of(field).expect("a column type"),
        nullable: field.is_nullable(),
    };
    schema.fields().iter().map(column).collect()
}

/// A column of every type, with and without NULLs.
pub fn wide() -> Vec<Column> {
    schema(
        "id:int64, small:int16, count:int32?, big:uint64, name:utf8, note:utf8?, active:bool, flag:bool?, \
         amount:decimal(12,2), price:decimal(38,10)?, huge:decimal(50,2)?, any:numeric?, rate:float64?, ratio:float32, \
         day:date, due:date?, clock:time, local:timestamp, at:timestamp(us,UTC), seen:timestamp(us,UTC)?, doc:json?, \
         key:uuid, raw:binary?, Mixed:utf8, \"\"\"odd name\":int32, select:int32, date:date",
    )
}

/// What a plan gives, in short.
pub fn summary(plan: &Plan) -> String {
    let mut text = rules::explain(plan);
    for output in &plan.outputs {
        let (name, ty, nullable) = match output {
            Output::Passed { name, column } => (name, plan.input[*column].column_type, plan.input[*column].nullable),
            Output::Computed { name, column_type, nullable, .. } => (name, *column_type, *nullable),
        };
        text.push_str(&format!("\n-- {name}: {ty}{}", if nullable { "?" } else { "" }));
    }
    for site in &plan.sites {
        let column = site.column.as_deref().unwrap_or("no column");
        text.push_str(&format!("\n-- {}:{} {column}: {}", site.span.line, site.span.column, site.what));
    }
    text
}

/// Runs every block of every file of a folder: a title after `===`, what is given, `---`, what is
/// expected. What came instead is written beside the build's other files.
pub fn run_cases(folder: &str, run: impl Fn(&str) -> String) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let came = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("rules").join(folder);
    fs::create_dir_all(&came).expect("a folder for what came");
    let mut wrong = Vec::new();
    let mut count = 0;
    let mut files: Vec<_> = fs::read_dir(&root).expect("case files").map(|it| it.expect("a file").path()).collect();
    files.sort();
    for file in files {
        let text = fs::read_to_string(&file).expect("a case file");
        let (written, failed, blocks) = run_file(&text, &run);
        count += blocks;
        if !failed.is_empty() {
            let to = came.join(file.file_name().expect("a name"));
            fs::write(&to, written).expect("what came");
            wrong.push(format!("{}: {}\n  what came: {}", file.display(), failed.join(", "), to.display()));
        }
    }
    assert!(count > 0, "no cases in {}", root.display());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn run_file(text: &str, run: &impl Fn(&str) -> String) -> (String, Vec<String>, usize) {
    let mut blocks = text.split("=== ");
    let mut written = blocks.next().unwrap_or_default().to_owned();
    let (mut failed, mut count) = (Vec::new(), 0);
    for block in blocks {
        count += 1;
        let (title, rest) = block.split_once('\n').expect("a title");
        let (given, expected) = rest.split_once("---\n").unwrap_or((rest, ""));
        let came = run(given);
        if came.trim_end() != expected.trim_end() {
            failed.push(title.to_owned());
        }
        written.push_str(&format!("=== {title}\n{}\n---\n{}\n\n", given.trim_end(), came.trim_end()));
    }
    (written, failed, count)
}
