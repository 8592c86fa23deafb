//! Schemas as people write them: `id:int64,name:utf8?,amount:decimal(12,2)?,at:timestamp(us,UTC)?`.

use std::collections::HashSet;
use std::sync::Arc;

use arrow_schema::{Field, Schema, SchemaRef};

use crate::{ColumnType, Error};

/// Reads a schema: columns separated by commas, each `name:type`, with `?` behind where it may be
/// NULL; `!`, as in a spec's `columns`, says that it may not, as nothing does. A name with a comma,
/// a colon or a blank stands in double quotes, a quote in it twice.
pub fn parse_notation(text: &str) -> Result<SchemaRef, Error> {
    let mut fields = Vec::new();
    let mut names = HashSet::new();
    let mut reader = Reader { text, at: 0 };
    loop {
        let begin = reader.skip_blanks();
        let field = reader.column()?;
        if !names.insert(field.name().clone()) {
            return Err(wrong(begin, format!("column `{}` is there twice", field.name())));
        }
        fields.push(field);
        let at = reader.skip_blanks();
        match reader.next() {
            None => return Ok(Arc::new(Schema::new(fields))),
            Some(',') => {}
            Some(other) => return Err(wrong(at, format!("expected `,` or the end, found `{other}`"))),
        }
    }
}

/// The schema as [`parse_notation`] reads it.
pub fn to_notation(schema: &Schema) -> Result<String, Error> {
    let columns = schema.fields().iter().map(|field| {
        let is_plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.');
        let name = match field.name() {
            name if !name.is_empty() && name.chars().all(is_plain) => name.clone(),
            name => format!("\"{}\"", name.replace('"', "\"\"")),
        };
        Ok(format!("{name}:{}{}", ColumnType::of(field)?, if field.is_nullable() { "?" } else { "" }))
    });
    Ok(columns.collect::<Result<Vec<_>, Error>>()?.join(","))
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn column(&mut self) -> Result<Field, Error> {
        let begin = self.at;
        let name = self.name()?;
        let at = self.skip_blanks();
        if self.next() != Some(':') {
            return Err(wrong(at, format!("expected `:` and a type behind column `{name}`")));
        }
        if name.is_empty() {
            return Err(wrong(begin, "a column without a name".to_owned()));
        }
        let begin = self.skip_blanks();
        let written = self.column_type();
        let nullable = written.ends_with('?');
        let written = written.strip_suffix(['?', '!']).unwrap_or(written);
        let column_type = written.trim_end().parse::<ColumnType>().map_err(|error| wrong(begin, error.to_string()))?;
        Ok(column_type.field(&name, nullable))
    }

    fn name(&mut self) -> Result<String, Error> {
        if self.peek() != Some('"') {
            let name = self.until(|letter| matches!(letter, ':' | ',' | '"') || letter.is_whitespace());
            return Ok(name.to_owned());
        }
        let begin = self.at;
        self.next();
        let mut name = String::new();
        loop {
            match self.next() {
                Some('"') if self.peek() == Some('"') => {
                    self.next();
                    name.push('"');
                }
                Some('"') => return Ok(name),
                Some(letter) => name.push(letter),
                None => return Err(wrong(begin, "a `\"` that nothing closes".to_owned())),
            }
        }
    }

    /// Up to the comma that is not within parentheses.
    fn column_type(&mut self) -> &str {
        let mut depth = 0_u32;
        let written = self.until(|letter| {
            match letter {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                ',' if depth == 0 => return true,
                _ => {}
            }
            false
        });
        written.trim_end()
    }

    fn until(&mut self, mut ends: impl FnMut(char) -> bool) -> &str {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest.find(&mut ends).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    fn skip_blanks(&mut self) -> usize {
        self.until(|letter| !letter.is_whitespace());
        self.at
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }
}

fn wrong(at: usize, problem: String) -> Error {
    Error::Notation { at: at + 1, problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_survives_its_notation() {
        let text = "id:int64,name:utf8?,amount:decimal(12,2)?,at:timestamp(us,UTC)?,\"a \"\"b\"\", c\":json";
        let schema = parse_notation(text).unwrap();
        assert_eq!(to_notation(&schema).unwrap(), text);
        assert_eq!(schema.field(4).name(), "a \"b\", c");
        assert_eq!((schema.field(0).is_nullable(), schema.field(2).is_nullable()), (false, true));
        let spaced = parse_notation(" id : int64! ,\n name: utf8 ?").unwrap();
        assert_eq!(to_notation(&spaced).unwrap(), "id:int64,name:utf8?");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, at, words) in [
            ("", 1, "expected `:`"),
            ("id", 3, "expected `:` and a type behind column `id`"),
            ("id:int", 4, "type `int` is not known"),
            ("id:int64??", 4, "type `int64?` is not known"),
            ("id:int64,id:utf8", 10, "`id` is there twice"),
            ("id:int64,", 10, "expected `:`"),
            (":int64", 1, "without a name"),
            ("\"id:int64", 1, "nothing closes"),
            ("a:decimal(99,2)", 3, "decimal(99,2)"),
        ] {
            let error = parse_notation(text).unwrap_err().to_string();
            assert!(error.contains(words) && error.contains(&format!("at letter {at}")), "{text}: {error}");
        }
    }
}
