//! `schedule` as a process of its own on embedded parts: one look at the clock, then it ends. A
//! timer (cron, systemd) starts it every minute.

use flow::{Budget, Step, Tick};
use schedule::Schedule;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let settings = worker::Settings::from_environment()?;
    let (parts, _) = worker::Parts::open(&settings.home).await?;
    let outbox = worker::QueueOutbox::new(parts.queue.clone(), parts.store.clone());
    let tick = Tick { at: parts.clock.now() };
    let budget = Budget::unlimited(parts.clock.clone());
    Schedule::new(parts).run(tick, &outbox, &budget).await?;
    Ok(())
}
