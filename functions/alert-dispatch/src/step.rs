use std::sync::Arc;

use alerting::{Alerts, Groups};
use async_trait::async_trait;
use flow::{Budget, Fault, FaultKind, Outbox, Signal, Step, SyncName};
use notify::Notify;
use spec::Sync;
use worker::Parts;

/// Takes signals into their groups, and sends the groups that are due.
pub struct AlertDispatch {
    pub(crate) parts: Parts,
    pub(crate) receivers: Arc<dyn Receivers>,
}

/// Gives the receivers a spec names.
pub trait Receivers: Send + std::marker::Sync {
    /// The receiver of this name, its secrets resolved.
    fn receiver(&self, alerts: &Alerts, name: &str) -> Result<Arc<dyn Notify>, Fault>;
}

/// How often a change of the groups is tried when others change them too.
const TRIES: usize = 16;

impl AlertDispatch {
    /// Sends to these receivers.
    #[must_use]
    pub fn new(parts: Parts, receivers: Arc<dyn Receivers>) -> Self {
        Self { parts, receivers }
    }

    /// The latest spec of a sync; `None` when it has none or no alerts.
    pub(crate) async fn alerts_of(&self, name: &SyncName) -> Result<Option<Arc<Sync>>, Fault> {
        let latest = self.parts.store.latest_specs().await?.into_iter().find(|saved| saved.sync == *name);
        let Some(saved) = latest else { return Ok(None) };
        let sync = self.parts.specs.get(name, saved.version).await?;
        Ok(sync.alerts.is_some().then_some(sync))
    }

    /// Changes a sync's groups, together with whoever else does.
    pub(crate) async fn change<T>(&self, sync: &SyncName, change: impl Fn(&mut Groups) -> T) -> Result<T, Fault> {
        let name = format!("alerts/{sync}");
        for _ in 0..TRIES {
            let note = self.parts.store.note(&name).await?;
            let mut groups = read(&note.text)?;
            let result = change(&mut groups);
            let text = serde_json::to_string(&groups).map_err(unreadable)?;
            if text == note.text || self.parts.store.write_note(&name, note.revision, &text).await? {
                return Ok(result);
            }
        }
        Err(Fault::new(
            FaultKind::Retry,
            "alerts_contended",
            format!("the alert groups of `{sync}` are changed by others all the time"),
        ))
    }
}

#[async_trait]
impl Step for AlertDispatch {
    type Takes = Signal;
    type Gives = Signal;

    /// A signal of a sync without alerts is counted in the log and dropped: it stays in the store.
    async fn run(&self, signal: Signal, _: &dyn Outbox<Signal>, _: &Budget) -> Result<(), Fault> {
        let Some(sync) = self.alerts_of(&signal.sync).await? else {
            tracing::info!(sync = signal.sync.as_str(), signal = signal.name, "signal without a receiver");
            return Ok(());
        };
        let Some(alerts) = &sync.alerts else { return Ok(()) };
        let now = self.parts.clock.now();
        self.change(&signal.sync, |groups| groups.take(alerts, signal.clone(), now)).await
    }
}

fn read(text: &str) -> Result<Groups, Fault> {
    if text.is_empty() { Ok(Groups::default()) } else { serde_json::from_str(text).map_err(unreadable) }
}

fn unreadable(error: serde_json::Error) -> Fault {
    Fault::from_error(FaultKind::Bug, "alerts_unreadable", &error)
}
