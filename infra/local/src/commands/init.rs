use std::path::Path;

use flow::SyncName;
use serde::Serialize;

use crate::Failure;
use crate::opt::InitArgs;
use crate::output::Output;

const ORDERS: &str = "\
id,customer,amount,ordered_at
1,Ada,12.50,2024-03-01T09:00:00Z
2,\"Grace, Hopper\",99.95,2024-03-01T10:30:00Z
3,,5.00,2024-03-02T08:15:00Z
4,\"\",7.25,2024-03-02T08:20:00Z
";

#[derive(Serialize)]
struct Written {
    files: Vec<String>,
    next: String,
}

pub(crate) fn init(args: &InitArgs, output: Output) -> Result<(), Failure> {
    let name = sync_name(args)?;
    let unusable = |path: &Path, error: std::io::Error| {
        Failure::input("folder_unusable", format!("write `{}`: {error}", path.display()))
    };
    std::fs::create_dir_all(&args.folder).map_err(|error| unusable(&args.folder, error))?;
    let spec = args.folder.join("millstream.yaml");
    let data = args.folder.join("orders.csv");
    if let Some(there) = [&spec, &data].into_iter().find(|path| path.exists()) {
        return Err(Failure::input(
            "file_exists",
            format!("`{}` is there already; name another folder", there.display()),
        ));
    }
    std::fs::write(&data, ORDERS).map_err(|error| unusable(&data, error))?;
    std::fs::write(&spec, spec_text(&name)).map_err(|error| unusable(&spec, error))?;
    let written = Written {
        files: [&spec, &data].map(|path| path.display().to_string()).to_vec(),
        next: format!("millstream run {}", spec.display()),
    };
    output.print(&written, |written| format!("wrote {}\nnext: {}", written.files.join(" and "), written.next))
}

fn sync_name(args: &InitArgs) -> Result<SyncName, Failure> {
    let folder = std::path::absolute(&args.folder).ok();
    let of_folder = folder.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    let name = args.name.clone().or(of_folder).unwrap_or_default();
    SyncName::new(&name).map_err(|error| Failure::input("name_invalid", format!("{error}; give one with --name")))
}

fn spec_text(name: &SyncName) -> String {
    format!(
        "\
version: 1
sync: {name}
source: {{ type: file }}
destination: {{ type: sqlite, path: out/{name}.db }}
streams:
  - name: orders
    path: orders.csv
    columns: {{ id: int64!, amount: \"decimal(12,2)\" }}
    primary_key: [id]
    write_disposition: merge
    quality:
      checks:
        - {{ not_null: [customer] }}
        - {{ range: {{ column: amount, min: 0 }} }}
      error_limit: {{ percentage: 50 }}
"
    )
}
