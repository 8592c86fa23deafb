//! Makes the receivers specs name.

use std::sync::Arc;
use std::time::Duration;

use alerting::Alerts;
use flow::{Fault, FaultKind};
use notify::Notify;
use notify_webhook::Webhook;
use spec::{Resolver, Secret};
use worker::Parts;

use crate::step::{AlertDispatch, Receivers};

/// How long one POST may take unless the spec says otherwise.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Makes receivers by their kind.
pub struct WiredReceivers {
    resolver: Arc<dyn Resolver>,
}

/// An `alert-dispatch` that sends for real.
#[must_use]
pub fn dispatch(parts: &Parts, resolver: Arc<dyn Resolver>) -> AlertDispatch {
    AlertDispatch::new(parts.clone(), Arc::new(WiredReceivers { resolver }))
}

impl Receivers for WiredReceivers {
    fn receiver(&self, alerts: &Alerts, name: &str) -> Result<Arc<dyn Notify>, Fault> {
        let webhook = alerts
            .receivers
            .iter()
            .find(|receiver| receiver.name == name)
            .and_then(|receiver| receiver.webhook.as_ref());
        let unknown = || Fault::new(FaultKind::Config, "receiver_unknown", format!("receiver `{name}` has no webhook"));
        let webhook = webhook.ok_or_else(unknown)?;
        let url = Secret::new(&webhook.url).resolve(self.resolver.as_ref())?;
        Ok(Arc::new(Webhook::new(&url, webhook.timeout.map_or(TIMEOUT, |timeout| timeout.0))?))
    }
}
