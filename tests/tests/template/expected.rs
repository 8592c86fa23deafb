//! What each function touches, as its code has it: the template is compared with this.

use flow::QueueName::{self, Checked, Signals, Slices, Staged, Transformed};

/// A function, its queues, and its part of the stage.
pub(crate) struct Expected {
    /// The folder in `functions/`, the package and the binary.
    pub(crate) binary: &'static str,
    /// What the names of its resources begin with.
    pub(crate) name: &'static str,
    /// The queue that starts it.
    pub(crate) receives: Option<QueueName>,
    /// The queues it sends to.
    pub(crate) sends: &'static [QueueName],
    /// The queues whose dead letters it writes and tends.
    pub(crate) tends: &'static [QueueName],
    /// Whether a timer starts it.
    pub(crate) is_timed: bool,
    /// What it does in the stage, with the folder; listing is of the whole bucket.
    pub(crate) stage: &'static [(&'static str, &'static str)],
    /// The variable that specs may have it, and nobody else, look up; and the parameter that has it.
    pub(crate) secret: Option<(&'static str, &'static str)>,
}

const GET: &str = "s3:GetObject";
const PUT: &str = "s3:PutObject";
const DELETE: &str = "s3:DeleteObject";
/// Without it S3 says "denied" for an object that is gone.
const LIST: (&str, &str) = ("s3:ListBucket", "");

pub(crate) const FUNCTIONS: [Expected; 6] = [
    Expected {
        binary: "schedule",
        name: "Schedule",
        receives: None,
        // A failed run that is resumed sends again what is staged and not delivered.
        sends: &[Slices, Staged, Signals],
        tends: &QueueName::ALL,
        is_timed: true,
        stage: &[],
        secret: None,
    },
    Expected {
        binary: "batch-pull",
        name: "BatchPull",
        receives: Some(Slices),
        sends: &[Slices, Staged, Signals],
        tends: &[Slices],
        is_timed: false,
        stage: &[(GET, "/replays/*"), (PUT, "/raw/*"), (PUT, "/quarantine/*"), LIST],
        secret: Some(("SOURCE_URL", "SourceUrl")),
    },
    Expected {
        binary: "transform",
        name: "Transform",
        receives: Some(Staged),
        sends: &[Transformed, Signals],
        tends: &[Staged],
        is_timed: false,
        stage: &[(GET, "/raw/*"), (GET, "/artifacts/*"), (PUT, "/work/*"), (PUT, "/quarantine/*"), LIST],
        secret: None,
    },
    Expected {
        binary: "quality-check",
        name: "QualityCheck",
        receives: Some(Transformed),
        sends: &[Checked, Signals],
        tends: &[Transformed],
        is_timed: false,
        stage: &[(GET, "/raw/*"), (GET, "/work/*"), (PUT, "/work/*"), (PUT, "/quarantine/*"), LIST],
        secret: None,
    },
    Expected {
        binary: "deliver",
        name: "Deliver",
        receives: Some(Checked),
        sends: &[Signals],
        tends: &[Checked],
        is_timed: false,
        stage: &[(GET, "/raw/*"), (GET, "/work/*"), (GET, "/replays/*"), (DELETE, "/raw/*"), (DELETE, "/work/*"), LIST],
        secret: Some(("DESTINATION_URL", "DestinationUrl")),
    },
    Expected {
        binary: "alert-dispatch",
        name: "AlertDispatch",
        receives: Some(Signals),
        sends: &[],
        tends: &[Signals],
        is_timed: true,
        stage: &[],
        secret: Some(("ALERT_URL", "AlertUrl")),
    },
];

impl Expected {
    pub(crate) fn function(&self) -> String {
        format!("{}Function", self.name)
    }

    pub(crate) fn role(&self) -> String {
        format!("{}Role", self.name)
    }

    pub(crate) fn logs(&self) -> String {
        format!("{}Logs", self.name)
    }
}

/// The resource that has a queue's messages.
pub(crate) fn messages(queue: QueueName) -> String {
    format!("{}Queue", title(queue))
}

/// The resource that has a queue's dead letters.
pub(crate) fn dead_letters(queue: QueueName) -> String {
    format!("{}DeadLetters", title(queue))
}

fn title(queue: QueueName) -> &'static str {
    match queue {
        Slices => "Slices",
        Staged => "Staged",
        Transformed => "Transformed",
        Checked => "Checked",
        Signals => "Signals",
    }
}
