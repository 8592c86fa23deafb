//! Bytes and digests.

use super::Entry;
use super::text::texts;
use crate::error::{Code, Mistake};
use crate::plan::{Expr, Function};
use crate::resolve::{Call, Resolver, Result};
use crate::value_type::Type;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        name: "md5",
        aliases: &[],
        signatures: &["md5(text) -> text", "md5(bytea) -> text"],
        about: "the MD5 digest in hex",
        example: "md5(email)",
        build: |resolver, call| digest(resolver, call, Function::Md5, Type::Text),
    },
    Entry {
        name: "sha256",
        aliases: &[],
        signatures: &["sha256(text) -> bytea", "sha256(bytea) -> bytea"],
        about: "the SHA-256 digest",
        example: "encode(sha256(email), 'hex')",
        build: |resolver, call| digest(resolver, call, Function::Sha256, Type::Bytes),
    },
    Entry {
        name: "encode",
        aliases: &[],
        signatures: &["encode(bytea, 'hex') -> text", "encode(bytea, 'base64') -> text"],
        about: "bytes as text",
        example: "encode(raw, 'base64')",
        build: |resolver, call| {
            call.takes(2, 2)?;
            let value = resolver.value(call.argument(0)?)?;
            if value.ty() != Type::Bytes {
                return Err(call.wrong_type(&value));
            }
            let function = if is_hex(resolver, call)? { Function::EncodeHex } else { Function::EncodeBase64 };
            Ok(resolver.call(function, vec![value.expr], Type::Text, call.written))
        },
    },
    Entry {
        name: "decode",
        aliases: &[],
        signatures: &["decode(text, 'hex') -> bytea", "decode(text, 'base64') -> bytea"],
        about: "text as bytes; text that is neither rejects the row",
        example: "decode(note, 'hex')",
        build: |resolver, call| {
            call.takes(2, 2)?;
            let text = resolver.text(call.argument(0)?, call.name())?;
            let function = if is_hex(resolver, call)? { Function::DecodeHex } else { Function::DecodeBase64 };
            Ok(resolver.call(function, vec![text], Type::Bytes, call.written))
        },
    },
    Entry {
        name: "to_hex",
        aliases: &[],
        signatures: &["to_hex(bigint) -> text"],
        about: "a whole number in hex",
        example: "to_hex(id)",
        build: |resolver, call| {
            call.takes(1, 1)?;
            let number = resolver.int(call.argument(0)?, call.name())?;
            Ok(resolver.call(Function::ToHex, vec![number], Type::Text, call.written))
        },
    },
];

fn digest(resolver: &mut Resolver<'_>, call: &Call<'_>, function: Function, ty: Type) -> Result<Expr> {
    call.takes(1, 1)?;
    let value = resolver.value(call.argument(0)?)?;
    match value.ty() {
        Type::Text | Type::Bytes => Ok(resolver.call(function, vec![value.expr], ty, call.written)),
        _ if ty == Type::Text => texts(resolver, call, function, 1),
        _ => Err(call.wrong_type(&value)),
    }
}

fn is_hex(resolver: &mut Resolver<'_>, call: &Call<'_>) -> Result<bool> {
    let (format, span) = resolver.constant_text(call.argument(1)?, "'hex' or 'base64'")?;
    match format.to_ascii_lowercase().as_str() {
        "hex" => Ok(true),
        "base64" => Ok(false),
        _ => Err(Mistake::new(Code::InvalidLiteral, span, "expected 'hex' or 'base64'")),
    }
}
