//! Functions of text.

use sqlparser::ast::{self, TrimWhereField};

use super::Entry;
use crate::error::{Code, Mistake};
use crate::plan::{Expr, Function, Literal, TrimSide};
use crate::resolve::{Call, Resolver, Result, constant};
use crate::value_type::Type;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        name: "trim",
        aliases: &["btrim"],
        signatures: &[
            "trim(text [, letters text]) -> text",
            "trim([both | leading | trailing] [letters] from text) -> text",
        ],
        about: "removes the letters, blanks unless said otherwise, from both ends or one",
        example: "trim(both '-' from name)",
        build: |resolver, call| trimmed(resolver, call, TrimSide::Both),
    },
    Entry {
        name: "ltrim",
        aliases: &[],
        signatures: &["ltrim(text [, letters text]) -> text"],
        about: "removes the letters, blanks unless said otherwise, from the beginning",
        example: "ltrim(name, '0')",
        build: |resolver, call| trimmed(resolver, call, TrimSide::Leading),
    },
    Entry {
        name: "rtrim",
        aliases: &[],
        signatures: &["rtrim(text [, letters text]) -> text"],
        about: "removes the letters, blanks unless said otherwise, from the end",
        example: "rtrim(name)",
        build: |resolver, call| trimmed(resolver, call, TrimSide::Trailing),
    },
    Entry {
        name: "lower",
        aliases: &[],
        signatures: &["lower(text) -> text"],
        about: "small letters",
        example: "lower(email)",
        build: |resolver, call| texts(resolver, call, Function::Lower, 1),
    },
    Entry {
        name: "upper",
        aliases: &[],
        signatures: &["upper(text) -> text"],
        about: "capital letters",
        example: "upper(name)",
        build: |resolver, call| texts(resolver, call, Function::Upper, 1),
    },
    Entry {
        name: "initcap",
        aliases: &[],
        signatures: &["initcap(text) -> text"],
        about: "the first letter of every word a capital, the others small",
        example: "initcap(name)",
        build: |resolver, call| texts(resolver, call, Function::Initcap, 1),
    },
    Entry {
        name: "substr",
        aliases: &["substring"],
        signatures: &[
            "substr(text, from integer [, letters integer]) -> text",
            "substring(text from integer [for integer]) -> text",
        ],
        about: "a part of the text, counted in letters from 1; a negative number of letters rejects the row",
        example: "substring(name from 2 for 3)",
        build: |resolver, call| {
            call.takes(2, 3)?;
            let letters = call.arguments.get(2).copied();
            resolver.substring(call.argument(0)?, Some(call.argument(1)?), letters, call.written)
        },
    },
    Entry {
        name: "left",
        aliases: &[],
        signatures: &["left(text, integer) -> text"],
        about: "the first letters; a negative number: all but the last ones",
        example: "left(name, 3)",
        build: |resolver, call| text_and_int(resolver, call, Function::Left),
    },
    Entry {
        name: "right",
        aliases: &[],
        signatures: &["right(text, integer) -> text"],
        about: "the last letters; a negative number: all but the first ones",
        example: "right(name, 3)",
        build: |resolver, call| text_and_int(resolver, call, Function::Right),
    },
    Entry {
        name: "replace",
        aliases: &[],
        signatures: &["replace(text, from text, to text) -> text"],
        about: "puts one text where another stands, everywhere",
        example: "replace(name, '-', ' ')",
        build: |resolver, call| texts(resolver, call, Function::Replace, 3),
    },
    Entry {
        name: "translate",
        aliases: &[],
        signatures: &["translate(text, from text, to text) -> text"],
        about: "replaces letter by letter; letters without a counterpart are removed",
        example: "translate(name, 'äöü', 'aou')",
        build: |resolver, call| texts(resolver, call, Function::Translate, 3),
    },
    Entry {
        name: "split_part",
        aliases: &[],
        signatures: &["split_part(text, delimiter text, field integer) -> text"],
        about: "the field of that number, from 1, or from the end when it is negative; 0 rejects the row",
        example: "split_part(email, '@', 2)",
        build: |resolver, call| {
            call.takes(3, 3)?;
            let arguments = vec![
                resolver.text(call.argument(0)?, call.name())?,
                resolver.text(call.argument(1)?, call.name())?,
                resolver.int(call.argument(2)?, call.name())?,
            ];
            Ok(resolver.call(Function::SplitPart, arguments, Type::Text, call.written))
        },
    },
    Entry {
        name: "concat",
        aliases: &[],
        signatures: &["concat(any, …) -> text"],
        about: "all values as text, one after the other; NULL counts as nothing",
        example: "concat(name, ' ', id)",
        build: |resolver, call| joined(resolver, call, Function::Concat, 1),
    },
    Entry {
        name: "concat_ws",
        aliases: &[],
        signatures: &["concat_ws(separator text, any, …) -> text"],
        about: "all values that are not NULL as text, the separator between them",
        example: "concat_ws(', ', name, note)",
        build: |resolver, call| joined(resolver, call, Function::ConcatWs, 2),
    },
    Entry {
        name: "lpad",
        aliases: &[],
        signatures: &["lpad(text, letters integer [, fill text]) -> text"],
        about: "fills at the beginning up to so many letters, cuts what is longer",
        example: "lpad(name, 10, '0')",
        build: |resolver, call| padded(resolver, call, Function::Lpad),
    },
    Entry {
        name: "rpad",
        aliases: &[],
        signatures: &["rpad(text, letters integer [, fill text]) -> text"],
        about: "fills at the end up to so many letters, cuts what is longer",
        example: "rpad(name, 10)",
        build: |resolver, call| padded(resolver, call, Function::Rpad),
    },
    Entry {
        name: "repeat",
        aliases: &[],
        signatures: &["repeat(text, times integer) -> text"],
        about: "the text so many times",
        example: "repeat('*', count)",
        build: |resolver, call| text_and_int(resolver, call, Function::Repeat),
    },
    Entry {
        name: "length",
        aliases: &["char_length", "character_length"],
        signatures: &["length(text) -> integer", "length(bytea) -> integer"],
        about: "how many letters, or bytes",
        example: "length(name)",
        build: |resolver, call| measured(resolver, call, Function::Length),
    },
    Entry {
        name: "octet_length",
        aliases: &[],
        signatures: &["octet_length(text) -> integer", "octet_length(bytea) -> integer"],
        about: "how many bytes",
        example: "octet_length(name)",
        build: |resolver, call| measured(resolver, call, Function::OctetLength),
    },
    Entry {
        name: "strpos",
        aliases: &[],
        signatures: &["strpos(text, part text) -> integer", "position(part in text) -> integer"],
        about: "where the part stands first, from 1; 0 when it is not there",
        example: "position('@' in email)",
        build: |resolver, call| typed(resolver, call, Function::Position, 2, Type::Int(32)),
    },
    Entry {
        name: "starts_with",
        aliases: &[],
        signatures: &["starts_with(text, beginning text) -> boolean"],
        about: "whether the text begins with it",
        example: "starts_with(name, 'A')",
        build: |resolver, call| typed(resolver, call, Function::StartsWith, 2, Type::Bool),
    },
    Entry {
        name: "reverse",
        aliases: &[],
        signatures: &["reverse(text) -> text"],
        about: "the letters from the last to the first",
        example: "reverse(name)",
        build: |resolver, call| texts(resolver, call, Function::Reverse, 1),
    },
];

