//! Opening: which columns a module reads, which it writes.

use std::marker::PhantomData;

use crate::bindings::{Context, Field, OutField, Passed, Plan};
use crate::kind::{self, decimal};
use crate::{Kind, Reject};

/// What a module is opened with, and what it answers.
#[derive(Debug)]
pub struct Open<'a> {
    fields: &'a [Field],
    config: &'a str,
    context: &'a Context,
    needs: Vec<u32>,
    fate: Vec<Fate>,
    added: Vec<Field>,
    outs: usize,
    added_outs: Vec<usize>,
}

/// What becomes of an input column.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fate {
    Passed(String),
    Replaced { out: usize, column_type: String },
    Dropped,
}

/// A column the module reads as `K`.
#[derive(Debug)]
pub struct In<K> {
    name: String,
    column_type: String,
    nullable: bool,
    field: usize,
    /// Its place among the columns that cross.
    pub(crate) place: usize,
    kind: PhantomData<K>,
}

impl<K: Kind> In<K> {
    /// The column's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The column's type, in the contract's words.
    #[must_use]
    pub fn column_type(&self) -> &str {
        &self.column_type
    }
}

impl In<kind::Decimal> {
    /// Digits after the point.
    #[must_use]
    pub fn scale(&self) -> u8 {
        decimal(&self.column_type).map_or(0, |(_, scale)| scale)
    }
}

/// A column the module writes as `K`.
#[derive(Debug)]
pub struct Out<K> {
    pub(crate) name: String,
    pub(crate) column_type: String,
    pub(crate) number: usize,
    nullable: bool,
    kind: PhantomData<K>,
}

impl<K: Kind> Out<K> {
    /// The refusal of a row with NULL in this column, when it is one and the column holds none.
    #[inline]
    #[must_use]
    pub fn refuses_null(&self, is_null: bool) -> Option<Reject> {
        if is_null && !self.nullable { Some(self.null()) } else { None }
    }

    #[cold]
    fn null(&self) -> Reject {
        Reject::new("null_value", "the column holds no NULL").column(&self.name)
    }

    /// Begins the column of a batch.
    #[must_use]
    pub fn builder(&self, rows: usize) -> K::Builder {
        K::builder(rows)
    }
}

impl<'a> Open<'a> {
    pub(crate) fn new(fields: &'a [Field], config: &'a str, context: &'a Context) -> Self {
        let fate = fields.iter().map(|field| Fate::Passed(field.name.clone())).collect();
        Self { fields, config, context, needs: Vec::new(), fate, added: Vec::new(), outs: 0, added_outs: Vec::new() }
    }

