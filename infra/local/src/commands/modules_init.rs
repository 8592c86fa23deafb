//! `modules init` and `modules wrap`: from an empty folder to the file `modules add` takes.

use std::path::{Path, PathBuf};

use sandbox::World;
use serde::Serialize;

use crate::Failure;
use crate::opt::{Language, ModulesInitArgs, ModulesWrapArgs};
use crate::output::Output;

#[derive(Serialize)]
struct Written {
    folder: String,
    files: Vec<String>,
    module: String,
    next: Vec<String>,
}

/// Writes a project.
pub(crate) fn init(args: &ModulesInitArgs, output: Output) -> Result<(), Failure> {
    let name = module_name(args)?;
    let files = files(args.lang, &name);
    let paths: Vec<PathBuf> = files.iter().map(|(path, _)| args.folder.join(path)).collect();
    if let Some(there) = paths.iter().find(|path| path.exists()) {
        let message = format!("`{}` is there already; name another folder", there.display());
        return Err(Failure::input("file_exists", message));
    }
    for (path, (_, text)) in paths.iter().zip(&files) {
        write(path, text).map_err(|error| unusable(path, &error))?;
    }
    let folder = args.folder.display().to_string();
    let module = format!("{name}.wasm");
    let next = [
        (args.folder != Path::new(".")).then(|| format!("cd {folder}")),
        Some("./build".to_owned()),
        Some("millstream test".to_owned()),
        Some(format!("millstream modules add {module} --activate")),
        Some("millstream run spec.yaml".to_owned()),
    ];
    let next = next.into_iter().flatten().collect();
    let files = paths.iter().map(|path| path.display().to_string()).collect();
    let written = Written { folder, files, module, next };
    output.print(&written, |written| {
        format!("wrote {} files to {}\nnext: {}", written.files.len(), written.folder, written.next.join(" && "))
    })
}

/// Makes a module of a core module for WASI.
pub(crate) fn wrap(args: &ModulesWrapArgs, output: Output) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct Wrapped {
        module: String,
        bytes: usize,
    }

    let core = std::fs::read(&args.file)
        .map_err(|error| Failure::input("module_unreadable", format!("read `{}`: {error}", args.file.display())))?;
    let component = sandbox_compiler::wrap_wasi(&core, World::Records).map_err(flow::Fault::from)?;
    std::fs::write(&args.output, &component).map_err(|error| unusable(&args.output, &error))?;
    let wrapped = Wrapped { module: args.output.display().to_string(), bytes: component.len() };
    output.print(&wrapped, |wrapped| format!("wrote {} ({} bytes)", wrapped.module, wrapped.bytes))
}

fn module_name(args: &ModulesInitArgs) -> Result<String, Failure> {
    let folder = std::path::absolute(&args.folder).ok();
    let of_folder = folder.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    let name = args.name.clone().or(of_folder).unwrap_or_default();
    let starts_well = name.starts_with(|letter: char| letter.is_ascii_lowercase());
    let is_plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '-' | '_');
    match starts_well && name.len() <= 64 && name.chars().all(is_plain) {
        true => Ok(name),
        false => Err(Failure::input(
            "name_invalid",
            format!(
                "`{name}` is no name for a module: expected `a`-`z`, `0`-`9`, `-` and `_`, a letter first; give one with --name"
            ),
        )),
    }
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, text)?;
    #[cfg(unix)]
    if path.file_name().is_some_and(|name| name == "build") {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

fn unusable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::input("folder_unusable", format!("write `{}`: {error}", path.display()))
}

