//! What can go wrong.

use flow::mischief::Cut;

/// A kind of call. Waiting is not one: it promises nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is the method of its name")]
pub enum Call {
    Send,
    Receive,
    Acknowledge,
    GiveBack,
    Extend,
    DeadLetter,
    Depth,
    DeadLetters,
    MarkReported,
    Discard,
    Purge,
}

/// What can go wrong in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mischief {
    /// Any call fails and does nothing.
    FailBefore,
    /// Any call does its work and fails all the same, as when the answer is lost.
    FailAfter,
    /// As `FailBefore`, and every later call fails too: the process has stopped.
    StopBefore,
    /// As `FailAfter`, and every later call fails too: the process has stopped.
    StopAfter,
    /// `send` puts the message in twice, under two deduplication ids.
    Duplicate,
    /// `acknowledge` is confirmed, and the message comes again at once.
    Redeliver,
    /// `acknowledge` is confirmed, and the message comes again behind everything in its group.
    RedeliverLate,
    /// `receive` takes the groups in the opposite order.
    ReorderGroups,
    /// `receive` first puts the oldest message of each group behind the others of its group.
    ReorderWithinGroups,
    /// `receive` gives leases that have ended already.
    ExpireLease,
}

impl Mischief {
    /// Every kind.
    pub const ALL: [Mischief; 10] = [
        Mischief::FailBefore,
        Mischief::FailAfter,
        Mischief::StopBefore,
        Mischief::StopAfter,
        Mischief::Duplicate,
        Mischief::Redeliver,
        Mischief::RedeliverLate,
        Mischief::ReorderGroups,
        Mischief::ReorderWithinGroups,
        Mischief::ExpireLease,
    ];
}

impl flow::mischief::Mischief for Mischief {
    type Call = Call;

    const ALL: &'static [Self] = &Self::ALL;

    fn cut(self) -> Option<Cut> {
        match self {
            Mischief::FailBefore => Some(Cut::FailBefore),
            Mischief::FailAfter => Some(Cut::FailAfter),
            Mischief::StopBefore => Some(Cut::StopBefore),
            Mischief::StopAfter => Some(Cut::StopAfter),
            _ => None,
        }
    }

    fn can_happen_in(self, call: Call) -> bool {
        match self {
            Mischief::FailBefore | Mischief::FailAfter | Mischief::StopBefore | Mischief::StopAfter => true,
            Mischief::Duplicate => call == Call::Send,
            Mischief::Redeliver | Mischief::RedeliverLate => call == Call::Acknowledge,
            Mischief::ReorderGroups | Mischief::ReorderWithinGroups | Mischief::ExpireLease => call == Call::Receive,
        }
    }
}

/// Mischief at random, the same for the same seed and the same calls.
pub type Chaos = flow::mischief::Chaos<Mischief>;

/// What is to go wrong, and what has. Shared between the test and the queues it spoils.
pub type Script = flow::mischief::Script<Mischief>;

/// What happens in one call.
pub(super) type Fate = flow::mischief::Fate<Mischief>;
