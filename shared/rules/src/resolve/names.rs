//! Names: which column an identifier stands for.

use batch::ColumnType;
use sqlparser::ast::Ident;

use super::{Resolver, Result, Value};
use crate::error::{Code, Mistake, nearest};
use crate::parse::Tokens;
use crate::plan::{Column, Expr, Kind, Span};
use crate::value_type::Type;

/// What the names of a rule stand for.
pub(crate) struct Scope {
    /// The name columns can be qualified with.
    pub(crate) alias: String,
    /// Whether the qualifier is matched to the letter.
    pub(crate) alias_quoted: bool,
    /// Every column, in order.
    pub(crate) bindings: Vec<Binding>,
    /// What a value of the plan's lets is called, for messages.
    pub(crate) lets: Vec<String>,
    /// The input, for messages.
    pub(crate) input: Vec<String>,
    /// The input's types, in order.
    pub(crate) types: Vec<ColumnType>,
}

/// A name and what it stands for.
#[derive(Debug, Clone)]
pub(crate) struct Binding {
    /// The name.
    pub(crate) name: String,
    /// Its value; none for a column whose type a rule cannot compute with.
    pub(crate) value: Option<Expr>,
    /// The input's column, when it is one, unchanged.
    pub(crate) column: Option<usize>,
}

impl Scope {
    /// The input's columns under their own names.
    pub(crate) fn of_input(alias: &str, alias_quoted: bool, input: &[Column]) -> Self {
        let bindings = input.iter().enumerate().map(|(index, column)| Binding::of_column(index, column)).collect();
        Scope {
            alias: alias.to_owned(),
            alias_quoted,
            bindings,
            lets: Vec::new(),
            input: input.iter().map(|column| column.name.clone()).collect(),
            types: input.iter().map(|column| column.column_type).collect(),
        }
    }

    /// The binding a name stands for: to the letter when it is quoted, else in small letters, else
    /// in any case when one name only fits.
    pub(crate) fn find(&self, name: &Ident) -> Result<&Binding> {
        self.position(name).and_then(|index| self.bindings.get(index).ok_or_else(|| self.unknown(name)))
    }

    /// The number of the binding a name stands for.
    pub(crate) fn position(&self, name: &Ident) -> Result<usize> {
        let exact = if name.quote_style.is_some() { name.value.clone() } else { name.value.to_ascii_lowercase() };
        if let Some(index) = self.bindings.iter().position(|binding| binding.name == exact) {
            return Ok(index);
        }
        if name.quote_style.is_some() {
            return Err(self.unknown(name));
        }
        let mut fitting = self.bindings.iter().enumerate().filter(|(_, it)| it.name.eq_ignore_ascii_case(&exact));
        match (fitting.next(), fitting.next()) {
            (Some((index, _)), None) => Ok(index),
            (None, _) => Err(self.unknown(name)),
            (Some((_, first)), Some((_, second))) => {
                let message = format!(
                    "`{}` could be `{}` or `{}`: write the one you mean in double quotes",
                    name.value, first.name, second.name
                );
                Err(Mistake::new(Code::AmbiguousColumn, place(name), message))
            }
        }
    }

    /// Refuses a qualifier that is not the input's alias.
    pub(crate) fn check_qualifier(&self, qualifier: &Ident) -> Result<()> {
        let exact = qualifier.quote_style.is_some() && self.alias_quoted;
        let fits =
            if exact { qualifier.value == self.alias } else { qualifier.value.eq_ignore_ascii_case(&self.alias) };
        if fits {
            return Ok(());
        }
        let message = format!("expected `{}` before the point, found `{}`", self.alias, qualifier.value);
        Err(Mistake::new(Code::UnknownColumn, place(qualifier), message))
    }

    fn unknown(&self, name: &Ident) -> Mistake {
        let names = || self.bindings.iter().map(|binding| binding.name.as_str());
        let hint = match nearest(&name.value, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the columns are {}", listed(names())),
        };
        Mistake::new(Code::UnknownColumn, place(name), format!("no column `{}`: {hint}", name.value))
    }
}

impl Binding {
    pub(crate) fn of_column(index: usize, column: &Column) -> Self {
        let value = Type::of_column(column.column_type).map(|ty| Expr {
            kind: Kind::Column(index),
            ty,
            nullable: column.nullable,
        });
        Binding { name: column.name.clone(), value, column: Some(index) }
    }
}

impl Resolver<'_> {
    /// The value of a column.
    pub(crate) fn column(&mut self, name: &Ident) -> Result<Value> {
        let binding = self.scope.find(name)?;
        let Some(value) = &binding.value else {
            let message =
                format!("`{}` has more than 38 digits: a rule can pass it on, not compute with it", binding.name);
            return Err(Mistake::new(Code::TypeMismatch, place(name), message));
        };
        Ok(Value { expr: value.clone(), unknown: false, span: place(name) })
    }
}

/// Where an identifier stands.
pub(crate) fn place(name: &Ident) -> Span {
    Tokens::span(name.span.start)
}

/// A few names, for messages.
pub(crate) fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    const SHOWN: usize = 12;
    let names: Vec<&str> = names.collect();
    let shown = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    match names.len() {
        0 => "none".to_owned(),
        count if count > SHOWN => format!("{shown} and {} more", count - SHOWN),
        _ => shown,
    }
}