/// A function of so many texts that gives text.
pub(super) fn texts(resolver: &mut Resolver<'_>, call: &Call<'_>, function: Function, count: usize) -> Result<Expr> {
    typed(resolver, call, function, count, Type::Text)
}

pub(super) fn typed(
    resolver: &mut Resolver<'_>,
    call: &Call<'_>,
    function: Function,
    count: usize,
    ty: Type,
) -> Result<Expr> {
    call.takes(count, count)?;
    let mut arguments = Vec::with_capacity(count);
    for argument in &call.arguments {
        arguments.push(resolver.text(argument, call.name())?);
    }
    Ok(resolver.call(function, arguments, ty, call.written))
}

fn text_and_int(resolver: &mut Resolver<'_>, call: &Call<'_>, function: Function) -> Result<Expr> {
    call.takes(2, 2)?;
    let arguments = vec![resolver.text(call.argument(0)?, call.name())?, resolver.int(call.argument(1)?, call.name())?];
    Ok(resolver.call(function, arguments, Type::Text, call.written))
}

fn trimmed(resolver: &mut Resolver<'_>, call: &Call<'_>, side: TrimSide) -> Result<Expr> {
    call.takes(1, 2)?;
    let letters = match call.arguments.get(1) {
        Some(letters) => resolver.text(letters, call.name())?,
        None => blank(),
    };
    let arguments = vec![resolver.text(call.argument(0)?, call.name())?, letters];
    Ok(resolver.call(Function::Trim(side), arguments, Type::Text, call.written))
}

