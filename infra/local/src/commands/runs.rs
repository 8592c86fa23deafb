use flow::{RunId, SyncName};

use crate::Failure;
use crate::home::{Home, folder_of};
use crate::opt::{Everywhere, RunsArgs};
use crate::output::{Output, table};
use crate::report::{RunReport, ago, run_state};

pub(crate) async fn runs(args: &RunsArgs, everywhere: &Everywhere, output: Output) -> Result<(), Failure> {
    let home = Home::look(&folder_of(everywhere.home.as_deref(), None)).await?;
    let store = home.parts.store.as_ref();
    if let Some(id) = &args.run {
        let run = store.run(&RunId::from_text(id)).await?;
        let run = run.ok_or_else(|| Failure::input("run_unknown", format!("no run `{id}`; see `millstream runs`")))?;
        let report = RunReport::of(&home.parts, &run, None).await?;
        return output.print(&report, RunReport::text);
    }
    let sync = args
        .sync
        .as_deref()
        .map(SyncName::new)
        .transpose()
        .map_err(|error| Failure::input("name_invalid", error.to_string()))?;
    let now = home.parts.clock.now();
    let mut reports = Vec::new();
    for run in store.runs(sync.as_ref(), args.limit).await? {
        reports.push(RunReport::of(&home.parts, &run, None).await?);
    }
    output.print(&reports, |reports| {
        let mut rows = vec![
            ["run", "kind", "state", "started", "read", "delivered", "quarantined", "fault"]
                .map(str::to_owned)
                .to_vec(),
        ];
        rows.extend(reports.iter().map(|report| {
            vec![
                report.run.clone(),
                report
                    .replays
                    .as_ref()
                    .map_or_else(|| "run".to_owned(), |replays| format!("replay of {}", replays.run)),
                run_state(report.state).to_owned(),
                ago(report.started_at, now),
                report.read.to_string(),
                report.delivered.to_string(),
                report.quarantined.to_string(),
                report.fault.as_ref().map(|fault| fault.code.clone()).unwrap_or_default(),
            ]
        }));
        table(&rows)
    })
}
