//! Between the contract's functions and a [`Module`].

use crate::bindings::{self, Column, Context, Field, Level, OpenError, Plan};
use crate::{In, Kind, Module, Open, Output};

/// An opened module. Made by [`crate::export!`].
#[derive(Debug)]
pub struct Runner<M> {
    module: M,
    outs: usize,
    order: Vec<usize>,
    needs: usize,
}

impl<M: Module> Runner<M> {
    /// Opens the module.
    pub fn open(fields: Vec<Field>, config: String, context: Context) -> Result<(Self, Plan), OpenError> {
        report_panics();
        let mut open = Open::new(&fields, &config, &context);
        let module = M::open(&mut open).map_err(|message| OpenError { message })?;
        let (plan, order) = open.plan();
        let outs = order.iter().max().map_or(0, |last| last + 1);
        Ok((Self { module, outs, order, needs: plan.needs.len() }, plan))
    }

    /// Puts a batch through it.
    pub fn apply(&mut self, batch: bindings::Batch) -> Result<bindings::Output, String> {
        if batch.columns.len() != self.needs {
            return Err("the host gave other columns than were asked for".to_owned());
        }
        let batch = Batch { rows: batch.rows as usize, columns: batch.columns };
        let mut output = Output::new(self.outs, batch.rows);
        self.module.apply(&batch, &mut output)?;
        output.finish(&self.order)
    }
}

/// A batch's columns, those the module asked for.
#[derive(Debug)]
pub struct Batch {
    rows: usize,
    columns: Vec<Column>,
}

impl Batch {
    /// How many rows it has.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The values of a column.
    pub fn view<K: Kind>(&self, column: &In<K>) -> Result<K::View<'_>, String> {
        let buffers = self.columns.get(column.place).ok_or("a column of another module was asked for")?;
        K::view(buffers, column.column_type())
    }
}

/// Tells the module's author something; the host keeps the last lines of a call. Outside of
/// WebAssembly it goes nowhere.
pub fn log(level: Level, message: &str) {
    #[cfg(target_arch = "wasm32")]
    bindings::log(level, message);
    #[cfg(not(target_arch = "wasm32"))]
    let _ = (level, message);
}

/// A panic ends the instance; its message is the reason the host shows.
fn report_panics() {
    #[cfg(target_arch = "wasm32")]
    std::panic::set_hook(Box::new(|panic| log(Level::Error, &panic.to_string())));
}
