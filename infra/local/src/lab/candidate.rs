//! What can be tried in the place of a live transform, and how each becomes a module.

use std::path::{Path, PathBuf};

use arrow_schema::SchemaRef;
use flow::{Fault, FaultKind, ModuleDigest};
use spec::Rule;
use tokio::sync::Mutex;

use super::Lab;
use crate::Failure;
use crate::registry::{Catalog, rules};

/// Something that can be tried: a file, or a module that was added.
#[derive(Debug)]
pub struct Candidate {
    from: From,
    /// Made for one schema; another makes it anew.
    made: Mutex<Option<(SchemaRef, Ready)>>,
}

#[derive(Debug)]
enum From {
    /// A component or a core module.
    Module(PathBuf),
    /// A rule in SQL, a field map or a rule set.
    Rule(PathBuf),
    /// `name`, `name@version`, `name@sha256:…` or a digest of an added module.
    Registered(String),
}

/// A candidate that can be opened for batches of one schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ready {
    /// Its name in reports and in quarantine.
    pub name: String,
    /// Its digest.
    pub digest: ModuleDigest,
}

impl Candidate {
    /// Takes what a person typed: a path that ends in `.wasm`, else a reference.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let path = Path::new(text);
        let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
        let from = match extension.as_deref() {
            Some("wasm") => From::Module(path.to_owned()),
            Some("sql" | "yaml" | "yml" | "json") => From::Rule(path.to_owned()),
            _ if text.contains(['/', '\\']) || path.is_file() => {
                let message = format!(
                    "`{text}` is no candidate: expected a `.wasm`, `.sql` or `.yaml` file, or `name@version` of an added module"
                );
                return Err(Failure::input("candidate_unknown", message));
            }
            _ => From::Registered(text.to_owned()),
        };
        Ok(Self { from, made: Mutex::new(None) })
    }

    /// A path in it is one beside `folder`.
    #[must_use]
    pub fn beside(self, folder: &Path) -> Self {
        let from = match self.from {
            From::Module(path) => From::Module(folder.join(path)),
            From::Rule(path) => From::Rule(folder.join(path)),
            registered @ From::Registered(_) => registered,
        };
        Self { from, ..self }
    }

    /// The name without version, digest, folder or ending.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.from {
            From::Module(path) | From::Rule(path) => {
                path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
            }
            From::Registered(reference) => reference.split('@').next().unwrap_or_default().to_owned(),
        }
    }

    /// As the person wrote it.
    #[must_use]
    pub fn written(&self) -> String {
        match &self.from {
            From::Module(path) | From::Rule(path) => path.display().to_string(),
            From::Registered(reference) => reference.clone(),
        }
    }

    /// Makes it ready for batches of this schema, in this lab.
    pub async fn ready(&self, lab: &Lab, schema: &SchemaRef) -> Result<Ready, Fault> {
        let mut made = self.made.lock().await;
        if let Some((_, ready)) = made.as_ref().filter(|(of, _)| of == schema) {
            return Ok(ready.clone());
        }
        let ready = match self.bytes(schema)? {
            Some(bytes) => Ready { name: self.name(), digest: lab.lend(bytes).await? },
            None => self.registered(lab).await?,
        };
        *made = Some((schema.clone(), ready.clone()));
        Ok(ready)
    }

    /// The rule, when it is one.
    pub fn rule(&self) -> Result<Option<(String, Rule)>, Fault> {
        match &self.from {
            From::Rule(path) => Ok(Some(spec::load::rule(path)?)),
            From::Module(_) | From::Registered(_) => Ok(None),
        }
    }

    /// Its digest, once it was made ready.
    pub async fn digest(&self) -> Option<ModuleDigest> {
        self.made.lock().await.as_ref().map(|(_, ready)| ready.digest.clone())
    }

    /// The bytes of a module for batches of this schema; `None` when it was added already.
    pub fn bytes(&self, schema: &SchemaRef) -> Result<Option<Vec<u8>>, Fault> {
        match &self.from {
            From::Registered(_) => Ok(None),
            From::Rule(path) => {
                let (name, rule) = spec::load::rule(path)?;
                rules::bytes(&name, &rule, schema).map(Some)
            }
            From::Module(path) => match std::fs::read(path) {
                Ok(bytes) => Ok(Some(bytes)),
                Err(error) => {
                    let message = format!("read `{}`: {error}", path.display());
                    Err(Fault::new(FaultKind::Config, "module_unreadable", message))
                }
            },
        }
    }

    async fn registered(&self, lab: &Lab) -> Result<Ready, Fault> {
        let catalog = Catalog::read(lab.parts.store.as_ref()).await?;
        let found = catalog.look_up(&self.written())?;
        lab.registry.refresh(&found.digest).await?;
        Ok(Ready { name: found.name.clone(), digest: found.digest.clone() })
    }
}
