//! Functions that hide personal data.

use super::Entry;
use super::text::texts;
use crate::error::{Code, Mistake};
use crate::plan::{Function, Kind, Literal};
use crate::resolve::constant;
use crate::value_type::Type;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        name: "mask",
        aliases: &[],
        signatures: &["mask(text, left integer, right integer [, letter text]) -> text"],
        about: "keeps so many letters at both ends and puts a letter, `*` unless said otherwise, for each of the others",
        example: "mask(name, 1, 1)",
        build: |resolver, call| {
            call.takes(3, 4)?;
            let letter = match call.arguments.get(3) {
                Some(letter) => {
                    let span = resolver.span(letter);
                    let letter = resolver.text(letter, call.name())?;
                    if let Kind::Literal(Literal::Text(text)) = &letter.kind
                        && text.chars().count() != 1
                    {
                        return Err(Mistake::new(Code::InvalidLiteral, span, "expected one letter to mask with"));
                    }
                    letter
                }
                None => constant(Literal::Text("*".to_owned()), Type::Text),
            };
            let arguments = vec![
                resolver.text(call.argument(0)?, call.name())?,
                resolver.int(call.argument(1)?, call.name())?,
                resolver.int(call.argument(2)?, call.name())?,
                letter,
            ];
            Ok(resolver.call(Function::Mask, arguments, Type::Text, call.written))
        },
    },
    Entry {
        name: "mask_email",
        aliases: &[],
        signatures: &["mask_email(text) -> text"],
        about: "keeps the first letter and the domain of an e-mail address",
        example: "mask_email(email)",
        build: |resolver, call| texts(resolver, call, Function::MaskEmail, 1),
    },
    Entry {
        name: "pseudonym",
        aliases: &[],
        signatures: &["pseudonym(text, key text) -> text"],
        about: "the HMAC-SHA-256 of the text under a key, in hex: the same text gives the same pseudonym",
        example: "pseudonym(email, 'a key of your own')",
        build: |resolver, call| texts(resolver, call, Function::Pseudonym, 2),
    },
];
