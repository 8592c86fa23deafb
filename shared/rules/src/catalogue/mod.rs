//! Every function a rule can call, as data: the resolver looks names up here, and the table in
//! `docs/rules.md` is this list.

mod bytes;
mod choices;
mod forms;
mod json;
mod numbers;
mod patterns;
mod personal;
mod text;
mod times;

pub(crate) use patterns::regexp_group;

use sqlparser::ast;

use crate::plan::{CastMode, Expr, Function};
use crate::resolve::{Call, Resolver, Result};

/// A function and what is known about it.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Its name.
    pub name: &'static str,
    /// Other names it has.
    pub aliases: &'static [&'static str],
    /// What it takes and gives, a line for each way to call it.
    pub signatures: &'static [&'static str],
    /// What it does.
    pub about: &'static str,
    /// An expression that uses it, over the columns of [`EXAMPLE_COLUMNS`].
    pub example: &'static str,
    pub(crate) build: fn(&mut Resolver<'_>, &Call<'_>) -> Result<Expr>,
}

/// An operator or another form that is no call of a function.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    /// How it is written.
    pub written: &'static str,
    /// What it does.
    pub about: &'static str,
    /// An expression that uses it, over the columns of [`EXAMPLE_COLUMNS`].
    pub example: &'static str,
}

/// Functions of one kind.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// What they are about.
    pub title: &'static str,
    /// The functions.
    pub entries: &'static [Entry],
}

/// The columns that examples use, in the notation of schemas.
pub const EXAMPLE_COLUMNS: &[(&str, &str)] = &[
    ("id", "int64"),
    ("name", "utf8"),
    ("email", "utf8"),
    ("note", "utf8"),
    ("amount", "decimal(12,2)"),
    ("rate", "float64"),
    ("count", "int32"),
    ("active", "bool"),
    ("day", "date"),
    ("at", "timestamp(us,UTC)"),
    ("local", "timestamp"),
    ("doc", "json"),
    ("raw", "binary"),
];

/// All functions, group by group.
pub const GROUPS: &[Group] = &[
    Group { title: "Text", entries: text::ENTRIES },
    Group { title: "Patterns", entries: patterns::ENTRIES },
    Group { title: "Bytes and digests", entries: bytes::ENTRIES },
    Group { title: "Numbers", entries: numbers::ENTRIES },
    Group { title: "Dates and times", entries: times::ENTRIES },
    Group { title: "JSON", entries: json::ENTRIES },
    Group { title: "Choices", entries: choices::ENTRIES },
    Group { title: "Personal data", entries: personal::ENTRIES },
];

/// All operators and forms.
pub const FORMS: &[Form] = forms::FORMS;

/// Functions of many rows, for a better message than "unknown".
const AGGREGATES: &[&str] = &[
    "count",
    "sum",
    "avg",
    "min",
    "max",
    "array_agg",
    "string_agg",
    "json_agg",
    "bool_and",
    "bool_or",
    "every",
    "row_number",
    "rank",
    "lag",
    "lead",
    "first_value",
    "last_value",
];

/// The function of a name.
pub(crate) fn find(name: &str) -> Option<&'static Entry> {
    all().find(|entry| entry.name == name || entry.aliases.contains(&name))
}

/// Every name a function goes by, and those of the forms that look like calls.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    let forms = ["cast", "try_cast", "extract", "position", "substring", "trim", "case"];
    all().flat_map(|entry| std::iter::once(entry.name).chain(entry.aliases.iter().copied())).chain(forms)
}

pub(crate) fn is_aggregate(name: &str) -> bool {
    AGGREGATES.contains(&name)
}

pub(crate) fn is_named(function: &ast::Function, name: &str) -> bool {
    match function.name.0.as_slice() {
        [part] => part.as_ident().is_some_and(|ident| ident.value.eq_ignore_ascii_case(name)),
        _ => false,
    }
}

/// Whether a call may give NULL.
pub(crate) fn gives_null(function: &Function, arguments: &[Expr]) -> bool {
    match function {
        Function::Concat => false,
        Function::ConcatWs => arguments.first().is_some_and(|separator| separator.nullable),
        Function::TimeOfDay(CastMode::Try)
        | Function::RegexpSubstr { .. }
        | Function::JsonField
        | Function::JsonFieldText
        | Function::JsonElement
        | Function::JsonElementText => true,
        _ => arguments.iter().any(|argument| argument.nullable),
    }
}

fn all() -> impl Iterator<Item = &'static Entry> {
    GROUPS.iter().flat_map(|group| group.entries)
}
