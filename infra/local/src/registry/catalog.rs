//! What is in the registry, and what a reference stands for.

use std::collections::BTreeMap;

use flow::{Digest, Fault, FaultKind};
use store::Store;
use store::record::{Activation, ActiveVersion, ModuleRecord};

/// Every module and what is active, as of one look at the store.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// By name, then newest first.
    pub modules: Vec<ModuleRecord>,
    /// The last change of what is active under each name.
    activations: BTreeMap<String, Activation>,
}

/// Why a reference stands for nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotFound {
    /// Nothing of this name, version or digest was added.
    #[error("{0}")]
    Unknown(String),
    /// It is a bare name, and none of its versions is active.
    #[error(
        "no version of module `{name}` is active; activate one with `millstream modules activate {name}@{newest}`, or name a version in the spec"
    )]
    Inactive {
        /// The name.
        name: String,
        /// The newest version there is.
        newest: String,
    },
}

impl From<NotFound> for Fault {
    fn from(error: NotFound) -> Fault {
        let code = match &error {
            NotFound::Unknown(_) => "module_unknown",
            NotFound::Inactive { .. } => "module_inactive",
        };
        Fault::from_error(FaultKind::Config, code, &error)
    }
}

impl Catalog {
    /// Looks at the store.
    pub async fn read(store: &dyn Store) -> Result<Self, Fault> {
        let modules = store.modules().await?;
        let history = store.activations(None).await?;
        // Oldest first: the last of each name stays.
        let activations = history.into_iter().map(|activation| (activation.name.clone(), activation)).collect();
        Ok(Self { modules, activations })
    }

    /// The last change of what is active under a name.
    #[must_use]
    pub fn activation(&self, name: &str) -> Option<&Activation> {
        self.activations.get(name)
    }

    /// What is active under a name.
    #[must_use]
    pub fn active(&self, name: &str) -> Option<&ActiveVersion> {
        self.activation(name).and_then(|activation| activation.active.as_ref())
    }

    /// Whether this very version is the active one of its name.
    #[must_use]
    pub fn is_active(&self, module: &ModuleRecord) -> bool {
        self.active(&module.name).is_some_and(|active| active.version == module.version)
    }

    /// What a spec's `name`, `name@version` or `name@sha256:…` stands for. A bare name is its
    /// active version.
    pub fn find(&self, reference: &str) -> Result<&ModuleRecord, NotFound> {
        if let Some(digest) = Digest::parse(reference) {
            return self.of_digest(&digest);
        }
        match reference.split_once('@') {
            Some((_, pin)) if pin.starts_with("sha256:") => match Digest::parse(pin) {
                Some(digest) => self.of_digest(&digest),
                None => Err(NotFound::Unknown(format!("`{pin}` is no digest; expected `sha256:` and 64 digits"))),
            },
            Some((name, version)) => self.of_version(name, version),
            None => self.active_of(reference),
        }
    }

    /// The same for people who look: a name without an active version stands for its newest.
    pub fn look_up(&self, reference: &str) -> Result<&ModuleRecord, NotFound> {
        match self.find(reference) {
            Err(NotFound::Inactive { name, newest }) => self.of_version(&name, &newest),
            found => found,
        }
    }

    fn of_digest(&self, digest: &Digest) -> Result<&ModuleRecord, NotFound> {
        let found = self.modules.iter().find(|module| module.digest == *digest);
        found.ok_or_else(|| NotFound::Unknown(format!("no module with digest {} was added", digest.short())))
    }

    fn of_version(&self, name: &str, version: &str) -> Result<&ModuleRecord, NotFound> {
        self.newest(name)?;
        let found = self.modules.iter().find(|module| module.name == name && module.version == version);
        found.ok_or_else(|| {
            NotFound::Unknown(format!("module `{name}` has no version `{version}`; see `millstream modules list`"))
        })
    }

    fn active_of(&self, name: &str) -> Result<&ModuleRecord, NotFound> {
        let newest = self.newest(name)?;
        match self.active(name) {
            Some(active) => self.of_version(name, &active.version),
            None => Err(NotFound::Inactive { name: name.to_owned(), newest: newest.version.clone() }),
        }
    }

    fn newest(&self, name: &str) -> Result<&ModuleRecord, NotFound> {
        self.modules.iter().find(|module| module.name == name).ok_or_else(|| {
            let hint = spec::nearest(name, self.modules.iter().map(|module| module.name.as_str()));
            let hint = hint.map(|right| format!("; did you mean `{right}`?")).unwrap_or_default();
            NotFound::Unknown(format!(
                "no module `{name}` was added; add it with `millstream modules add FILE --name {name} --activate`{hint}"
            ))
        })
    }
}
