use std::path::{Path, PathBuf};

use arrow_schema::SchemaRef;
use async_trait::async_trait;
use batch::ColumnType;
use destination::{Destination, Error, Incoming, Outcome, Target, Unfit};

use crate::Format;
use crate::delivery::Delivery;
use crate::failure::Result;
use crate::layout::Layout;
use crate::merge::Limits;

/// A folder of files for each stream.
#[derive(Debug, Clone)]
pub struct FileDestination {
    root: PathBuf,
    format: Format,
    limits: Limits,
}

impl FileDestination {
    /// Writes streams as folders of `root`, which is made when it is not there.
    pub fn new(root: impl Into<PathBuf>, format: Format) -> Self {
        Self { root: root.into(), format, limits: Limits::default() }
    }

    async fn blocking<T, W>(&self, target: &Target, work: W) -> Result<T>
    where
        T: Send + 'static,
        W: FnOnce(&Delivery) -> Result<T> + Send + 'static,
    {
        let layout = Layout::new(&self.root, self.format, target);
        let delivery = Delivery { layout, target: target.clone(), limits: self.limits };
        let worked = tokio::task::spawn_blocking(move || work(&delivery)).await;
        worked.unwrap_or_else(|cause| {
            let doing = format!("work on stream `{}`: the task ended early", target.stream);
            Err(Error::Unavailable { doing, cause: cause.into() })
        })
    }
}

#[async_trait]
impl Destination for FileDestination {
    fn unfit(&self, schema: &SchemaRef) -> Vec<Unfit> {
        let unfit = |field: &std::sync::Arc<arrow_schema::Field>| {
            let error = ColumnType::of(field).err()?;
            Some(Unfit { column: field.name().clone(), reason: error.to_string() })
        };
        schema.fields().iter().filter_map(unfit).collect()
    }

    async fn prepare(&self, target: &Target) -> Result<()> {
        self.blocking(target, Delivery::prepare).await
    }

    async fn deliver(&self, target: &Target, incoming: Incoming) -> Result<Outcome> {
        self.blocking(target, move |delivery| delivery.deliver(&incoming)).await
    }

    async fn withdraw(&self, target: &Target, incoming: Incoming) -> Result<Outcome> {
        destination::refuse_withdrawal(target, incoming.rows.schema_ref())?;
        self.blocking(target, move |delivery| delivery.withdraw(&incoming)).await
    }

    async fn finish(&self, target: &Target) -> Result<()> {
        self.blocking(target, Delivery::finish).await
    }

    fn location(&self, target: &Target) -> String {
        let files = Path::new(target.stream.as_str()).join(format!("*.{}", self.format.extension()));
        self.root.join(files).display().to_string()
    }
}
