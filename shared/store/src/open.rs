use std::sync::Arc;

use crate::{Error, Store};

/// Opens the store an address names, and brings it up to date: `postgres://…` where this program
/// has PostgreSQL, `sqlite:PATH` where it has SQLite.
///
/// # Errors
/// [`Error::Address`] when it names neither, or one this program was built without; else as the
/// store itself.
pub async fn open(url: &str) -> Result<Arc<dyn Store>, Error> {
    match url.split_once(':') {
        Some(("postgres" | "postgresql", _)) => postgres(url).await,
        Some(("sqlite", path)) => sqlite(path).await,
        _ => Err(Error::Address { problem: "expected `postgres://USER:PASSWORD@HOST:PORT/DATABASE` or `sqlite:PATH`" }),
    }
}

#[cfg(feature = "postgres")]
async fn postgres(url: &str) -> Result<Arc<dyn Store>, Error> {
    Ok(Arc::new(crate::Postgres::open(url).await?))
}

#[cfg(not(feature = "postgres"))]
#[expect(clippy::unused_async, reason = "as the one that opens it")]
async fn postgres(_url: &str) -> Result<Arc<dyn Store>, Error> {
    Err(Error::Address { problem: "this program was built without PostgreSQL" })
}

#[cfg(feature = "sqlite")]
async fn sqlite(path: &str) -> Result<Arc<dyn Store>, Error> {
    // `sqlite://PATH` is the same file.
    let path = path.strip_prefix("//").unwrap_or(path);
    Ok(Arc::new(crate::Sqlite::open(std::path::Path::new(path)).await?))
}

#[cfg(not(feature = "sqlite"))]
#[expect(clippy::unused_async, reason = "as the one that opens it")]
async fn sqlite(_path: &str) -> Result<Arc<dyn Store>, Error> {
    Err(Error::Address { problem: "this program was built without SQLite" })
}
