//! The next generation of a dataset, being written into its hidden folder.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use arrow_array::BooleanArray;
use arrow_buffer::BooleanBuffer;
use arrow_schema::SchemaRef;
use arrow_select::filter::filter_record_batch;

use super::Limits;
use super::inventory::Found;
use crate::Format;
use crate::failure::{Doing, Result, unreadable};
use crate::folder;
use crate::json_lines::Lines;
use crate::layout::{Layout, Purpose};
use crate::manifest::Manifest;
use crate::new_file::NewFile;
use crate::parquet_file::{self, Reader, Writer};

pub(super) struct Generation<'a> {
    layout: &'a Layout,
    folder: PathBuf,
    schema: SchemaRef,
    limits: Limits,
    files: usize,
    open: Option<Open>,
}

/// The file rows are written to at the moment.
struct Open {
    sink: Sink,
    rows: u64,
}

enum Sink {
    Parquet(Box<Writer<NewFile>>),
    Jsonl { file: BufWriter<NewFile>, bytes: u64 },
}

impl<'a> Generation<'a> {
    /// Begins with an empty folder: one half-written by a killed process is of no use.
    pub(super) fn begin(layout: &'a Layout, schema: SchemaRef, limits: Limits) -> Result<Self> {
        let folder = layout.hidden(Purpose::New);
        folder::discard(layout, &folder)?;
        folder::make(&folder)?;
        Ok(Self { layout, folder, schema, limits, files: 0, open: None })
    }

    /// Adds the rows of a file that stay.
    pub(super) fn add(&mut self, file: &Found, stay: Option<&BooleanBuffer>) -> Result<()> {
        match stay {
            None if self.is_big(file) => self.link(file),
            None => self.copy(file, |_| true),
            Some(stay) => self.copy(file, |row| row < stay.len() && stay.value(row)),
        }
    }

    /// Ends it; a dataset without rows still shows its columns.
    pub(super) fn end(mut self, manifest: &Manifest) -> Result<()> {
        if self.open.is_none() && self.files == 0 {
            self.open_file()?;
        }
        self.close_file()?;
        manifest.write(&self.folder, self.layout)
    }

    fn is_big(&self, file: &Found) -> bool {
        file.rows >= self.limits.file_rows / 2 || file.bytes >= self.limits.file_bytes / 2
    }

    fn link(&mut self, file: &Found) -> Result<()> {
        self.close_file()?;
        let name = self.next_name();
        let path = self.folder.join(name);
        if fs::hard_link(&file.path, &path).is_ok() {
            return Ok(());
        }
        // A file system without links gets a copy.
        fs::copy(&file.path, &path)
            .and_then(|_| fs::File::open(&path)?.sync_all())
            .doing(|| format!("copy `{}` to `{}`", file.path.display(), path.display()))
    }

    fn copy(&mut self, file: &Found, stays: impl Fn(usize) -> bool) -> Result<()> {
        match self.layout.format {
            Format::Parquet => self.copy_parquet(file, stays),
            Format::Jsonl => self.copy_lines(file, stays),
        }
    }

    fn copy_parquet(&mut self, file: &Found, stays: impl Fn(usize) -> bool) -> Result<()> {
        let mut first = 0;
        for rows in Reader::open(&file.path)?.rows()? {
            let rows = rows.map_err(|error| unreadable(&file.path, error))?;
            let mask: BooleanArray = (first..first + rows.num_rows()).map(|row| Some(stays(row))).collect();
            first += rows.num_rows();
            let rows = filter_record_batch(&rows, &mask).map_err(|error| unreadable(&file.path, error))?;
            let rows = parquet_file::dressed(&rows, &self.schema)?;
            if let Sink::Parquet(writer) = self.sink_for(rows.num_rows() as u64)? {
                writer.write(&rows)?;
            }
        }
        Ok(())
    }

    fn copy_lines(&mut self, file: &Found, stays: impl Fn(usize) -> bool) -> Result<()> {
        let mut lines = Lines::open(&file.path)?;
        let mut row = 0;
        while let Some(line) = lines.next_line()? {
            if stays(row)
                && let Sink::Jsonl { file, bytes } = self.sink_for(1)?
            {
                let written = file.write_all(line).and_then(|()| file.write_all(b"\n"));
                written.doing(|| "write JSON lines".to_owned())?;
                *bytes += line.len() as u64 + 1;
            }
            row += 1;
        }
        Ok(())
    }

    /// Where the next rows go: the open file, or a new one when that is full.
    fn sink_for(&mut self, rows: u64) -> Result<&mut Sink> {
        let (most_rows, most_bytes) = (self.limits.file_rows, self.limits.file_bytes);
        let is_full = |open: &Open| open.rows >= most_rows || open.sink.bytes() >= most_bytes;
        if self.open.as_ref().is_some_and(is_full) {
            self.close_file()?;
        }
        let open = self.open_file()?;
        open.rows += rows;
        Ok(&mut open.sink)
    }

    fn open_file(&mut self) -> Result<&mut Open> {
        let open = match self.open.take() {
            Some(open) => open,
            None => Open { sink: self.new_sink()?, rows: 0 },
        };
        Ok(self.open.insert(open))
    }

    fn new_sink(&mut self) -> Result<Sink> {
        let name = self.next_name();
        let file = NewFile::begin(&self.folder, &name, &self.layout.temporary_prefix())?;
        Ok(match self.layout.format {
            Format::Parquet => Sink::Parquet(Box::new(Writer::begin(file, &self.schema)?)),
            Format::Jsonl => Sink::Jsonl { file: BufWriter::with_capacity(1 << 18, file), bytes: 0 },
        })
    }

    fn close_file(&mut self) -> Result<()> {
        match self.open.take().map(|open| open.sink) {
            None => Ok(()),
            Some(Sink::Parquet(writer)) => writer.end()?.commit(),
            Some(Sink::Jsonl { file, .. }) => {
                let file = file.into_inner().map_err(std::io::IntoInnerError::into_error);
                file.doing(|| "write JSON lines".to_owned())?.commit()
            }
        }
    }

    fn next_name(&mut self) -> String {
        let name = self.layout.base(self.files);
        self.files += 1;
        name
    }
}

impl Sink {
    fn bytes(&self) -> u64 {
        match self {
            Sink::Parquet(writer) => writer.bytes(),
            Sink::Jsonl { bytes, .. } => *bytes,
        }
    }
}
