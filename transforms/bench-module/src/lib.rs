//! Module of the benches: cleans one text column and adds its length.
//!
//! `customer` is written in capitals without blanks around it, and `customer_length` says how many
//! characters it then has; all other columns are passed on. It does as little as a module does that
//! is worth having, so that what a run with it costs is mostly the sandbox.

use sdk::kind::{Int, Text};
use sdk::{Batch, In, Module, Open, Out, Output};

/// The module.
#[derive(Debug)]
pub struct BenchModule {
    customer: In<Text>,
    cleaned: Out<Text>,
    length: Out<Int>,
}

impl Module for BenchModule {
    fn open(open: &mut Open<'_>) -> Result<Self, String> {
        open.no_config()?;
        let customer = open.column("customer")?;
        Ok(Self { cleaned: open.replace(&customer), length: open.add("customer_length")?, customer })
    }

    fn apply(&mut self, batch: &Batch, output: &mut Output) -> Result<(), String> {
        let customers = batch.view(&self.customer)?;
        let mut cleaned = self.cleaned.builder(batch.rows());
        let mut lengths = self.length.builder(batch.rows());
        for row in 0..batch.rows() {
            let capitals = customers.get(row).map(|customer| customer.trim().to_uppercase());
            cleaned.push(capitals.as_deref());
            lengths.push(capitals.map(|customer| i64::try_from(customer.chars().count()).unwrap_or(i64::MAX)));
        }
        output.keep_all(batch.rows());
        output.give(&self.cleaned, cleaned)?;
        output.give(&self.length, lengths)
    }
}

sdk::export!(BenchModule);

#[cfg(test)]
mod tests {
    use sdk::testing::{NULL, Table};

    use super::*;

    #[test]
    fn customers_are_cleaned_and_counted_and_everything_else_is_passed_on() {
        let table = Table::new().column("id", "int64", &["1", "2", "3"]);
        let outcome = table.column("customer", "utf8", &[" Zoë ", "", NULL]).run::<BenchModule>("{}").unwrap();
        assert_eq!(outcome.column("id"), ["1", "2", "3"]);
        assert_eq!(outcome.column("customer"), ["ZOË", "", NULL]);
        assert_eq!(outcome.column("customer_length"), ["3", "0", NULL]);
        assert_eq!(outcome.source_rows, [0, 1, 2]);
        assert!(outcome.rejects.is_empty());
    }

    #[test]
    fn an_input_without_customers_is_refused_before_any_row() {
        assert!(Table::new().run::<BenchModule>("{}").unwrap_err().contains("no column `customer`"));
    }
}