    /// The module's config, as JSON.
    #[must_use]
    pub fn config(&self) -> &'a str {
        self.config
    }

    /// Sync, stream, and the run's clock.
    #[must_use]
    pub fn context(&self) -> &'a Context {
        self.context
    }

    /// The input's columns.
    #[must_use]
    pub fn fields(&self) -> &'a [Field] {
        self.fields
    }

    /// Refuses any config but none, so that a mistaken one is not silently ignored.
    pub fn no_config(&self) -> Result<(), String> {
        match self.config.trim() {
            "" | "null" | "{}" => Ok(()),
            _ => Err("this module takes no config".to_owned()),
        }
    }

    /// Reads a column: the only ones that cross into the module.
    pub fn column<K: Kind>(&mut self, name: &str) -> Result<In<K>, String> {
        let found = self.fields.iter().enumerate().find(|(_, field)| field.name == name);
        let (index, field) = found.ok_or_else(|| format!("there is no column `{name}`"))?;
        if !K::fits(&field.type_) {
            return Err(format!("column `{name}` has type `{}`, which is not {}", field.type_, K::NAME));
        }
        let number = u32::try_from(index).map_err(|_| "too many columns".to_owned())?;
        let place = self.needs.iter().position(|need| *need == number).unwrap_or_else(|| {
            self.needs.push(number);
            self.needs.len() - 1
        });
        let (name, column_type) = (field.name.clone(), field.type_.clone());
        Ok(In { name, column_type, nullable: field.nullable, field: index, place, kind: PhantomData })
    }

    /// Writes a column in the place of one that is read, with its name and type.
    pub fn replace<K: Kind>(&mut self, column: &In<K>) -> Out<K> {
        self.replace_as(column.field, column.name.clone(), column.column_type.clone(), column.nullable)
    }

    /// Writes a column in the place of the input's column of this name, or a new one, NULL allowed,
    /// after all others. Without a type it has that column's, when it is of the kind, or the kind's.
    pub fn write<K: Kind>(&mut self, name: &str, column_type: Option<&str>) -> Result<Out<K>, String> {
        let found = self.fields.iter().enumerate().find(|(_, field)| field.name == name);
        let Some((index, field)) = found else {
            return match column_type {
                Some(column_type) => self.add_as(name, column_type),
                None => self.add(name),
            };
        };
        let of_input = Some(field.type_.as_str()).filter(|column_type| K::fits(column_type));
        let column_type = column_type.or(of_input).or(K::TYPE);
        let column_type = column_type.ok_or_else(|| format!("column `{name}`: say its type"))?;
        if !K::fits(column_type) {
            return Err(format!("column `{name}`: type `{column_type}` is not {}", K::NAME));
        }
        Ok(self.replace_as(index, name.to_owned(), column_type.to_owned(), field.nullable))
    }

    fn replace_as<K>(&mut self, field: usize, name: String, column_type: String, nullable: bool) -> Out<K> {
        let number = self.next_out();
        if let Some(fate) = self.fate.get_mut(field) {
            *fate = Fate::Replaced { out: number, column_type: column_type.clone() };
        }
        Out { name, column_type, number, nullable, kind: PhantomData }
    }

    /// Writes a new column of the kind's own type, NULL allowed, after all others.
    pub fn add<K: Kind>(&mut self, name: &str) -> Result<Out<K>, String> {
        let column_type = K::TYPE.ok_or_else(|| format!("column `{name}`: say its type, for {} have many", K::NAME))?;
        self.add_as(name, column_type)
    }

    /// Writes a new column of this type, NULL allowed, after all others.
    pub fn add_as<K: Kind>(&mut self, name: &str, column_type: &str) -> Result<Out<K>, String> {
        if !K::fits(column_type) {
            return Err(format!("column `{name}`: type `{column_type}` is not {}", K::NAME));
        }
        let number = self.next_out();
        self.added_outs.push(number);
        self.added.push(Field { name: name.to_owned(), type_: column_type.to_owned(), nullable: true });
        Ok(Out {
            name: name.to_owned(),
            column_type: column_type.to_owned(),
            number,
            nullable: true,
            kind: PhantomData,
        })
    }

    /// Leaves a column out.
    pub fn drop(&mut self, name: &str) -> Result<(), String> {
        *self.fate_of(name)? = Fate::Dropped;
        Ok(())
    }

    /// Passes a column on under another name.
    pub fn rename(&mut self, name: &str, to: &str) -> Result<(), String> {
        *self.fate_of(name)? = Fate::Passed(to.to_owned());
        Ok(())
    }

    fn fate_of(&mut self, name: &str) -> Result<&mut Fate, String> {
        let index = self.fields.iter().position(|field| field.name == name);
        index.and_then(|index| self.fate.get_mut(index)).ok_or_else(|| format!("there is no column `{name}`"))
    }

    fn next_out(&mut self) -> usize {
        self.outs += 1;
        self.outs - 1
    }

    /// The plan, and for each computed column of it the number of its [`Out`].
    pub(crate) fn plan(self) -> (Plan, Vec<usize>) {
        let mut fields = Vec::with_capacity(self.fate.len() + self.added.len());
        let mut order = Vec::with_capacity(self.outs);
        for ((field, fate), column) in self.fields.iter().zip(self.fate).zip(0..) {
            match fate {
                Fate::Passed(name) => fields.push(OutField::Passed(Passed { name, column })),
                Fate::Replaced { out, column_type } => {
                    fields.push(OutField::Computed(Field { type_: column_type, ..field.clone() }));
                    order.push(out);
                }
                Fate::Dropped => {}
            }
        }
        fields.extend(self.added.into_iter().map(OutField::Computed));
        order.extend(self.added_outs);
        (Plan { fields, needs: self.needs }, order)
    }
}
