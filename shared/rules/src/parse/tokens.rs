//! The words of a text with their places: bounded, so that nothing after them has to be.

use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer};

use super::dialect::RuleDialect;
use crate::error::{Code, Mistake};
use crate::plan::Span;

/// Bytes a rule's text may have.
const TEXT_LIMIT: usize = 256 << 10;
/// Words, numbers and signs a rule may have.
const TOKEN_LIMIT: usize = 20_000;
/// Parentheses a rule may nest.
const NESTING_LIMIT: usize = 200;

/// A text cut into tokens.
pub(crate) struct Tokens {
    all: Vec<TokenWithSpan>,
    end: Span,
}

impl Tokens {
    /// Cuts a text into tokens, within the limits.
    pub(crate) fn of(text: &str, dialect: &RuleDialect) -> Result<Self, Mistake> {
        if text.len() > TEXT_LIMIT {
            return Err(too_large(Span { line: 1, column: 1 }, format!("the rule has more than {TEXT_LIMIT} bytes")));
        }
        let all = Tokenizer::new(dialect, text)
            .tokenize_with_location()
            .map_err(|error| Mistake::new(Code::Syntax, span(error.location), tidy(&error.message)))?;
        let tokens = Self { all, end: end_of(text) };
        tokens.check_limits()?;
        Ok(tokens)
    }

    /// The tokens for the parser.
    pub(crate) fn for_parser(&self) -> Vec<TokenWithSpan> {
        self.all.clone()
    }

    /// The place behind the last letter.
    pub(crate) fn end(&self) -> Span {
        self.end
    }

    /// Where a keyword stands first, outside parentheses.
    pub(crate) fn keyword(&self, word: &str) -> Option<Span> {
        let mut depth = 0_usize;
        for token in &self.all {
            match &token.token {
                Token::LParen => depth += 1,
                Token::RParen => depth = depth.saturating_sub(1),
                other if depth == 0 && is_word(other, word) => return Some(span(token.span.start)),
                _ => {}
            }
        }
        None
    }

    /// The place of the keyword that begins an expression whose first operand stands at `inside`:
    /// the nearest before it, a few tokens back at most.
    pub(crate) fn keyword_before(&self, inside: Span, word: &str) -> Span {
        let until = self.all.partition_point(|token| at(token) < (inside.line, inside.column));
        self.all[..until]
            .iter()
            .rev()
            .take(12)
            .find(|token| is_word(&token.token, word))
            .map_or(inside, |token| span(token.span.start))
    }

    /// A parser's place as a plan's.
    pub(crate) fn span(location: Location) -> Span {
        span(location)
    }

    /// The place of the token before another one's place.
    pub(crate) fn before(&self, place: Span) -> Span {
        let until = self.all.partition_point(|token| at(token) < (place.line, place.column));
        let mut before = self.all[..until].iter().rev().filter(|token| !matches!(token.token, Token::Whitespace(_)));
        before.next().map_or(place, |token| span(token.span.start))
    }

    /// The words that can be names of columns, and whether they are quoted: not those of functions
    /// and types.
    pub(crate) fn names(&self) -> Vec<(String, bool)> {
        let written: Vec<&Token> = self.written().map(|token| &token.token).collect();
        let mut names = Vec::new();
        for (index, token) in written.iter().enumerate() {
            let Token::Word(word) = token else { continue };
            let before = index.checked_sub(1).and_then(|before| written.get(before));
            let type_follows = before.is_some_and(|before| **before == Token::DoubleColon || is_word(before, "as"));
            let called = matches!(written.get(index + 1), Some(Token::LParen)) && word.quote_style.is_none();
            if !type_follows && !called {
                names.push((word.value.clone(), word.quote_style.is_some()));
            }
        }
        names
    }

    /// The place of the first token.
    pub(crate) fn first(&self) -> Option<Span> {
        self.written().next().map(|token| span(token.span.start))
    }

    /// The place of what follows the first semicolon.
    pub(crate) fn after_semicolon(&self) -> Option<Span> {
        let mut rest = self.written().skip_while(|token| token.token != Token::SemiColon);
        rest.find(|token| token.token != Token::SemiColon).map(|token| span(token.span.start))
    }

    /// The place of the innermost parenthesis.
    pub(crate) fn deepest(&self) -> Span {
        let mut depth = 0_usize;
        let mut found = (0, self.first().unwrap_or(self.end));
        for token in &self.all {
            match token.token {
                Token::LParen => depth += 1,
                Token::RParen => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth > found.0 {
                found = (depth, span(token.span.start));
            }
        }
        found.1
    }

    fn written(&self) -> impl Iterator<Item = &TokenWithSpan> {
        self.all.iter().filter(|token| !matches!(token.token, Token::Whitespace(_)))
    }

    fn check_limits(&self) -> Result<(), Mistake> {
        if let Some(token) = self.all.get(TOKEN_LIMIT) {
            return Err(too_large(
                span(token.span.start),
                format!("the rule has more than {TOKEN_LIMIT} words and signs"),
            ));
        }
        let mut depth = 0_usize;
        for token in &self.all {
            match token.token {
                Token::LParen | Token::LBracket | Token::LBrace => depth += 1,
                Token::RParen | Token::RBracket | Token::RBrace => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth > NESTING_LIMIT {
                let message = format!("parentheses are nested more than {NESTING_LIMIT} deep");
                return Err(too_large(span(token.span.start), message));
            }
        }
        Ok(())
    }
}

/// A parser's place as a plan's.
pub(crate) fn span(location: Location) -> Span {
    let narrow = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    Span { line: narrow(location.line), column: narrow(location.column) }
}

/// What the parser says, as our messages are written.
pub(crate) fn tidy(message: &str) -> String {
    let message = message.trim().trim_end_matches('.');
    let message = message.strip_prefix("sql parser error: ").unwrap_or(message);
    let mut letters = message.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => "not a rule".to_owned(),
    }
}

pub(crate) fn too_large(span: Span, message: impl Into<String>) -> Mistake {
    Mistake::new(Code::TooLarge, span, message)
}

fn is_word(token: &Token, word: &str) -> bool {
    matches!(token, Token::Word(written) if written.quote_style.is_none() && written.value.eq_ignore_ascii_case(word))
}

fn at(token: &TokenWithSpan) -> (u32, u32) {
    let place = span(token.span.start);
    (place.line, place.column)
}

fn end_of(text: &str) -> Span {
    let text = text.trim_end();
    let line = text.split('\n').count();
    let column = text.split('\n').next_back().map_or(0, |last| last.chars().count()) + 1;
    let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Span { line: narrow(line), column: narrow(column) }
}
