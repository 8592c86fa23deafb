//! From a text to a validated sync, by way of a pinned spec that the store can keep.

use std::path::{Component, Path, PathBuf};

use flow::{Digest, ModuleDigest, StreamName};

use crate::secret::Secret;
use crate::validate::{FOLLOWED, rule_of, validate};
use crate::validated::{Rule, Sync};
use crate::written::{Destination, Source, Spec, Transform};
use crate::{Error, misread, rule_file};

/// A spec as it was written, with every path made absolute.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    written: Spec,
}

/// A spec the store can keep: module names pinned to digests, references to secrets unresolved.
#[derive(Debug, Clone, PartialEq)]
pub struct Pinned {
    /// The spec as JSON.
    pub text: String,
    /// Digest of the text.
    pub digest: Digest,
    /// What it says.
    pub sync: Sync,
}

/// Reads and parses a spec file. Relative paths in it are relative to the file's folder.
pub fn file(path: &Path) -> Result<Loaded, Error> {
    let read = |source| Error::Read { path: path.display().to_string(), source };
    let text = std::fs::read_to_string(path).map_err(read)?;
    let absolute = std::path::absolute(path).map_err(read)?;
    text_at(&text, absolute.parent().unwrap_or(Path::new("/")))
}

/// Parses a spec (YAML, of which JSON is a part) whose relative paths are relative to `base`.
pub fn text_at(text: &str, base: &Path) -> Result<Loaded, Error> {
    let mut written: Spec =
        serde_saphyr::from_str(text).map_err(|error| Error::Parse { message: misread::message(&error, text) })?;
    make_absolute(&mut written, base);
    for transform in written.streams.iter_mut().flat_map(|stream| &mut stream.transforms) {
        rule_file::take_in(transform, base)?;
    }
    Ok(Loaded { written })
}

/// Reads a rule from a file of its own, with the name it has where none is written.
pub fn rule(path: &Path) -> Result<(String, Rule), Error> {
    let absolute =
        std::path::absolute(path).map_err(|source| Error::Read { path: path.display().to_string(), source })?;
    let mut transform = Transform { rule: Some(absolute.display().to_string()), ..Transform::default() };
    rule_file::take_in(&mut transform, Path::new("/"))?;
    rule_of(transform)
}

/// The text of a stored spec with another transform in a stream: in the place of the one at `at`,
/// or behind the last.
pub fn with_transform(text: &str, stream: &StreamName, at: usize, transform: Transform) -> Result<String, Error> {
    let mut written: Spec = serde_json::from_str(text).map_err(Error::Stored)?;
    let unknown = || Error::Invalid { problems: vec![format!("streams: there is no stream `{stream}`")] };
    let own = written.streams.iter_mut().find(|own| own.name == *stream).ok_or_else(unknown)?;
    match own.transforms.get_mut(at) {
        Some(there) => *there = transform,
        None => own.transforms.push(transform),
    }
    validate(&written)?;
    serde_json::to_string(&written).map_err(Error::Stored)
}

/// What a stored spec says.
pub fn from_stored(text: &str) -> Result<Sync, Error> {
    let written: Spec = serde_json::from_str(text).map_err(Error::Stored)?;
    validate(&written)
}

/// The JSON Schema of specs, for editors.
#[must_use]
pub fn json_schema() -> String {
    let schema = schemars::schema_for!(Spec);
    serde_json::to_string_pretty(&schema).unwrap_or_default()
}

impl Loaded {
    /// Checks the spec without pinning anything.
    pub fn validate(&self) -> Result<Sync, Error> {
        validate(&self.written)
    }

    /// Checks the spec and pins every module to the digest `find` gives for `name`,
    /// `name@version` or `name@sha256:…`; a module it does not know is a problem of the spec. What
    /// is named by its bare name goes on following what is active under it
    /// ([`TransformSpec::follows`](crate::TransformSpec::follows)).
    pub fn pin(&self, find: impl Fn(&str) -> Result<ModuleDigest, String>) -> Result<Pinned, Error> {
        validate(&self.written)?;
        let mut written = self.written.clone();
        let mut problems = Vec::new();
        for stream in &mut written.streams {
            for transform in &mut stream.transforms {
                let Some(module) = &transform.module else { continue };
                match find(module) {
                    Ok(digest) => transform.module = Some(pinned(module, &digest)),
                    Err(problem) => problems.push(format!("streams.{}.transforms: {problem}", stream.name)),
                }
            }
        }
        if !problems.is_empty() {
            return Err(Error::Invalid { problems });
        }
        let text = serde_json::to_string(&written).map_err(Error::Stored)?;
        Ok(Pinned { digest: Digest::of(text.as_bytes()), sync: validate(&written)?, text })
    }
}

