//! The typed plan: what every way of writing a rule becomes, what the interpreter walks and what
//! the generator turns into WASM. Everything is resolved in it: names are column numbers, types
//! agree, every conversion is an expression of its own.
//!
//! A row is computed so: the values of [`Plan::lets`] in order, then [`Plan::rejections`] in order
//! (the first whose condition is TRUE rejects the row), then [`Plan::filter`] (a row for which it
//! is not TRUE is left out), then the computed outputs in order. The first fault rejects the row
//! with the [`Site`] it happened at; nothing after it is evaluated.

use batch::ColumnType;
pub use rules_runtime::constants::{
    Case, DateFormat, DatePart, Interval, LikePart, LikePattern, Regexp, TrimSide, Unit, Zone,
};

use crate::value_type::Type;

/// A rule, checked against its input.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The input's columns, all of them, in their order.
    pub input: Vec<Column>,
    /// Values that later expressions name by number ([`Kind::Let`]), each evaluated once a row.
    pub lets: Vec<Expr>,
    /// Conditions that reject a row.
    pub rejections: Vec<Rejection>,
    /// What a row must fulfil to stay.
    pub filter: Option<Expr>,
    /// The output's columns in their order; names differ from each other.
    pub outputs: Vec<Output>,
    /// The places a row can fail at, for messages: [`Kind`] names them by number.
    pub sites: Vec<Site>,
}

/// A column of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    pub column_type: ColumnType,
    /// Whether it may hold NULL.
    pub nullable: bool,
}

/// A condition that rejects the rows it is TRUE for.
#[derive(Debug, Clone, PartialEq)]
pub struct Rejection {
    /// The condition.
    pub when: Expr,
    /// Stable code of the reject: 1 to 64 of `a`-`z`, `0`-`9` and `_`.
    pub code: String,
    /// The column it is about, when it is about one.
    pub column: Option<String>,
    /// What people are told.
    pub message: String,
}

/// A column of the output.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// An input column as it is, under this name; it does not cross into the module.
    Passed {
        /// Its name in the output.
        name: String,
        /// The input's column.
        column: usize,
    },
    /// A computed column.
    Computed {
        /// Its name in the output.
        name: String,
        /// Its type: `value.ty.column()`.
        column_type: ColumnType,
        /// Whether it may hold NULL.
        nullable: bool,
        /// Its value.
        value: Expr,
    },
}

/// A place in the rule a row can fail at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The column named in the reject: the only input column under the expression, else the output.
    pub column: Option<String>,
    /// The expression as written, shortened: `cast(amount as decimal(12,2))`. It holds no data.
    pub what: String,
    /// Where it is written.
    pub span: Span,
}

/// A place in a rule's text: lines and columns count from 1, columns in letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// Line it begins on; 0 when it is nowhere in the text.
    pub line: u32,
    /// Column it begins at.
    pub column: u32,
}

/// A typed expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: Kind,
    /// Its type.
    pub ty: Type,
    /// Whether it may be NULL; false promises that it never is.
    pub nullable: bool,
}

/// Number of a [`Site`] in [`Plan::sites`].
pub type SiteId = u32;

