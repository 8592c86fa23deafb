use batch_pull::Sources;
use batch_pull::wiring::WiredSources;
use serde::Serialize;
use source::Discovered;
use spec::StreamFrom;

use crate::Failure;
use crate::opt::SpecArgs;
use crate::output::{Output, table};
use crate::settings;

#[derive(Serialize)]
struct Found {
    streams: Vec<FoundStream>,
}

#[derive(Serialize)]
struct FoundStream {
    name: String,
    primary_key: Vec<String>,
    columns: Vec<FoundColumn>,
}

#[derive(Serialize)]
struct FoundColumn {
    name: String,
    #[serde(rename = "type")]
    column_type: Option<String>,
    source_type: String,
    nullable: bool,
}

pub(crate) async fn discover(args: &SpecArgs, output: Output) -> Result<(), Failure> {
    let sync = spec::load::file(&args.spec)?.validate()?;
    let resolver = settings::resolver();
    let mut streams: Vec<FoundStream> =
        WiredSources::new(resolver.clone()).source_of(&sync)?.discover().await?.into_iter().map(found).collect();
    let files = source_file::FileSource::new(resolver);
    for stream in sync.streams.iter().filter(|stream| matches!(stream.from, StreamFrom::Files(_))) {
        streams.push(found(files.describe(stream).await?));
    }
    output.print(&Found { streams }, text)
}

fn found(discovered: Discovered) -> FoundStream {
    let columns = discovered.columns.into_iter().map(|column| FoundColumn {
        name: column.name,
        column_type: column.column_type.map(|known| known.to_string()),
        source_type: column.source_type,
        nullable: column.nullable,
    });
    FoundStream { name: discovered.name, primary_key: discovered.primary_key, columns: columns.collect() }
}

fn text(found: &Found) -> String {
    if found.streams.is_empty() {
        return "the source has no streams".to_owned();
    }
    found.streams.iter().map(stream_text).collect::<Vec<_>>().join("\n\n")
}

fn stream_text(stream: &FoundStream) -> String {
    let mut rows = vec![["  column", "type", "source type", "null", ""].map(str::to_owned).to_vec()];
    for column in &stream.columns {
        rows.push(vec![
            format!("  {}", column.name),
            column.column_type.clone().unwrap_or_else(|| "(not supported)".to_owned()),
            column.source_type.clone(),
            if column.nullable { "yes" } else { "no" }.to_owned(),
            if stream.primary_key.contains(&column.name) { "key" } else { "" }.to_owned(),
        ]);
    }
    format!("{}\n{}", stream.name, table(&rows))
}
