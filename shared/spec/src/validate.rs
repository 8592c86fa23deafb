//! From the written form to the validated one: every problem is found, each named by its place.

use std::collections::{BTreeMap, BTreeSet};

use batch::OWN_PREFIX;
use flow::{ModuleDigest, StreamName};
use serde_json::Value;

use crate::Error;
use crate::nearest::nearest;
use crate::secret::Secret;
use crate::validated::{
    DeclaredColumn, DestinationSpec, FileStream, Rule, SourceSpec, Stream, StreamFrom, Sync, TransformSpec,
};
use crate::written::{self, Destination, Source, Spec, SyncMode, WriteDisposition};

/// Checks a written spec and gives what the rest of the project works with.
pub(crate) fn validate(spec: &Spec) -> Result<Sync, Error> {
    let mut problems = Problems::default();
    if spec.version != 1 {
        problems.add("version", format!("expected 1, found {}", spec.version));
    }
    if spec.streams.is_empty() {
        problems.add("streams", "at least one stream is needed");
    }
    let source = source(&spec.source, &mut problems);
    let destination = destination(&spec.destination, &mut problems);
    if let Some(schedule) = &spec.schedule {
        problems.extend("schedule", schedule.problems());
    }
    problems.extend("retry", spec.retry.problems());
    if let Some(alerts) = &spec.alerts {
        problems.extend("alerts", alerts.problems());
        let webhooks = alerts.receivers.iter().filter_map(|receiver| receiver.webhook.as_ref());
        webhooks.for_each(|webhook| problems.extend("alerts.receivers", Secret::new(&webhook.url).problems()));
    }
    let mut names = BTreeSet::new();
    let streams = spec.streams.iter().filter_map(|written| {
        let place = format!("streams.{}", written.name);
        if !names.insert(written.name.as_str().to_lowercase()) {
            problems.add(&place, "another stream has this name");
        }
        stream(written, &source, &place, &mut problems)
    });
    let streams = streams.collect();
    problems.into_result(Sync {
        name: spec.sync.clone(),
        source,
        destination,
        schedule: spec.schedule.clone(),
        retry: spec.retry.clone(),
        delivery: spec.delivery,
        streams,
        raw: spec.raw.clone(),
        alerts: spec.alerts.clone(),
    })
}

#[derive(Default)]
struct Problems(Vec<String>);

impl Problems {
    fn add(&mut self, place: &str, problem: impl AsRef<str>) {
        self.0.push(format!("{place}: {}", problem.as_ref()));
    }

    fn extend(&mut self, place: &str, problems: Vec<String>) {
        problems.iter().for_each(|problem| self.add(place, problem));
    }

    fn into_result<T>(self, good: T) -> Result<T, Error> {
        if self.0.is_empty() { Ok(good) } else { Err(Error::Invalid { problems: self.0 }) }
    }
}

fn source(source: &Source, problems: &mut Problems) -> SourceSpec {
    match source {
        Source::File {} => SourceSpec::File,
        Source::Sqlite { path } => SourceSpec::Sqlite { path: setting("source.path", path, problems) },
        Source::Postgres { url } => SourceSpec::Postgres { url: postgres_url("source.url", url, problems) },
    }
}

fn destination(destination: &Destination, problems: &mut Problems) -> DestinationSpec {
    let place = "destination.path";
    match destination {
        Destination::Sqlite { path } => DestinationSpec::Sqlite { path: setting(place, path, problems) },
        Destination::Parquet { path } => DestinationSpec::Parquet { path: setting(place, path, problems) },
        Destination::Jsonl { path } => DestinationSpec::Jsonl { path: setting(place, path, problems) },
        Destination::Postgres { url, schema } => {
            if schema.is_empty() {
                problems.add("destination.schema", "a name is needed");
            }
            let url = postgres_url("destination.url", url, problems);
            DestinationSpec::Postgres { url, schema: schema.clone() }
        }
    }
}

fn setting(place: &str, text: &Secret, problems: &mut Problems) -> Secret {
    if text.as_written().is_empty() {
        problems.add(place, "a value is needed");
    }
    problems.extend(place, text.problems());
    text.clone()
}

fn postgres_url(place: &str, url: &Secret, problems: &mut Problems) -> Secret {
    let text = url.as_written();
    let may_be_one = ["postgres://", "postgresql://", "${"].iter().any(|start| text.starts_with(start));
    if !may_be_one {
        problems.add(place, "expected `postgres://USER:PASSWORD@HOST:PORT/DATABASE`");
    }
    setting(place, url, problems)
}

