//! What a compiled rule says of itself: a table in its memory, written by the generator and read
//! once, when the rule is opened.

/// The table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    /// The input the rule was compiled for.
    pub input: Vec<Field>,
    /// The input columns the row loop reads, in its order.
    pub needs: Vec<Need>,
    /// The output's columns.
    pub outputs: Vec<Output>,
    /// The places a row can fail at.
    pub sites: Vec<Site>,
    /// The rejections the rule was written with.
    pub rejections: Vec<Rejection>,
    /// Values in the frame.
    pub frame: u32,
}

/// A column as the contract names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its type's notation.
    pub column_type: String,
    /// Whether it may hold NULL.
    pub nullable: bool,
}

/// An input column the row loop reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// Its number in the input.
    pub column: u32,
    /// How its values lie.
    pub layout: Layout,
}

/// A column of the output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// An input column, passed by the host.
    Passed {
        /// Its name in the output.
        name: String,
        /// Its number in the input.
        column: u32,
    },
    /// A column the row loop writes.
    Computed {
        /// What it is.
        field: Field,
        /// How its values lie.
        layout: Layout,
    },
}

/// How a column's values lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// One bit a row.
    Bits,
    /// So many bytes a row.
    Fixed(u8),
    /// Offsets and bytes.
    Variable,
}

/// A place a row can fail at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The column it is about.
    pub column: Option<String>,
    /// The expression.
    pub what: String,
}

/// A rejection the rule was written with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// Its code.
    pub code: String,
    /// The column it is about.
    pub column: Option<String>,
    /// What people are told.
    pub message: String,
}

impl Table {
    /// The table's bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Writer(Vec::new());
        bytes.list(&self.input, Writer::field);
        bytes.list(&self.needs, |bytes, need| {
            bytes.number(need.column);
            bytes.layout(need.layout);
        });
        bytes.list(&self.outputs, Writer::output);
        bytes.list(&self.sites, |bytes, site| {
            bytes.optional(site.column.as_deref());
            bytes.text(&site.what);
        });
        bytes.list(&self.rejections, |bytes, rejection| {
            bytes.text(&rejection.code);
            bytes.optional(rejection.column.as_deref());
            bytes.text(&rejection.message);
        });
        bytes.number(self.frame);
        bytes.0
    }

    /// Reads what [`Table::encode`] wrote; nothing when it did not write it.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut bytes = Reader(bytes);
        Some(Self {
            input: bytes.list(Reader::field)?,
            needs: bytes.list(|bytes| Some(Need { column: bytes.number()?, layout: bytes.layout()? }))?,
            outputs: bytes.list(Reader::output)?,
            sites: bytes.list(|bytes| Some(Site { column: bytes.optional()?, what: bytes.text()? }))?,
            rejections: bytes.list(|bytes| {
                Some(Rejection { code: bytes.text()?, column: bytes.optional()?, message: bytes.text()? })
            })?,
            frame: bytes.number()?,
        })
    }
}

struct Writer(Vec<u8>);

impl Writer {
    fn number(&mut self, number: u32) {
        self.0.extend(number.to_le_bytes());
    }

    fn length(&mut self, length: usize) {
        self.number(u32::try_from(length).unwrap_or(u32::MAX));
    }

    fn text(&mut self, text: &str) {
        self.length(text.len());
        self.0.extend(text.as_bytes());
    }

    fn optional(&mut self, text: Option<&str>) {
        self.0.push(u8::from(text.is_some()));
        if let Some(text) = text {
            self.text(text);
        }
    }

    fn list<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.length(items.len());
        for item in items {
            write(self, item);
        }
    }

    fn field(&mut self, field: &Field) {
        self.text(&field.name);
        self.text(&field.column_type);
        self.0.push(u8::from(field.nullable));
    }

    fn layout(&mut self, layout: Layout) {
        self.0.push(match layout {
            Layout::Bits => 0,
            Layout::Variable => u8::MAX,
            Layout::Fixed(width) => width,
        });
    }

    fn output(&mut self, output: &Output) {
        match output {
            Output::Passed { name, column } => {
                self.0.push(0);
                self.text(name);
                self.number(*column);
            }
            Output::Computed { field, layout } => {
                self.0.push(1);
                self.field(field);
                self.layout(*layout);
            }
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<u32> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_le_bytes(*number))
    }

    fn text(&mut self) -> Option<String> {
        let length = usize::try_from(self.number()?).ok()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(core::str::from_utf8(text).ok()?.to_owned())
    }

    fn optional(&mut self) -> Option<Option<String>> {
        match self.byte()? {
            0 => Some(None),
            _ => Some(Some(self.text()?)),
        }
    }

    fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        (0..self.number()?).map(|_| read(self)).collect()
    }

    fn field(&mut self) -> Option<Field> {
        Some(Field { name: self.text()?, column_type: self.text()?, nullable: self.byte()? != 0 })
    }

    fn layout(&mut self) -> Option<Layout> {
        Some(match self.byte()? {
            0 => Layout::Bits,
            u8::MAX => Layout::Variable,
            width => Layout::Fixed(width),
        })
    }

    fn output(&mut self) -> Option<Output> {
        Some(match self.byte()? {
            0 => Output::Passed { name: self.text()?, column: self.number()? },
            _ => Output::Computed { field: self.field()?, layout: self.layout()? },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let field = |name: &str| Field { name: name.to_owned(), column_type: "int64".to_owned(), nullable: true };
        Table {
            input: vec![field("id"), field("größe")],
            needs: vec![Need { column: 1, layout: Layout::Fixed(8) }, Need { column: 0, layout: Layout::Bits }],
            outputs: vec![
                Output::Passed { name: "key".to_owned(), column: 0 },
                Output::Computed { field: field("sum"), layout: Layout::Variable },
            ],
            sites: vec![Site { column: None, what: "a + b".to_owned() }],
            rejections: vec![Rejection {
                code: "bad".to_owned(),
                column: Some("id".to_owned()),
                message: String::new(),
            }],
            frame: 3,
        }
    }

    #[test]
    fn a_table_is_read_as_it_was_written() {
        assert_eq!(Table::decode(&table().encode()), Some(table()));
        assert_eq!(Table::decode(&Table::default().encode()), Some(Table::default()));
    }

    #[test]
    fn a_cut_table_is_none() {
        let bytes = table().encode();
        assert!((0..bytes.len()).all(|length| Table::decode(&bytes[..length]).is_none()));
    }
}
