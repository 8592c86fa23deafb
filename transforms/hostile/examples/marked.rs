//! A guest of which tests make several versions: they change the letters of [`MARK`] in its bytes.
//! Each row gets the mark beside it; some marks make it misbehave.

use std::hint::black_box;

use sdk::kind::Text;
use sdk::{Batch, Module, Open, Out, Output};

/// What tests look for, and change the end of.
static MARK: [u8; 24] = *b"mark:one________________";

struct Marked {
    mark: String,
    to: Out<Text>,
    batches: u64,
}

impl Module for Marked {
    fn open(open: &mut Open<'_>) -> Result<Self, String> {
        let text = String::from_utf8_lossy(black_box(&MARK)).into_owned();
        let mark = text.trim_start_matches("mark:").trim_end_matches('_').to_owned();
        if mark == "broken" {
            return Err("this version opens nowhere".to_owned());
        }
        let to = open.add("mark")?;
        if mark == "renaming" {
            open.rename("number", "other_number")?;
        }
        Ok(Self { mark, to, batches: 0 })
    }

    fn apply(&mut self, batch: &Batch, output: &mut Output) -> Result<(), String> {
        self.batches += 1;
        let mut marks = self.to.builder(batch.rows());
        // A module must not count: the batch that comes again is another one to it.
        let counted = format!("{} {}", self.mark, self.batches);
        let mark = if self.mark == "counting" { &counted } else { &self.mark };
        assert!(self.mark != "falling", "this version falls on every row");
        (0..batch.rows()).for_each(|_| marks.push(Some(mark)));
        output.keep_all(batch.rows());
        output.give(&self.to, marks)
    }
}

sdk::export!(Marked);
