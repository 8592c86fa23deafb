/// A promise of the trait that an implementation is exempt from. The suite then asks for what has to
/// come in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exemption {
    /// A repeated send is one message, and nobody is told so: every send is [`Sent::Accepted`](crate::Sent).
    TellingDuplicates,
    /// The deduplication window has the broker's length.
    WindowLength,
    /// A single message cannot be delayed; sending one is [`Error::Unsupported`](crate::Error).
    Delay,
    /// A message without a body is [`Error::Unsupported`](crate::Error).
    EmptyBodies,
    /// Depth is right in the end, and counts what was given back with a delay as leased.
    ExactDepth,
    /// A group may be received for as long as it has messages.
    Fairness,
    /// A lease that has ended may be refused though nobody took it over.
    AnsweringLate,
    /// A purge leaves what somebody has leased, and what follows it in its group.
    PurgingLeased,
}
