/// What a change wants to be alone with, where it decides by rows that need not be there yet.
#[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "in SQLite a change is alone with everything"))]
#[derive(Debug, Clone, Copy)]
pub(crate) enum Lock<'a> {
    /// The tables themselves, while they are brought up to date.
    Tables,
    /// The versions of a sync's spec.
    Specs(&'a str),
    /// The order of signals.
    Signals,
    /// What a batch has in quarantine.
    Quarantine(&'a str),
    /// The modules and what is active.
    Modules,
    /// What a batch is pinned to.
    Pins(&'a str),
    /// The list of scopes of fingerprints.
    Scopes,
}
