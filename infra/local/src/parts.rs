//! The embedded parts of one home folder.

use std::path::Path;
use std::sync::Arc;

use flow::{Clock, Fault, FaultKind};
use worker::{Parts, SystemClock};

/// Opens the parts that lie in a home folder, making it when it is not there: `state.db`, `queue.db`
/// and `stage/`. The queue comes beside them too, for what only the embedded one can do.
pub(crate) async fn open(home: &Path) -> Result<(Parts, Arc<queue::Sqlite>), Fault> {
    std::fs::create_dir_all(home).map_err(|error| {
        let message = format!("make the home folder `{}`: {error}; name another with --home", home.display());
        Fault::new(FaultKind::Config, "home_unusable", message)
    })?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let queue = queue::Sqlite::open(&home.join("queue.db"), queue::Limits::default(), clock.clone()).await?;
    let store = store::Sqlite::open(&home.join("state.db")).await?;
    let staging = staging::Folder::open(&home.join("stage")).await?;
    let queue = Arc::new(queue);
    Ok((Parts::new(queue.clone(), Arc::new(store), Arc::new(staging), clock), queue))
}
