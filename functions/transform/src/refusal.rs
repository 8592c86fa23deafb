//! What people are told when a stream goes on without what was activated.

use flow::{Context, Digest, Fault, FaultKind, Outbox, Severity, Signal, Transformed};
use store::record::{Activation, Refusal};
use worker::Parts;

/// Name of the signal.
const SIGNAL: &str = "module_activation_failed";

/// Tells once for each activation and stream, and keeps the reason for `modules show`.
pub(crate) async fn tell(
    parts: &Parts,
    context: &Context,
    activation: &Activation,
    problem: &Fault,
    outbox: &dyn Outbox<Transformed>,
) -> Result<(), Fault> {
    let refusal = Refusal {
        name: activation.name.clone(),
        ordinal: activation.ordinal,
        sync: context.sync.clone(),
        stream: context.stream.clone(),
        code: problem.code.clone(),
        reason: problem.message.clone(),
        at: parts.clock.now(),
    };
    let known = parts.store.refusals(&refusal.name).await?;
    let was_told = known
        .iter()
        .any(|other| (other.ordinal, &other.sync, &other.stream) == (refusal.ordinal, &refusal.sync, &refusal.stream));
    if was_told {
        return Ok(());
    }
    // First the signal: killed in between, the next batch tells again under the same id.
    outbox.signal(signal(context, activation, &refusal)).await?;
    parts.store.refuse_activation(&refusal).await?;
    Ok(())
}

/// A version that gives other columns waits for the next run: the destination's table was made
/// ready for those of this run.
pub(crate) fn other_columns(context: &Context) -> Fault {
    let message = format!(
        "it gives stream `{}` other columns than run `{}` began with; the next run takes it up",
        context.stream, context.run
    );
    Fault::new(FaultKind::Config, "module_output_changed", message)
}

fn signal(context: &Context, activation: &Activation, refusal: &Refusal) -> Signal {
    let identity = format!(
        "{SIGNAL}/{}/{}/{}/{}/{}",
        context.sync, context.stream, activation.name, activation.ordinal, refusal.code
    );
    let version = activation.active.as_ref().map_or("", |active| active.version.as_str());
    let summary = format!(
        "stream `{}` goes on without `{}@{version}`, which was activated: {} [{}]",
        context.stream, activation.name, refusal.reason, refusal.code
    );
    Signal {
        id: Digest::of(identity.as_bytes()).short().to_owned(),
        name: SIGNAL.to_owned(),
        severity: Severity::Warning,
        sync: context.sync.clone(),
        stream: Some(context.stream.clone()),
        run: Some(context.run.clone()),
        summary,
        at: refusal.at,
    }
}
