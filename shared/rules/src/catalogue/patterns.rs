//! Regular expressions.

use sqlparser::ast;

use super::Entry;
use crate::error::{Code, Mistake};
use crate::formats::regexp::Checked;
use crate::plan::{Expr, Function};
use crate::resolve::{Call, Resolver, Result};
use crate::value_type::Type;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        name: "regexp_like",
        aliases: &[],
        signatures: &["regexp_like(text, pattern [, flags]) -> boolean"],
        about: "whether the pattern, a constant, matches anywhere; flags: i ignores case, n ends lines at line breaks, x ignores blanks",
        example: "regexp_like(email, '^[^@]+@[^@]+$', 'i')",
        build: |resolver, call| {
            let checked = pattern(resolver, call, 2, 3, 2)?;
            refuse_all(&checked, call)?;
            let arguments = vec![resolver.text(call.argument(0)?, call.name())?];
            Ok(resolver.call(Function::RegexpLike(checked.regexp), arguments, Type::Bool, call.written))
        },
    },
    Entry {
        name: "regexp_replace",
        aliases: &[],
        signatures: &["regexp_replace(text, pattern, replacement text [, flags]) -> text"],
        about: "replaces the first match, with flag g all of them; `\\1` to `\\9` stand for groups, `\\&` for the match",
        example: "regexp_replace(name, '[^0-9]+', '', 'g')",
        build: |resolver, call| {
            let Checked { regexp, all, .. } = pattern(resolver, call, 3, 4, 3)?;
            let arguments =
                vec![resolver.text(call.argument(0)?, call.name())?, resolver.text(call.argument(2)?, call.name())?];
            Ok(resolver.call(Function::RegexpReplace { regexp, all }, arguments, Type::Text, call.written))
        },
    },
    Entry {
        name: "regexp_substr",
        aliases: &[],
        signatures: &[
            "regexp_substr(text, pattern) -> text",
            "regexp_substr(text, pattern, 1, 1, flags [, group integer]) -> text",
        ],
        about: "the first match, or one of its groups; NULL when nothing matches",
        example: "regexp_substr(note, 'INV-([0-9]+)', 1, 1, '', 1)",
        build: substr,
    },
    Entry {
        name: "regexp_match",
        aliases: &[],
        signatures: &["(regexp_match(text, pattern [, flags]))[group] -> text"],
        about: "a group of the first match, or all of it as [1] when the pattern has no group; NULL when nothing matches",
        example: "(regexp_match(note, 'INV-([0-9]+)'))[1]",
        build: |_, call| {
            let message = "expected one group of the match: write `(regexp_match(…))[1]`";
            Err(Mistake::new(Code::Unsupported, call.span, message))
        },
    },
];

/// The pattern of a call with its flags.
fn pattern(resolver: &mut Resolver<'_>, call: &Call<'_>, least: usize, most: usize, flags: usize) -> Result<Checked> {
    call.takes(least, most)?;
    let flags = match call.arguments.get(flags) {
        Some(flags) => resolver.constant_text(flags, "flags")?.0,
        None => String::new(),
    };
    resolver.regexp(call.argument(1)?, &flags)
}

fn refuse_all(checked: &Checked, call: &Call<'_>) -> Result<()> {
    if checked.all {
        let message = format!("the flag `g` has no meaning for {}", call.name());
        return Err(Mistake::new(Code::InvalidPattern, call.span, message));
    }
    Ok(())
}

fn substr(resolver: &mut Resolver<'_>, call: &Call<'_>) -> Result<Expr> {
    if !matches!(call.count(), 2 | 5 | 6) {
        return Err(call.wrong_count());
    }
    for position in call.arguments.iter().skip(2).take(2) {
        if resolver.constant_int(position, "1")? != 1 {
            let message = "regexp_substr begins at letter 1 and takes the first match: write `1, 1` here";
            return Err(Mistake::new(Code::Unsupported, resolver.span(position), message));
        }
    }
    let checked = pattern(resolver, call, 2, 6, 4)?;
    refuse_all(&checked, call)?;
    let group = match call.arguments.get(5) {
        Some(group) => {
            let number = resolver.constant_int(group, "a group")?;
            u32::try_from(number).map_err(|_| no_group(&checked, resolver, group))?
        }
        None => 0,
    };
    if group > checked.groups {
        return Err(no_group(&checked, resolver, call.written));
    }
    let arguments = vec![resolver.text(call.argument(0)?, call.name())?];
    let function = Function::RegexpSubstr { regexp: checked.regexp, group };
    Ok(resolver.call(function, arguments, Type::Text, call.written))
}

/// `(regexp_match(text, pattern [, flags]))[group]`.
pub(crate) fn regexp_group(
    resolver: &mut Resolver<'_>,
    function: &ast::Function,
    group: u32,
    written: &ast::Expr,
) -> Result<Expr> {
    let Some(entry) = super::find("regexp_match") else {
        return Err(Mistake::new(Code::UnknownFunction, resolver.span(written), "no function `regexp_match`"));
    };
    let span = resolver.span(written);
    let arguments = resolver.plain_arguments(function, span)?;
    let call = Call { entry, arguments, written, span };
    let checked = pattern(resolver, &call, 2, 3, 2)?;
    refuse_all(&checked, &call)?;
    let whole = checked.groups == 0 && group == 1;
    if !whole && (group == 0 || group > checked.groups) {
        return Err(no_group(&checked, resolver, written));
    }
    let arguments = vec![resolver.text(call.argument(0)?, call.name())?];
    let function = Function::RegexpSubstr { regexp: checked.regexp, group: if whole { 0 } else { group } };
    Ok(resolver.call(function, arguments, Type::Text, written))
}

fn no_group(checked: &Checked, resolver: &Resolver<'_>, written: &ast::Expr) -> Mistake {
    let message = format!("the pattern has {} groups: there is none of this number", checked.groups);
    Mistake::new(Code::InvalidPattern, resolver.span(written), message)
}