fn stream(written: &written::Stream, source: &SourceSpec, place: &str, problems: &mut Problems) -> Option<Stream> {
    if written.name.as_str().starts_with(OWN_PREFIX) {
        problems.add(place, format!("names that begin with `{OWN_PREFIX}` are ours"));
    }
    let from = match source {
        SourceSpec::File => files(written, place, problems).map(StreamFrom::Files),
        SourceSpec::Sqlite { .. } | SourceSpec::Postgres { .. } => table_or_query(written, place, problems),
    };
    check_mode(written, source, place, problems);
    problems.extend(&format!("{place}.quality"), written.quality.problems());
    if written.batch.rows == 0 || written.batch.bytes.0 == 0 {
        problems.add(&format!("{place}.batch"), "rows and bytes must be above 0");
    }
    let columns = columns(written, place, problems);
    Some(Stream {
        name: written.name.clone(),
        from: from?,
        columns,
        sync_mode: written.sync_mode,
        cursor_field: written.cursor_field.clone(),
        primary_key: written.primary_key.clone(),
        write_disposition: written.write_disposition,
        transforms: written.transforms.iter().filter_map(|written| transform(written, place, problems)).collect(),
        quality: written.quality.clone(),
        batch: written.batch.clone(),
    })
}

fn check_mode(written: &written::Stream, source: &SourceSpec, place: &str, problems: &mut Problems) {
    let is_incremental = written.sync_mode == SyncMode::Incremental;
    match (&written.cursor_field, is_incremental) {
        (None, true) => problems.add(place, "sync_mode incremental needs `cursor_field`"),
        (Some(_), false) => problems.add(place, "cursor_field is only used with sync_mode incremental"),
        _ => {}
    }
    if is_incremental && matches!(source, SourceSpec::File) {
        problems.add(place, "files are read with sync_mode full_refresh only");
    }
    if is_incremental && written.query.is_some() {
        problems.add(place, "sync_mode incremental reads a table: use `from` in place of `query`");
    }
    if is_incremental && written.write_disposition == WriteDisposition::Replace {
        problems.add(place, "write_disposition replace would drop what earlier runs of an incremental stream brought");
    }
    let needs_key = written.write_disposition == WriteDisposition::Merge;
    let source_has_keys = matches!(source, SourceSpec::Sqlite { .. } | SourceSpec::Postgres { .. });
    if needs_key && written.primary_key.is_empty() && (!source_has_keys || written.query.is_some()) {
        problems.add(place, "write_disposition merge needs `primary_key`");
    }
    let distinct: BTreeSet<&String> = written.primary_key.iter().collect();
    if distinct.len() != written.primary_key.len() {
        problems.add(&format!("{place}.primary_key"), "a column is named twice");
    }
}

fn table_or_query(written: &written::Stream, place: &str, problems: &mut Problems) -> Option<StreamFrom> {
    let file_keys = [
        ("path", written.path.is_some()),
        ("format", written.format.is_some()),
        ("compression", written.compression.is_some()),
        ("encoding", written.encoding.is_some()),
        ("delimiter", written.delimiter.is_some()),
        ("header", written.header.is_some()),
        ("null_values", written.null_values.is_some()),
        ("timezone", written.timezone.is_some()),
    ];
    file_keys.iter().filter(|(_, given)| *given).for_each(|(key, _)| {
        problems.add(place, format!("`{key}` is for source type file only"));
    });
    match (&written.from, &written.query) {
        (Some(_), Some(_)) => {
            problems.add(place, "give `from` or `query`, not both");
            None
        }
        (None, Some(query)) => Some(StreamFrom::Query(query.trim().trim_end_matches(';').to_owned())),
        (Some(table), None) => Some(StreamFrom::Table(table.clone())),
        (None, None) => Some(StreamFrom::Table(written.name.to_string())),
    }
}

fn files(written: &written::Stream, place: &str, problems: &mut Problems) -> Option<FileStream> {
    if written.from.is_some() || written.query.is_some() {
        problems.add(place, "`from` and `query` are for databases; files are named by `path`");
    }
    let encoding = written.encoding.clone().unwrap_or_else(|| "utf-8".to_owned());
    if encoding_rs::Encoding::for_label(encoding.as_bytes()).is_none() {
        let labels = [
            "utf-8",
            "utf-16le",
            "utf-16be",
            "gb18030",
            "gbk",
            "big5",
            "shift_jis",
            "euc-jp",
            "euc-kr",
            "latin1",
            "iso-8859-1",
            "iso-8859-15",
            "windows-1251",
            "windows-1252",
            "koi8-r",
        ];
        let hint = nearest(&encoding, labels).map(|label| format!("; did you mean `{label}`?")).unwrap_or_default();
        problems.add(&format!("{place}.encoding"), format!("`{encoding}` is no WHATWG encoding label{hint}"));
    }
    let header = written.header.unwrap_or(true);
    if !header && written.columns.is_none() {
        problems.add(place, "a file without header needs `columns`");
    }
    let Some(path) = &written.path else {
        problems.add(place, "`path` is needed");
        return None;
    };
    Some(FileStream {
        path: setting(&format!("{place}.path"), path, problems),
        format: written.format,
        compression: written.compression,
        encoding,
        delimiter: delimiter(written.delimiter.as_deref().unwrap_or(","), place, problems),
        header,
        null_values: written.null_values.clone().unwrap_or_else(|| vec![String::new()]),
        timezone: timezone(written.timezone.as_deref(), place, problems),
    })
}

