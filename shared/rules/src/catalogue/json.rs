//! Functions of JSON; `->` and `->>` are operators.

use super::Entry;
use crate::plan::Function;
use crate::value_type::Type;

pub(super) const ENTRIES: &[Entry] = &[Entry {
    name: "json_typeof",
    aliases: &[],
    signatures: &["json_typeof(json) -> text"],
    about: "object, array, string, number, boolean or null",
    example: "json_typeof(doc -> 'items')",
    build: |resolver, call| {
        call.takes(1, 1)?;
        let value = resolver.value(call.argument(0)?)?;
        if value.ty() != Type::Json {
            return Err(call.wrong_type(&value));
        }
        Ok(resolver.call(Function::JsonTypeof, vec![value.expr], Type::Text, call.written))
    },
}];
