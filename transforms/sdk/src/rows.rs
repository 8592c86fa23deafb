//! Modules of one function for a row.

use std::borrow::Cow;

use crate::kind::{
    Binary, Bool, Date, Decimal, Float, Int, Kind, LocalTimestamp, Text, Time, Timestamp, Unsigned, Uuid,
};

/// A kind by its single values.
pub trait RowKind: Kind {
    /// A value as it is read.
    type Read<'a>;
    /// A value as it is written.
    type Written<'a>;

    /// The row's value; `None` is NULL.
    fn get<'a>(view: &Self::View<'a>, row: usize) -> Option<Self::Read<'a>>;
    /// Adds a row; `None` is NULL.
    fn push(builder: &mut Self::Builder, value: Option<Self::Written<'_>>);
}

macro_rules! row_kind {
    ($($kind:ty: $value:ty),* $(,)?) => {$(
        impl RowKind for $kind {
            type Read<'a> = $value;
            type Written<'a> = $value;

            #[inline]
            fn get<'a>(view: &Self::View<'a>, row: usize) -> Option<Self::Read<'a>> {
                view.get(row)
            }

            #[inline]
            fn push(builder: &mut Self::Builder, value: Option<$value>) {
                builder.push(value);
            }
        }
    )*};
}

row_kind! {
    Int: i64,
    Unsigned: u64,
    Float: f64,
    Decimal: i128,
    Date: i32,
    Time: i64,
    Timestamp: i64,
    LocalTimestamp: i64,
    Bool: bool,
    Uuid: [u8; 16],
}

impl RowKind for Text {
    type Read<'a> = &'a str;
    type Written<'a> = Cow<'a, str>;

    #[inline]
    fn get<'a>(view: &Self::View<'a>, row: usize) -> Option<Self::Read<'a>> {
        view.get(row)
    }

    #[inline]
    fn push(builder: &mut Self::Builder, value: Option<Cow<'_, str>>) {
        builder.push(value.as_deref());
    }
}

impl RowKind for Binary {
    type Read<'a> = &'a [u8];
    type Written<'a> = Cow<'a, [u8]>;

    #[inline]
    fn get<'a>(view: &Self::View<'a>, row: usize) -> Option<Self::Read<'a>> {
        view.get(row)
    }

    #[inline]
    fn push(builder: &mut Self::Builder, value: Option<Cow<'_, [u8]>>) {
        builder.push(value.as_deref());
    }
}

/// Makes a [`Module`](crate::Module) of one function that takes a row and gives a row, `None` to
/// drop it, or a [`Reject`](crate::Reject).
///
/// `reads` and `writes` declare a struct each, with an `Option` for every column: `None` is NULL.
/// Only what is read crosses into the module. What is written takes the place of the input's column
/// of that name, or comes after all others; without a type of its own (`Decimal("decimal(12,2)")`)
/// it has that column's, or the kind's. All other columns are passed on untouched. A NULL in the
/// place of a column that holds none rejects the row.
///
/// ```
/// use sdk::Reject;
///
/// sdk::rows! {
///     /// Trims names.
///     pub module Trim = trim;
///     reads Person { name: Text }
///     writes Trimmed { name: Text, letters: Int }
/// }
///
/// fn trim(person: Person<'_>) -> Result<Option<Trimmed<'_>>, Reject> {
///     let name = person.name.map(str::trim);
///     Ok(Some(Trimmed { name: name.map(Into::into), letters: name.map(|name| name.len() as i64) }))
/// }
///
/// # fn main() {
/// let table = sdk::testing::Table::new().column("name", "utf8", &[" Ada "]);
/// assert_eq!(table.run::<Trim>("{}").unwrap().column("name"), ["Ada"]);
/// # }
/// ```
#[macro_export]
macro_rules! rows {
    (
        $(#[$doc:meta])*
        $vis:vis module $module:ident = $function:path;
        $(#[$in_doc:meta])*
        reads $in:ident { $($read:ident: $read_kind:ident),* $(,)? }
        $(#[$out_doc:meta])*
        writes $out:ident { $($write:ident: $write_kind:ident $(($type:literal))?),* $(,)? }
    ) => {
        $(#[$in_doc])*
        #[allow(missing_docs, dead_code, reason = "a column is what its name says")]
        $vis struct $in<'a> {
            $($vis $read: Option<<$crate::kind::$read_kind as $crate::rows::RowKind>::Read<'a>>,)*
        }

        $(#[$out_doc])*
        #[allow(missing_docs, reason = "a column is what its name says")]
        $vis struct $out<'a> {
            $($vis $write: Option<<$crate::kind::$write_kind as $crate::rows::RowKind>::Written<'a>>,)*
        }

        $(#[$doc])*
        $vis struct $module {
            reads: ($($crate::In<$crate::kind::$read_kind>,)*),
            writes: ($($crate::Out<$crate::kind::$write_kind>,)*),
        }

        impl $crate::Module for $module {
            fn open(open: &mut $crate::Open<'_>) -> Result<Self, String> {
                open.no_config()?;
                let reads = ($(open.column(stringify!($read))?,)*);
                let writes = ($(open.write(stringify!($write), [$($type)?].first().copied())?,)*);
                Ok(Self { reads, writes })
            }

            fn apply(&mut self, batch: &$crate::Batch, output: &mut $crate::Output) -> Result<(), String> {
                let views = {
                    let ($($read,)*) = &self.reads;
                    ($(batch.view($read)?,)*)
                };
                let mut builders = {
                    let ($($write,)*) = &self.writes;
                    ($(($write, $write.builder(batch.rows())),)*)
                };
                for number in 0..batch.rows() {
                    let row = {
                        let ($($read,)*) = &views;
                        $in { $($read: <$crate::kind::$read_kind as $crate::rows::RowKind>::get($read, number),)* }
                    };
                    let made = match $function(row) {
                        Ok(Some(made)) => made,
                        Ok(None) => continue,
                        Err(reject) => {
                            output.reject(number, reject);
                            continue;
                        }
                    };
                    let ($($write,)*) = &mut builders;
                    let null = [$($write.0.refuses_null(made.$write.is_none())),*].into_iter().flatten().next();
                    if let Some(reject) = null {
                        output.reject(number, reject);
                        continue;
                    }
                    $(<$crate::kind::$write_kind as $crate::rows::RowKind>::push(&mut $write.1, made.$write);)*
                    output.keep(number);
                }
                let ($($write,)*) = builders;
                $(output.give($write.0, $write.1)?;)*
                Ok(())
            }
        }

        $crate::export!($module);
    };
}
