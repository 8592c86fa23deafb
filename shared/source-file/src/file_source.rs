//! The source itself: plans a stream's files and reads them.

use std::sync::Arc;

use arrow_schema::SchemaRef;
use async_trait::async_trait;
use batch::ColumnType;
use source::{Column, Discovered, Error, Plan, PlanRequest, ReadRequest, Reader, Source};
use spec::{FileFormat, FileStream, Resolver, Stream, StreamFrom, SyncMode};

use crate::background::{BackgroundReader, blocking};
use crate::files::{self, Location};
use crate::names;
use crate::parquet_reader::{self, ParquetReader};
use crate::position::{Files, Place};
use crate::sample;
use crate::text_reader::{TextReader, TextRequest};

/// Files as a source.
pub struct FileSource {
    resolver: Arc<dyn Resolver>,
}

impl FileSource {
    /// A source of the files that streams name; the references in their paths are looked up in `resolver`.
    #[must_use]
    pub fn new(resolver: Arc<dyn Resolver>) -> Self {
        Self { resolver }
    }

    /// What a stream's files hold: their columns with the types a run would read them in.
    pub async fn describe(&self, stream: &Stream) -> Result<Discovered, Error> {
        let planned = self.look(stream).await?;
        let columns = planned.schema.fields().iter().zip(planned.source_types).map(|(field, source_type)| Column {
            name: field.name().clone(),
            column_type: ColumnType::of(field).ok(),
            source_type,
            nullable: field.is_nullable(),
        });
        let name = file_stream(stream)?.path.as_written().to_owned();
        Ok(Discovered { name, columns: columns.collect(), primary_key: Vec::new() })
    }

    async fn look(&self, stream: &Stream) -> Result<Planned, Error> {
        let (stream, resolver) = (stream.clone(), self.resolver.clone());
        blocking(move || look(&stream, &*resolver)).await
    }
}

#[async_trait]
impl Source for FileSource {
    /// Always empty: only a stream says where its files are. See [`FileSource::describe`].
    async fn discover(&self) -> Result<Vec<Discovered>, Error> {
        Ok(Vec::new())
    }

    async fn plan(&self, request: PlanRequest<'_>) -> Result<Plan, Error> {
        if request.stream.sync_mode == SyncMode::Incremental {
            let problem =
                format!("stream `{}` reads files, which have no cursor: use full_refresh", request.stream.name);
            return Err(Error::config("sync_mode_unsupported", problem));
        }
        let Planned { schema, files, .. } = self.look(request.stream).await?;
        let primary_key = request.stream.primary_key.clone();
        Ok(Plan { schema, primary_key, parts: vec![files.to_part()?] })
    }

    async fn read(&self, request: ReadRequest<'_>) -> Result<Box<dyn Reader>, Error> {
        let files = Files::from_part(request.part)?;
        let place = match request.position {
            Some(position) => Place::from_position(position, files.files.len())?,
            None => Place::default(),
        };
        let (stream, schema, resolver) = (request.stream.clone(), request.schema.clone(), self.resolver.clone());
        blocking(move || open(&stream, schema, &*resolver, files, place)).await
    }
}

/// What was found out about a stream.
struct Planned {
    schema: SchemaRef,
    /// By column, in the files' own words.
    source_types: Vec<String>,
    files: Files,
}

fn look(stream: &Stream, resolver: &dyn Resolver) -> Result<Planned, Error> {
    let file_stream = file_stream(stream)?;
    let location = Location::of(file_stream, resolver)?;
    let planned = location.find()?;
    let format = files::format(file_stream, &planned)?;
    let (schema, source_types) = match format {
        FileFormat::Parquet => {
            files::check_parquet_is_plain(file_stream, &planned)?;
            parquet_reader::schema(stream, &location, &planned)?
        }
        FileFormat::Csv => {
            let found = sample::columns(file_stream, format, &location, &planned)?;
            (names::schema(stream, &found)?, vec!["text".to_owned(); found.len()])
        }
        FileFormat::Jsonl => {
            let found = with_declared(stream, sample::columns(file_stream, format, &location, &planned)?);
            names::check(&found.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>(), "the sampled lines")?;
            if found.is_empty() {
                let problem = "the files have no objects with keys to take the columns from; declare them in `columns`";
                return Err(Error::config("columns_unknown", problem));
            }
            (names::schema(stream, &found)?, vec!["json".to_owned(); found.len()])
        }
    };
    Ok(Planned { schema, source_types, files: Files { format, files: planned } })
}

/// Any object may lack a key, so a declared one need not be in the sample.
fn with_declared(stream: &Stream, mut found: Vec<(String, ColumnType)>) -> Vec<(String, ColumnType)> {
    for (name, declared) in &stream.columns {
        if !found.iter().any(|(known, _)| known == name) {
            found.push((name.clone(), declared.column_type));
        }
    }
    found
}

fn open(
    stream: &Stream,
    schema: SchemaRef,
    resolver: &dyn Resolver,
    files: Files,
    place: Place,
) -> Result<Box<dyn Reader>, Error> {
    let file_stream = file_stream(stream)?;
    let location = Location::of(file_stream, resolver)?;
    if files.format == FileFormat::Parquet {
        let reader = ParquetReader::new(stream, location, schema, files, place)?;
        return Ok(Box::new(BackgroundReader::start(reader)));
    }
    let request = TextRequest { stream, file_stream, location: &location, schema };
    Ok(Box::new(BackgroundReader::start(TextReader::new(&request, files, place)?)))
}

fn file_stream(stream: &Stream) -> Result<&FileStream, Error> {
    match &stream.from {
        StreamFrom::Files(files) => Ok(files),
        StreamFrom::Table(_) | StreamFrom::Query(_) => {
            let problem = format!("stream `{}` names no files; set its `path`", stream.name);
            Err(Error::config("stream_not_found", problem))
        }
    }
}
