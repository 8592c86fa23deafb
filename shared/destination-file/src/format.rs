/// How rows are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Apache Parquet, zstd.
    Parquet,
    /// One JSON object a line, UTF-8, each line ended by `\n`.
    Jsonl,
}

impl Format {
    /// How its files' names end, without the dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Format::Parquet => "parquet",
            Format::Jsonl => "jsonl",
        }
    }
}