fn joined(resolver: &mut Resolver<'_>, call: &Call<'_>, function: Function, least: usize) -> Result<Expr> {
    call.takes(least, usize::MAX)?;
    let mut arguments = Vec::with_capacity(call.count());
    for argument in &call.arguments {
        let value = resolver.value(argument)?;
        arguments.push(resolver.as_text(value, argument)?);
    }
    Ok(resolver.call(function, arguments, Type::Text, call.written))
}

fn padded(resolver: &mut Resolver<'_>, call: &Call<'_>, function: Function) -> Result<Expr> {
    call.takes(2, 3)?;
    let fill = match call.arguments.get(2) {
        Some(fill) => resolver.text(fill, call.name())?,
        None => blank(),
    };
    let arguments =
        vec![resolver.text(call.argument(0)?, call.name())?, resolver.int(call.argument(1)?, call.name())?, fill];
    Ok(resolver.call(function, arguments, Type::Text, call.written))
}

fn measured(resolver: &mut Resolver<'_>, call: &Call<'_>, function: Function) -> Result<Expr> {
    call.takes(1, 1)?;
    let value = resolver.value(call.argument(0)?)?;
    let (function, argument) = match value.ty() {
        Type::Text => (function, value.expr),
        Type::Bytes => (Function::OctetLength, value.expr),
        _ => return Err(call.wrong_type(&value)),
    };
    Ok(resolver.call(function, vec![argument], Type::Int(32), call.written))
}

fn blank() -> Expr {
    constant(Literal::Text(" ".to_owned()), Type::Text)
}

impl Resolver<'_> {
    pub(crate) fn substring(
        &mut self,
        text: &ast::Expr,
        from: Option<&ast::Expr>,
        letters: Option<&ast::Expr>,
        written: &ast::Expr,
    ) -> Result<Expr> {
        let text = self.text(text, "substring")?;
        let from = match from {
            Some(from) => self.int(from, "substring")?,
            None => constant(Literal::Int(1), Type::Int(32)),
        };
        match letters {
            None => Ok(self.call(Function::SubstrFrom, vec![text, from], Type::Text, written)),
            Some(letters) => {
                let letters = self.int(letters, "substring")?;
                Ok(self.call(Function::Substr, vec![text, from, letters], Type::Text, written))
            }
        }
    }

    pub(crate) fn trim(
        &mut self,
        text: &ast::Expr,
        side: Option<&TrimWhereField>,
        what: Option<&ast::Expr>,
        letters: Option<&[ast::Expr]>,
        written: &ast::Expr,
    ) -> Result<Expr> {
        let side = match side {
            None | Some(TrimWhereField::Both) => TrimSide::Both,
            Some(TrimWhereField::Leading) => TrimSide::Leading,
            Some(TrimWhereField::Trailing) => TrimSide::Trailing,
        };
        let letters = match (what, letters) {
            (Some(letters), None) => self.text(letters, "trim")?,
            (None, Some([letters])) => self.text(letters, "trim")?,
            (None, None) => blank(),
            _ => {
                let message =
                    "expected `trim(text [, letters])` or `trim([both | leading | trailing] [letters] from text)`";
                return Err(Mistake::new(Code::WrongArguments, self.span(written), message));
            }
        };
        let text = self.text(text, "trim")?;
        Ok(self.call(Function::Trim(side), vec![text, letters], Type::Text, written))
    }
}
