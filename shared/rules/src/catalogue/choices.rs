//! Choices between values.

use super::Entry;
use crate::resolve::{Call, Resolver, Result, Value};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        name: "coalesce",
        aliases: &[],
        signatures: &["coalesce(any, …) -> any"],
        about: "the first value that is not NULL; what follows it is not computed",
        example: "coalesce(note, name, '')",
        build: |resolver, call| {
            let values = values(resolver, call)?;
            resolver.coalesce(values, call.written)
        },
    },
    Entry {
        name: "nullif",
        aliases: &[],
        signatures: &["nullif(any, any) -> any"],
        about: "NULL when both are equal, else the first",
        example: "nullif(trim(note), '')",
        build: |resolver, call| {
            call.takes(2, 2)?;
            let (left, right) = (resolver.value(call.argument(0)?)?, resolver.value(call.argument(1)?)?);
            resolver.null_if(left, right, call.written)
        },
    },
    Entry {
        name: "greatest",
        aliases: &[],
        signatures: &["greatest(any, …) -> any"],
        about: "the greatest of those that are not NULL",
        example: "greatest(amount, 0)",
        build: |resolver, call| {
            let values = values(resolver, call)?;
            resolver.extreme(true, values, call.written)
        },
    },
    Entry {
        name: "least",
        aliases: &[],
        signatures: &["least(any, …) -> any"],
        about: "the least of those that are not NULL",
        example: "least(amount, 100)",
        build: |resolver, call| {
            let values = values(resolver, call)?;
            resolver.extreme(false, values, call.written)
        },
    },
];

fn values(resolver: &mut Resolver<'_>, call: &Call<'_>) -> Result<Vec<Value>> {
    call.takes(1, usize::MAX)?;
    call.arguments.iter().map(|argument| resolver.value(argument)).collect()
}