/// What an expression is. Types named here are those of the operands' `ty`.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A column of the input.
    Column(usize),
    /// A value of [`Plan::lets`].
    Let(usize),
    /// A constant that is not NULL.
    Literal(Literal),
    /// NULL of the expression's type.
    Null,
    /// The run's clock (`now()`): when the run was due, the same for every row and every repeat.
    RunClock,
    /// Three-valued NOT of a boolean.
    Not(Box<Expr>),
    /// Three-valued AND, from the left; what follows a FALSE is not evaluated.
    And(Vec<Expr>),
    /// Three-valued OR, from the left; what follows a TRUE is not evaluated.
    Or(Vec<Expr>),
    /// IS NULL, of any type; never NULL itself.
    IsNull(Box<Expr>),
    /// IS TRUE, IS FALSE of a boolean; never NULL itself.
    IsBool {
        /// The boolean.
        value: Box<Expr>,
        /// Which of the two.
        is: bool,
    },
    /// A comparison of two values of one [`Type`] (decimals of one scale, integers of any width):
    /// NULL when either is. Text compares by bytes (collation `C`), floats with NaN equal to
    /// itself and above everything, booleans FALSE before TRUE, bytes and uuids by bytes, json not
    /// at all, intervals by their length with months of 30 days and days of 24 hours.
    Compare {
        /// Which.
        op: Comparison,
        /// The left value.
        left: Box<Expr>,
        /// The right value.
        right: Box<Expr>,
    },
    /// IS DISTINCT FROM, operands as in [`Kind::Compare`]: NULL equals NULL; never NULL itself.
    Distinct {
        /// The left value.
        left: Box<Expr>,
        /// The right value.
        right: Box<Expr>,
    },
    /// Arithmetic: NULL when either is. Both sides and the result are all integers (64 bits), all
    /// doubles, or all decimals.
    ///
    /// Decimals: for `Add`, `Subtract` and `Remainder` both sides have the result's scale; for
    /// `Multiply` the result's scale is the sum of the sides'; for `Divide` the result's scale is
    /// the type's, rounded half away from zero. A result beyond 38 digits or beyond its type's
    /// precision is `overflow`. Integers: a result beyond 64 bits is `overflow`; division cuts
    /// towards zero; the remainder has the dividend's sign. A divisor of zero is `division_by_zero`.
    /// Doubles: a finite operand pair giving an infinity is `overflow`, dividing by zero
    /// `division_by_zero` (but NaN by zero is NaN).
    Arithmetic {
        /// Which.
        op: Arithmetic,
        /// The left value.
        left: Box<Expr>,
        /// The right value.
        right: Box<Expr>,
        /// Where it can fail.
        site: SiteId,
    },
    /// Minus, of an integer, double, decimal or interval; the least integer is `overflow`.
    Negate {
        /// The value.
        value: Box<Expr>,
        /// Where it can fail.
        site: SiteId,
    },
    /// CASE WHEN: the first branch whose condition is TRUE; conditions and values are evaluated
    /// only as far as needed. All values have the expression's type.
    Case {
        /// Conditions with their values.
        branches: Vec<(Expr, Expr)>,
        /// The value otherwise; `Null` when none is written.
        otherwise: Box<Expr>,
    },
    /// The first that is not NULL; what follows it is not evaluated.
    Coalesce(Vec<Expr>),
    /// NULL when both are equal, else the left one (evaluated once).
    NullIf {
        /// The value.
        left: Box<Expr>,
        /// What makes it NULL; of the same type.
        right: Box<Expr>,
    },
    /// The greatest or least of those that are not NULL; NULL when all are.
    Extreme {
        /// Greatest, else least.
        greatest: bool,
        /// The values, at least one.
        values: Vec<Expr>,
    },
    /// IN, as the OR of comparisons from the left (so NULL when nothing matches and something is
    /// NULL). The value is evaluated once.
    In {
        /// The value.
        value: Box<Expr>,
        /// What it may be; of the same type.
        list: Vec<Expr>,
    },
    /// A conversion; NULL stays NULL. See [`Cast`](CastMode) for what happens on failure.
    Cast {
        /// The value.
        value: Box<Expr>,
        /// What becomes of a value that cannot be converted.
        mode: CastMode,
        /// Where it can fail.
        site: SiteId,
    },
    /// A function of values; NULL when any argument is, unless the function says otherwise.
    Call {
        /// Which.
        function: Function,
        /// Its arguments, of the held kinds the function names.
        arguments: Vec<Expr>,
        /// Where it can fail.
        site: SiteId,
    },
}

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// A truth value.
    Bool(bool),
    /// An integer, days, or microseconds, by the expression's type.
    Int(i64),
    /// A double.
    Float(f64),
    /// The unscaled number; the scale is the type's.
    Decimal(i128),
    /// Text, JSON or numeric.
    Text(String),
    /// Bytes or a uuid.
    Bytes(Vec<u8>),
    /// An interval.
    Interval(Interval),
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`.
    Equal,
    /// `<>`.
    NotEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
}

/// An arithmetic operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arithmetic {
    /// `+`.
    Add,
    /// `-`.
    Subtract,
    /// `*`.
    Multiply,
    /// `/`.
    Divide,
    /// `%`.
    Remainder,
}

/// What becomes of a value that cannot be converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CastMode {
    /// `cast`: the row is rejected.
    Strict,
    /// `try_cast`: it becomes NULL.
    Try,
}

/// A function. Its name in SQL stands behind it; arguments are given as held, `?` marks a function
/// that is called with NULLs too. Patterns, formats, zones and units are constants of the rule.
#[derive(Debug, Clone, PartialEq)]
pub enum Function {
    // ---- text ------------------------------------------------------------
    /// `trim`, `btrim`, `ltrim`, `rtrim`: (text, text of letters to remove).
    Trim(TrimSide),
    /// `lower`: (text), by Unicode's simple case mapping.
    Lower,
    /// `upper`: (text).
    Upper,
    /// `initcap`: (text): the first letter of each run of letters and digits, the others lower.
    Initcap,
    /// `substr`, `substring`: (text, int start from 1).
    SubstrFrom,
    /// `substr`, `substring`: (text, int start, int length); a negative length is `out_of_range`.
    Substr,
    /// `left`: (text, int); negative: all but the last.
    Left,
    /// `right`: (text, int).
    Right,
    /// `replace`: (text, text from, text to).
    Replace,
    /// `translate`: (text, text from, text to).
    Translate,
    /// `split_part`: (text, text delimiter, int field from 1, negative from the end; 0 is `out_of_range`).
    SplitPart,
    /// `||`: (text, text), or (bytes, bytes).
    Join,
    /// `concat`: (text ?, …): NULLs count as nothing; never NULL.
    Concat,
    /// `concat_ws`: (text, text ?, …): NULL only when the separator is.
    ConcatWs,
    /// `lpad`: (text, int length, text fill).
    Lpad,
    /// `rpad`: (text, int length, text fill).
    Rpad,
    /// `repeat`: (text, int).
    Repeat,
    /// `length`, `char_length`: (text) -> int, in letters.
    Length,
    /// `octet_length`: (text or bytes) -> int.
    OctetLength,
    /// `position`, `strpos`: (text, text part) -> int, from 1, 0 when it is not there.
    Position,
    /// `starts_with`: (text, text) -> bool.
    StartsWith,
    /// `reverse`: (text).
    Reverse,
    /// `LIKE`, `ILIKE` with a constant pattern: (text) -> bool.
    Like(LikePattern),
    /// `regexp_like`, `~`, `~*`: (text) -> bool.
    RegexpLike(Regexp),
    /// `regexp_replace`: (text, text replacement with `\1`…`\9` and `\&`).
    RegexpReplace {
        /// The pattern.
        regexp: Regexp,
        /// All matches (flag `g`), else the first.
        all: bool,
    },
    /// `regexp_substr`, and `(regexp_match(…))[1]`: (text) -> text; NULL when nothing matches.
    RegexpSubstr {
        /// The pattern.
        regexp: Regexp,
        /// Which group; 0 is the whole match.
        group: u32,
    },
    // ---- bytes and digests -------------------------------------------------
    /// `md5`: (text or bytes) -> text in hex.
    Md5,
    /// `sha256`: (text or bytes) -> bytes.
    Sha256,
    /// `encode(…, 'hex')`: (bytes) -> text.
    EncodeHex,
    /// `encode(…, 'base64')`: (bytes) -> text, without line breaks below 76 letters, as PostgreSQL.
    EncodeBase64,
    /// `decode(…, 'hex')`: (text) -> bytes; else `invalid_text`.
    DecodeHex,
    /// `decode(…, 'base64')`: (text) -> bytes.
    DecodeBase64,
    /// `to_hex`: (int) -> text.
    ToHex,
    // ---- numbers -----------------------------------------------------------
    /// `abs`: (int, float or decimal).
    Abs,
    /// `sign`: (float) -> float, or (decimal) -> decimal(1,0).
    Sign,
    /// `round`: (float), half to even; (decimal): half away from zero; the scale is the result type's.
    Round,
    /// `round` of a decimal to a place left of the point: `round(x, -2)`: the result's scale is 0.
    RoundLeft(u8),
    /// `trunc`: as `Round`, towards zero.
    Trunc,
    /// `trunc(x, -2)`.
    TruncLeft(u8),
    /// `floor`: (float) or (decimal) -> scale 0.
    Floor,
    /// `ceil`, `ceiling`.
    Ceil,
    /// `power`: (float, float); an undefined result is `out_of_range`.
    Power,
    /// `sqrt`: (float).
    Sqrt,
    /// `exp`: (float).
    Exp,
    /// `ln`: (float).
    Ln,
    // ---- dates and times ----------------------------------------------------
    /// `date_trunc`: (timestamp, zoned or not, as int) of a constant unit; a zoned one in UTC.
    DateTrunc(Unit),
    /// `extract`, `date_part`: (date, time, timestamp as int) -> decimal(38,6) as in PostgreSQL's
    /// numeric; the argument's type decides. A zoned timestamp is read in UTC.
    Extract(Unit),
    /// `extract` from an interval: (interval) -> decimal(38,6).
    ExtractInterval(Unit),
    /// `make_date`: (int, int, int) -> date; else `invalid_date`.
    MakeDate,
    /// `make_time`: (int, int, float) -> time.
    MakeTime,
    /// `make_timestamp`: (int year, month, day, hour, minute, float second) -> timestamp.
    MakeTimestamp,
    /// `to_timestamp(text, format)`: (text) -> timestamptz read in UTC; else `invalid_date`.
    ParseTimestamp(DateFormat),
    /// `to_date(text, format)`: (text) -> date.
    ParseDate(DateFormat),
    /// `to_timestamp(double)`: (float) -> timestamptz from seconds since 1970.
    FromEpoch,
    /// `to_char(date or timestamp, format)`: (int; a date's days are multiplied by the caller's
    /// cast to timestamp) -> text; a zoned one in UTC.
    FormatTimestamp(DateFormat),
    /// `timestamp AT TIME ZONE zone`: (int) -> timestamptz. PostgreSQL's choice: in the hour a clock
    /// jumps over the offset before the change, in the one it shows twice the offset after it.
    ZoneToUtc(Zone),
    /// `timestamptz AT TIME ZONE zone`: (int) -> timestamp.
    UtcToZone(Zone),
    /// `date + int`, `date - int` (negated by the caller): (int, int) -> date.
    AddDays,
    /// `date - date` -> int.
    DaysBetween,
    /// `timestamp + interval`: (int, interval) -> the same timestamp; months first (the day is cut
    /// to the month's last), then days, then microseconds. A date is cast to a timestamp first.
    AddInterval,
    /// `timestamp - timestamp`: (int, int) -> interval of days and microseconds.
    Between,
    /// `age(timestamp, timestamp)`: (int, int) -> interval of years, months, days and microseconds.
    Age,
    /// `interval + interval`.
    IntervalAdd,
    /// `interval * int`: (interval, int).
    IntervalMultiply,
    /// `interval * double`: (interval, float); what is no whole month becomes days of 30 to the
    /// month, what is no whole day microseconds.
    IntervalScale,
    /// `interval / double`: (interval, float).
    IntervalDivide,
    /// `time + interval`: (int, interval) -> time, around midnight.
    TimeAdd,
    /// What a column of times is given: (time) -> time. PostgreSQL has 24:00:00, a column has not:
    /// it is `out_of_range`, or NULL where the value is that of a `try_cast`. No text spells it.
    TimeOfDay(CastMode),
    // ---- json ----------------------------------------------------------------
    /// `json -> 'key'`: (json, text) -> json; NULL when it is not there.
    JsonField,
    /// `json ->> 'key'`: (json, text) -> text; a JSON null is NULL.
    JsonFieldText,
    /// `json -> 0`: (json, int), negative from the end.
    JsonElement,
    /// `json ->> 0`.
    JsonElementText,
    /// `json_typeof`: (json) -> text.
    JsonTypeof,
    // ---- personal data ---------------------------------------------------------
    /// `mask`: (text, int kept at the left, int kept at the right, text of one letter).
    Mask,
    /// `mask_email`: (text): the first letter and the domain stay.
    MaskEmail,
    /// `pseudonym`: (text, text key) -> text: HMAC-SHA-256 in hex.
    Pseudonym,
}
