//! What can be wrong with a rule, each with a stable code and the place it is written at.

use std::fmt;

use flow::{Fault, FaultKind};

use crate::plan::Span;

/// A rule that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text of a rule is wrong at a place.
    #[error("{0}")]
    Text(Box<TextError>),
    /// A key of a field map or a rule set is wrong.
    #[error("`{path}`: {message}")]
    Key {
        /// The key, from the top: `fields.amount.type`.
        path: String,
        /// What kind of mistake it is.
        code: Code,
        /// What was expected, what came, what to do.
        message: String,
    },
    /// The compiler itself failed on a text; the text is not known to be wrong.
    #[error("the rule compiler stopped on this text: {0}")]
    Compiler(&'static str),
}

/// A mistake in a rule's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextError {
    /// Its stable code.
    pub code: Code,
    /// Line, from 1.
    pub line: u32,
    /// Column in letters, from 1.
    pub column: u32,
    /// What was expected, what came, what to do.
    pub message: String,
    /// The line it stands in, with a caret under the place.
    pub excerpt: String,
}

/// The kinds of mistakes in a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// It is not SQL, nor YAML of the shape expected.
    Syntax,
    /// SQL has it, a rule has not.
    Unsupported,
    /// No column of this name.
    UnknownColumn,
    /// Several columns could be meant.
    AmbiguousColumn,
    /// No function of this name.
    UnknownFunction,
    /// No type of this name.
    UnknownType,
    /// A function got too few or too many arguments.
    WrongArguments,
    /// Types do not go together.
    TypeMismatch,
    /// A constant is no value of its type.
    InvalidLiteral,
    /// Something must be a constant of the rule and is not.
    NotConstant,
    /// A date format has a part that is not known.
    InvalidFormat,
    /// A regular expression or LIKE pattern is wrong.
    InvalidPattern,
    /// No time zone of this name.
    UnknownZone,
    /// No unit of time of this name, or not one for this type.
    UnknownUnit,
    /// Two outputs have one name.
    DuplicateOutput,
    /// An output has no name, or a bad one.
    InvalidName,
    /// The rule is too long, too deep or too large.
    TooLarge,
    /// A key of a field map or a rule set has a value it cannot have.
    InvalidKey,
    /// Derived fields depend on each other in a circle.
    Cycle,
}

impl Code {
    /// The code as it stands in logs and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Code::Syntax => "rule_syntax",
            Code::Unsupported => "rule_unsupported",
            Code::UnknownColumn => "rule_unknown_column",
            Code::AmbiguousColumn => "rule_ambiguous_column",
            Code::UnknownFunction => "rule_unknown_function",
            Code::UnknownType => "rule_unknown_type",
            Code::WrongArguments => "rule_wrong_arguments",
            Code::TypeMismatch => "rule_type_mismatch",
            Code::InvalidLiteral => "rule_invalid_literal",
            Code::NotConstant => "rule_not_constant",
            Code::InvalidFormat => "rule_invalid_format",
            Code::InvalidPattern => "rule_invalid_pattern",
            Code::UnknownZone => "rule_unknown_zone",
            Code::UnknownUnit => "rule_unknown_unit",
            Code::DuplicateOutput => "rule_duplicate_output",
            Code::InvalidName => "rule_invalid_name",
            Code::TooLarge => "rule_too_large",
            Code::InvalidKey => "rule_invalid_key",
            Code::Cycle => "rule_cycle",
        }
    }
}

impl Error {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Error::Text(error) => error.code.as_str(),
            Error::Key { code, .. } => code.as_str(),
            Error::Compiler(_) => "rule_compiler",
        }
    }

    /// The fault: a person mends a rule, we mend the compiler.
    #[must_use]
    pub fn fault(&self) -> Fault {
        let kind = match self {
            Error::Text(_) | Error::Key { .. } => FaultKind::Config,
            Error::Compiler(_) => FaultKind::Bug,
        };
        Fault::from_error(kind, self.code(), self)
    }

    pub(crate) fn key(path: impl Into<String>, code: Code, message: impl Into<String>) -> Self {
        Error::Key { path: path.into(), code, message: message.into() }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        error.fault()
    }
}

impl fmt::Display for TextError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} (line {}, column {})", self.message, self.line, self.column)?;
        if !self.excerpt.is_empty() {
            write!(formatter, "\n{}", self.excerpt)?;
        }
        Ok(())
    }
}

/// A mistake found before it is known which text it stands in.
#[derive(Debug)]
pub(crate) struct Mistake {
    pub(crate) code: Code,
    pub(crate) span: Span,
    pub(crate) message: String,
}

impl Mistake {
    pub(crate) fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self { code, span, message: message.into() }
    }

    /// The error in its text.
    pub(crate) fn in_text(self, text: &str) -> Error {
        let line = self.span.line.max(1);
        let column = self.span.column.max(1);
        let excerpt = excerpt(text, line, column);
        Error::Text(Box::new(TextError { code: self.code, line, column, message: self.message, excerpt }))
    }
}

/// Letters shown around the place.
const SHOWN: usize = 100;

fn excerpt(text: &str, line: u32, column: u32) -> String {
    let Some(written) = text.lines().nth(line as usize - 1) else {
        return String::new();
    };
    let place = column as usize - 1;
    let from = place.saturating_sub(SHOWN / 2);
    let shown: String = written.chars().skip(from).take(SHOWN).map(plain).collect();
    let caret = " ".repeat(place - from);
    format!("  {shown}\n  {caret}^")
}

/// Control characters would break the line the caret stands under.
fn plain(letter: char) -> char {
    if letter.is_control() { ' ' } else { letter }
}

/// Adds the nearest right name to a message, when one is near.
pub(crate) fn nearest<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    let letters = wrong.chars().count();
    names
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&wrong, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= 1.max(letters / 3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}