/// Stands in a stored spec before the digest of a module that was named by its bare name.
pub(crate) const FOLLOWED: &str = "active:";

fn delimiter(text: &str, place: &str, problems: &mut Problems) -> u8 {
    match text.as_bytes() {
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r') => *byte,
        _ => {
            problems.add(&format!("{place}.delimiter"), format!("expected one ASCII character, found `{text}`"));
            b','
        }
    }
}

fn timezone(name: Option<&str>, place: &str, problems: &mut Problems) -> Option<chrono_tz::Tz> {
    let name = name?;
    let zone = name.parse::<chrono_tz::Tz>();
    if zone.is_err() {
        let names = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
        let hint = nearest(name, names).map(|zone| format!("; did you mean `{zone}`?")).unwrap_or_default();
        problems.add(&format!("{place}.timezone"), format!("`{name}` is no IANA time zone{hint}"));
    }
    zone.ok()
}

fn columns(written: &written::Stream, place: &str, problems: &mut Problems) -> BTreeMap<String, DeclaredColumn> {
    let mut columns = BTreeMap::new();
    for (name, text) in written.columns.iter().flatten() {
        if name.starts_with(OWN_PREFIX) {
            problems.add(&format!("{place}.columns"), format!("names that begin with `{OWN_PREFIX}` are ours"));
        }
        let (notation, nullable) = match text.strip_suffix('!') {
            Some(notation) => (notation, false),
            None => (text.strip_suffix('?').unwrap_or(text), true),
        };
        match notation.parse() {
            Ok(column_type) => {
                columns.insert(name.clone(), DeclaredColumn { column_type, nullable });
            }
            Err(error) => problems.add(&format!("{place}.columns.{name}"), error.to_string()),
        }
    }
    columns
}

fn transform(written: &written::Transform, place: &str, problems: &mut Problems) -> Option<TransformSpec> {
    let place = format!("{place}.transforms");
    let rule = match (&written.rule, &written.sql, &written.map, &written.rule_set) {
        (None, None, None, None) => None,
        (None, Some(sql), None, None) => Some((Rule::Sql(sql.clone()), "sql")),
        (None, None, Some(map), None) => Some((Rule::Map(map.clone()), "map")),
        (None, None, None, Some(rules)) => Some((Rule::RuleSet(rules.clone()), "rule_set")),
        _ => {
            problems.add(&place, "a rule has one of rule, sql, map and rule_set, and nothing beside it");
            return None;
        }
    };
    match (&written.module, rule) {
        (Some(module), None) => {
            if written.name.is_some() {
                problems.add(&place, "a module has its own name; name belongs to rules");
            }
            Some(module_spec(module, written.config.as_ref()))
        }
        (None, Some((rule, key))) => {
            if written.config.is_some() {
                problems.add(&place, "config belongs to modules; a rule has none");
            }
            let name = written.name.clone().unwrap_or_else(|| key.to_owned());
            if StreamName::new(&name).is_err() {
                problems.add(&place, format!("`{name}` is no name: letters, digits, `_` and `-`"));
            }
            let digest = Some(rule.digest());
            Some(TransformSpec { module: name, digest, follows: false, rule: Some(rule), config: Value::Null })
        }
        (Some(_), Some(_)) => {
            problems.add(&place, "a transform is a module or a rule, not both");
            None
        }
        (None, None) => {
            problems.add(&place, "a transform has one of module, rule, sql, map and rule_set");
            None
        }
    }
}

/// A rule by itself, with its name.
pub(crate) fn rule_of(written: written::Transform) -> Result<(String, Rule), Error> {
    let mut problems = Problems::default();
    let spec = transform(&written, "rule", &mut problems);
    let rule = problems.into_result(spec)?.and_then(|spec| Some((spec.module, spec.rule?)));
    rule.ok_or_else(|| Error::Invalid { problems: vec!["rule: expected a rule".to_owned()] })
}

fn module_spec(module: &str, config: Option<&Value>) -> TransformSpec {
    let pin = module.split_once('@').map(|(_, pin)| pin);
    let followed = pin.and_then(|pin| pin.strip_prefix(FOLLOWED));
    let digest = followed.or(pin).and_then(|pin| pin.strip_prefix("sha256:")).and_then(ModuleDigest::parse);
    let config = config.cloned().unwrap_or_else(|| Value::Object(serde_json::Map::new()));
    let follows = pin.is_none() || followed.is_some();
    TransformSpec { module: module.to_owned(), digest, follows, rule: None, config }
}
