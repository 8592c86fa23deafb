use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::template::Function;

/// A function's ready-made program, and what its processes are started with.
#[derive(Clone)]
pub(crate) struct Bootstrap {
    pub(crate) program: PathBuf,
    pub(crate) environment: BTreeMap<String, String>,
}

impl Bootstrap {
    /// Finds a function's bootstrap: `NAME/bootstrap`, as `cargo lambda build` makes it, else `NAME`.
    pub(crate) fn find(folder: &Path, function: &Function) -> Result<PathBuf, Error> {
        let (packed, plain) = (folder.join(&function.binary).join("bootstrap"), folder.join(&function.binary));
        let found = [&packed, &plain].into_iter().find(|path| path.is_file()).cloned();
        let function = function.binary.clone();
        let Some(path) = found else { return Err(Error::NoBootstrap { function, packed, plain }) };
        let mode = path.metadata().map(|metadata| metadata.permissions().mode()).unwrap_or_default();
        if mode & 0o111 == 0 {
            return Err(Error::NotExecutable { function, path });
        }
        // Processes start in a folder of their own.
        Ok(std::path::absolute(&path).unwrap_or(path))
    }
}