type Files = Vec<(&'static str, String)>;

const CONTRACT: &str = sandbox_compiler::wrap::CONTRACT;
/// Versions that fit each other, as `tools/modules` has them.
const QJS: &str = "0.4.5";
const COMPONENTIZE_PY: &str = "0.25.1";
const WIT_BINDGEN: &str = "=0.61.1";

macro_rules! transforms {
    ($path:literal) => {
        include_str!(concat!("../../../../transforms/", $path))
    };
}

fn files(language: Language, name: &str) -> Files {
    let mut files = match language {
        Language::Rust => rust(name),
        Language::Js => js(name),
        Language::Python => python(name),
        Language::Go => go(name),
    };
    files.push(("README.md", readme(language, name)));
    files.push(("spec.yaml", spec(name)));
    files.push(("orders.csv", ORDERS.to_owned()));
    files.push(("tests/orders.yaml", cases(name)));
    files
}

fn rust(name: &str) -> Files {
    let sdk: [(&str, &str); 14] = [
        ("millstream/sdk/src/lib.rs", transforms!("sdk/src/lib.rs")),
        ("millstream/sdk/src/bindings.rs", transforms!("sdk/src/bindings.rs")),
        ("millstream/sdk/src/builder.rs", transforms!("sdk/src/builder.rs")),
        ("millstream/sdk/src/civil.rs", transforms!("sdk/src/civil.rs")),
        ("millstream/sdk/src/decimal.rs", transforms!("sdk/src/decimal.rs")),
        ("millstream/sdk/src/glue.rs", transforms!("sdk/src/glue.rs")),
        ("millstream/sdk/src/kind.rs", transforms!("sdk/src/kind.rs")),
        ("millstream/sdk/src/open.rs", transforms!("sdk/src/open.rs")),
        ("millstream/sdk/src/output.rs", transforms!("sdk/src/output.rs")),
        ("millstream/sdk/src/rows.rs", transforms!("sdk/src/rows.rs")),
        ("millstream/sdk/src/testing.rs", transforms!("sdk/src/testing.rs")),
        ("millstream/sdk/src/view.rs", transforms!("sdk/src/view.rs")),
        ("millstream/wit/transform.wit", CONTRACT),
        ("src/lib.rs", transforms!("examples/rust/src/lib.rs")),
    ];
    let mut files: Files = sdk.into_iter().map(|(path, text)| (path, text.to_owned())).collect();
    let sdk_manifest = format!(
        "[package]\nname = \"sdk\"\nversion = \"{}\"\nedition = \"2024\"\npublish = false\n\n[dependencies]\n\
         wit-bindgen = {{ version = \"{WIT_BINDGEN}\", default-features = false, features = [\"macros\", \"realloc\"] }}\n",
        env!("CARGO_PKG_VERSION")
    );
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\npublish = false\n\n[dependencies]\n\
         sdk = {{ path = \"millstream/sdk\" }}\n\n[lib]\ncrate-type = [\"cdylib\", \"rlib\"]\n\n# Names are kept so that \
         a panic can be read.\n[profile.release]\nopt-level = 3\nlto = true\ncodegen-units = 1\npanic = \"abort\"\n\
         strip = \"debuginfo\"\n\n[workspace]\n"
    );
    let build = format!(
        "cargo build --release --target wasm32-unknown-unknown\n\
         cp \"${{CARGO_TARGET_DIR:-target}}/wasm32-unknown-unknown/release/{}.wasm\" {name}.wasm\n",
        name.replace('-', "_")
    );
    files.push(("millstream/sdk/Cargo.toml", sdk_manifest));
    files.push(("Cargo.toml", manifest));
    files.push((".gitignore", ignored(name, "/target\n")));
    files.push(("build", script("rustup and `rustup target add wasm32-unknown-unknown`", &build)));
    files
}

fn js(name: &str) -> Files {
    let build = format!(
        "[ -x node_modules/.bin/componentize-qjs ] || npm install --no-audit --no-fund\n\
         node_modules/.bin/componentize-qjs --wit wit --world records --js module.js --sync --stub-wasi --minify \
         --output {name}.wasm\n"
    );
    let package = format!(
        "{{\n  \"name\": \"{name}\",\n  \"private\": true,\n  \"type\": \"module\",\n  \"scripts\": {{ \"build\": \"./build\" }},\n  \
         \"devDependencies\": {{ \"componentize-qjs\": \"{QJS}\" }}\n}}\n"
    );
    vec![
        ("module.js", transforms!("examples/js/module.js").to_owned()),
        ("millstream.js", transforms!("sdk-js/millstream.js").to_owned()),
        ("wit/transform.wit", CONTRACT.to_owned()),
        ("package.json", package),
        (".gitignore", ignored(name, "/node_modules\n")),
        ("build", script("Node.js 18 or newer and npm", &build)),
    ]
}

fn python(name: &str) -> Files {
    let build = format!(
        "if [ ! -x .venv/bin/componentize-py ]; then\n    python3 -m venv .venv\n    \
         .venv/bin/pip install --quiet --requirement requirements.txt\nfi\n\
         .venv/bin/componentize-py --quiet --wit-path wit --world records componentize --stub-wasi module --output \
         {name}.wasm\n"
    );
    vec![
        ("module.py", transforms!("examples/python/module.py").to_owned()),
        ("millstream.py", transforms!("sdk-python/millstream.py").to_owned()),
        ("wit/transform.wit", CONTRACT.to_owned()),
        ("requirements.txt", format!("componentize-py=={COMPONENTIZE_PY}\n")),
        (".gitignore", ignored(name, "/.venv\n/__pycache__\n")),
        ("build", script("Python 3.10 or newer with venv", &build)),
    ]
}

fn go(name: &str) -> Files {
    let build = format!(
        "GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -ldflags='-s -w' -o {name}.core.wasm .\n\
         millstream modules wrap {name}.core.wasm --output {name}.wasm\n"
    );
    vec![
        ("module.go", transforms!("examples/go/module.go").to_owned()),
        ("go.mod", transforms!("examples/go/go.mod").to_owned()),
        ("millstream/millstream.go", transforms!("sdk-go/millstream/millstream.go").to_owned()),
        ("millstream/contract.go", transforms!("sdk-go/millstream/contract.go").to_owned()),
        (".gitignore", ignored(name, "/*.core.wasm\n")),
        ("build", script("Go 1.24 or newer, and millstream", &build)),
    ]
}

/// What is built and what a run leaves behind.
fn ignored(name: &str, built: &str) -> String {
    format!("{built}/{name}.wasm\n/out\n/.millstream\n")
}

fn script(needs: &str, commands: &str) -> String {
    format!("#!/bin/sh\n# Builds the module. Needs {needs}.\nset -eu\ncd \"$(dirname \"$0\")\"\n{commands}")
}

fn readme(language: Language, name: &str) -> String {
    let (source, test) = match language {
        Language::Rust => ("src/lib.rs", "`cargo test` tests it without WebAssembly.\n"),
        Language::Js => ("module.js", ""),
        Language::Python => ("module.py", ""),
        Language::Go => ("module.go", ""),
    };
    format!(
        "# {name}\n\nA module for Millstream; what it does stands in `{source}`.\n{test}\n```sh\n./build\nmillstream test\n\
         millstream modules add {name}.wasm --activate\nmillstream run spec.yaml\nmillstream quarantine show --sync {name}\n```\n\n\
         `spec.yaml` puts `orders.csv` through it into `out/{name}.db`.\n\
         After a change, add it under a new version: `millstream modules add {name}.wasm --version 0.2.0 --activate`.\n"
    )
}

const ORDERS: &str = "\
id,customer,amount,points,status
1, Ada ,12.5,9007199254740993,paid
2,Grace,twelve,1,paid
3,Gone,1,1,cancelled
4,\"\",7,,paid
";

/// A case file for `millstream test`.
fn cases(name: &str) -> String {
    format!(
        "\
version: 1
cases:
  - name: names are trimmed, amounts become decimals, every order earns ten points
    module: ../{name}.wasm
    schema: id:int64,customer:utf8?,amount:utf8?,points:int64?,status:utf8?
    given:
      - {{ id: \"1\", customer: \" Ada \", amount: \"12.5\", points: \"9007199254740993\", status: paid }}
      - {{ id: \"2\", customer: Grace, amount: twelve, points: \"1\", status: paid }}
      - {{ id: \"3\", customer: Gone, amount: \"1\", points: \"1\", status: cancelled }}
    expect:
      rows:
        - {{ id: \"1\", customer: Ada, amount: \"12.50\", points: \"9007199254741003\", status: paid }}
      rejected:
        - {{ row: 1, code: bad_amount, column: amount }}
"
    )
}

fn spec(name: &str) -> String {
    format!(
        "\
version: 1
sync: {name}
source: {{ type: file }}
destination: {{ type: sqlite, path: out/{name}.db }}
streams:
  - name: orders
    path: orders.csv
    columns: {{ id: int64!, customer: utf8, amount: utf8, points: int64, status: utf8 }}
    primary_key: [id]
    write_disposition: merge
    transforms:
      - module: {name}
    quality:
      error_limit: {{ percentage: 50 }}
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tools_are_those_the_examples_are_tested_with() {
        let tools = include_str!("../../../../tools/modules");
        assert!(tools.contains(&format!("\nQJS={QJS}\n")));
        assert!(tools.contains(&format!("\nCOMPONENTIZE_PY={COMPONENTIZE_PY}\n")));
        let manifest = include_str!("../../../../Cargo.toml");
        assert!(manifest.contains(&format!("wit-bindgen = {{ version = \"{WIT_BINDGEN}\"")));
    }

    #[test]
    fn every_file_of_the_sdk_is_written() {
        let sdk = concat!(env!("CARGO_MANIFEST_DIR"), "/../../transforms/sdk/src");
        let there = std::fs::read_dir(sdk).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_file()).count();
        let written = rust("x").iter().filter(|(path, _)| path.starts_with("millstream/sdk/src/")).count();
        assert_eq!(written, there);
    }
}