/// The reference a stored spec has in place of the written one.
fn pinned(written: &str, digest: &ModuleDigest) -> String {
    match written.split_once('@') {
        Some((name, _)) => format!("{name}@sha256:{digest}"),
        None => format!("{written}@{FOLLOWED}sha256:{digest}"),
    }
}

fn make_absolute(written: &mut Spec, base: &Path) {
    match &mut written.source {
        Source::File {} => {}
        Source::Sqlite { path } => absolute_path(path, base),
        Source::Postgres { url } => absolute_references(url, base),
    }
    match &mut written.destination {
        Destination::Sqlite { path } | Destination::Parquet { path } | Destination::Jsonl { path } => {
            absolute_path(path, base);
        }
        Destination::Postgres { url, .. } => absolute_references(url, base),
    }
    written.streams.iter_mut().filter_map(|stream| stream.path.as_mut()).for_each(|path| absolute_path(path, base));
    let receivers = written.alerts.iter_mut().flat_map(|alerts| &mut alerts.receivers);
    for webhook in receivers.filter_map(|receiver| receiver.webhook.as_mut()) {
        let mut url = Secret::new(webhook.url.clone());
        absolute_references(&mut url, base);
        webhook.url = url.as_written().to_owned();
    }
}

/// A path that begins with a reference is left as it is: its value says where it is.
fn absolute_path(path: &mut Secret, base: &Path) {
    absolute_references(path, base);
    let is_relative = !path.as_written().starts_with(['/', '$']);
    if is_relative {
        *path = path.map(|text| without_detours(&base.join(text)).display().to_string());
    }
}

/// The path without `.` and `..`, by its text alone: a pattern of files is no file to ask about.
fn without_detours(path: &Path) -> PathBuf {
    let mut straight = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => _ = straight.pop(),
            other => straight.push(other),
        }
    }
    straight
}

fn absolute_references(secret: &mut Secret, base: &Path) {
    const OPENING: &str = "${file:";
    *secret = secret.map(|text| {
        let mut parts = text.split(OPENING);
        let mut whole = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            whole.push_str(OPENING);
            if part.starts_with('/') {
                whole.push_str(part);
            } else {
                whole.push_str(&format!("{}/{part}", base.display()));
            }
        }
        whole
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: &str = r#"
version: 1
sync: shop
source: { type: file }
destination: { type: sqlite, path: ./../specs/out/shop.db }
streams:
  - name: orders
    path: data/*.csv
    transforms: [{ module: "clean@0.1.0", config: { to: CNY } }]
"#;

    #[test]
    fn paths_are_relative_to_the_spec_and_modules_are_pinned() {
        let loaded = text_at(SPEC, Path::new("/specs")).unwrap();
        let digest = Digest::of(b"module");
        let pinned = loaded.pin(|_| Ok(digest.clone())).unwrap();
        assert!(pinned.text.contains(&format!("\"clean@sha256:{digest}\"")), "{}", pinned.text);
        assert!(pinned.text.contains("\"/specs/data/*.csv\""), "{}", pinned.text);
        assert!(pinned.text.contains("\"/specs/out/shop.db\""), "{}", pinned.text);
        assert_eq!(from_stored(&pinned.text).unwrap(), pinned.sync);
    }

    #[test]
    fn a_bare_name_is_pinned_and_goes_on_following_what_is_active() {
        let loaded = text_at(&SPEC.replace("clean@0.1.0", "clean"), Path::new("/specs")).unwrap();
        let digest = Digest::of(b"module");
        let pinned = loaded.pin(|_| Ok(digest.clone())).unwrap();
        let transform = &from_stored(&pinned.text).unwrap().streams[0].transforms[0];
        assert_eq!((transform.name(), &transform.digest, transform.follows), ("clean", &Some(digest), true));
        let fixed = text_at(SPEC, Path::new("/specs")).unwrap().pin(|_| Ok(Digest::of(b"module"))).unwrap();
        assert!(!fixed.sync.streams[0].transforms[0].follows);
    }

    #[test]
    fn a_module_nobody_knows_is_a_problem_of_its_stream() {
        let loaded = text_at(SPEC, Path::new("/specs")).unwrap();
        let error = loaded.pin(|name| Err(format!("no module `{name}`"))).unwrap_err().to_string();
        assert!(error.contains("streams.orders.transforms: no module `clean@0.1.0`"), "{error}");
    }

    #[test]
    fn a_reference_to_a_file_is_relative_to_the_spec_too() {
        let mut secret = Secret::new("postgres://u:${file:pw.txt}@h/${file:/abs}");
        absolute_references(&mut secret, Path::new("/specs"));
        assert_eq!(secret.as_written(), "postgres://u:${file:/specs/pw.txt}@h/${file:/abs}");
    }
}
